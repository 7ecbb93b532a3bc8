// When to write at once: a writer that is quiet writes the first message of a turn as
// soon as it is there, for latency, and everything else at the end of the turn, for
// throughput.

import type { Turn } from "./turn.ts";

/** Who writes no more than this in a turn is quiet. */
const QUIET_BYTES = 1024;

export class Eager {
  readonly #turn: Turn;
  /** The turn in which something was written at once. */
  #used = -1;
  /** Bytes written in a turn, and in the one before that had any. */
  #writing = -1;
  #now = 0;
  #before = 0;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Whether what came just now may be written at once; counts as if it is. */
  take(): boolean {
    const { number } = this.#turn;
    if (this.#used === number) return false;
    const before = number === this.#writing ? this.#before : 0;
    if (before + this.#now > QUIET_BYTES || !this.#turn.spendEager()) {
      return false;
    }
    this.#used = number;
    return true;
  }

  /** Counts bytes that were written. */
  wrote(bytes: number): void {
    const { number } = this.#turn;
    if (number !== this.#writing) {
      this.#writing = number;
      this.#before = this.#now;
      this.#now = 0;
    }
    this.#now += bytes;
  }
}
