// What keeps a program alive while there is something to do: one hold on the
// reactor at most, however often it is asked for.

import type { Reactor } from "./reactor.ts";

export class OneHold {
  readonly #reactor: Reactor;
  #held = false;

  constructor(reactor: Reactor) {
    this.#reactor = reactor;
  }

  take(): void {
    if (this.#held) return;
    this.#held = true;
    this.#reactor.hold();
  }

  letGo(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#reactor.release();
  }
}
