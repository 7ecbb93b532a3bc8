// PUB to 100 SUBs, tcp on loopback: deliveries a second. The publisher is one
// process, all subscribers are another, with a socket and a connection each.
// `noDrop` (ZMQ_XPUB_NODROP) makes the publisher wait for whoever is full, and
// each subscriber counts: a run that loses a message fails. The bare loop writes one
// block of messages to all of them, again and again, as fast as each takes it.

import { type Benchmark, pairwise, perSecond } from "./harness/benchmark.ts";

const DELIVERIES = 12_000_000;

export const fanout: Benchmark = {
  name: "fanout",
  what: "PUB with noDrop to SUBs over tcp, two processes",
  async run(env) {
    const all = [];
    for (const peers of env.options.peers ?? [100]) {
      all.push(
        ...await pairwise(env, {
          field: {
            kinds: ["libzmq", "nought", "bare"],
            ways: ["await", "batch"],
          },
          sizes: [100],
          title: (size) => `${size} B to ${peers} subscribers`,
          setting: { peers },
          ...perSecond("deliveries/s"),
          count: () => DELIVERIES / peers,
          parts: (amount) => [
            { says: 1, args: () => ["pub", ...amount] },
            { says: 0, args: ([there]) => ["subs", there, ...amount, peers] },
          ],
        }),
      );
    }
    return all;
  },
};
