// A server of the freelance pattern: there are several of them, alike, and no
// broker; reliability is up to the clients. Three kinds of clients go with it, from
// the plainest to the one that knows who is alive: patient_client.ts,
// shotgun_client.ts and tracking_client.ts.
//
//     deno run --allow-net examples/guide/freelance/server.ts
//     bun examples/guide/freelance/server.ts
//     node examples/guide/freelance/server.ts
//
// Arguments: the endpoint to bind, a name. A question has a number, which its
// answer has too; PING is answered with PONG.

import process from "node:process";
import { Router, text } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5555", name = `server ${process.pid}`] =
  process.argv.slice(2);

// A Router, and no Reply: a client may be a Router too, and those two don't mix.
const server = new Router();
await server.bind(endpoint);
console.log(server.lastEndpoint);

for await (const [client, empty, number, question] of server) {
  if (question === undefined) continue; // It asks nothing.
  const ping = text(question) === "PING";
  const answer = ping ? "PONG" : `answered by ${name}`;
  await server.send([client, empty, number, answer]);
}
