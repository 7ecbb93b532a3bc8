// The paranoid pirate: clients that ask again (pirate/client.ts), a queue, and
// workers (pirate/paranoid_worker.ts). Queue and workers send each other
// heartbeats, so the queue learns of a worker that hangs before it gives it a
// question, and a worker of a queue that was started anew.
//
//     deno run --allow-net examples/guide/pirate/paranoid_queue.ts
//     bun examples/guide/pirate/paranoid_queue.ts
//     node examples/guide/pirate/paranoid_queue.ts
//
// Arguments: the endpoints to bind, for clients and for workers; the milliseconds
// between heartbeats.

import process from "node:process";
import {
  type Frame,
  type Message,
  receiveAny,
  Router,
  text,
} from "../../../mod.ts";
import { HEARTBEAT, LIVENESS, READY } from "./heartbeat.ts";

interface Worker {
  readonly id: Frame;
  ready: boolean;
  /** When it is taken for dead unless it says something. */
  expires: number;
}

const [
  front = "tcp://127.0.0.1:5555",
  back = "tcp://127.0.0.1:5560",
  interval = "1000",
] = process.argv.slice(2);
const patience = Number(interval) * LIVENESS;

const clients = new Router();
const workers = new Router();
await clients.bind(front);
await workers.bind(back);
console.log(clients.lastEndpoint, workers.lastEndpoint);

/** Who is alive, by id; among the ready the one that has been for longest first. */
const alive = new Map<string, Worker>();
/** A question that no worker has taken yet. */
let question: Message | null = null;

setInterval(() => {
  for (const [key, worker] of alive) {
    if (worker.expires > Date.now()) {
      workers.trySend([worker.id, HEARTBEAT]);
    } else {
      console.log("a worker is silent: it is given up");
      alive.delete(key);
    }
  }
}, Number(interval));

for (;;) {
  const worker = [...alive.values()].find((worker) => worker.ready);
  if (question !== null && worker !== undefined) {
    worker.ready = false;
    await workers.send([worker.id, ...question]);
    question = null;
    continue;
  }
  const idle = question === null && worker !== undefined;
  const sources: Router[] = idle ? [workers, clients] : [workers];
  const { socket, message } = await receiveAny(sources);
  if (socket === clients) question = message;
  else await hear(message[0], message.slice(1));
}

/** A worker says that it is ready, or alive, or what it answers. */
async function hear(id: Frame, message: Message): Promise<void> {
  const key = id.join();
  const word = message.length === 1 ? text(message[0]) : null;
  const worker = alive.get(key);
  // Who was given up gets no heartbeats: it will notice, and begin anew.
  if (worker === undefined && word !== READY) return;
  const expires = Date.now() + patience;
  if (word === HEARTBEAT) {
    worker!.expires = expires;
    return;
  }
  if (worker === undefined) console.log("a worker has come");
  alive.delete(key);
  alive.set(key, { id, ready: true, expires });
  if (word === null) await clients.send(message);
}
