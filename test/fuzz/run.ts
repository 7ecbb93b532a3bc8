// Fuzzes for a time: `deno task fuzz --minutes 5 --seed 7`. With `--record` it records
// the corpus anew, which is to be done when what peers say has changed.

import process from "node:process";
import { parseArgs } from "node:util";
import { collect } from "../support/memory.ts";
import { recordAll } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    record: { type: "boolean", default: false },
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
  },
});
if (values.record) {
  console.log(`${await recordAll()} conversations recorded`);
  process.exit();
}
const began = performance.now();
const ends = began + Number(values.minutes) * 60_000;
const seed = Number(values.seed);
console.log(`seed ${seed}`);
/** Compilers and caches have grown by then. */
const WARM = 32_768;
/** What the heap may grow by after that, in bytes. */
const MOST_GROWTH = 32_000_000;
let least = Infinity;

/** Looks at how much memory there is; throws if it grows and grows. */
function looked(inputs: number): void {
  collect();
  const { heapUsed } = process.memoryUsage();
  if (inputs >= WARM) least = Math.min(least, heapUsed);
  if (heapUsed > least + MOST_GROWTH) {
    throw new Error(`it grew from ${least} to ${heapUsed} bytes`);
  }
  console.log(`${inputs} inputs, ${(heapUsed / 1e6).toFixed(1)} MB of heap`);
}

try {
  // The clock is looked at now and then only.
  const { inputs, refused, passed } = await fuzz(seed, (inputs) => {
    if (inputs % 256 !== 0) return false;
    if (inputs % 65_536 === 0 || inputs === WARM) looked(inputs);
    return performance.now() > ends;
  });
  looked(inputs);
  const rate = inputs / (performance.now() - began) * 1000;
  console.log(
    `${inputs} inputs, ${
      Math.round(rate)
    } a second: ${refused} peers cut off, ${passed} not; nothing found`,
  );
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
