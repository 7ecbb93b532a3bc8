// A thread of the fuzzer (run.ts): it fuzzes with its seed for a time, and looks at how
// much memory it has.

import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { collect } from "../support/memory.ts";
import { fuzz } from "./fuzz.ts";
import type { Report, Task } from "./run.ts";

/** Compilers and caches have grown by then. */
const WARM = 32_768;
/** What the heap may grow by after that, in bytes. */
const MOST_GROWTH = 32_000_000;
const { seed, milliseconds } = workerData as Task;
const ends = performance.now() + milliseconds;
let least = Infinity;

const tell = (report: Report) => parentPort!.postMessage(report);

/** Looks at how much memory there is; throws if it grows and grows. */
function looked(inputs: number): void {
  collect();
  const { heapUsed: heap } = process.memoryUsage();
  if (inputs >= WARM) least = Math.min(least, heap);
  if (heap > least + MOST_GROWTH) {
    throw new Error(`it grew from ${least} to ${heap} bytes`);
  }
  tell({ inputs, heap });
}

try {
  // The clock is looked at now and then only.
  const findings = await fuzz(seed, (inputs) => {
    if (inputs % 256 !== 0) return false;
    if (inputs % 65_536 === 0 || inputs === WARM) looked(inputs);
    return performance.now() > ends;
  });
  looked(findings.inputs);
  tell({ findings });
} catch (error) {
  tell({ error });
}
