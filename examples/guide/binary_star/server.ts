// Binary star: a server and its backup. The primary serves as long as it lives,
// then the backup does; when the primary comes back it is the backup of the backup.
// Start both with the same two places to tell each other their state at, the other
// way round, and binary_star/client.ts.
//
//     deno run --allow-net examples/guide/binary_star/server.ts primary
//     deno run --allow-net examples/guide/binary_star/server.ts backup
//     bun examples/guide/binary_star/server.ts primary
//     node examples/guide/binary_star/server.ts primary
//
// Arguments: primary or backup; the endpoint to bind for clients; the endpoints
// for the state, its own and the other's; the milliseconds between heartbeats.

import process from "node:process";
import { Router, text } from "../../../mod.ts";
import { BinaryStar, type Role } from "./star.ts";

const tcp = (port: number) => `tcp://127.0.0.1:${port}`;
const role: Role = process.argv[2] === "backup" ? "backup" : "primary";
const first = role === "primary";
const [
  endpoint = tcp(first ? 5001 : 5002),
  here = tcp(first ? 5003 : 5004),
  there = tcp(first ? 5004 : 5003),
  interval = "1000",
] = process.argv.slice(3);

const star = new BinaryStar({
  role,
  here,
  there,
  interval: Number(interval),
  changed: (state) => console.log(state),
});
await Promise.all([star.run(), serve()]);

async function serve(): Promise<void> {
  const clients = new Router();
  await clients.bind(endpoint);
  for await (const [client, empty, question] of clients) {
    if (!star.serves()) continue; // The client will ask the other.
    await clients.send([client, empty, `${role} answers ${text(question)}`]);
  }
}
