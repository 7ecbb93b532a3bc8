// Publishes the time of day, many times a second. A subscriber that can't keep up,
// snail/subscriber.ts, learns from it how late it is.
//
//     deno run --allow-net examples/guide/snail/publisher.ts
//     bun examples/guide/snail/publisher.ts
//     node examples/guide/snail/publisher.ts
//
// Arguments: the endpoint to bind.

import process from "node:process";
import { setInterval } from "node:timers/promises";
import { Publisher } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5561"] = process.argv.slice(2);

const publisher = new Publisher();
await publisher.bind(endpoint);
console.log(publisher.lastEndpoint);

for await (const _ of setInterval(2)) await publisher.send(Date.now());
