// The table of figures in README.md, made of what the last full run of the benchmarks
// wrote to bench/results/: what libzmq did, and Nought as a multiple of that.

import { existsSync, readFileSync } from "node:fs";
import type { Result, Row, Series } from "../../bench/harness/compare.ts";
import { RUNTIMES } from "./tables.ts";

/** Benchmarks with rows in the table, and what they are called there. */
const ROWS: readonly [name: string, what: string][] = [
  ["throughput", "PUSH to PULL over tcp"],
  ["latency", "REQ to REP and back over tcp (less is better)"],
  ["fanout", "PUB to SUBs over tcp"],
  ["proxy", "DEALER to DEALER through a proxy"],
  ["inproc", "PUSH to PULL over inproc"],
  ["ipc", "PUSH to PULL over ipc"],
  ["curve", "PUSH to PULL over tcp with CURVE"],
];
const RESULTS = new URL("../../bench/results/", import.meta.url);

function resultOf(name: string): Result | null {
  const file = new URL(`${name}.json`, RESULTS);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

/** The host and the date of the run. */
export function ranOn(): string {
  const { host } = resultOf("throughput")!;
  return `${host.cpu}, ${host.cores} cores, libzmq ${host.libzmq}, ` +
    `${host.rounds} rounds, ${host.date}`;
}

/** The whole table. */
export function figures(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const heads = ["", "libzmq", "Deno", "Bun", "Node"];
  const lines = ROWS.flatMap(([name, what]) =>
    (resultOf(name)?.series ?? []).map((series) => cellsOf(what, series))
  );
  return [heads, heads.map(() => "---"), ...lines].map(row).join("\n");
}

function cellsOf(what: string, { title, unit, rows }: Series): string[] {
  const libzmq = rows.find(({ kind }) => kind === "libzmq")!.median;
  const said = libzmq.toLocaleString("en-US", {
    maximumFractionDigits: libzmq < 1000 ? 1 : 0,
  });
  return [
    `${what}, ${title}`,
    `${said} ${unit}`,
    ...RUNTIMES.map((runtime) =>
      rows.filter((one) => one.kind === "nought" && one.runtime === runtime)
        .map(ratio).join(" / ")
    ),
  ];
}

function ratio({ ratios }: Row): string {
  return ratios.libzmq!.toFixed(2);
}
