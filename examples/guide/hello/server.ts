// Hello, world: a client asks, this server answers, one question at a time. See
// client.ts for the other side; either may be started first.
//
//     deno run --allow-net examples/guide/hello/server.ts
//     bun examples/guide/hello/server.ts
//     node examples/guide/hello/server.ts
//
// Arguments: the endpoint to bind.

import process from "node:process";
import { Reply, text } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5555"] = process.argv.slice(2);

const server = new Reply();
await server.bind(endpoint);
console.log(server.lastEndpoint);

for await (const [question] of server) {
  console.log(`asked: ${text(question)}`);
  await server.send("World");
}
