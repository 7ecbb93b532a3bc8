// The suicidal snail: a subscriber that ends itself, rather than work on with old
// news, when it is too slow for snail/publisher.ts. Whoever watches over it can
// start it again, or on a faster machine.
//
//     deno run --allow-net examples/guide/snail/subscriber.ts
//     bun examples/guide/snail/subscriber.ts
//     node examples/guide/snail/subscriber.ts
//
// Arguments: the endpoint to connect to, the milliseconds that each message takes
// it, how many milliseconds late is too late, after how many messages to end well.
// It ends with exit code 3 if it was too slow.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Subscriber, text } from "../../../mod.ts";

const TOO_SLOW = 3;
const [
  endpoint = "tcp://127.0.0.1:5561",
  work = "10",
  latest = "1000",
  count = "Infinity",
] = process.argv.slice(2);

using subscriber = new Subscriber();
subscriber.subscribe();
subscriber.connect(endpoint);

for (let i = 0; i < Number(count); i++) {
  const [sent] = await subscriber.receive();
  const late = Date.now() - Number(text(sent));
  if (late > Number(latest)) {
    console.error(`${late} ms late: I can't keep up, and end`);
    process.exit(TOO_SLOW);
  }
  if (Number(work) > 0) await sleep(Number(work));
}
console.log("kept up");
