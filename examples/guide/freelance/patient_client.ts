// Freelance, the plain way: asks one server after the other (freelance/server.ts)
// until one answers. Good when servers seldom die: each dead one costs the whole
// time to wait for it.
//
//     deno run --allow-net examples/guide/freelance/patient_client.ts
//     bun examples/guide/freelance/patient_client.ts
//     node examples/guide/freelance/patient_client.ts
//
// Arguments: the milliseconds to wait for a server, then the endpoints of all. It
// ends with exit code 1 if none answered.

import process from "node:process";
import { Request, text } from "../../../mod.ts";
import { inTime } from "../in_time.ts";

const [timeout = "1000", ...rest] = process.argv.slice(2);
const servers = rest.length > 0
  ? rest
  : ["tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"];

const answer = await ask("question");
if (answer === null) process.exit(1);
console.log(answer);

async function ask(question: string): Promise<string | null> {
  for (const endpoint of servers) {
    using server = new Request({ linger: 0 });
    server.connect(endpoint);
    const limit = { timeout: Number(timeout) };
    const answer = await inTime(server.request([1, question], limit));
    if (answer !== null) return text(answer[1]);
    console.log(`no answer from ${endpoint}`);
  }
  return null;
}
