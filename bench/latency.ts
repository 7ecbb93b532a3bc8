// REQ to REP and back, two processes, tcp on loopback: microseconds a round trip.

import { type Benchmark, pairwise } from "./harness/benchmark.ts";

export const latency: Benchmark = {
  name: "latency",
  what: "REQ to REP and back over tcp, two processes",
  run: (env) =>
    pairwise(env, {
      field: {
        kinds: ["libzmq", "zeromq.js", "nought", "bare"],
        ways: [""],
      },
      sizes: [64],
      unit: "µs",
      lessIsBetter: true,
      figure: (ns) => ns / 1000,
      count: () => 30_000,
      parts: (amount) => [
        { says: 1, args: () => ["rep", ...amount] },
        { says: 0, args: ([there]) => ["req", there, ...amount] },
      ],
    }),
};
