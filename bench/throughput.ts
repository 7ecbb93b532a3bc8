// PUSH to PULL, two processes, tcp on loopback: messages a second, from the first
// one after the warm-up to the last.

import { type Benchmark, pairwise, perSecond } from "./harness/benchmark.ts";

/** Enough of the small ones, and of bytes, for a second or so. */
const MOST_MESSAGES = 10_000_000;
const MOST_BYTES = 4_000_000_000;
/** What zeromq.js does in that time. */
const SHARE_OF_ZEROMQJS = 0.05;

export const throughput: Benchmark = {
  name: "throughput",
  what: "PUSH to PULL over tcp, two processes",
  run: (env) =>
    pairwise(env, {
      field: {
        kinds: ["libzmq", "zeromq.js", "nought", "bare"],
        ways: ["await", "batch"],
        bareWays: ["", "await"],
      },
      sizes: [10, 64, 256, 1024, 16_384, 65_536, 1_048_576],
      ...perSecond("msg/s"),
      count: (size, { kind }) =>
        Math.max(
          1000,
          Math.min(MOST_MESSAGES, MOST_BYTES / size) *
            (kind === "zeromq.js" ? SHARE_OF_ZEROMQJS : 1),
        ),
      parts: (amount) => [
        { says: 1, args: () => ["pull", ...amount] },
        { says: 0, args: ([there]) => ["push", there, ...amount] },
      ],
    }),
};
