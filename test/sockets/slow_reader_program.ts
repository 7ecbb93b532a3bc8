// A Push that sends 1 KiB messages in a tight loop, and a Pull that reads
// none until the Push stands still; and how much the kernel holds then.

import { readFileSync } from "node:fs";
import process from "node:process";
import { Pull, Push, ZmqError } from "../../mod.ts";

const body = new Uint8Array(1024);
const numbers = new DataView(body.buffer);
const pull = new Pull();
const push = new Push();
await pull.bind("tcp://127.0.0.1:*");
push.connect(pull.lastEndpoint!);
// Warm: what a runtime sets aside for itself is no matter here.
for (let i = 0; i < 20_000; i++) {
  await push.send(body);
  await pull.receive();
}
const before = process.memoryUsage().rss;

push.sendTimeout = 500;
let sent = 0;
try {
  for (;; sent++) {
    numbers.setUint32(0, sent);
    await push.send(body);
  }
} catch (error) {
  if (!(error instanceof ZmqError) || error.code !== "EAGAIN") throw error;
}
const grown = (process.memoryUsage().rss - before) / 1048576;
const kernel = kernelHolds(Number(push.lastEndpoint?.split(":").at(-1)));
console.log(JSON.stringify({ sent, kernel, grown: Math.round(grown) }));

push.sendTimeout = -1;
const rest = (async () => {
  for (let i = sent; i < sent + 1000; i++) {
    numbers.setUint32(0, i);
    await push.send(body);
  }
})();
let inOrder = 0;
for await (const [frame] of pull) {
  const number = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
  if (frame.length !== 1024 || number !== inOrder) break;
  if (++inOrder === sent + 1000) break;
}
await rest;
console.log(JSON.stringify({ inOrder }));
process.exit();

/** Bytes that the kernel holds of the connections with a port: those not acknowledged, and those not read. */
function kernelHolds(port: number): number {
  let lines: string[];
  try {
    lines = readFileSync("/proc/net/tcp", "latin1").split("\n").slice(1, -1);
  } catch {
    return 64 * 1048576; // More than any system has by default.
  }
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  let held = 0;
  for (const line of lines) {
    const [, local, remote, state, queues] = line.trim().split(/\s+/);
    if (state !== "01") continue;
    if (!local.endsWith(hex) && !remote.endsWith(hex)) continue;
    for (const queue of queues.split(":")) held += parseInt(queue, 16);
  }
  return held;
}
