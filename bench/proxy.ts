// Through a proxy, tcp on loopback, one way: messages a second that reach the
// worker. Three processes: a client's DEALER sends to the proxy's ROUTER, which
// names it in a frame; the proxy's DEALER sends both frames to a worker's DEALER.
//
//     DEALER ──> ROUTER | zmq_proxy(3) | DEALER ──> DEALER
//
// Nobody drops: the proxy takes no message while the worker has no room for it.

import { type Benchmark, pairwise, perSecond } from "./harness/benchmark.ts";

export const proxy: Benchmark = {
  name: "proxy",
  what: "DEALER to ROUTER to DEALER through a proxy over tcp, three processes",
  run: (env) =>
    pairwise(env, {
      field: { kinds: ["libzmq", "nought"], ways: ["await", "batch"] },
      sizes: [100],
      ...perSecond("msg/s"),
      count: () => 1_500_000,
      parts: (amount) => [
        { says: 2, service: true, args: () => ["proxy", ...amount] },
        { says: 0, args: ([, back]) => ["work", back, ...amount] },
        { says: 0, args: ([front]) => ["feed", front, ...amount] },
      ],
    }),
};
