// REQ to REP and back, two processes, tcp on loopback: microseconds a round trip; and
// with the connections of ours kept by background threads.

import { type Benchmark, pairwise } from "./harness/benchmark.ts";
import type { Kind } from "./harness/options.ts";

function roundTrips(
  name: string,
  what: string,
  kinds: readonly Kind[],
  ways: readonly string[],
): Benchmark {
  return {
    name,
    what,
    run: (env) =>
      pairwise(env, {
        field: { kinds, ways },
        sizes: [64],
        unit: "µs",
        lessIsBetter: true,
        figure: (ns) => ns / 1000,
        count: () => 30_000,
        parts: (amount, { way }) => {
          const at = way === "background" ? "@background" : "";
          return [
            { says: 1, args: () => [`rep${at}`, ...amount] },
            { says: 0, args: ([there]) => [`req${at}`, there, ...amount] },
          ];
        },
      }),
  };
}

export const latency: Benchmark = roundTrips(
  "latency",
  "REQ to REP and back over tcp, two processes",
  ["libzmq", "zeromq.js", "nought", "bare"],
  [""],
);
export const backgroundLatency: Benchmark = roundTrips(
  "background-latency",
  "REQ to REP and back over tcp, two processes, without and with a thread",
  ["libzmq", "nought"],
  ["here", "background"],
);
