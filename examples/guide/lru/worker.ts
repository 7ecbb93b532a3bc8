// A worker of lru/broker.ts. It is a Request: each answer that it sends asks for
// the next question, and the first thing it sends is that it is ready.
//
//     deno run --allow-net examples/guide/lru/worker.ts
//     bun examples/guide/lru/worker.ts
//     node examples/guide/lru/worker.ts
//
// Arguments: the endpoint to connect to, a name, the milliseconds that an answer
// takes it.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Request } from "../../../mod.ts";

const [
  endpoint = "tcp://127.0.0.1:5560",
  name = `worker ${process.pid}`,
  work = "10",
] = process.argv.slice(2);

const worker = new Request();
worker.connect(endpoint);

let question = await worker.request("READY");
for (;;) {
  const envelope = question.slice(0, -1);
  await sleep(Number(work));
  question = await worker.request([...envelope, `World from ${name}`]);
}
