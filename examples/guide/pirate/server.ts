// A server with bad days, for the lazy pirate (pirate/client.ts): every third
// question takes it very long, and after so many it is dead.
//
//     deno run --allow-net examples/guide/pirate/server.ts
//     bun examples/guide/pirate/server.ts
//     node examples/guide/pirate/server.ts
//
// Arguments: the endpoint to bind, how many questions it lives for, how many
// milliseconds are very long.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Reply, text } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5555", life = "12", long = "1500"] = process
  .argv.slice(2);

const server = new Reply();
await server.bind(endpoint);
console.log(server.lastEndpoint);

for (let asked = 1; asked <= Number(life); asked++) {
  const [question] = await server.receive();
  if (asked % 3 === 0) {
    console.log(`${text(question)}: this takes long`);
    await sleep(Number(long));
  }
  await server.send(`answer to ${text(question)}`);
}
console.log("dead");
process.exit(1);
