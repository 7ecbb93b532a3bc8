// A program that computes for two seconds while background threads keep its
// connections. It prints its endpoints, waits for a word, and prints what came of it.

import process from "node:process";
import { Context, Pull, Push } from "../../mod.ts";
import { background } from "../../src/background/background.ts";

const BUSY_MS = 2000;
const BACKLOG = 100_000;

const context = new Context({ background });
const options = { context, heartbeatInterval: 200, heartbeatTimeout: 400 };
const push = new Push({ ...options, sendHighWaterMark: 0 });
const pull = new Pull({ ...options, receiveHighWaterMark: 1000 });
await push.bind("tcp://127.0.0.1:*");
await pull.bind("tcp://127.0.0.1:*");
console.log(JSON.stringify([push.lastEndpoint, pull.lastEndpoint]));
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();

const lost: string[] = [];
for (const socket of [push, pull]) {
  socket.events.on("disconnect", ({ address }) => lost.push(address));
}
for (let i = 0; i < BACKLOG; i++) await push.send(`${i}`);
console.log("busy");
const ends = performance.now() + BUSY_MS;
let spins = 0;
while (performance.now() < ends) spins++;
console.log("done");
// One turn, in which the threads are listened to.
await new Promise((resolve) => setTimeout(resolve, 50));
let waiting = 0;
while (waiting < 5000 && pull.stats().receiveQueue > waiting) {
  waiting = pull.stats().receiveQueue;
}
console.log(JSON.stringify({ waiting, lost, spins: spins > 0 }));
let received = 0;
for await (const _ of pull) if (++received === 3000) break;
console.log(JSON.stringify({ received }));
await context.terminate();
