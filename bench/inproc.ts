// PUSH to PULL over inproc, one process: one thread that takes turns with itself,
// and for libzmq two threads, as a program that uses it would have. The bare loop
// copies into a block of memory and makes views of it, in turns.

import { type Benchmark, pairwise, perSecond } from "./harness/benchmark.ts";

export const inproc: Benchmark = {
  name: "inproc",
  what: "PUSH to PULL over inproc, one process",
  run: (env) =>
    pairwise(env, {
      field: {
        kinds: ["libzmq", "nought", "bare"],
        ways: ["await", "batch"],
        bareWays: ["await", "batch"],
      },
      sizes: [10],
      ...perSecond("msg/s"),
      count: () => 10_000_000,
      parts: (amount) => [{ says: 0, args: () => ["inproc", ...amount] }],
    }),
};
