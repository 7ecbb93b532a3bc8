// What the core costs a message, with the input and output stubbed out, as peers
// and subscriptions become more: nanoseconds, and the ratio to the first of each
// curve. `peers/core.ts` is the program. End to end, `fanout --peers 1,10,100,1000`
// gives the curve beside libzmq's.

import { median, type Row, type Series } from "./harness/compare.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { play } from "./harness/play.ts";
import { on } from "./harness/rivals.ts";

interface Curve {
  readonly id: string;
  readonly title: string;
  readonly counts: readonly number[];
  /** What there are so many of. */
  readonly of: string;
}

const CURVES: readonly Curve[] = [
  {
    id: "push",
    title: "PUSH, a message, 64 to each peer between writes",
    counts: [1, 10, 100, 1000],
    of: "PULLs",
  },
  {
    id: "turn",
    title: "PUSH, a message, 1,000 to all peers together between writes",
    counts: [1, 10, 100, 1000],
    of: "PULLs",
  },
  {
    id: "pull",
    title: "PULL, a message",
    counts: [1, 10, 100, 1000],
    of: "PUSHes",
  },
  {
    id: "pub",
    title: "PUB, a delivery",
    counts: [1, 10, 100, 1000],
    of: "SUBs",
  },
  {
    id: "match",
    title: "PUB, a message that one SUB of two topics gets",
    counts: [1, 10, 1000, 100_000],
    of: "subscriptions",
  },
  {
    id: "filter",
    title: "SUB, a message that it asked for",
    counts: [1, 10, 1000, 100_000],
    of: "subscriptions",
  },
];
const MESSAGES = 1_000_000;

export const scale: Benchmark = {
  name: "scale",
  what: "the core's time a message, without input and output",
  async run({ options, pin }) {
    const all: Series[] = [];
    for (const { id, title, counts, of } of CURVES) {
      if (options.only !== null && !options.only.includes(id)) continue;
      for (const runtime of options.runtimes) {
        const settings = options.peers ?? counts;
        const figures = settings.map((): number[] => []);
        const errors: string[] = [];
        for (let round = 0; round < options.rounds; round++) {
          for (let i = 0; i < settings.length; i++) {
            const at = (i + round) % settings.length;
            const args = [id, settings[at], options.count || MESSAGES];
            const rival = { command: on(runtime, "core.ts"), after: [] };
            const part = { says: 0, args: () => args };
            try {
              figures[at].push((await play(rival, [part], pin)).ns);
            } catch (error) {
              errors[at] = `${error}`;
            }
          }
        }
        const rows = settings.map((count, at): Row => ({
          ...{ kind: "nought", runtime, way: id, ratios: {} },
          name: `${count.toLocaleString("en-US")} ${of}`,
          figures: figures[at],
          median: median(figures[at]),
          least: Math.min(...figures[at]),
          most: Math.max(...figures[at]),
          ...(errors[at] === undefined ? {} : { error: errors[at] }),
        }));
        const series: Series = {
          title: `${title}, on ${runtime}`,
          setting: { curve: id },
          unit: "ns",
          lessIsBetter: true,
          rows,
        };
        all.push(series);
        print(series);
      }
    }
    return all;
  },
};

function print({ title, rows }: Series): void {
  console.log(title);
  for (const { name, median, least, most, error } of rows) {
    const [now, from, to] = [median, least, most].map((ns) => ns.toFixed(1));
    const ratio = (median / rows[0].median).toFixed(2);
    console.log(
      error ??
        `  ${name.padEnd(24)} ${now.padStart(9)} ns  ${ratio.padStart(6)} × ` +
          `the first  (${from} – ${to})`,
    );
  }
  console.log("");
}
