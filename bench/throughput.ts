// PUSH to PULL, two processes, tcp on loopback: messages a second, from the
// first that is received to the last.
//
//     deno task bench:throughput
//     deno task bench:throughput --rivals libzmq,deno --sizes 10 --count 100000

import { machine, pair, type Rival, table, wanted } from "./rivals.ts";

const SIZES = [10, 100, 1024, 16_384, 65_536, 1_048_576];
/** Enough of the small ones for a compiler to have warmed up. */
const MOST_MESSAGES = 20_000_000;
const MOST_BYTES = 8_000_000_000;

const { rivals, sizes, count } = wanted(SIZES, ["await", "batch"]);
console.log(`PUSH to PULL over tcp; ${machine()}\n`);
for (const size of sizes) {
  const rows: { rival: Rival; figure: number }[] = [];
  for (const rival of rivals) {
    const most = Math.min(MOST_MESSAGES, MOST_BYTES / size);
    const messages = count || Math.max(1000, Math.floor(most * rival.share));
    const ns = await pair(
      rival,
      ["pull", size, messages],
      (endpoint) => ["push", endpoint, size, messages],
    );
    rows.push({ rival, figure: (messages - 1) / (ns / 1e9) });
  }
  console.log(table(`${size.toLocaleString("en-US")} B`, "msg/s", rows, 0));
}
