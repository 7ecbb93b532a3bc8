// A broker that gives each question to the worker that has been ready longest. A
// worker says when it is ready, so a slow one gets less, and while none is ready
// questions wait with the clients. The clients are hello/client.ts, the workers
// lru/worker.ts.
//
//     deno run --allow-net examples/guide/lru/broker.ts
//     bun examples/guide/lru/broker.ts
//     node examples/guide/lru/broker.ts
//
// Arguments: the endpoints to bind, for clients and for workers.

import process from "node:process";
import { type Frame, receiveAny, Router, text } from "../../../mod.ts";

const [front = "tcp://127.0.0.1:5555", back = "tcp://127.0.0.1:5560"] = process
  .argv.slice(2);

const clients = new Router();
const workers = new Router();
await clients.bind(front);
await workers.bind(back);
console.log(clients.lastEndpoint, workers.lastEndpoint);

/** Who is ready, the one that has been for longest first. */
const ready: Frame[] = [];

for (;;) {
  const sources = ready.length > 0 ? [workers, clients] : [workers];
  const { socket, message } = await receiveAny(sources);
  if (socket === clients) {
    // [client, empty, question]: the worker gives the envelope back as it is.
    await workers.send([ready.shift()!, null, ...message]);
  } else {
    const [worker, _empty, ...reply] = message;
    ready.push(worker);
    if (text(reply[0]) !== "READY") await clients.send(reply);
  }
}
