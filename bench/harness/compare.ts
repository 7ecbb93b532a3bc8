// The method: rounds in each of which every rival runs once, in rotation, so that
// what a machine does to one it does to all; then medians and ratios.

import type { Host } from "./host.ts";
import type { Kind, RuntimeId } from "./options.ts";
import type { Rival } from "./rivals.ts";

/** What one rival reached. */
export interface Row {
  readonly kind: Kind;
  readonly runtime: RuntimeId | null;
  readonly way: string;
  readonly name: string;
  /** The figure of each round. */
  readonly figures: readonly number[];
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** The median by that of libzmq, of zeromq.js, of python3-zmq, of the same runtime's bare loop. */
  readonly ratios: Partial<Record<Kind, number>>;
  /** The median share of messages that were lost, over what may lose some. */
  readonly lost?: number;
  /** What went wrong, if it did. */
  readonly error?: string;
}

/** The rows of one setting, such as a size. */
export interface Series {
  readonly title: string;
  readonly setting: Record<string, number | string>;
  readonly unit: string;
  readonly lessIsBetter: boolean;
  readonly rows: readonly Row[];
}

/** What a benchmark returns. */
export interface Result {
  readonly benchmark: string;
  /** What is measured, in a sentence. */
  readonly what: string;
  readonly host: Host;
  readonly series: readonly Series[];
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]
    : (sorted[half - 1] + sorted[half]) / 2;
}

/** Runs the rounds of one setting. */
export async function compare(
  rivals: readonly Rival[],
  rounds: number,
  run: (rival: Rival) => Promise<number>,
): Promise<Row[]> {
  const figures = rivals.map((): number[] => []);
  const errors = new Map<number, string>();
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < rivals.length; i++) {
      const at = (i + round) % rivals.length;
      if (errors.has(at)) continue;
      try {
        figures[at].push(await run(rivals[at]));
      } catch (error) {
        errors.set(at, error instanceof Error ? error.message : `${error}`);
      }
    }
  }
  const medians = figures.map(median);
  const medianOf = (is: (rival: Rival) => boolean) => {
    const at = rivals.findIndex(is);
    return at >= 0 && figures[at].length > 0 ? medians[at] : undefined;
  };
  const of = (kind: Kind, runtime: RuntimeId | null) =>
    medianOf((rival) => rival.kind === kind && rival.runtime === runtime);
  /** The plain loop, or where there is none the one that is driven in the same way. */
  const bareOf = (runtime: RuntimeId | null, way: string) => {
    const driven = (by: string) =>
      medianOf((rival) =>
        rival.kind === "bare" && rival.runtime === runtime && rival.way === by
      );
    return driven("") ?? driven(way);
  };
  return rivals.map(({ kind, runtime, way, name }, i) => {
    const against: [Kind, number | undefined][] = [
      ["libzmq", of("libzmq", null)],
      // On Bun it can't run: there Nought is compared with it on Node.
      ["zeromq.js", of("zeromq.js", runtime) ?? of("zeromq.js", "node")],
      ["pyzmq", of("pyzmq", null)],
      ["bare", bareOf(runtime, way)],
    ];
    const ratios: Partial<Record<Kind, number>> = {};
    for (const [other, base] of against) {
      if (base !== undefined && other !== kind) {
        ratios[other] = medians[i] / base;
      }
    }
    return {
      ...{ kind, runtime, way, name, figures: figures[i], median: medians[i] },
      least: Math.min(...figures[i]),
      most: Math.max(...figures[i]),
      ratios,
      ...(errors.has(i) ? { error: errors.get(i) } : {}),
    };
  });
}

/** A share as people read it. */
function percent(share: number | undefined): string {
  return share === undefined ? "" : `${(share * 100).toFixed(1)} %`;
}

/** Rows as a table. */
export function table({ title, unit, lessIsBetter, rows }: Series): string {
  const best = Math.min(...rows.map((row) => row.median).filter(isFinite));
  const digits = best < 10 ? 2 : best < 1000 ? 1 : 0;
  const number = (value: number) =>
    value.toLocaleString("en-US", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  // Who takes part in one benchmark alone has no column in the others.
  const others = (["libzmq", "zeromq.js", "pyzmq", "bare"] as const)
    .filter((kind) =>
      kind !== "pyzmq" || rows.some((row) => row.kind === kind)
    );
  const lossy = rows.some(({ lost }) => lost !== undefined);
  const cells = rows.map((row) => [
    row.name,
    ...(row.figures.length === 0
      ? ["–", "–"]
      : [number(row.median), `${number(row.least)} – ${number(row.most)}`]),
    ...others.map((kind) => {
      const ratio = row.ratios[kind];
      return ratio === undefined || !isFinite(ratio) ? "" : ratio.toFixed(2);
    }),
    ...(lossy ? [percent(row.lost)] : []),
  ]);
  const head = ["", unit, "least – most", ...others.map((kind) => `× ${kind}`)]
    .concat(lossy ? ["lost"] : []);
  const all = [head, ...cells];
  const widths = head.map((_, i) =>
    Math.max(...all.map((row) => row[i].length))
  );
  const lines = all.map((row) =>
    row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])
    ).join("  ").trimEnd()
  );
  const failed = rows.filter(({ error }) => error !== undefined)
    .map(({ name, error }) => `FAILED: ${name}: ${error}`);
  const better = lessIsBetter ? "less is better" : "more is better";
  return [`${title} (${better})`, ...lines, ...failed, ""]
    .map((line, i) => i === 0 ? line : `  ${line}`.trimEnd()).join("\n");
}
