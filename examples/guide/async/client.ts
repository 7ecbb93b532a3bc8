// Asks all its questions without waiting, and takes the answers as they come. It
// goes with broker/broker.ts and async/worker.ts; start as many as you like.
//
//     deno run --allow-net examples/guide/async/client.ts
//     bun examples/guide/async/client.ts
//     node examples/guide/async/client.ts
//
// Arguments: the endpoint to connect to, then the milliseconds that each question
// takes a worker.

import process from "node:process";
import { Dealer, text } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5555", ...rest] = process.argv.slice(2);
const questions = rest.length > 0 ? rest : ["500", "10", "10", "100"];

await using client = new Dealer();
client.connect(endpoint);
await client.sendMany(questions.map((work, number) => [number, work]));

for (const _ of questions) {
  const [number, answer] = (await client.receive()).map(text);
  console.log(`${number} (${questions[Number(number)]} ms): ${answer}`);
}
