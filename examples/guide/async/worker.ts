// A worker that is busy with many questions at once, behind broker/broker.ts: it
// doesn't wait for one to be done before it begins the next, and each answer goes
// when it is ready. Where a server in another language has threads, this one has
// tasks; start more workers to use more processors. The clients are
// async/client.ts.
//
//     deno run --allow-net examples/guide/async/worker.ts
//     bun examples/guide/async/worker.ts
//     node examples/guide/async/worker.ts
//
// Arguments: the endpoint to connect to, a name. A question is a number of
// milliseconds to work.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, type Message, text } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5560", name = `worker ${process.pid}`] =
  process.argv.slice(2);

const worker = new Dealer();
worker.connect(endpoint);

for await (const question of worker) answer(question);

/** Answers a question, which comes behind the name of its client. */
async function answer([client, number, work]: Message): Promise<void> {
  await sleep(Number(text(work)));
  await worker.send([client, number, `done by ${name}`]);
}
