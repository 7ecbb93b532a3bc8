// Clone: many clients hold the same table of keys and values, and each may change
// it. A server puts the changes in order and publishes them; who comes late asks it
// for all there is first. There are two servers, which are a binary star: the one
// that doesn't serve follows the other as clients do, so it has the table when it
// takes over. (A change of the last moments may not have reached it; whoever must
// not lose one looks whether it is there.)
//
// Start both, and any number of clone/client.ts.
//
//     deno run --allow-net examples/guide/clone/server.ts primary
//     deno run --allow-net examples/guide/clone/server.ts backup
//     bun examples/guide/clone/server.ts primary
//     node examples/guide/clone/server.ts primary
//
// Arguments: primary or backup; the first of its endpoints and of the other's (see
// protocol.ts); the milliseconds between heartbeats.

import process from "node:process";
import {
  type Message,
  type MessageLike,
  Publisher,
  Router,
  text,
} from "../../../mod.ts";
import { BinaryStar, type Role, type State } from "../binary_star/star.ts";
import {
  ALIVE,
  BACKUP,
  fromFrames,
  placesOf,
  PRIMARY,
  toFrames,
  type Update,
} from "./protocol.ts";
import { follow, Table } from "./table.ts";

const role: Role = process.argv[2] === "backup" ? "backup" : "primary";
const [
  own = role === "primary" ? PRIMARY : BACKUP,
  other = role === "primary" ? BACKUP : PRIMARY,
  beat = "1000",
] = process.argv.slice(3);
const [here, there] = [placesOf(own), placesOf(other)];
const interval = Number(beat);

const table = new Table();
const updates = new Publisher();
await updates.bind(here.updates);
const star = new BinaryStar({
  role,
  here: here.state,
  there: there.state,
  interval,
  changed,
});
let following = new AbortController();

setInterval(() => {
  if (star.state !== "active") return;
  updates.trySend(ALIVE);
  const gone = { ttl: 0, value: "" };
  for (const key of table.expired()) {
    change({ key, id: crypto.randomUUID(), ...gone });
  }
}, interval);
await Promise.all([star.run(), serve()]);

async function serve(): Promise<void> {
  const clients = new Router();
  await clients.bind(here.requests);
  for await (const [client, empty, command, ...rest] of clients) {
    if (!star.serves()) continue; // The client will ask the other.
    const answer = reply(text(command), rest);
    if (answer !== null) await clients.send([client, empty, ...answer]);
  }
}

function reply(command: string, rest: Message): MessageLike[] | null {
  if (command === "ping") return [null];
  if (command === "snapshot") {
    const rows = table.under(text(rest[0]));
    return [table.sequence, ...rows.flatMap(toFrames)];
  }
  if (command !== "change") return null;
  for (const update of fromFrames(rest)) {
    // A client that got no answer makes its change again.
    if (!table.has(update.id)) change(update);
  }
  return [null];
}

function change(update: Omit<Update, "sequence">): void {
  const next = { ...update, sequence: table.sequence + 1 };
  table.apply(next);
  updates.trySend(toFrames(next));
}

function changed(state: State): void {
  console.log(state);
  following.abort();
  if (state === "passive") keepUp();
}

async function keepUp(): Promise<void> {
  following = new AbortController();
  const { signal } = following;
  const ready = () => console.log(`has ${table.under("").length} keys`);
  while (!signal.aborted) {
    await follow(there, table, { subtree: "", interval, signal, ready });
  }
}
