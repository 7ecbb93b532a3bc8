// A socket of zeromq.js that a test drives, a line at a time; takes the lines
// and arguments that libzmq_peer.c does. Its first argument is where to import
// zeromq.js from.

import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";

const [from, type, how, endpoint] = process.argv.slice(2);
const zmq = createRequire(from)("zeromq");

if (type === "version") {
  console.log(zmq.version);
  process.exit();
}

const CLASSES = {
  pair: "Pair",
  pub: "Publisher",
  sub: "Subscriber",
  req: "Request",
  rep: "Reply",
  dealer: "Dealer",
  router: "Router",
  pull: "Pull",
  push: "Push",
  xpub: "XPublisher",
  xsub: "XSubscriber",
  stream: "Stream",
};
const socket = new zmq[CLASSES[type]]();
if (how === "bind") await socket.bind(endpoint);
else socket.connect(endpoint);
console.log(`endpoint ${socket.lastEndpoint}`);

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

for await (const line of createInterface({ input: process.stdin })) {
  const [word, ...rest] = line.split(" ");
  if (word === "send") {
    await socket.send(rest.map(parse));
    console.log("sent");
  } else if (word === "recv") {
    console.log(`got ${(await socket.receive()).map(print).join(" ")}`);
  } else if (word === "subscribe") {
    socket.subscribe(parse(rest[0]));
    console.log("subscribed");
  } else if (word === "quit") {
    break;
  }
}
socket.close();
