// Gives a service at majordomo/broker.ts that answers with what it was asked.
//
//     deno run --allow-net examples/guide/majordomo/echo_worker.ts
//     bun examples/guide/majordomo/echo_worker.ts
//     node examples/guide/majordomo/echo_worker.ts
//
// Arguments: the broker's endpoint, the name of the service, a name, the
// milliseconds between heartbeats.

import process from "node:process";
import { BROKER, INTERVAL } from "./protocol.ts";
import { serve } from "./worker.ts";

const [
  broker = BROKER,
  service = "echo",
  name = `worker ${process.pid}`,
  interval = INTERVAL,
] = process.argv.slice(2);

await serve(broker, service, (body) => [...body, name], Number(interval));
