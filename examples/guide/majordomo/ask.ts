// Asks a service at majordomo/broker.ts, and prints its answer. To ask the broker
// whether there is a service: ask.ts tcp://127.0.0.1:5555 mmi.service echo
//
//     deno run --allow-net examples/guide/majordomo/ask.ts
//     bun examples/guide/majordomo/ask.ts
//     node examples/guide/majordomo/ask.ts
//
// Arguments: the broker's endpoint, the name of the service, then what to ask. It
// ends with exit code 1 if there was no answer.

import process from "node:process";
import { text } from "../../../mod.ts";
import { MajordomoClient } from "./client.ts";
import { BROKER } from "./protocol.ts";

const [broker = BROKER, service = "echo", ...question] = process.argv.slice(2);

using client = new MajordomoClient(broker);
const answer = await client.request(
  service,
  ...(question.length > 0 ? question : ["Hello"]),
);
if (answer === null) process.exit(1);
console.log(answer.map(text).join(" "));
