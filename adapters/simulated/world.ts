// A simulated world: hosts, a network and a clock, all of it made from one seed
// and run by hand, so that a program and its faults can be replayed to the
// byte. Time passes only in `run`, and at each instant everything that follows
// from an event happens before the next one.

import { Agenda } from "./agenda.ts";
import { SimulatedHost } from "./host.ts";
import type { Link } from "./link.ts";
import { macrotask } from "./macrotask.ts";
import { generator } from "./random.ts";
import { type WorldOptions, worldOptions } from "./world_options.ts";

/** Hosts, a network and a clock that run from one seed; `@nought/zeromq/testing` has it. */
export class SimulatedWorld {
  readonly #options: Required<WorldOptions>;
  readonly #random: () => number;
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #links = new Set<Link>();
  readonly #partitions = new Set<string>();
  readonly #agenda = new Agenda();
  readonly #turnEnds: (() => void)[] = [];
  readonly #watchers: (() => void)[] = [];
  #now = 0;
  #events = 0;
  #running = false;

  constructor(options: WorldOptions = {}) {
    this.#options = worldOptions(options);
    this.#random = generator(this.#options.seed);
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** How many things have happened: arrivals, timers, ends of writes. */
  get events(): number {
    return this.#events;
  }

  /** A random number from 0 to below 1, from the seed. */
  random(): number {
    return this.#random();
  }

  /** A random whole number, from the first to the second. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  /** The host of a name, made when it is first asked for. */
  host(name: string): SimulatedHost {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = new SimulatedHost(name, `10.0.0.${this.#hosts.size + 1}`, this);
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** Lets so many milliseconds pass, with all that happens in them. */
  async run(milliseconds: number): Promise<void> {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) {
      throw new TypeError(
        `A world runs for a number of milliseconds, not ${milliseconds}`,
      );
    }
    if (this.#running) throw new Error("The world is running already");
    this.#running = true;
    try {
      const until = this.#now + milliseconds;
      await this.#settle();
      for (;;) {
        const next = this.#agenda.next;
        if (next > until) break;
        const act = this.#agenda.take();
        this.#now = Math.max(this.#now, next);
        this.#events++;
        act();
        await this.#settle();
      }
      this.#now = until;
    } finally {
      this.#running = false;
    }
  }

  /** Ends connections without a word: those of a host, between two, or all. Their bytes under way are lost. */
  cut(a?: SimulatedHost, b?: SimulatedHost): number {
    for (const host of [a, b]) if (host !== undefined) this.#check(host);
    let count = 0;
    for (const link of [...this.#links]) {
      if (!link.touches(a, b)) continue;
      link.cut();
      count++;
    }
    return count;
  }

  /** Nothing passes between two hosts until `heal`; connections stay, and attempts get no answer. */
  partition(a: SimulatedHost, b: SimulatedHost): void {
    this.#check(a);
    this.#check(b);
    this.#partitions.add(between(a, b));
  }

  /** Ends a partition. */
  heal(a: SimulatedHost, b: SimulatedHost): void {
    this.#check(a);
    this.#check(b);
    this.#partitions.delete(between(a, b));
    for (const link of this.#links) link.healed();
  }

  #check(host: SimulatedHost): void {
    if (this.#hosts.get(host?.name) === host) return;
    throw new TypeError("It takes hosts of this world: world.host(name)");
  }

  /** Whether two hosts can't hear each other; for the world's own parts. */
  parted(a: SimulatedHost, b: SimulatedHost): boolean {
    return this.#partitions.has(between(a, b));
  }

  /** Does something later; for the world's own parts, and for tests. */
  after(milliseconds: number, act: () => void): void {
    this.#agenda.put(this.#now + milliseconds, act);
  }

  /** How long bytes travel now; for the world's own parts. */
  latency(): number {
    const [least, most] = this.#options.latency;
    return least + this.#random() * (most - least);
  }

  /** The limits of a new direction; for the world's own parts. */
  window(): number {
    const [least, most] = this.#options.window;
    return this.between(least, most);
  }

  /** Whether a new end knows to the byte what has left; for the world's own parts. */
  exact(): boolean {
    return this.#random() < this.#options.exact;
  }

  /** When the copies of a datagram arrive, from now; none if it is lost; for the world's own parts. */
  arrivals(): number[] {
    const { loss, duplication, disorder } = this.#options;
    if (loss > 0 && this.#random() < loss) return [];
    const times = [this.latency() + this.#random() * disorder];
    if (duplication > 0 && this.#random() < duplication) {
      times.push(this.latency() + this.#random() * disorder);
    }
    return times;
  }

  /** Every host; for the world's own parts. */
  hosts(): Iterable<SimulatedHost> {
    return this.#hosts.values();
  }

  /** How many bytes arrive at once; for the world's own parts. */
  piece(): number {
    // Small pieces and large ones are equally likely.
    const most = this.between(1, this.#options.piece);
    return this.between(1, most);
  }

  /** The host of an address or name; for the world's own parts. */
  find(address: string, from: SimulatedHost): SimulatedHost | undefined {
    if (/^(localhost|127\.|0\.0\.0\.0)/.test(address)) return from;
    return this.#hosts.get(address) ??
      [...this.#hosts.values()].find((host) => host.address === address);
  }

  /** A connection has begun or ended; for the world's own parts. */
  linked(link: Link, alive: boolean): void {
    if (alive) this.#links.add(link);
    else this.#links.delete(link);
  }

  /** Something is due at the end of the turn; for the world's own parts. */
  turnEnds(fn: () => void): void {
    this.#turnEnds.push(fn);
  }

  /** Calls `look` after everything that followed from an event; for the world's own parts. */
  watch(look: () => void): void {
    this.#watchers.push(look);
  }

  /** All that follows from the last event happens. */
  async #settle(): Promise<void> {
    await macrotask();
    while (this.#turnEnds.length > 0) {
      for (const fn of this.#turnEnds.splice(0)) fn();
      await macrotask();
    }
    for (const look of this.#watchers) look();
  }
}

function between(a: SimulatedHost, b: SimulatedHost): string {
  return [a.name, b.name].sort().join(" ");
}
