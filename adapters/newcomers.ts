// Peers that have come to a listener, let in a few each turn of the event loop, about as
// by a runtime that accepts one at a time: a crowd of strangers can't take a turn for
// itself alone, and those who are in are served between (`bench flood`).

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

/** So many are let in each turn. */
const A_TURN = 4;
/** Who comes when so many wait is turned away, as by a full queue of the system. */
const MOST_WAITING = 1000;

export class Newcomers {
  #waiting: Newcomer[] = [];
  #at = 0;
  /** How many more may come in in this turn; it is one that counts, if not all. */
  #places = A_TURN;
  readonly #next: () => void = () => this.#letIn();

  /** Somebody has come. */
  come(who: Newcomer): void {
    if (this.#places > 0) {
      if (this.#places-- === A_TURN) endOfTurn(this.#next);
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
    this.#places = A_TURN;
    while (this.#places > 0 && this.#at < waiting.length) {
      const who = waiting[this.#at++];
      if (who.gone) continue;
      if (this.#places-- === A_TURN) endOfTurn(this.#next);
      who.enter();
    }
    // Those who have been let in, or have gone, are forgotten now and then.
    if (this.#at === waiting.length || this.#at >= MOST_WAITING) {
      waiting.splice(0, this.#at);
      this.#at = 0;
    }
  }
}
