// What a runtime's sockets can do: ZMTP's frames over Deno.listen, Bun.listen or
// node:net, without a handshake and without a queue. 64 KiB blocks; a header and
// a body written for each message, a header parsed and a view made of each, in
// memory that nobody overwrites. The modes push, pull, req, rep, pub and subs of
// libzmq.c, and inproc, which has memory for a socket. One more argument says how
// push, pull and inproc are driven, if not by the plainest loop there is:
//
//     await   what is sent is awaited, and what comes, one promise a message
//     batch   the same in arrays of 128

import process from "node:process";
import { Messages, Sender } from "./bare_awaited.ts";
import { Parser, writeHeader, writeMessage } from "./bare_frames.ts";
import {
  BLOCK,
  connect,
  type Intake,
  LARGE,
  listen,
  type Wire,
} from "./bare_wires.ts";

const BATCH = 128;
const TUNING_MS = 5;
const CONNECTS = ["push", "req", "subs"];

const [mode, ...args] = process.argv.slice(2);
const port = CONNECTS.includes(mode) ? Number(args.shift()) : 0;
const [size, warm, count] = args.splice(0, 3).map(Number);
const peers = mode === "subs" ? Number(args.shift()) : 1;
const [way = ""] = args;
const batched = way === "batch";
const total = warm + count;
const now = process.hrtime.bigint;

function fail(what: string): never {
  console.error(what);
  process.exit(1);
}

function check(message: Uint8Array): void {
  if (message.length !== size) fail("a message of another size");
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

/** Sends all, and awaits each. */
async function sendAll(sender: Sender): Promise<void> {
  const body = new Uint8Array(size);
  if (!batched) {
    for (let i = 0; i < total; i++) await sender.send(body);
  } else {
    const batch: Uint8Array[] = new Array(BATCH).fill(body);
    let left = total;
    for (; left >= BATCH; left -= BATCH) await sender.sendMany(batch);
    await sender.sendMany(batch.slice(0, left));
  }
  await sender.end();
}

/** Receives all, and awaits each. */
async function receiveAll(messages: Messages): Promise<void> {
  let got = 0;
  let began = 0n;
  if (!batched) {
    for await (const [body] of messages) {
      check(body);
      if (got++ === warm) began = now();
      if (got === total) measured(count - 1, began);
    }
  }
  let first = 0;
  while (got < total) {
    const many = await messages.nextMany(BATCH);
    for (let i = 0; i < many.length; i++) check(many[i][0]);
    got += many.length;
    // The clock starts once the warm-up is through, as with everybody.
    if (first === 0 && got > warm) {
      first = got;
      began = now();
    }
  }
  measured(total - first, began);
}

/** No connection: what is written is what comes. */
function memory(intake: Intake): Wire {
  return {
    write: (bytes) => intake.feed(bytes) ?? true,
    end: () => Promise.resolve(),
  };
}

/** A block of as many messages as it has room for, or of so many at most. */
function blockOf(most: number): { block: Uint8Array; messages: number } {
  const body = new Uint8Array(size);
  const framed = size < 256 ? size + 2 : size + 9;
  const messages = Math.min(most, Math.max(1, Math.floor(BLOCK / framed)));
  const block = new Uint8Array(messages * framed);
  for (let at = 0; at < block.length;) at = writeMessage(block, at, body);
  return { block, messages };
}

/** Empty messages until we are told "go", as to everybody; then the same blocks. */
async function publish(
  wire: Wire,
  tuned: () => boolean,
  blocks: readonly Uint8Array[],
): Promise<void> {
  const empty = new Uint8Array(2);
  while (!tuned()) {
    await wire.write(empty);
    await new Promise((resolve) => setTimeout(resolve, TUNING_MS));
  }
  for (const block of blocks) {
    const done = wire.write(block);
    if (done !== true) await done;
  }
  await wire.end();
}

const idle = new Parser(check);

const modes: Record<string, () => Promise<void>> = {
  async push() {
    await connect(port, (wire) => {
      if (way === "") push(wire);
      else sendAll(new Sender(wire)).then(() => process.exit());
      return idle;
    });
  },
  async pull() {
    if (way !== "") {
      const messages = new Messages();
      await listen(() => messages);
      return receiveAll(messages);
    }
    let got = 0;
    let began = 0n;
    await listen(() =>
      new Parser((message) => {
        check(message);
        if (got++ === warm) began = now();
        if (got === total) measured(count - 1, began);
      })
    );
  },
  async req() {
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
  },
  async rep() {
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
  },
  async pub() {
    const { block, messages } = blockOf(total);
    const blocks = new Array(Math.floor(total / messages)).fill(block);
    const left = total % messages;
    if (left > 0) blocks.push(blockOf(left).block);
    let tuned = false;
    const all: Promise<void>[] = [];
    await listen((wire) => {
      all.push(publish(wire, () => tuned, blocks));
      return idle;
    });
    await new Promise((resolve) => process.stdin.once("data", resolve));
    tuned = true;
    await Promise.all(all);
    process.exit();
  },
  async subs() {
    let began = 0n;
    let from = 0;
    let all = 0;
    let ready = 0;
    let through = 0;
    const one = () => {
      let got = 0;
      let tuned = false;
      return new Parser((message) => {
        if (message.length === 0) {
          if (!tuned && ++ready === peers) console.log("ready");
          tuned = true;
          return;
        }
        check(message);
        if (++all > warm * peers && began === 0n) {
          began = now();
          from = all;
        }
        if (++got < total) return;
        if (got > total) fail("a message too many");
        if (++through === peers) measured(all - from, began);
      });
    };
    for (let i = 0; i < peers; i++) await connect(port, one);
  },
  /** One thread: a block is filled, then read, in turns. */
  async inproc() {
    const messages = new Messages();
    const sender = new Sender(memory(messages), true);
    await Promise.all([sendAll(sender), receiveAll(messages)]);
  },
};

const run = modes[mode];
if (run === undefined) fail("usage: see the heads of bare.ts and libzmq.c");
await run();
