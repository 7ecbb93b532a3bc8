// The server of hello, for broker/broker.ts: it connects, where hello/server.ts
// binds. Nothing else is different.
//
//     deno run --allow-net examples/guide/broker/worker.ts
//     bun examples/guide/broker/worker.ts
//     node examples/guide/broker/worker.ts
//
// Arguments: the endpoint to connect to, a name.

import process from "node:process";
import { Reply } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5560", name = `worker ${process.pid}`] =
  process.argv.slice(2);

const worker = new Reply();
worker.connect(endpoint);

for await (const _question of worker) await worker.send(`World from ${name}`);
