// REQ to REP and back, two processes, tcp on loopback: microseconds a round
// trip. A ratio below 1 is faster.
//
//     deno task bench:latency
//     deno task bench:latency --rivals libzmq,deno --sizes 64 --count 1000

import { machine, pair, type Rival, table, wanted } from "./rivals.ts";

const SIZES = [10, 1024, 65_536];
const ROUNDS = 50_000;

const { rivals, sizes, count } = wanted(SIZES, [""]);
console.log(`REQ to REP and back over tcp; ${machine()}\n`);
for (const size of sizes) {
  const rows: { rival: Rival; figure: number }[] = [];
  for (const rival of rivals) {
    const rounds = count || ROUNDS;
    const ns = await pair(
      rival,
      ["rep", rounds],
      (endpoint) => ["req", endpoint, size, rounds],
    );
    rows.push({ rival, figure: ns / 1000 / rounds });
  }
  console.log(table(`${size.toLocaleString("en-US")} B`, "µs", rows, 1));
}
