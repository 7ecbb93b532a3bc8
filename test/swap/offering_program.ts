// A program that offers more than anybody takes, and spills it into a folder. It tells
// how much its memory grew, and its figures, then waits until all has gone.

import process from "node:process";
import { Context, Push } from "../../mod.ts";
import { swap } from "../../src/swap/swap.ts";

const [address, folder, gibibytes] = process.argv.slice(2);
const LENGTH = 16384;
const count = Number(gibibytes) * (1073741824 / LENGTH);

const context = new Context({ swap });
const push = new Push({
  context,
  swapDirectory: folder,
  swapSize: 4e9,
  sendHighWaterMark: 100,
});
push.connect(address);
const body = new Uint8Array(LENGTH);
const numbers = new DataView(body.buffer);
// What the runtime needs anyhow is there first.
for (let i = 0; i < 1000; i++) await push.send(body);
const before = process.memoryUsage().rss;
let most = before;
for (let i = 0; i < count; i++) {
  numbers.setUint32(0, i + 1);
  await push.send(body);
  if (i % 256 === 0) most = Math.max(most, process.memoryUsage().rss);
}
const { swapped, swappedBytes, sendQueue, sendQueueBytes } = push.stats();
const grown = Math.round((most - before) / 1e6);
console.log(
  JSON.stringify({ grown, swapped, swappedBytes, sendQueue, sendQueueBytes }),
);
await push.closeAsync({ linger: -1 });
console.log("gone");
process.exit(0);
