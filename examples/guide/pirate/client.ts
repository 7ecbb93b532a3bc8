// The lazy pirate: reliability from the client alone. It asks, waits so long for
// the answer, asks again, and gives up after so many tries. A late answer to a try
// that was given up is never taken for the answer to the next: `request` sees to
// that. It is the client of all pirates; here the server is pirate/server.ts.
//
//     deno run --allow-net examples/guide/pirate/client.ts
//     bun examples/guide/pirate/client.ts
//     node examples/guide/pirate/client.ts
//
// Arguments: the endpoint to connect to, how many questions, the milliseconds to
// wait for an answer, how many tries. It ends with exit code 1 if it gave up.

import process from "node:process";
import { Request, text } from "../../../mod.ts";
import { inTime } from "../in_time.ts";

const [
  endpoint = "tcp://127.0.0.1:5555",
  count = "20",
  timeout = "1000",
  tries = "3",
] = process.argv.slice(2);

const client = new Request({ linger: 0 });
client.connect(endpoint);

for (let i = 1; i <= Number(count); i++) {
  const answer = await ask(`question ${i}`);
  if (answer === null) {
    console.log(`no answer to question ${i} in ${tries} tries: I give up`);
    process.exit(1);
  }
  console.log(answer);
}
client.close();

/** The answer to a question; null if there is none. */
async function ask(question: string): Promise<string | null> {
  for (let left = Number(tries); left > 0; left--) {
    const limit = { timeout: Number(timeout) };
    const answer = await inTime(client.request(question, limit));
    if (answer !== null) return text(answer[0]);
    console.log(`no answer to ${question} in ${timeout} ms`);
  }
  return null;
}
