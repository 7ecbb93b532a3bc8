// Gathers what comes of the tasks of pipeline/ventilator.ts, says how much time
// was saved by working side by side, and lets the workers go.
//
//     deno run --allow-net examples/guide/pipeline/sink.ts
//     bun examples/guide/pipeline/sink.ts
//     node examples/guide/pipeline/sink.ts
//
// Arguments: the endpoints to bind, for results and for the signal to end.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Publisher, Pull, text } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5558", signal = "tcp://127.0.0.1:5559"] =
  process.argv.slice(2);

using results = new Pull();
await using end = new Publisher();
await results.bind(endpoint);
await end.bind(signal);
console.log(results.lastEndpoint, end.lastEndpoint);

let began = performance.now();
let expected = Infinity;
let worked = 0;
const shares = new Map<string, number>();
for (let done = 0; done < expected;) {
  const [kind, ...rest] = (await results.receive()).map(text);
  if (kind === "begin") {
    // It may come after the first results: it took another way.
    expected = Number(rest[0]);
    began = performance.now();
    continue;
  }
  const [name, milliseconds] = rest;
  done++;
  worked += Number(milliseconds);
  shares.set(name, (shares.get(name) ?? 0) + 1);
}
const took = performance.now() - began;

for (const [name, tasks] of shares) console.log(`${name}: ${tasks} tasks`);
console.log(`${worked} ms of work in ${took.toFixed(0)} ms`);

// Until all have gone: who has just come may not have heard it.
while (end.stats().peers > 0) {
  await end.send("end");
  await sleep(10);
}
