// RADIO to DISH over udp, unicast on loopback, two processes: messages received a
// second, while the other side sends as fast as it can. What comes while the receiver
// is busy is lost, and how much is told beside. libzmq as distributions have it lacks
// these sockets: zeromq.js brings its own, with them.

import { type Benchmark, pairwise, perSecond } from "./harness/benchmark.ts";
import { nextPort } from "./harness/ports.ts";

const MESSAGES = 200_000;

export const udp: Benchmark = {
  name: "udp",
  what: "RADIO to DISH over udp, two processes: messages received",
  run: (env) =>
    pairwise(env, {
      field: { kinds: ["zeromq.js", "nought"], ways: ["await", "batch"] },
      sizes: [64, 1024],
      ...perSecond("msg/s"),
      count: () => MESSAGES,
      parts: (amount) => {
        const there = `udp://127.0.0.1:${nextPort()}`;
        return [
          { says: 0, args: () => ["dish", there, ...amount] },
          { says: 0, args: () => ["radio", there, ...amount], service: true },
        ];
      },
    }),
};
