// The room of a chat: what anybody says into its Pull, everybody hears from its
// Publisher. It goes with chat.ts, of which there may be many.
//
//     deno run --allow-net examples/bridges/room.ts
//     bun examples/bridges/room.ts
//     node examples/bridges/room.ts
//
// Arguments: the endpoint to speak to, the endpoint to listen to.

import process from "node:process";
import { Publisher, Pull } from "../../mod.ts";

const [mouth = "tcp://127.0.0.1:5560", ear = "tcp://127.0.0.1:5561"] = process
  .argv.slice(2);

const pull = new Pull();
const publisher = new Publisher();
await pull.bind(mouth);
await publisher.bind(ear);
console.log(pull.lastEndpoint, publisher.lastEndpoint);

for await (const message of pull) await publisher.send(message);
