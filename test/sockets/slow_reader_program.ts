// A Push that sends 1 KiB messages in a tight loop, and a Pull that reads
// none until the Push stands still.

import process from "node:process";
import { Pull, Push } from "../../mod.ts";

const pull = new Pull();
const push = new Push();
await pull.bind("tcp://127.0.0.1:*");
push.connect(pull.lastEndpoint!);
// Warm: what a runtime sets aside for itself is no matter here.
for (let i = 0; i < 3000; i++) {
  await push.send(body(0));
  await pull.receive();
}
const before = process.memoryUsage().rss;

let sent = 0;
let waiting: Promise<void> | null = null;
for (;;) {
  const sending = push.send(body(sent));
  const stuck = await Promise.race([
    sending.then(() => false),
    new Promise((resolve) => setTimeout(() => resolve(true), 500)),
  ]);
  if (stuck) {
    waiting = sending;
    break;
  }
  sent++;
}
const grown = (process.memoryUsage().rss - before) / 1048576;
console.log(JSON.stringify({ sent, grownMegabytes: Math.round(grown) }));

const total = sent + 1000;
const rest = (async () => {
  await waiting;
  for (let i = sent + 1; i < total; i++) await push.send(body(i));
})();
let inOrder = 0;
for await (const [frame] of pull) {
  if (new DataView(frame.buffer, frame.byteOffset).getUint32(0) !== inOrder) {
    break;
  }
  if (++inOrder === total) break;
}
await rest;
console.log(JSON.stringify({ inOrder }));
process.exit();

function body(number: number): Uint8Array {
  const bytes = new Uint8Array(1024);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}
