// A broker between clients and servers, so that neither needs to know how many of
// the others there are, or where: questions are dealt to the servers in turn, and
// answers find their way back. The clients are hello/client.ts, the servers are
// broker/worker.ts; both come and go as they please.
//
//     deno run --allow-net examples/guide/broker/broker.ts
//     bun examples/guide/broker/broker.ts
//     node examples/guide/broker/broker.ts
//
// Arguments: the endpoints to bind, for clients and for workers.

import process from "node:process";
import { Dealer, Proxy, Router } from "../../../mod.ts";

const [front = "tcp://127.0.0.1:5555", back = "tcp://127.0.0.1:5560"] = process
  .argv.slice(2);

using clients = new Router();
using workers = new Dealer();
await clients.bind(front);
await workers.bind(back);
console.log(clients.lastEndpoint, workers.lastEndpoint);

await new Proxy(clients, workers).run();
