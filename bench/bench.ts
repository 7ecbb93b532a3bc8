// The benchmarks, beside libzmq, zeromq.js and bare sockets on this machine:
//
//     deno task bench                                    all of them
//     deno task bench throughput --size 10 --runtime bun
//     deno task bench memory --only idle
//
// Results go to bench/results/ as JSON, and a chart of the throughput; those of a
// run that leaves something out go to bench/results/filtered/.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { epgm } from "./epgm.ts";
import { fanout } from "./fanout.ts";
import { flood, storm } from "./flood.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { chart } from "./harness/chart.ts";
import type { Result } from "./harness/compare.ts";
import { header, host, pinning } from "./harness/host.ts";
import { read, USAGE } from "./harness/options.ts";
import { installPackage } from "./harness/packaged.ts";
import { libzmqVersion } from "./harness/rivals.ts";
import { inproc } from "./inproc.ts";
import { backgroundLatency, latency } from "./latency.ts";
import { memory } from "./memory.ts";
import { mongrel2 } from "./mongrel2.ts";
import { proxy } from "./proxy.ts";
import { scale } from "./scale.ts";
import { threads } from "./threads.ts";
import { throughput } from "./throughput.ts";
import { udp } from "./udp.ts";
import { background, curve, ipc, ws } from "./variants.ts";

const ALL: readonly Benchmark[] = [
  throughput,
  latency,
  fanout,
  proxy,
  inproc,
  threads,
  scale,
  memory,
  ipc,
  ws,
  udp,
  epgm,
  curve,
  background,
  backgroundLatency,
  flood,
  storm,
  mongrel2,
];

async function main(): Promise<void> {
  const { names, options } = read(process.argv.slice(2));
  for (const name of names) {
    if (!ALL.some((one) => one.name === name)) {
      const known = ALL.map((one) => one.name).join(", ");
      throw new Error(`There is no benchmark ${name}, but ${known}`);
    }
  }
  const pin = pinning(options);
  const packaged = !options.source && options.kinds.includes("nought") &&
    options.runtimes.some((id) => id !== "deno");
  if (packaged) installPackage();
  const here = host(options, libzmqVersion());
  console.log(`${header(here)}\n`);
  const results = fileURLToPath(new URL("results/", import.meta.url));
  const out = options.out ??
    (options.filtered ? join(results, "filtered") : results);
  for (const benchmark of ALL) {
    const { name, what } = benchmark;
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`${name}: ${what}\n`);
    const series = await benchmark.run({ options, pin });
    const result: Result = { benchmark: name, what, host: here, series };
    mkdirSync(out, { recursive: true });
    const file = join(out, name);
    writeFileSync(`${file}.json`, `${JSON.stringify(result, null, 2)}\n`);
    if (name === "throughput") writeFileSync(`${file}.svg`, chart(result));
    const rows = series.flatMap((one) => one.rows);
    // A rival that fails leaves its row short and the rest as they are.
    if (rows.some(({ error }) => error !== undefined)) process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  console.error(
    `${error instanceof Error ? error.message : error}\n\n${USAGE}`,
  );
  process.exitCode = 1;
}
