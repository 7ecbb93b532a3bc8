// Nought, driven by the plainest loop there is; the arguments and lines of
// libzmq.c, and one more that says how:
//
//   push|pull  await   send and for await, one promise a message
//              batch   sendMany and receiveMany

import process from "node:process";
import { Pull, Push, Reply, Request } from "../../mod.ts";

const [mode, ...args] = process.argv.slice(2);
const BATCH = 512;

function say(line: string): void {
  console.log(line);
}

function fail(what: string): never {
  console.error(what);
  process.exit(1);
}

async function push(
  endpoint: string,
  size: number,
  count: number,
  how: string,
) {
  await using socket = new Push({ linger: -1 });
  socket.connect(endpoint);
  const body = new Uint8Array(size);
  if (how === "await") {
    for (let i = 0; i < count; i++) await socket.send(body);
  } else {
    const batch: Uint8Array[] = new Array(BATCH).fill(body);
    let left = count;
    for (; left >= BATCH; left -= BATCH) await socket.sendMany(batch);
    await socket.sendMany(batch.slice(0, left));
  }
  await socket.closeAsync({ linger: 60_000 });
}

async function pull(size: number, count: number, how: string) {
  using socket = new Pull();
  await socket.bind("tcp://127.0.0.1:*");
  say(`endpoint ${socket.lastEndpoint}`);
  let got = 0;
  let began = 0n;
  const first = await socket.receive();
  began = process.hrtime.bigint();
  if (first[0].length !== size) fail("a message of another size");
  got = 1;
  if (how === "await") {
    if (got < count) {
      for await (const [body] of socket) {
        if (body.length !== size) fail("a message of another size");
        if (++got === count) break;
      }
    }
  } else {
    while (got < count) {
      const messages = await socket.receiveMany(count - got);
      for (let i = 0; i < messages.length; i++) {
        if (messages[i][0].length !== size) fail("a message of another size");
      }
      got += messages.length;
    }
  }
  say(`ns ${process.hrtime.bigint() - began}`);
}

async function req(endpoint: string, size: number, count: number) {
  using socket = new Request();
  socket.connect(endpoint);
  const body = new Uint8Array(size);
  let began = 0n;
  // The first tenth is for warming up.
  for (let i = -Math.floor(count / 10); i < count; i++) {
    if (i === 0) began = process.hrtime.bigint();
    await socket.send(body);
    const [back] = await socket.receive();
    if (back.length !== size) fail("a message of another size");
  }
  say(`ns ${process.hrtime.bigint() - began}`);
}

async function rep(count: number) {
  await using socket = new Reply();
  await socket.bind("tcp://127.0.0.1:*");
  say(`endpoint ${socket.lastEndpoint}`);
  for (let i = -Math.floor(count / 10); i < count; i++) {
    await socket.send(await socket.receive());
  }
}

if (mode === "push") {
  await push(args[0], Number(args[1]), Number(args[2]), args[3]);
} else if (mode === "pull") {
  await pull(Number(args[0]), Number(args[1]), args[2]);
} else if (mode === "req") await req(args[0], Number(args[1]), Number(args[2]));
else if (mode === "rep") await rep(Number(args[0]));
else fail("usage: see the head of nought.ts");
