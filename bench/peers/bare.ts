// What a runtime's sockets can do: ZMTP's frames over Deno.listen, Bun.listen or
// node:net, without a handshake and without a queue. 64 KiB blocks; a header and
// a body written for each message, a header parsed and a view made of each, in
// memory that nobody overwrites. The modes push, pull, req, rep of libzmq.c.

import process from "node:process";
import { Parser, writeHeader, writeMessage } from "./bare_frames.ts";
import { BLOCK, connect, LARGE, listen, type Wire } from "./bare_wires.ts";

const [mode, ...args] = process.argv.slice(2);
const port = mode === "push" || mode === "req" ? Number(args.shift()) : 0;
const [size, warm, count] = args.map(Number);
const total = warm + count;
const now = process.hrtime.bigint;

function check(message: Uint8Array): void {
  if (message.length === size) return;
  console.error("a message of another size");
  process.exit(1);
}

function measured(operations: number, began: bigint): never {
  console.log(`measured ${operations} ${now() - began}`);
  process.exit();
}

/** Sends all: many in a block, or a large one behind its header. */
async function push(wire: Wire): Promise<void> {
  const body = new Uint8Array(size);
  const block = new Uint8Array(BLOCK);
  let at = 0;
  for (let i = 0; i < total; i++) {
    if (size >= LARGE) {
      // The header may still be on its way when the body is given; both stay as they are.
      const head = wire.write(block.subarray(0, writeHeader(block, 0, size)));
      if (head !== true) await head;
      const rest = wire.write(body);
      if (rest !== true) await rest;
      continue;
    }
    if (at + size + 9 > BLOCK) {
      const done = wire.write(block.subarray(0, at));
      if (done !== true) await done;
      at = 0;
    }
    at = writeMessage(block, at, body);
  }
  if (at > 0) await wire.write(block.subarray(0, at));
  await wire.end();
  process.exit();
}

const idle = new Parser(check);

if (mode === "push") {
  await connect(port, (wire) => {
    push(wire);
    return idle;
  });
} else if (mode === "pull") {
  let got = 0;
  let began = 0n;
  await listen(() =>
    new Parser((message) => {
      check(message);
      if (got++ === warm) began = now();
      if (got === total) measured(count - 1, began);
    })
  );
} else if (mode === "req") {
  const body = new Uint8Array(size);
  const block = new Uint8Array(size + 9);
  let got = 0;
  let began = 0n;
  await connect(port, (wire) => {
    const ask = () => {
      if (got === warm) began = now();
      wire.write(block.subarray(0, writeMessage(block, 0, body)));
    };
    Promise.resolve().then(ask);
    return new Parser((message) => {
      check(message);
      if (++got === total) measured(count, began);
      ask();
    });
  });
} else if (mode === "rep") {
  const block = new Uint8Array(size + 9);
  let got = 0;
  await listen((wire) =>
    new Parser((message) => {
      const length = writeMessage(block, 0, message);
      const done = wire.write(block.subarray(0, length));
      if (++got < total) return;
      Promise.resolve(done).then(() => wire.end()).then(() => process.exit());
    })
  );
} else {
  console.error("usage: see the heads of bare.ts and libzmq.c");
  process.exit(1);
}
