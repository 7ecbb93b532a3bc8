// REQ to REP and back, two processes, tcp on loopback: microseconds a round trip; and
// with the connections of ours kept by background threads.

import { type Benchmark, pairwise } from "./harness/benchmark.ts";
import type { Kind } from "./harness/options.ts";

function roundTrips(
  name: string,
  what: string,
  kinds: readonly Kind[],
  at: string,
): Benchmark {
  return {
    name,
    what,
    run: (env) =>
      pairwise(env, {
        field: { kinds, ways: [""] },
        sizes: [64],
        unit: "µs",
        lessIsBetter: true,
        figure: (ns) => ns / 1000,
        count: () => 30_000,
        parts: (amount, { kind }) => {
          const where = kind === "nought" ? at : "";
          return [
            { says: 1, args: () => [`rep${where}`, ...amount] },
            { says: 0, args: ([there]) => [`req${where}`, there, ...amount] },
          ];
        },
      }),
  };
}

export const latency: Benchmark = roundTrips(
  "latency",
  "REQ to REP and back over tcp, two processes",
  ["libzmq", "zeromq.js", "nought", "bare"],
  "",
);
export const backgroundLatency: Benchmark = roundTrips(
  "background-latency",
  "REQ to REP and back over tcp, two processes, with background threads",
  ["libzmq", "nought"],
  "@background",
);
