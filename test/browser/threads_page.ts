// What the page of threads_test.ts does with its Workers: each behaviour on its own,
// and what came of it.

import {
  Context,
  Pull,
  Push,
  Request,
  type SharedContext,
  type Socket,
  text,
} from "../../src/browser/browser.ts";
import { until } from "../support/wait.ts";
import type { Task } from "./threads_worker.ts";

declare class Worker {
  constructor(path: string, options: { type: "module" });
  onmessage: (event: { data: unknown }) => void;
  onerror: (event: unknown) => void;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** Connections that a shared context has room for. */
const ROOM = 256;
const context = new Context();
const shared = context.share();
let workers: Worker[] = [];
let names = 0;

/** Starts a Worker; what it has told so far. */
function start(
  role: Task["role"],
  address: string,
  count = 0,
  name = "",
  its: SharedContext = shared,
): { worker: Worker; heard: unknown[] } {
  const worker = new Worker("/threads_worker.js", { type: "module" });
  const heard: unknown[] = [];
  worker.onmessage = ({ data }) => heard.push(data);
  worker.onerror = () => heard.push("error");
  workers.push(worker);
  const task: Task = { role, shared: its, address, name, count };
  worker.postMessage(task);
  return { worker, heard };
}

const address = () => `inproc://page-${names++}`;

/** Closes sockets of the page, after what a test has done with them. */
async function using<T>(
  sockets: Socket[],
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } finally {
    for (const socket of sockets) await socket.closeAsync({ linger: 0 });
  }
}

const BEHAVIOURS: Record<string, () => Promise<unknown>> = {
  answer() {
    const request = new Request({ context });
    return using([request], async () => {
      const at = address();
      start("echo", at);
      request.connect(at);
      const wrong: unknown[] = [];
      for (const length of [0, 5, 300, 100_000, 8_000_000]) {
        const body = new Uint8Array(length).map((_, i) => i * 7 + (i >> 9));
        await request.send(["echo", body]);
        const [word, back] = await request.receive();
        if (text(word) !== "echo") wrong.push(text(word));
        if (
          back.length !== length || back.some((byte, i) => byte !== body[i])
        ) {
          wrong.push(length);
        }
        if (!(back.buffer instanceof ArrayBuffer)) wrong.push("shared");
      }
      return wrong;
    });
  },

  order() {
    const pull = new Pull({ context });
    return using([pull], async () => {
      const at = address();
      await pull.bind(at);
      for (const name of ["a", "b"]) start("push", at, 2000, name);
      const next: Record<string, number> = { a: 0, b: 0 };
      for (let i = 0; i < 4000; i++) {
        const [number, name] = (await pull.receive()).map(text);
        if (`${next[name]++}` !== number) return `${name}: ${number}`;
      }
      return next;
    });
  },

  marks() {
    const pull = new Pull({ context, receiveHighWaterMark: 20 });
    return using([pull], async () => {
      const at = address();
      await pull.bind(at);
      const { heard } = start("fill", at, 5000);
      await until("it is stopped", () => heard.length > 0);
      const sent = heard[0] as number;
      for (let i = 0; i < 5000; i++) {
        const [number] = await pull.receive();
        if (text(number) !== `${i}`) return `not ${i}`;
      }
      return sent <= 31 ? "stopped" : sent;
    });
  },

  early() {
    const push = new Push({ context });
    return using([push], async () => {
      const at = address();
      push.connect(at);
      for (let i = 0; i < 100; i++) await push.send([`${i}`, "12345"]);
      const { heard } = start("pull", at, 100);
      await until("all came", () => heard.length > 1);
      return heard;
    });
  },

  killed() {
    const first = new Request({ context });
    const second = new Request({ context });
    return using([first, second], async () => {
      const at = address();
      const { worker } = start("echo", at);
      first.connect(at);
      await first.send("one");
      await first.receive();
      const { peers } = first.stats();
      worker.terminate();
      await until("it has gone", () => first.stats().peers === 0);
      // Another takes its name.
      start("echo", at);
      second.connect(at);
      await second.send("two");
      return [peers, ...(await second.receive()).map(text)];
    });
  },

  async between() {
    const at = address();
    start("push", at, 500, "12345");
    const { heard } = start("pull", at, 500);
    await until("all came", () => heard.length > 1);
    return heard;
  },

  left() {
    const pull = new Pull({ context, receiveHighWaterMark: 1 });
    return using([pull], async () => {
      const at = address();
      await pull.bind(at);
      const { heard } = start("leave", at, 500);
      for (let i = 0; i < 500; i++) {
        const [number] = await pull.receive();
        if (text(number) !== `${i}`) return `not ${i}`;
      }
      await until("it has left", () => heard.length > 0);
      await until("its pipe has gone", () => pull.stats().peers === 0);
      return heard;
    });
  },

  full() {
    const pull = new Pull({ context });
    return using([pull], async () => {
      const at = address();
      await pull.bind(at);
      const peers = (count: number) =>
        until(`${count} peers`, () => pull.stats().peers === count);
      const { worker } = start("crowd", at, 200);
      await peers(200);
      start("crowd", at, 100);
      await peers(ROOM);
      worker.terminate();
      await peers(100);
      return "the others were met";
    });
  },

  /** Nobody is left who knew of what two had between them. */
  bothKilled() {
    const pull = new Pull({ context });
    return using([pull], async () => {
      const [from, to] = [address(), address()];
      const host = start("host", from, 250);
      const crowd = start("crowd", from, 250);
      await until("they have met", () => host.heard.includes("full"));
      host.worker.terminate();
      crowd.worker.terminate();
      await pull.bind(to);
      start("crowd", to, 200);
      await until("200 peers", () => pull.stats().peers === 200);
      return "their room was found";
    });
  },

  async again() {
    const other = new Context();
    const pull = new Pull({ context: other });
    const at = address();
    await pull.bind(at);
    const { heard } = start("push", at, 1, "again", other.share());
    const [, body] = await pull.receive();
    await other.terminate();
    return [...heard, text(body)];
  },
};

const said: Record<string, unknown> = {};
for (const [name, run] of Object.entries(BEHAVIOURS)) {
  try {
    const late = new Promise((resolve) => setTimeout(resolve, 40_000, "late"));
    said[name] = await Promise.race([run(), late]);
  } catch (error) {
    said[name] = `${error}`;
  }
  for (const worker of workers) worker.terminate();
  workers = [];
}
await context.terminate();
await fetch("/said", { method: "POST", body: JSON.stringify(said) });
