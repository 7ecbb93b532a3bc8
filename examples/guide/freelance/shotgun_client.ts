// Freelance, the brutal way: asks all servers (freelance/server.ts) at once, and
// takes the first answer; the number of the question tells the late ones of the
// question before. Good when an answer must come soon whoever dies, and work done
// several times is no matter.
//
//     deno run --allow-net examples/guide/freelance/shotgun_client.ts
//     bun examples/guide/freelance/shotgun_client.ts
//     node examples/guide/freelance/shotgun_client.ts
//
// Arguments: how many questions, the milliseconds to wait for an answer, then the
// endpoints of all servers. It ends with exit code 1 if none answered.

import process from "node:process";
import { Dealer, text } from "../../../mod.ts";
import { inTime } from "../in_time.ts";

const [count = "10", timeout = "2000", ...rest] = process.argv.slice(2);
const endpoints = rest.length > 0
  ? rest
  : ["tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"];

const servers = new Dealer({ linger: 0 });
for (const endpoint of endpoints) servers.connect(endpoint);

for (let number = 1; number <= Number(count); number++) {
  const answer = await ask(number, "question");
  if (answer === null) process.exit(1);
  console.log(`${number}: ${answer}`);
}
servers.close();

async function ask(number: number, question: string): Promise<string | null> {
  // A Dealer deals in turn: as many as there are servers means one for each.
  for (const _ of endpoints) await servers.send([null, number, question]);
  const ends = Date.now() + Number(timeout);
  for (;;) {
    const limit = { timeout: Math.max(0, ends - Date.now()) };
    const message = await inTime(servers.receive(limit));
    if (message === null) return null;
    const [_empty, answered, answer] = message.map(text);
    if (Number(answered) === number) return answer;
  }
}
