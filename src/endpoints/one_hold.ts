// What keeps a program alive while there is something to do: one hold on the
// reactor at most, however often it is asked for.

import type { Reactor } from "./reactor.ts";
import { Timer } from "./timers.ts";

export class OneHold {
  readonly #reactor: Reactor;
  #held = false;
  #limit: Timer | null = null;

  constructor(reactor: Reactor) {
    this.#reactor = reactor;
  }

  /** Holds for so many milliseconds at most: not at all for 0, without a limit for -1. */
  take(milliseconds = -1): void {
    if (this.#held || milliseconds === 0) return;
    this.#held = true;
    this.#reactor.hold();
    if (milliseconds < 0) return;
    this.#limit ??= new Timer(() => this.letGo());
    this.#reactor.timers.set(this.#limit, this.#reactor.now() + milliseconds);
  }

  letGo(): void {
    if (!this.#held) return;
    this.#held = false;
    if (this.#limit !== null) this.#reactor.timers.clear(this.#limit);
    this.#reactor.release();
  }
}
