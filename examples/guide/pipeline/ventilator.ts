// Work done in parallel: this ventilator hands out tasks, any number of worker.ts
// do them side by side, and sink.ts gathers the results.
//
//     deno run --allow-net examples/guide/pipeline/ventilator.ts
//     bun examples/guide/pipeline/ventilator.ts
//     node examples/guide/pipeline/ventilator.ts
//
// Arguments: the endpoint to bind, the sink's to connect to, how many tasks, how
// many workers to wait for. A task is a number of milliseconds to work.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Push } from "../../../mod.ts";

const [
  endpoint = "tcp://127.0.0.1:5557",
  sinkEndpoint = "tcp://127.0.0.1:5558",
  count = "100",
  workers = "2",
] = process.argv.slice(2);

await using tasks = new Push();
await tasks.bind(endpoint);
console.log(tasks.lastEndpoint);

// Who is there first would otherwise get all there is.
while (tasks.stats().peers < Number(workers)) await sleep(10);

await using sink = new Push();
sink.connect(sinkEndpoint);
await sink.send(["begin", count]);

for (let i = 0; i < Number(count); i++) {
  await tasks.send(1 + Math.floor(Math.random() * 20));
}
console.log(`handed out ${count} tasks`);
