// What the benchmarks are told on the command line; each has a default.

import { parseArgs } from "node:util";

/** The runtimes that Nought runs on. */
export const RUNTIMES = ["deno", "bun", "node"] as const;
export type RuntimeId = typeof RUNTIMES[number];

/** What takes part, whatever it runs on. */
export const KINDS = [
  "libzmq",
  "zeromq.js",
  "pyzmq",
  "nought",
  "bare",
] as const;
export type Kind = typeof KINDS[number];

export interface Options {
  /** Bytes of a message; `null` leaves it to the benchmark. */
  readonly sizes: readonly number[] | null;
  readonly runtimes: readonly RuntimeId[];
  readonly kinds: readonly Kind[];
  /** Ways to drive Nought and the bare loop: `await`, `batch`; `null` is all there are. */
  readonly ways: readonly string[] | null;
  readonly rounds: number;
  /** Messages that are timed; 0 leaves it to the benchmark. */
  readonly count: number;
  /** How many subscribers a fan-out has, or peers a curve. */
  readonly peers: readonly number[] | null;
  /** Parts of a benchmark that has some; `null` is all. */
  readonly only: readonly string[] | null;
  /** How much of the usual amount the benchmark of memory moves. */
  readonly share: number;
  /** The two cores that both sides run on; `null` finds them. */
  readonly cores: string | null;
  /** Whether Nought runs from source on Bun and Node, too, where it is the npm package otherwise. */
  readonly source: boolean;
  /** Where results go; `null` is `bench/results/`. */
  readonly out: string | null;
  /** Whether a figure is left out that a full run has. */
  readonly filtered: boolean;
}

export const USAGE = `deno task bench [benchmark …] [options]

  --size, --sizes 10,1024        bytes of a message
  --runtime, --runtimes bun      deno, bun, node
  --rivals libzmq,nought         libzmq, zeromq.js, pyzmq, nought, bare
  --ways await,batch             how Nought and the bare loop are driven
  --rounds 5                     each runs every rival once
  --count 100000                 messages that are timed
  --peers 1,10,100               subscribers (fanout), peers (scale)
  --only idle,start              parts (memory, scale, mongrel2)
  --share 0.01                   of the usual amount (memory)
  --cores 0,1                    where both sides run
  --source                       on Bun and Node, too, not as the npm package
  --out DIR                      where the JSON and the chart go`;

/** Reads them. Throws what is to be said if they make no sense. */
export function read(args: string[]): { names: string[]; options: Options } {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      size: text,
      sizes: text,
      runtime: text,
      runtimes: text,
      rivals: text,
      ways: text,
      rounds: text,
      count: text,
      peers: text,
      only: text,
      share: text,
      cores: text,
      source: { type: "boolean" },
      out: text,
    },
  });
  const list = (value: string | undefined) => value?.split(",") ?? null;
  const one = (name: string, value: string) => {
    const number = Number(value);
    if (number >= 0) return number;
    throw new Error(`--${name} takes a number, not ${value}`);
  };
  const numbers = (name: string, value: string | undefined) =>
    list(value)?.map((each) => one(name, each)) ?? null;
  const known = <T extends string>(
    name: string,
    all: readonly T[],
    value: string | undefined,
  ): readonly T[] => {
    const asked = list(value);
    const unknown = asked?.find((id) => !all.includes(id as T));
    if (unknown === undefined) return asked as T[] | null ?? all;
    throw new Error(`--${name} knows ${all.join(", ")}, not ${unknown}`);
  };
  const rounds = one("rounds", values.rounds ?? "5");
  const share = one("share", values.share ?? "1");
  const few = ["size", "sizes", "runtime", "runtimes", "rivals", "ways"]
    .concat("count", "peers", "only").some((name) =>
      values[name as keyof typeof values] !== undefined
    );
  const options: Options = {
    sizes: numbers("sizes", values.sizes ?? values.size),
    runtimes: known("runtimes", RUNTIMES, values.runtimes ?? values.runtime),
    kinds: known("rivals", KINDS, values.rivals),
    ways: list(values.ways),
    rounds,
    count: one("count", values.count ?? "0"),
    peers: numbers("peers", values.peers),
    only: list(values.only),
    share,
    cores: values.cores ?? null,
    source: values.source ?? false,
    out: values.out ?? null,
    filtered: few || values.source === true || rounds < 5 || share !== 1,
  };
  return { names: positionals, options };
}
