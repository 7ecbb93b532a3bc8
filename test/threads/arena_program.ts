// A thread of arena_test.ts: takes slots and gives them back, and tells how often
// somebody else had one of its own.

import { parentPort, workerData } from "node:worker_threads";
import { Arena } from "../../src/threads/arena.ts";
import type { LinkMemory } from "../../src/threads/link_memory.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { lonely } from "./lonely.ts";

const { memory, life, rounds } = workerData as {
  memory: SharedArrayBuffer;
  life: string;
  rounds: number;
};
const arena = new Arena(memory, lonely(life));
const random = generator(Number(life));
const mine: LinkMemory[] = [];
let taken = 0;
let shared = 0;
while (taken < rounds) {
  const link = random() < 0.5 ? arena.take(0, life) : null;
  if (link !== null) {
    taken++;
    mine.push(link);
    const ints = new Int32Array(link.buffer, link.start, 1);
    if (Atomics.add(ints, 0, 1) !== 0) shared++;
  } else if (mine.length > 0) {
    const [given] = mine.splice(Math.trunc(random() * mine.length), 1);
    const ints = new Int32Array(given.buffer, given.start, 1);
    if (Atomics.sub(ints, 0, 1) !== 1) shared++;
    const first = random() < 0.5 ? 0 : 1;
    arena.free(given, first, life);
    arena.free(given, first === 0 ? 1 : 0, life);
  }
}
for (const link of mine) {
  arena.free(link, 0, life);
  arena.free(link, 1, life);
}
parentPort!.postMessage(shared);
