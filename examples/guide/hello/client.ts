// The client of hello/server.ts, and of every example that serves a Request: it
// asks a few times, and prints what it is answered. Its first question waits
// until somebody listens.
//
//     deno run --allow-net examples/guide/hello/client.ts
//     bun examples/guide/hello/client.ts
//     node examples/guide/hello/client.ts
//
// Arguments: the endpoint to connect to, how many questions.

import process from "node:process";
import { Request, text } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5555", count = "10"] = process.argv.slice(2);

await using client = new Request();
client.connect(endpoint);

for (let i = 1; i <= Number(count); i++) {
  const [answer] = await client.request("Hello");
  console.log(`${i}: ${text(answer)}`);
}
