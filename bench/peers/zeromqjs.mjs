// zeromq.js, driven by the plainest loop there is; the modes push, pull, req, rep
// with the arguments and lines of libzmq.c. Its first argument is where to import
// zeromq.js from.

import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import process from "node:process";

const [from, mode, ...args] = process.argv.slice(2);
const zmq = createRequire(from)("zeromq");
const endpoint = mode === "push" || mode === "req" ? args.shift() : "";
const [size, warm, count] = args.map(Number);
const now = process.hrtime.bigint;

function measured(operations, began) {
  console.log(`measured ${operations} ${now() - began}`);
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
};

await modes[mode]();
