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
    if (Atomics.add(holders(link), 0, 1) !== 0) shared++;
  } else if (mine.length > 0) {
    giveBack(mine.splice(Math.trunc(random() * mine.length), 1)[0]);
  }
}
mine.forEach(giveBack);
parentPort!.postMessage(shared);

/** How many have a slot, as it says itself. */
function holders({ buffer, start }: LinkMemory): Int32Array {
  return new Int32Array(buffer, start, 1);
}

function giveBack(link: LinkMemory): void {
  if (Atomics.sub(holders(link), 0, 1) !== 1) shared++;
  const first = random() < 0.5 ? 0 : 1;
  arena.free(link, first, life);
  arena.free(link, first === 0 ? 1 : 0, life);
}
