// zeromq.js, driven by the plainest loop there is; the modes push, pull, req, rep
// with the arguments and lines of libzmq.c, and of its drafts radio and dish, which
// libzmq as distributions have it lacks; phases.ts tells how those count. Its first
// argument is where to import zeromq.js from.

import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import process from "node:process";
import {
  bodyOf,
  Credit,
  Heard,
  OVER,
  repeat,
  TIMED,
  TUNING,
  WARM,
} from "./phases.ts";

const [from, mode, ...args] = process.argv.slice(2);
const zmq = createRequire(from)("zeromq");
const CONNECTS = ["push", "req", "radio", "dish"];
const endpoint = CONNECTS.includes(mode) ? args.shift() : "";
const [size, warm, count] = args.map(Number);
const now = process.hrtime.bigint;

/** libzmq's numbers. The classes for drafts are no use: theirs lose `this` in join. */
const RADIO = 14;
const DISH = 15;
const NO_DROP = 69;
const GROUP = "bench";

class Draft extends zmq.Socket {}

function measured(operations, began) {
  console.log(`measured ${operations} ${now() - began}`);
}

/** Sends from a RADIO with NO_DROP, which fails where others wait. */
async function sendWhole(radio, body) {
  for (;;) {
    try {
      return await radio.send(body, { group: GROUP });
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const modes = {
  version() {
    console.log(zmq.version);
  },
  async push() {
    const socket = new zmq.Push({ linger: -1 });
    socket.connect(endpoint);
    const body = Buffer.alloc(size);
    for (let i = 0; i < warm + count; i++) await socket.send(body);
    socket.close();
  },
  async pull() {
    const socket = new zmq.Pull();
    await socket.bind("tcp://127.0.0.1:*");
    console.log(`endpoint ${socket.lastEndpoint}`);
    let got = 0;
    let began = 0n;
    for await (const [body] of socket) {
      if (body.length !== size) process.exit(1);
      if (got++ === warm) began = now();
      if (got === warm + count) break;
    }
    measured(count - 1, began);
    socket.close();
  },
  async req() {
    const socket = new zmq.Request();
    socket.connect(endpoint);
    const body = Buffer.alloc(size);
    let began = 0n;
    for (let i = 0; i < warm + count; i++) {
      if (i === warm) began = now();
      await socket.send(body);
      const [back] = await socket.receive();
      if (back.length !== size) process.exit(1);
    }
    measured(count, began);
    socket.close();
  },
  async rep() {
    const socket = new zmq.Reply();
    await socket.bind("tcp://127.0.0.1:*");
    console.log(`endpoint ${socket.lastEndpoint}`);
    for (let i = 0; i < warm + count; i++) {
      await socket.send(await socket.receive());
    }
    socket.close();
  },
  async radio() {
    const socket = new Draft(RADIO);
    socket.setBoolOption(NO_DROP, true);
    socket.connect(endpoint);
    const bodies = [TUNING, WARM, TIMED, OVER].map((phase) =>
      Buffer.from(bodyOf(phase, size))
    );
    const credit = new Credit();
    await repeat(() => sendWhole(socket, bodies[TUNING]), () => !credit.given);
    for (let i = 0; i < warm; i++) await sendWhole(socket, bodies[WARM]);
    for (let i = 0; i < count; i++) await sendWhole(socket, bodies[TIMED]);
    await repeat(() => sendWhole(socket, bodies[OVER]), () => true);
  },
  async dish() {
    const socket = new Draft(DISH);
    socket.join(GROUP);
    await socket.bind(endpoint);
    const heard = new Heard();
    for await (const [body] of socket) {
      if (body.length !== size) process.exit(1);
      if (heard.take(body[0])) break;
    }
    if (heard.timed === 0) process.exit(1);
    console.log(`lost ${count - heard.timed} ${count}`);
    measured(heard.timed, heard.began);
    socket.close();
  },
};

await modes[mode]();
