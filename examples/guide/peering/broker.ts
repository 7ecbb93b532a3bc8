// Brokers of several clusters that help each other out. Each has clients and
// workers of its own; work that comes while all of its workers are busy goes to a
// cluster where one is idle. Each tells the others how many of its workers are
// idle, and they believe it. The clients are hello/client.ts, the workers
// lru/worker.ts, which notice nothing of all this.
//
//     clients ──> local work ──> workers
//                  │      ↑
//                  ↓      │
//              other clusters
//
// Start one with the name of each cluster, its own first. It speaks ipc, so that
// names are enough to find each other.
//
//     deno run --allow-net --allow-read --allow-write \
//       examples/guide/peering/broker.ts /tmp north south
//     bun examples/guide/peering/broker.ts /tmp north south
//     node examples/guide/peering/broker.ts /tmp south north
//
// Arguments: a folder for the endpoints, the own name, the names of the others. It
// prints the endpoints for clients and for workers.

import process from "node:process";
import {
  type Frame,
  type Message,
  Publisher,
  receiveAny,
  Router,
  Subscriber,
  text,
} from "../../../mod.ts";

const [folder = "/tmp", own = "north", ...others] = process.argv.slice(2);
const place = (name: string, kind: string) => `ipc://${folder}/${name}-${kind}`;

const clients = new Router();
const workers = new Router();
/** Work that comes from other clusters, and its answers that go back. */
const from = new Router({ routingId: own });
/** Work that goes to other clusters, and its answers that come back. */
const to = new Router({ routingId: own });
const ownState = new Publisher();
const states = new Subscriber();

await clients.bind(place(own, "clients"));
await workers.bind(place(own, "workers"));
await from.bind(place(own, "work"));
await ownState.bind(place(own, "state"));
states.subscribe();
for (const other of others) {
  to.connect(place(other, "work"), { routingId: other });
  states.connect(place(other, "state"));
}
console.log(clients.lastEndpoint, workers.lastEndpoint);

/** Workers of its own that are idle, the one that has been for longest first. */
const idle: Frame[] = [];
/** How many are idle elsewhere, as far as is known. */
const elsewhere = new Map<string, number>();

// From time to time anyway: who has come late has missed what was told.
setInterval(tell, 1000);

for (;;) {
  const helper = others.find((other) => (elsewhere.get(other) ?? 0) > 0);
  const sources: (Router | Subscriber)[] = [states, workers, to];
  // One's own workers are for all, those of others for one's own clients.
  if (idle.length > 0) sources.push(from, clients);
  else if (helper !== undefined) sources.push(clients);

  const { socket, message } = await receiveAny(sources);
  if (socket === states) {
    elsewhere.set(text(message[0]), Number(text(message[1])));
  } else if (socket === workers) {
    const [worker, _empty, ...answer] = message;
    idle.push(worker);
    tell();
    if (text(answer[0]) !== "READY") await giveBack(answer);
  } else if (socket === to) {
    await clients.send(message.slice(1));
  } else if (idle.length > 0) {
    await workers.send([idle.shift()!, null, ...message]);
    tell();
  } else {
    elsewhere.set(helper!, elsewhere.get(helper!)! - 1);
    await to.send([helper!, ...message]);
  }
}

/** An answer goes to a client here, or to the cluster that the work came from. */
async function giveBack(answer: Message): Promise<void> {
  const foreign = others.includes(text(answer[0]));
  await (foreign ? from : clients).send(answer);
}

function tell(): void {
  ownState.trySend([own, idle.length]);
}
