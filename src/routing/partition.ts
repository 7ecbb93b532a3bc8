// A list of pipes in two parts, active ones first. A pipe knows its own place,
// so that every move is a swap: who can take or give a message is found
// without looking at those who can't.

import type { Pipe } from "./pipe.ts";

export class Partition {
  /** Active pipes, then the others. */
  readonly pipes: Pipe[] = [];
  /** How many are active. */
  active = 0;
  readonly #slot: number;

  /** A list whose pipes keep their place in `slots[slot]`. */
  constructor(slot: number) {
    this.#slot = slot;
  }

  /** Whether a pipe is in the list. */
  has(pipe: Pipe): boolean {
    return pipe.slots[this.#slot] >= 0;
  }

  /** Adds a pipe, not active yet. */
  add(pipe: Pipe): void {
    pipe.slots[this.#slot] = this.pipes.length;
    this.pipes.push(pipe);
  }

  /** Takes a pipe out. */
  remove(pipe: Pipe): void {
    if (!this.has(pipe)) return;
    this.deactivate(pipe);
    this.#swap(pipe.slots[this.#slot], this.pipes.length - 1);
    this.pipes.pop();
    pipe.slots[this.#slot] = -1;
  }

  /** Moves a pipe to the active ones; false if it was there, or is in no part. */
  activate(pipe: Pipe): boolean {
    const at = pipe.slots[this.#slot];
    if (at < this.active) return false;
    this.#swap(at, this.active);
    this.active++;
    return true;
  }

  /** Moves a pipe to the others, if it is in the list. */
  deactivate(pipe: Pipe): void {
    const at = pipe.slots[this.#slot];
    if (at < 0 || at >= this.active) return;
    this.active--;
    this.#swap(at, this.active);
  }

  #swap(a: number, b: number): void {
    if (a === b) return;
    const pipes = this.pipes;
    const first = pipes[a];
    const second = pipes[b];
    pipes[a] = second;
    pipes[b] = first;
    second.slots[this.#slot] = a;
    first.slots[this.#slot] = b;
  }
}
