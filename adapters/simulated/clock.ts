// The clock of a program in a simulated world: its time, and one timer.

import type { Clock } from "../../src/runtime/adapter.ts";
import type { SimulatedThread } from "./threads.ts";
import type { SimulatedWorld } from "./world.ts";

/** The clock of a program in a {@linkcode SimulatedWorld}. */
export class SimulatedClock implements Clock {
  /** Whether the process would be kept alive. */
  held = false;
  readonly #world: SimulatedWorld;
  readonly #thread: SimulatedThread | null;
  #timer = 0;

  /** A host of a world; `world.host(name)` makes one. */
  constructor(world: SimulatedWorld, thread: SimulatedThread | null = null) {
    this.#world = world;
    this.#thread = thread;
  }

  now(): number {
    return this.#world.now;
  }

  setTimer(at: number, fn: () => void): void {
    const timer = ++this.#timer;
    if (at === Infinity) return;
    this.#world.after(Math.max(0, at - this.#world.now), () => {
      if (timer === this.#timer && this.#thread?.alive !== false) fn();
    });
  }

  ref(): void {
    this.held = true;
  }

  unref(): void {
    this.held = false;
  }
}
