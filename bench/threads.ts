// PUSH to PULL over inproc between two threads of one process, as libzmq's own inproc
// is used: ours by a context that the threads share, which copies each body into
// memory of both and out again.

import { type Benchmark, pairwise, perSecond } from "./harness/benchmark.ts";

const MOST_MESSAGES = 5_000_000;
const MOST_BYTES = 4_000_000_000;
/** Ours takes longer for each. */
const OUR_SHARE = 0.2;

export const threads: Benchmark = {
  name: "threads",
  what: "PUSH to PULL over inproc, two threads of one process",
  run: (env) =>
    pairwise(env, {
      field: { kinds: ["libzmq", "nought"], ways: ["await", "batch"] },
      sizes: [10, 1024, 65_536],
      ...perSecond("msg/s"),
      count: (size, { kind }) =>
        Math.max(
          1000,
          Math.min(MOST_MESSAGES, MOST_BYTES / size) *
            (kind === "libzmq" ? 1 : OUR_SHARE),
        ),
      parts: (amount, { kind }) => {
        const mode = kind === "libzmq" ? "inproc" : "threads";
        return [{ says: 0, args: () => [mode, ...amount] }];
      },
    }),
};
