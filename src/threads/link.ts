// One connection over inproc between two threads: two rings in shared memory, and
// a bell for each side that is rung when there is something to read, or room.
//
//   header (integers): bell of each side | ring of each direction | bytes of both

import type { Threads } from "../runtime/threads.ts";
import { Ring, RING_INTS } from "./ring.ts";

const RING_BYTES = 131072;
const HEADER_INTS = 2 + 2 * RING_INTS;
const HEADER_BYTES = 64;

/** Memory for a link. */
export function linkMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + 2 * RING_BYTES);
}

export class Link {
  readonly out: Ring;
  readonly in: Ring;
  readonly #ints: Int32Array<SharedArrayBuffer>;
  readonly #threads: Threads;
  /** The bells: ours, and the other side's. */
  readonly #ours: 0 | 1;
  readonly #theirs: 0 | 1;
  #rung: () => void = () => {};
  #open = true;

  /** One side of a link; `side` is 0 for who connected. */
  constructor(memory: SharedArrayBuffer, side: 0 | 1, threads: Threads) {
    this.#ints = new Int32Array(memory, 0, HEADER_INTS);
    this.#threads = threads;
    this.#ours = side;
    this.#theirs = side === 0 ? 1 : 0;
    const ring = (direction: number) =>
      new Ring(
        this.#ints,
        2 + direction * RING_INTS,
        new Uint8Array(
          memory,
          HEADER_BYTES + direction * RING_BYTES,
          RING_BYTES,
        ),
      );
    this.out = ring(this.#ours);
    this.in = ring(this.#theirs);
  }

  /** Calls `rung` now and whenever the other side rings. */
  listen(rung: () => void): void {
    this.#rung = rung;
    this.#wait();
  }

  /** Rings the other side's bell. */
  ring(): void {
    this.#strike(this.#theirs);
  }

  /** Listens no more. */
  close(): void {
    this.#open = false;
    // Who waits for the bell would keep the program alive.
    this.#strike(this.#ours);
  }

  #strike(bell: 0 | 1): void {
    Atomics.add(this.#ints, bell, 1);
    Atomics.notify(this.#ints, bell);
  }

  #wait(): void {
    if (!this.#open) return;
    const heard = Atomics.load(this.#ints, this.#ours);
    this.#rung();
    if (!this.#open) return;
    this.#threads.whenChanged(
      this.#ints,
      this.#ours,
      heard,
      () => this.#wait(),
    );
  }
}
