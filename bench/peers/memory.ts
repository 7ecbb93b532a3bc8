// What Nought holds on to: the programs of bench/memory.ts, one mode each. They
// say "endpoint tcp://…" and "figures {…}", in bytes unless it is said otherwise.
// They are started so that they can collect garbage.

import { readFileSync } from "node:fs";
import process from "node:process";
import { collect } from "../../test/support/memory.ts";

const [mode, ...args] = process.argv.slice(2);
const TCP = "tcp://127.0.0.1:*";
const MIB = 1048576;

function figures(all: Record<string, number>): void {
  console.log(`figures ${JSON.stringify(all)}`);
}

function resident(): number {
  return process.memoryUsage().rss;
}

/** The most that was ever resident, as the system knows it. */
function peak(): number {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return Number(/^VmHWM:\s*(\d+)/m.exec(status)![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** What the heap and the buffers take, once garbage is collected. */
async function held(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

/** Watches the resident memory, from what it is now. */
class Growth {
  readonly from = resident();
  most = this.from;

  look(): void {
    this.most = Math.max(this.most, resident());
  }
}

// The mode that times the import has to come before it.
if (mode === "start") {
  const began = performance.now();
  const { Pull, Push } = await import("../../mod.ts");
  const imported = performance.now();
  const pull = new Pull();
  const push = new Push();
  await pull.bind(TCP);
  push.connect(pull.lastEndpoint!);
  await push.send("hello");
  await pull.receive();
  const received = performance.now();
  figures({ import: imported - began, all: received - began });
  process.exit();
}

const { Pull, Push, Router, text } = await import("../../mod.ts");

async function listening() {
  const pull = new Pull();
  await pull.bind(TCP);
  console.log(`endpoint ${pull.lastEndpoint}`);
  return pull;
}

function connected() {
  const push = new Push();
  push.connect(args[0]);
  return push;
}

/** Messages before anything is measured: compilers and buffers have settled. */
const WARM = 200_000;

function warmUp(most: number): number {
  return Math.min(WARM, most);
}

const modes: Record<string, () => Promise<void>> = {
  /** So many MiB in messages of 1 MiB; growth from the sixteenth on. */
  async "stream-pull"() {
    const pull = await listening();
    const most = Number(args[0]);
    const warm = Math.min(16, most >> 1);
    for (let i = 0; i < warm; i++) await pull.receive();
    const growth = new Growth();
    for (let i = warm; i < most; i++) {
      if ((await pull.receive())[0].length !== MIB) process.exit(1);
      if (i % 16 === 0) growth.look();
    }
    growth.look();
    const { from, most: highest } = growth;
    figures({
      "growth, receiver": highest - from,
      "resident, receiver": highest,
    });
  },
  async "stream-push"() {
    const push = connected();
    const body = new Uint8Array(MIB);
    const most = Number(args[1]);
    const warm = Math.min(16, most >> 1);
    for (let i = 0; i < warm; i++) await push.send(body, { flushed: true });
    const growth = new Growth();
    for (let i = warm; i < most; i++) {
      await push.send(body);
      if (i % 16 === 0) growth.look();
    }
    await push.closeAsync({ linger: 60_000 });
    growth.look();
    const { from, most: highest } = growth;
    figures({ "growth, sender": highest - from, "resident, sender": highest });
  },
  /** What a program grows by that makes as many such blocks, and does nothing else. */
  async "stream-blocks"() {
    const most = Number(args[0]);
    const warm = Math.min(16, most >> 1);
    let growth = new Growth();
    for (let i = 0; i < most; i++) {
      if (i === warm) growth = new Growth();
      new Uint8Array(MIB).fill(i);
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (i % 16 === 0) growth.look();
    }
    figures({ "growth, blocks alone": growth.most - growth.from });
  },
  /** One message of so many bytes. */
  async "single-pull"() {
    const pull = await listening();
    await pull.receive();
    const before = resident();
    const [body] = await pull.receive();
    if (body.length !== Number(args[0])) process.exit(1);
    figures({ "copies, receiver": (peak() - before) / body.length });
  },
  async "single-push"() {
    const push = connected();
    await push.send("first", { flushed: true });
    const before = resident();
    // Filled, since untouched memory isn't there yet.
    const body = new Uint8Array(Number(args[1])).fill(1);
    await push.send(body, { flushed: true });
    figures({ "copies, sender": (peak() - before) / body.length });
    await push.closeAsync({ linger: 60_000 });
  },
  /** So many messages of ten bytes, of which one in 5,000 is kept. */
  async "pinned-pull"() {
    const pull = await listening();
    const [most, how] = [Number(args[0]), args[1]];
    let got = 0;
    const warm = warmUp(most);
    while (got < warm) got += (await pull.receiveMany(warm - got)).length;
    const before = await held();
    const kept: Uint8Array[] = [];
    for (let i = 0; i < most; i++) {
      const [body] = await pull.receive();
      if (i % 5000 !== 0) continue;
      if (how === "view") kept.push(body);
      if (how === "slice") kept.push(body.slice());
    }
    const after = await held();
    figures({ [`held, ${how} kept`]: after - before });
    if (kept.length > most) process.exit(1);
  },
  async "many-push"() {
    const push = connected();
    const batch: Uint8Array[] = new Array(1000).fill(new Uint8Array(10));
    const most = Number(args[1]);
    for (let left = most + warmUp(most); left > 0; left -= 1000) {
      await push.sendMany(left < 1000 ? batch.slice(0, left) : batch);
    }
    await push.closeAsync({ linger: 60_000 });
  },
  /** What the heap grows by a message while nothing is collected. */
  async "heap-pull"() {
    const pull = await listening();
    const [most, how] = [Number(args[0]), args[1]];
    const receive = async (amount: number) => {
      let got = 0;
      if (how === "batch") {
        while (got < amount) {
          got += (await pull.receiveMany(amount - got)).length;
        }
      } else for await (const _ of pull) if (++got === amount) break;
    };
    await receive(warmUp(most));
    collect();
    const before = process.memoryUsage().heapUsed;
    await receive(most);
    const grown = process.memoryUsage().heapUsed - before;
    figures({ [`receiver, ${how}, a message`]: grown / most });
  },
  async "heap-push"() {
    const push = connected();
    const [most, how] = [Number(args[1]), args[2]];
    const body = new Uint8Array(10);
    const batch: Uint8Array[] = new Array(1000).fill(body);
    const send = async (amount: number) => {
      if (how !== "batch") {
        for (let i = 0; i < amount; i++) await push.send(body);
        return;
      }
      for (let left = amount; left > 0; left -= 1000) {
        await push.sendMany(left < 1000 ? batch.slice(0, left) : batch);
      }
    };
    await send(warmUp(most));
    collect();
    const before = process.memoryUsage().heapUsed;
    await send(most);
    const grown = process.memoryUsage().heapUsed - before;
    figures({ [`sender, ${how}, a message`]: grown / most });
    await push.closeAsync({ linger: 60_000 });
  },
  /** A Router with so many peers that say nothing, over so many milliseconds. */
  async idle() {
    const router = new Router();
    await router.bind(TCP);
    const [peers, milliseconds] = args.map(Number);
    const sleep = (time: number) =>
      new Promise((resolve) => setTimeout(resolve, time));
    /** Milliseconds of CPU time a second. */
    const busy = async () => {
      await sleep(500);
      const before = process.cpuUsage();
      await sleep(milliseconds);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / milliseconds;
    };
    const alone = await busy();
    console.log(`endpoint ${router.lastEndpoint}`);
    (async () => {
      for await (const [id, question] of router) {
        await router.send([id, `re ${text(question)}`]);
      }
    })();
    while (router.stats().peers < peers) await sleep(20);
    const idle = await busy();
    figures({
      peers: router.stats().peers,
      "CPU with none, ms a second": alone,
      "CPU with all, ms a second": idle,
    });
    process.exit();
  },
};

const run = modes[mode];
if (run === undefined) throw new Error("usage: see the head of memory.ts");
await run();
process.exit();
