// Threads that interrupt each other: whenever one looks at memory that it shares with
// others, or changes it, another may do something first. What a thread begins it ends
// before it begins anything else, as real ones do, unless it is killed there.

import { macrotask } from "../../adapters/simulated/macrotask.ts";
import type {
  SimulatedProcess,
  SimulatedThread,
} from "../../adapters/simulated/threads.ts";
import type { SimulatedWorld } from "../../src/testing/testing.ts";

/** Functions of `Atomics` that code under test calls. */
const LOOKS = ["load", "store", "add", "exchange", "compareExchange"] as const;

/** What a thread that is killed is left with. */
class Killed extends Error {}

/** One of the threads. */
export class Racer {
  dead = false;
  /** What it can do at any time. */
  readonly actions: (() => void)[] = [];
  readonly #race: Race | null;
  readonly #due = new Set<() => void>();
  /** What else there may be to do; null if there is nothing. */
  find: () => (() => void) | null = () => null;

  /** Made by {@linkcode Race.racer}; without a race nobody interrupts it. */
  constructor(race: Race | null) {
    this.#race = race;
  }

  /** Another one in its race. */
  another(): Racer {
    return this.#race?.racer() ?? new Racer(null);
  }

  /** Does something, unless it is dead; `undefined` also if it dies of that. */
  does<T>(fn: () => T): T | undefined {
    if (this.#race === null) return fn();
    return this.dead ? undefined : this.#race.as(this, fn);
  }

  /** Something is to be done: by who calls the result, unless that was done before. */
  put(fn: () => void): () => void {
    const act = () => {
      if (this.#due.delete(act)) this.does(fn);
    };
    this.#due.add(act);
    return act;
  }

  /** Does the next thing, or one that it can do at any time. */
  step(random: () => number): void {
    const found = this.find();
    const [due] = this.#due;
    const all = [...this.actions];
    if (due !== undefined) all.push(due);
    if (found !== null) all.push(found);
    if (all.length === 0) return;
    const act = all[Math.floor(random() * all.length)];
    if (act === due) act();
    else this.does(act);
  }
}

export class Race {
  readonly #random: () => number;
  readonly #chance: number;
  readonly #racers: Racer[] = [];
  /** Who is in the midst of something, the last one at work. */
  readonly #stack: Racer[] = [];
  /** Who has done something in this turn: what follows from that comes at its end. */
  readonly #done = new Set<Racer>();
  #on = false;
  /** Who is to be killed, and at which of its looks from now on. */
  #victim: Racer | null = null;
  #looks = 0;
  #kill: () => void = () => {};

  /** In a world; `chance` is how likely it is that a look is interrupted. */
  constructor(world: SimulatedWorld, chance: number) {
    this.#random = () => world.random();
    this.#chance = chance;
    world.watch(() => this.#turned());
  }

  racer(): Racer {
    const racer = new Racer(this);
    this.#racers.push(racer);
    return racer;
  }

  /** Does something as one of them. */
  as<T>(racer: Racer, fn: () => T): T | undefined {
    this.#done.add(racer);
    this.#stack.push(racer);
    try {
      return fn();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return undefined;
    } finally {
      this.#stack.pop();
    }
  }

  /** Kills one of them in the midst of what it does, once it has looked so many times. */
  kill(racer: Racer, looks: number, kill: () => void): void {
    this.#victim = racer;
    this.#looks = looks;
    this.#kill = kill;
  }

  /** One of them does something. */
  async step(): Promise<void> {
    this.#choose()?.step(this.#random);
    await macrotask();
    this.#turned();
  }

  /** All that followed has been done. */
  #turned(): void {
    this.#done.clear();
  }

  /** Lets them interrupt each other while something is done. */
  async during(fn: () => Promise<void>): Promise<void> {
    const plain = LOOKS.map((name) => Atomics[name]);
    const all = Atomics as unknown as Record<string, unknown>;
    LOOKS.forEach((name, i) => {
      all[name] = (...args: [never, never, never, never]) => {
        this.#interrupt();
        return (plain[i] as (...args: unknown[]) => unknown)(...args);
      };
    });
    this.#on = true;
    try {
      await fn();
    } finally {
      this.#on = false;
      LOOKS.forEach((name, i) => all[name] = plain[i]);
    }
  }

  #interrupt(): void {
    const at = this.#stack.at(-1);
    if (!this.#on || at === undefined) return;
    if (at === this.#victim && --this.#looks <= 0) {
      at.dead = true;
      this.#victim = null;
      this.#kill();
    }
    // What is left of it changes nothing.
    if (at.dead) throw new Killed();
    if (this.#random() < this.#chance) this.#choose()?.step(this.#random);
  }

  #choose(): Racer | null {
    const free = this.#racers.filter((racer) =>
      !racer.dead && !this.#done.has(racer) && !this.#stack.includes(racer)
    );
    return free.length === 0
      ? null
      : free[Math.floor(this.#random() * free.length)];
  }
}

/** Has threads of a process take part in a race, each once it is asked for. */
export function entrants(
  race: Race,
  process: SimulatedProcess,
): (thread: SimulatedThread) => Racer {
  const racers = new Map<SimulatedThread, Racer>();
  process.does = (thread, fn) => racers.get(thread)!.does(fn);
  return (thread) => {
    const racer = race.racer();
    racers.set(thread, racer);
    racer.find = () => {
      for (const wait of process.waits) {
        if (wait.thread !== thread) continue;
        if (wait.ints[wait.index] === wait.value) continue;
        return () => {
          process.waits.delete(wait);
          wait.fn();
        };
      }
      return null;
    };
    return racer;
  };
}
