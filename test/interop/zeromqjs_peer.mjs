// Sockets of zeromq.js that a test drives, a line at a time; takes the lines and
// arguments that libzmq_peer.c does, but for "about". Its first argument is where
// to import zeromq.js from. It has libzmq's draft types too, and takes "join" and
// "leave" with a group for a DISH.

import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";

const [from, type, how, endpoint] = process.argv.slice(2);
const zmq = createRequire(from)("zeromq");

if (type === "version") {
  console.log(zmq.version);
  process.exit();
}

/** libzmq's numbers: PEER and CHANNEL have no classes, but the base class takes any. */
const TYPES = {
  pair: 0,
  pub: 1,
  sub: 2,
  req: 3,
  rep: 4,
  dealer: 5,
  router: 6,
  pull: 7,
  push: 8,
  xpub: 9,
  xsub: 10,
  stream: 11,
  server: 12,
  client: 13,
  radio: 14,
  dish: 15,
  gather: 16,
  scatter: 17,
  dgram: 18,
  peer: 19,
  channel: 20,
};
const SUBSCRIBE = 6;
const RECEIVE_TIMEOUT = 27;
const SEND_TIMEOUT = 28;

class Any extends zmq.Socket {
  constructor(type) {
    super(TYPES[type]);
  }
}

const pattern = (i) => (i * 31 + (i >> 8) + 7) & 255;

function parse(word) {
  if (word === "-") return Buffer.alloc(0);
  if (!word.startsWith("*")) return Buffer.from(word, "hex");
  const body = Buffer.alloc(Number(word.slice(1)));
  for (let i = 0; i < body.length; i++) body[i] = pattern(i);
  return body;
}

function print(frame) {
  if (frame.length === 0) return "-";
  if (frame.length > 16 && frame.every((byte, i) => byte === pattern(i))) {
    return `*${frame.length}`;
  }
  return frame.toString("hex");
}

/** Sends frames; SERVER and RADIO have a number or a group in front. */
function send(type, socket, frames) {
  if (type === "server") {
    return socket.send(frames[1], { routingId: frames[0].readUInt32BE() });
  }
  if (type === "radio") {
    return socket.send(frames[1], { group: frames[0] });
  }
  return socket.send(frames);
}

/** Receives frames; with the number or group in front, where there is one. */
async function receive(type, socket) {
  const frames = await socket.receive();
  if (type === "server") {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(frames[1].routingId);
    return [number, frames[0]];
  }
  if (type === "dish") return [Buffer.from(frames[1].group), frames[0]];
  return frames;
}

async function bind(socket, endpoint) {
  await socket.bind(endpoint);
  return `endpoint ${socket.lastEndpoint}`;
}

function connect(socket, endpoint) {
  socket.connect(endpoint);
  return `endpoint ${socket.lastEndpoint}`;
}

/** Does what a line says to a socket, and says what came of it. */
async function obey(type, socket, word, rest) {
  if (word === "send") {
    await send(type, socket, rest.map(parse));
    return "sent";
  }
  if (word === "recv") {
    return `got ${(await receive(type, socket)).map(print).join(" ")}`;
  }
  if (word === "subscribe") {
    socket.setStringOption(SUBSCRIBE, parse(rest[0]));
    return "subscribed";
  }
  if (word === "int") {
    socket.setInt32Option(Number(rest[0]), Number(rest[1]));
    return "set";
  }
  if (word === "bytes") {
    socket.setStringOption(Number(rest[0]), parse(rest[1]));
    return Number(rest[0]) === SUBSCRIBE ? "subscribed" : "set";
  }
  if (word === "bind") return await bind(socket, rest[0]);
  if (word === "connect") return connect(socket, rest[0]);
  if (word === "join" || word === "leave") {
    socket[word](...rest.map(parse));
    return "set";
  }
  if (word === "idle") {
    const ends = Date.now() + Number(rest[0]);
    while (Date.now() < ends && !socket.readable) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return socket.readable ? "busy" : "idle";
  }
  socket.close();
  return "closed";
}

const lines = createInterface({ input: process.stdin });
if (type === "many") {
  const types = [];
  const sockets = [];
  for await (const line of lines) {
    const [word, number, ...rest] = line.split(" ");
    if (word === "quit") break;
    let answer;
    try {
      if (word === "open") {
        types[number] = rest[0];
        const socket = sockets[number] = new Any(rest[0]);
        socket.setInt32Option(RECEIVE_TIMEOUT, 15_000);
        socket.setInt32Option(SEND_TIMEOUT, 15_000);
        socket.linger = 0;
        answer = "opened";
      } else answer = await obey(types[number], sockets[number], word, rest);
    } catch (error) {
      answer = `failed ${error.errno} ${error.message}`;
    }
    console.log(answer);
  }
  for (const socket of sockets) if (!socket.closed) socket.close();
} else {
  const socket = new Any(type);
  const join = how === "bind" ? bind : connect;
  console.log(await join(socket, endpoint));
  for await (const line of lines) {
    const [word, ...rest] = line.split(" ");
    if (word === "quit") break;
    console.log(await obey(type, socket, word, rest));
  }
  socket.close();
}
