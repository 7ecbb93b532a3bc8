// A client of a pair of servers (binary_star/server.ts): it asks one until that
// doesn't answer, then the other, and so on.
//
//     deno run --allow-net examples/guide/binary_star/client.ts
//     bun examples/guide/binary_star/client.ts
//     node examples/guide/binary_star/client.ts
//
// Arguments: the endpoints of the primary and of the backup, how many questions,
// the milliseconds to wait for an answer and between two questions.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Request, text } from "../../../mod.ts";
import { inTime } from "../in_time.ts";

const [
  primary = "tcp://127.0.0.1:5001",
  backup = "tcp://127.0.0.1:5002",
  count = "20",
  timeout = "1000",
  pause = "500",
] = process.argv.slice(2);

const servers = [primary, backup].map((endpoint) => {
  const server = new Request({ linger: 0 });
  server.connect(endpoint);
  return server;
});
let server = 0;

for (let i = 1; i <= Number(count); i++) {
  console.log(await ask(`question ${i}`));
  await sleep(Number(pause));
}
for (const server of servers) server.close();

async function ask(question: string): Promise<string> {
  for (;;) {
    const limit = { timeout: Number(timeout) };
    const answer = await inTime(servers[server].request(question, limit));
    if (answer !== null) return text(answer[0]);
    server = 1 - server;
  }
}
