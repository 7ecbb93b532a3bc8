// Fuzzes for a time, a thread on each core: `deno task fuzz --minutes 5 --seed 7`. The
// first thread has that seed, and each further one the next; `--threads 1` sees what
// one of them found again. With `--record` it records the corpus anew, which is to be
// done when what peers say has changed.

import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { recordAll } from "./corpus.ts";
import type { Findings } from "./fuzz.ts";

/** What a thread is told. */
export interface Task {
  readonly seed: number;
  readonly milliseconds: number;
}

/** What it tells: how far it is, what it found in the end, or what must not be. */
export type Report =
  | { readonly inputs: number; readonly heap: number }
  | { readonly findings: Findings }
  | { readonly error: unknown };

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    record: { type: "boolean", default: false },
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    threads: { type: "string", default: `${availableParallelism()}` },
  },
});
if (values.record) {
  console.log(`${await recordAll()} conversations recorded`);
  process.exit();
}
const milliseconds = Number(values.minutes) * 60_000;
const seeds = Array.from(
  { length: Number(values.threads) },
  (_, i) => Number(values.seed) + i,
);
console.log(`seeds ${seeds.join(", ")}`);
const began = performance.now();
const threads: Worker[] = [];
try {
  const all = await Promise.all(seeds.map((seed) => run(seed)));
  const sum = (of: keyof Findings) =>
    all.reduce((sum, one) => sum + one[of], 0);
  const rate = sum("inputs") / (performance.now() - began) * 1000;
  console.log(
    `${sum("inputs")} inputs, ${Math.round(rate)} a second: ${
      sum("refused")
    } peers cut off, ${sum("passed")} not; nothing found`,
  );
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await Promise.all(threads.map((thread) => thread.terminate()));
}

/** Lets a thread fuzz. */
function run(seed: number): Promise<Findings> {
  return new Promise((resolve, reject) => {
    const task: Task = { seed, milliseconds };
    const file = new URL("thread.ts", import.meta.url);
    const thread = new Worker(file, { workerData: task });
    threads.push(thread);
    thread.on("message", (report: Report) => {
      if ("error" in report) reject(report.error);
      else if ("findings" in report) resolve(report.findings);
      else {
        const heap = (report.heap / 1e6).toFixed(1);
        console.log(
          `seed ${seed}: ${report.inputs} inputs, ${heap} MB of heap`,
        );
      }
    });
    thread.on("error", reject);
    thread.on("exit", () => reject(new Error(`seed ${seed}: it ended`)));
  });
}
