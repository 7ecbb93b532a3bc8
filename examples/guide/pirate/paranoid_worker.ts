// A worker of pirate/paranoid_queue.ts. When the queue has been silent for too
// long it begins anew, on a new connection, and waits longer each time that this
// was in vain.
//
//     deno run --allow-net examples/guide/pirate/paranoid_worker.ts
//     bun examples/guide/pirate/paranoid_worker.ts
//     node examples/guide/pirate/paranoid_worker.ts
//
// Arguments: the endpoint to connect to, a name, the milliseconds between
// heartbeats, the milliseconds that an answer takes it.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, type Message, text } from "../../../mod.ts";
import { inTime } from "../in_time.ts";
import { HEARTBEAT, LIVENESS, READY } from "./heartbeat.ts";

const [
  endpoint = "tcp://127.0.0.1:5560",
  name = `worker ${process.pid}`,
  interval = "1000",
  work = "10",
] = process.argv.slice(2);
const patience = Number(interval) * LIVENESS;
const LONGEST = 32_000;

let pause = Number(interval);
for (;;) {
  await serve();
  console.log(`the queue is silent: I begin anew in ${pause} ms`);
  await sleep(pause);
  pause = Math.min(pause * 2, LONGEST);
}

/** Answers questions until the queue is silent. */
async function serve(): Promise<void> {
  await using queue = new Dealer({ linger: 0 });
  queue.connect(endpoint);
  await queue.send(READY);
  const beating = setInterval(() => queue.trySend(HEARTBEAT), Number(interval));
  for (;;) {
    const message = await inTime(queue.receive({ timeout: patience }));
    if (message === null) break;
    pause = Number(interval);
    if (message.length > 1) await answer(queue, message);
  }
  clearInterval(beating);
}

/** A question comes with the way back to its client, which goes with the answer. */
async function answer(queue: Dealer, message: Message): Promise<void> {
  const [client, empty, question] = message;
  await sleep(Number(work));
  await queue.send([client, empty, `${name} answers ${text(question)}`]);
}
