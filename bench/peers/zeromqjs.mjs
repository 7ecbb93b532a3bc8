// zeromq.js, driven by the plainest loop there is; the arguments and lines of
// libzmq.c. Its first argument is where to import zeromq.js from.

import { createRequire } from "node:module";
import process from "node:process";

const [from, mode, ...args] = process.argv.slice(2);
const zmq = createRequire(from)("zeromq");

async function push(endpoint, size, count) {
  const socket = new zmq.Push({ linger: -1 });
  socket.connect(endpoint);
  const body = Buffer.alloc(size);
  for (let i = 0; i < count; i++) await socket.send(body);
  socket.close();
}

async function pull(size, count) {
  const socket = new zmq.Pull();
  await socket.bind("tcp://127.0.0.1:*");
  console.log(`endpoint ${socket.lastEndpoint}`);
  let got = 0;
  let began = 0n;
  for await (const [body] of socket) {
    if (body.length !== size) process.exit(1);
    if (got === 0) began = process.hrtime.bigint();
    if (++got === count) break;
  }
  console.log(`ns ${process.hrtime.bigint() - began}`);
  socket.close();
}

async function req(endpoint, size, count) {
  const socket = new zmq.Request();
  socket.connect(endpoint);
  const body = Buffer.alloc(size);
  let began = 0n;
  // The first tenth is for warming up.
  for (let i = -Math.floor(count / 10); i < count; i++) {
    if (i === 0) began = process.hrtime.bigint();
    await socket.send(body);
    await socket.receive();
  }
  console.log(`ns ${process.hrtime.bigint() - began}`);
  socket.close();
}

async function rep(count) {
  const socket = new zmq.Reply();
  await socket.bind("tcp://127.0.0.1:*");
  console.log(`endpoint ${socket.lastEndpoint}`);
  for (let i = -Math.floor(count / 10); i < count; i++) {
    await socket.send(await socket.receive());
  }
  socket.close();
}

if (mode === "version") console.log(zmq.version);
else if (mode === "push") await push(args[0], Number(args[1]), Number(args[2]));
else if (mode === "pull") await pull(Number(args[0]), Number(args[1]));
else if (mode === "req") await req(args[0], Number(args[1]), Number(args[2]));
else if (mode === "rep") await rep(Number(args[0]));
