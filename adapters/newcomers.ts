// Peers that have come to a listener, let in one after another, one each turn of the
// event loop, as a runtime does that accepts one at a time: a crowd of strangers can't
// take a turn for itself alone, and those who are in are served between (`bench flood`).

import { endOfTurn } from "./platform.ts";

/** Somebody at the door. */
export interface Newcomer {
  /** Whether it has gone. */
  readonly gone: boolean;
  /** It is its turn. */
  enter(): void;
  /** It has to wait: nothing is to be heard of it. */
  wait(): void;
  /** There is no room, or nobody listens any more. */
  turnAway(): void;
}

/** Who comes when so many wait is turned away, as by a full queue of the system. */
const MOST_WAITING = 1000;

export class Newcomers {
  #waiting: Newcomer[] = [];
  #at = 0;
  #busy = false;
  readonly #next: () => void = () => this.#letIn();

  /** Somebody has come. */
  come(who: Newcomer): void {
    if (!this.#busy) {
      this.#busy = true;
      endOfTurn(this.#next);
      who.enter();
    } else if (this.#waiting.length - this.#at < MOST_WAITING) {
      who.wait();
      this.#waiting.push(who);
    } else who.turnAway();
  }

  /** Nobody listens any more. */
  close(): void {
    for (const who of this.#waiting.splice(0).slice(this.#at)) who.turnAway();
    this.#at = 0;
  }

  #letIn(): void {
    const waiting = this.#waiting;
    while (this.#at < waiting.length && waiting[this.#at].gone) this.#at++;
    if (this.#at === waiting.length) {
      this.#waiting = [];
      this.#at = 0;
      this.#busy = false;
      return;
    }
    const who = waiting[this.#at++];
    // Those who have been let in, or have gone, are forgotten now and then.
    if (this.#at >= MOST_WAITING) {
      waiting.splice(0, this.#at);
      this.#at = 0;
    }
    endOfTurn(this.#next);
    who.enter();
  }
}
