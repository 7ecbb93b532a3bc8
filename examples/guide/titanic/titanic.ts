// Titanic: requests that survive. A client leaves a request here, for any service
// of the broker of Majordomo, and gets a name for it once it is on the disk. It
// comes for the reply when it likes: in the meantime the broker may die, this
// program, the client, and the worker may not have been born yet. A request may be
// made twice if somebody dies at the wrong moment.
//
// Start majordomo/broker.ts, this, majordomo/echo_worker.ts, and titanic/client.ts.
//
//     deno run --allow-net --allow-read --allow-write \
//       examples/guide/titanic/titanic.ts
//     bun examples/guide/titanic/titanic.ts
//     node examples/guide/titanic/titanic.ts
//
// Arguments: the broker's endpoint, the folder to keep requests in, the
// milliseconds between heartbeats. It gives three services:
//
//     titanic.request   service body…   200 name
//     titanic.reply     name            200 body…, 300 (not yet) or 400 (unknown)
//     titanic.close     name            200

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { text } from "../../../mod.ts";
import { MajordomoClient } from "../majordomo/client.ts";
import { BROKER, INTERVAL } from "../majordomo/protocol.ts";
import { type Handler, serve } from "../majordomo/worker.ts";
import { Store } from "./store.ts";

const [broker = BROKER, folder = ".titanic", interval = INTERVAL] = process.argv
  .slice(2);
const store = new Store(folder);

give("titanic.request", async (request) => ["200", await store.add(request)]);

give("titanic.reply", async ([name]) => {
  const reply = await store.reply(text(name));
  if (reply !== null) return ["200", ...reply];
  return [await store.request(text(name)) === null ? "400" : "300"];
});

give("titanic.close", async ([name]) => {
  await store.remove(text(name));
  return ["200"];
});

const client = new MajordomoClient(broker);
for (;;) {
  for (const name of await store.pending()) await attempt(name);
  await sleep(Number(interval) / 2);
}

function give(service: string, handler: Handler): void {
  const careful: Handler = (body) => body.length > 0 ? handler(body) : ["400"];
  serve(broker, service, careful, Number(interval));
}

/** Makes a request that is kept, if its service is there now. */
async function attempt(name: string): Promise<void> {
  const request = await store.request(name);
  if (request === null) return; // It was closed meanwhile.
  const [service, ...body] = request;
  const there = await client.request("mmi.service", service);
  if (there === null || text(there[0]) !== "200") return;
  const reply = await client.request(text(service), ...body);
  if (reply === null) return;
  await store.answer(name, reply);
  console.log(`answered ${name}`);
}
