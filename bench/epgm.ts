// PUB to SUB over epgm, multicast on loopback, two processes: messages received a
// second. The `rate` is set to 8 Gbit/s at both ends, which nobody reaches, so that it
// bounds nothing here. In its place the receiver paces the sender (peers/phases.ts):
// without either packets are lost by the thousand, and what is measured is how long
// one waits before one asks again. What was lost for good is told beside.

import { type Benchmark, pairwise, perSecond } from "./harness/benchmark.ts";
import { nextPort } from "./harness/ports.ts";

const GROUP = "127.0.0.1;239.192.11.1";
const MESSAGES = 100_000;
/** What libzmq does in that time. */
const MESSAGES_OF_LIBZMQ = 1_000_000;
const BYTES_OF_LIBZMQ = 200_000_000;

export const epgm: Benchmark = {
  name: "epgm",
  what: "PUB to SUB over epgm, two processes: messages received",
  run: (env) =>
    pairwise(env, {
      field: { kinds: ["libzmq", "nought"], ways: ["await", "batch"] },
      sizes: [64, 1024],
      ...perSecond("msg/s"),
      count: (size, { kind }) =>
        kind === "libzmq"
          ? Math.min(MESSAGES_OF_LIBZMQ, BYTES_OF_LIBZMQ / size)
          : MESSAGES,
      parts: (amount) => {
        const there = `epgm://${GROUP}:${nextPort()}`;
        return [
          { says: 0, args: () => ["hear", there, ...amount] },
          { says: 0, args: () => ["cast", there, ...amount], service: true },
        ];
      },
    }),
};
