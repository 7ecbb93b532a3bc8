// What a benchmark is, and the kind that runs programs against each other.

import { compare, median, type Series, table } from "./compare.ts";
import type { Options } from "./options.ts";
import { type Part, play, type Played } from "./play.ts";
import { type Field, type Rival, rivals } from "./rivals.ts";

/** What a benchmark is run with. */
export interface Environment {
  readonly options: Options;
  /** The command that pins another one to its cores. */
  readonly pin: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  /** What it measures. */
  readonly what: string;
  /** Prints its tables as they are done. */
  run(env: Environment): Promise<Series[]>;
}

/** Programs that are run against each other. */
export interface Pairwise {
  readonly field: Field;
  readonly sizes: readonly number[];
  readonly unit: string;
  readonly lessIsBetter: boolean;
  /** The figure, of the nanoseconds of one operation. */
  figure(ns: number): number;
  /** How many messages are timed, unless that was asked for. */
  count(size: number, rival: Rival): number;
  /** The programs; `amount` is SIZE WARM COUNT. */
  parts(amount: readonly number[], rival: Rival): Part[];
  title?(size: number): string;
  readonly setting?: Record<string, number>;
}

/** Messages before the clock starts, for each that is timed: compilers warm up. */
const WARM_UP = 0.2;
/** How long a few messages may take. */
const PROBE = 10_000;
/**
 * zeromq.js on Deno hangs now and then: how long it may take, several times what it
 * does where it doesn't hang, and how often it may try.
 */
const ZEROMQJS_LIMIT = 12_000;
const ZEROMQJS_TRIES = 4;

/** Figures that are operations a second. */
export function perSecond(unit: string) {
  return { unit, lessIsBetter: false, figure: (ns: number) => 1e9 / ns };
}

/** Runs them at each size. */
export async function pairwise(
  { options, pin }: Environment,
  what: Pairwise,
): Promise<Series[]> {
  const all: Series[] = [];
  const field: Rival[] = [];
  for (const rival of rivals(what.field, options)) {
    if (rival.kind !== "zeromq.js" || await works(rival, what, pin)) {
      field.push(rival);
    }
  }
  for (const size of options.sizes ?? what.sizes) {
    const losses = new Map<Rival, number[]>();
    const figures = await compare(field, options.rounds, async (rival) => {
      const count = Math.ceil(options.count || what.count(size, rival));
      const amount = [size, Math.ceil(count * WARM_UP), count];
      const parts = what.parts(amount, rival);
      const { ns, lost } = await patiently(rival, parts, pin);
      if (lost !== null) losses.set(rival, [...losses.get(rival) ?? [], lost]);
      return what.figure(ns);
    });
    const rows = figures.map((row, i) => {
      const lost = losses.get(field[i]);
      return lost === undefined ? row : { ...row, lost: median(lost) };
    });
    const title = what.title?.(size) ?? `${size.toLocaleString("en-US")} B`;
    const { unit, lessIsBetter, setting } = what;
    const series = {
      ...{ title, unit, lessIsBetter, rows },
      setting: { size, ...setting },
    };
    all.push(series);
    console.log(table(series));
  }
  return all;
}

/** Plays it; zeromq.js may try again when it hangs. */
async function patiently(
  rival: Rival,
  parts: readonly Part[],
  pin: readonly string[],
): Promise<Played> {
  if (rival.kind !== "zeromq.js") return await play(rival, parts, pin);
  for (let tries = 1;; tries++) {
    try {
      return await play(rival, parts, pin, ZEROMQJS_LIMIT);
    } catch (error) {
      if (tries === ZEROMQJS_TRIES) throw error;
      console.log(`  ${rival.name}, again: ${(error as Error).message}`);
    }
  }
}

/** It loads on Deno, and then some of it never answers; that is said, not waited for. */
async function works(
  rival: Rival,
  what: Pairwise,
  pin: readonly string[],
): Promise<boolean> {
  try {
    await play(rival, what.parts([10, 1, 10], rival), pin, PROBE);
    return true;
  } catch (error) {
    console.log(`LEFT OUT: ${rival.name}: ${(error as Error).message}`);
    return false;
  }
}
