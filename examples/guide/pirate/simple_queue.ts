// The simple pirate: clients that ask again (pirate/client.ts), a queue, and
// workers that may die (lru/worker.ts). The queue is the one of lru/broker.ts but
// for this: a question for a worker that has gone is given to the next. What a
// worker dies with in its hands, the client asks again.
//
//     deno run --allow-net examples/guide/pirate/simple_queue.ts
//     bun examples/guide/pirate/simple_queue.ts
//     node examples/guide/pirate/simple_queue.ts
//
// Arguments: the endpoints to bind, for clients and for workers.

import process from "node:process";
import {
  type Frame,
  type Message,
  receiveAny,
  Router,
  text,
  ZmqError,
} from "../../../mod.ts";

const [front = "tcp://127.0.0.1:5555", back = "tcp://127.0.0.1:5560"] = process
  .argv.slice(2);

const clients = new Router();
// Mandatory: it says so if a worker has gone, in place of dropping the message.
const workers = new Router({ mandatory: true });
await clients.bind(front);
await workers.bind(back);
console.log(clients.lastEndpoint, workers.lastEndpoint);

/** Who is ready, the one that has been for longest first. */
const ready: Frame[] = [];
/** A question that no worker has taken yet. */
let question: Message | null = null;

for (;;) {
  if (question !== null && await handOver(question)) question = null;
  const sources = ready.length > 0 ? [workers, clients] : [workers];
  const { socket, message } = await receiveAny(sources);
  if (socket === clients) {
    question = message;
  } else {
    const [worker, _empty, ...reply] = message;
    ready.push(worker);
    if (text(reply[0]) !== "READY") await clients.send(reply);
  }
}

/** Gives a question to the first worker that is still there; false if none is. */
async function handOver(question: Message): Promise<boolean> {
  for (let worker; (worker = ready.shift()) !== undefined;) {
    try {
      await workers.send([worker, null, ...question], { timeout: 0 });
      return true;
    } catch (error) {
      if (!(error instanceof ZmqError)) throw error;
      console.log(`a worker has gone: ${error.code}`);
    }
  }
  return false;
}
