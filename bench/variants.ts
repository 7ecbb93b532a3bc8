// PUSH to PULL as in throughput.ts, but over ipc, over ws, or hidden by CURVE. Where
// libzmq as distributions have it can't do the same, it stands there over tcp.

import { type Benchmark, pairwise, perSecond } from "./harness/benchmark.ts";

const MOST_MESSAGES = 10_000_000;
const MOST_BYTES = 4_000_000_000;

function variant(
  name: string,
  what: string,
  share: number,
  libzmq: string,
): Benchmark {
  return {
    name,
    what,
    run: (env) =>
      pairwise(env, {
        field: { kinds: ["libzmq", "nought"], ways: ["await", "batch"] },
        sizes: [64, 1024, 65_536],
        ...perSecond("msg/s"),
        count: (size) =>
          Math.max(
            1000,
            share * Math.min(MOST_MESSAGES, MOST_BYTES / size),
          ),
        parts: (amount, { kind }) => {
          const at = kind === "libzmq" ? libzmq : name;
          return [
            { says: 1, args: () => [`pull@${at}`, ...amount] },
            { says: 0, args: ([there]) => [`push@${at}`, there, ...amount] },
          ];
        },
      }),
  };
}

export const ipc: Benchmark = variant(
  "ipc",
  "PUSH to PULL over ipc, two processes",
  1,
  "ipc",
);
export const ws: Benchmark = variant(
  "ws",
  "PUSH to PULL over ws, two processes; libzmq over tcp",
  0.5,
  "tcp",
);
export const curve: Benchmark = variant(
  "curve",
  "PUSH to PULL over tcp with CURVE, two processes",
  0.1,
  "curve",
);

/** Ours with its connections in this thread, and in one of the background. */
export const background: Benchmark = {
  name: "background",
  what: "PUSH to PULL over tcp, two processes, without and with a thread",
  run: (env) =>
    pairwise(env, {
      field: { kinds: ["libzmq", "nought"], ways: ["here", "background"] },
      sizes: [10, 1024, 65_536],
      ...perSecond("msg/s"),
      count: (size) =>
        Math.max(1000, 0.5 * Math.min(MOST_MESSAGES, MOST_BYTES / size)),
      parts: (amount, { way }) => {
        const at = way === "background" ? "@background" : "";
        return [
          { says: 1, args: () => [`pull${at}`, ...amount] },
          { says: 0, args: ([there]) => [`push${at}`, there, ...amount] },
        ];
      },
    }),
};
