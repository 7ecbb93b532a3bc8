// Three things that sockets of ZeroMQ do by themselves. It runs as it is on
// Deno, Bun and Node:
//
//     deno run --allow-net examples/demo.ts
//     bun examples/demo.ts
//     node examples/demo.ts

import {
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Subscriber,
  text,
} from "../mod.ts";

const sleep = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function askBeforeAnybodyListens(): Promise<void> {
  const endpoint = await freeEndpoint();
  const body = "hello".repeat(1_048_576);

  await using request = new Request({ reconnectInterval: 50 });
  request.connect(endpoint);
  const answer = request.request(body, { timeout: 30_000 });
  console.log(`   Request: connected to ${endpoint}, where nobody listens,`);
  console.log(`            and sent "hello" 1,048,576 times`);
  await sleep(1000);

  const began = performance.now();
  await using reply = new Reply();
  await reply.bind(endpoint);
  console.log("   Reply:   is bound there now, and echoes");
  const [asked] = await reply.receive();
  await reply.send(asked);

  const [answered] = await answer;
  const took = performance.now() - began;
  const sent = new TextEncoder().encode(body);
  const same = sent.length === answered.length &&
    sent.every((byte, i) => byte === answered[i]);
  console.log(
    `   sent ${count(sent.length)} bytes, received ${
      count(answered.length)
    }, ` +
      `${same ? "the same byte for byte" : "NOT THE SAME"}, ` +
      `${took.toFixed(0)} ms from bind to reply`,
  );
}

async function publishOnTwoTransports(): Promise<void> {
  await using publisher = new Publisher();
  await publisher.bind("tcp://127.0.0.1:*");
  const tcp = publisher.lastEndpoint!;
  await publisher.bind("inproc://lines");

  const listeners = [
    listen("tcp   ", tcp),
    listen("inproc", "inproc://lines"),
  ];
  // Who subscribes late misses what was sent before, so both are asked first.
  while (!listeners.every((listener) => listener.heard)) {
    await publisher.send("1 ?");
    await sleep(5);
  }

  let matched = 0;
  const lines = 50;
  for (let i = 0; i < lines; i++) {
    const key = Math.floor(Math.random() * 2);
    const value = Math.floor(Math.random() * 10);
    if (key === 1) matched++;
    await publisher.send(`${key} ${value}`);
  }
  await publisher.send("1 end");

  for (const { name, received } of listeners) {
    const got = await received;
    console.log(`   Subscriber on ${name} got ${got.join(", ")}`);
    console.log(
      `      sent ${lines}, matched ${matched}, received ${got.length}`,
    );
  }
}

function listen(name: string, endpoint: string) {
  const listener = { name, heard: false, received: collect() };
  async function collect(): Promise<string[]> {
    using subscriber = new Subscriber();
    subscriber.subscribe("1");
    subscriber.connect(endpoint);
    const lines: string[] = [];
    for await (const [frame] of subscriber) {
      const line = text(frame);
      if (line === "1 end") break;
      if (line === "1 ?") listener.heard = true;
      else lines.push(line);
    }
    return lines;
  }
  return listener;
}

async function shareTasks(): Promise<void> {
  await using push = new Push();
  await push.bind("tcp://127.0.0.1:*");
  const tcp = push.lastEndpoint!;
  await push.bind("inproc://tasks");

  const anna = new TaskWorker("Anna (tcp)", tcp);
  const ben = new TaskWorker("Ben (inproc)", "inproc://tasks");
  const cleo = new TaskWorker("Cleo (tcp)", tcp);
  const workers = [anna, ben, cleo];

  const phase = async (title: string, peers: number, tasks: number) => {
    while (push.stats().peers !== peers) await sleep(1);
    const before = workers.map((worker) => worker.done);
    for (let i = 0; i < tasks; i++) await push.send(`task ${i}`);
    const shares = () => workers.map((worker, i) => worker.done - before[i]);
    while (sum(shares()) < tasks) await sleep(1);
    const line = workers.map((worker, i) => `${worker.name} ${shares()[i]}`);
    console.log(`   ${title}: ${count(tasks)} tasks; ${line.join(", ")}`);
  };

  anna.join();
  ben.join();
  await phase("Anna and Ben at work", 2, 1000);
  cleo.join();
  await phase("Cleo has joined     ", 3, 900);
  anna.leave();
  await phase("Anna has left       ", 2, 1000);
  ben.leave();
  cleo.leave();
  const all = workers.map((worker) => `${worker.name} ${count(worker.done)}`);
  console.log(`   in all: ${all.join(", ")}`);
}

class TaskWorker {
  readonly name: string;
  readonly #endpoint: string;
  readonly #pull = new Pull();
  done = 0;

  constructor(name: string, endpoint: string) {
    this.name = name;
    this.#endpoint = endpoint;
  }

  join(): void {
    this.#pull.connect(this.#endpoint);
    this.#work();
  }

  leave(): void {
    this.#pull.close();
  }

  async #work(): Promise<void> {
    for await (const _task of this.#pull) this.done++;
  }
}

/** A tcp endpoint that nobody listens on. */
async function freeEndpoint(): Promise<string> {
  const probe = new Reply();
  await probe.bind("tcp://127.0.0.1:*");
  const endpoint = probe.lastEndpoint!;
  await probe.closeAsync();
  return endpoint;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

console.log("1. A request that is sent before anybody listens");
await askBeforeAnybodyListens();
console.log("\n2. One publisher on two transports, filtered by topic");
await publishOnTwoTransports();
console.log("\n3. Tasks shared among workers that come and go");
await shareTasks();
