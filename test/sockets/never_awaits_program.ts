// A program that sends in a loop without ever awaiting, to a Pull that never
// reads.

import process from "node:process";
import { Pull, Push } from "../../mod.ts";

const pull = new Pull();
const push = new Push();
await pull.bind("tcp://127.0.0.1:*");
push.connect(pull.lastEndpoint!);
await push.send("first");
await pull.receive();
const before = process.memoryUsage().rss;
const body = new Uint8Array(1000);
try {
  for (;;) push.send(body);
} finally {
  const grown = (process.memoryUsage().rss - before) / 1048576;
  console.log(`grown ${Math.round(grown)}`);
}
