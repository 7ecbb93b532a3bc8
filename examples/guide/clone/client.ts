// A client of clone/server.ts. It shows each change of its part of the table, and
// makes those that are typed: a key, its value, and if it shall go by itself after
// how many seconds. A key without a value is taken away.
//
//     /fruit/apple red
//     /fruit/plum ripe 10
//
//     deno run --allow-net examples/guide/clone/client.ts
//     bun examples/guide/clone/client.ts
//     node examples/guide/clone/client.ts
//
// Arguments: the first endpoints of the two servers; its part of the table, as a
// key that ends with a slash; the milliseconds between heartbeats.

import process from "node:process";
import { createInterface } from "node:readline";
import {
  ask,
  BACKUP,
  LIVENESS,
  placesOf,
  PRIMARY,
  toFrames,
} from "./protocol.ts";
import { follow, Table } from "./table.ts";

const [primary = PRIMARY, backup = BACKUP, subtree = "/", beat = "1000"] =
  process.argv.slice(2);
const servers = [primary, backup].map(placesOf);
const interval = Number(beat);

/** Which server serves, as far as is known. */
let serving = 0;
const table = new Table(({ key, value }) => {
  console.log(value === "" ? `${key} is gone` : `${key} = ${value}`);
});
keepUp();

for await (const line of createInterface({ input: process.stdin })) {
  const [key, value = "", ttl = "0"] = line.split(" ");
  await change(key, value, Number(ttl));
}
process.exit();

/** Follows the server that serves, whichever that is. */
async function keepUp(): Promise<never> {
  const ready = () => console.log(`up to date, at ${table.sequence}`);
  for (;; serving = 1 - serving) {
    await follow(servers[serving], table, { subtree, interval, ready });
  }
}

/** Makes a change, at whichever server takes it. */
async function change(key: string, value: string, ttl: number): Promise<void> {
  const update = { key, sequence: 0, id: crypto.randomUUID(), ttl, value };
  const limits = { timeout: interval * LIVENESS };
  for (let at = serving;; at = 1 - at) {
    const message = ["change", ...toFrames(update)];
    if (await ask(servers[at].requests, message, limits) !== null) return;
  }
}
