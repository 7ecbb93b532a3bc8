// Every deadline of a context on one timer of the runtime: a heap of timers,
// the earliest on top.

import type { Clock } from "../runtime/adapter.ts";

/** Something that is due at some time. */
export class Timer {
  /** When it fires; `Infinity` when it is not set. */
  at = Infinity;
  /** Its place in the heap, or -1. */
  place = -1;
  readonly fire: (now: number) => void;

  constructor(fire: (now: number) => void) {
    this.fire = fire;
  }
}

export class Timers {
  readonly #clock: Clock;
  readonly #heap: Timer[] = [];
  readonly #tick: () => void = () => this.#run();
  #armed = Infinity;
  #running = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets a timer, anew if it is set; `Infinity` clears it. */
  set(timer: Timer, at: number): void {
    if (at === Infinity) {
      this.clear(timer);
      return;
    }
    timer.at = at;
    if (timer.place < 0) {
      timer.place = this.#heap.length;
      this.#heap.push(timer);
    }
    this.#sift(timer);
    if (!this.#running) this.#arm();
  }

  /** Takes a timer back. */
  clear(timer: Timer): void {
    const place = timer.place;
    if (place < 0) return;
    timer.place = -1;
    timer.at = Infinity;
    const last = this.#heap.pop()!;
    if (last !== timer) {
      last.place = place;
      this.#heap[place] = last;
      this.#sift(last);
    }
    if (this.#heap.length === 0 && !this.#running) this.#arm();
  }

  #run(): void {
    this.#armed = Infinity;
    this.#running = true;
    const now = this.#clock.now();
    try {
      while (this.#heap.length > 0 && this.#heap[0].at <= now) {
        const timer = this.#heap[0];
        this.clear(timer);
        timer.fire(now);
      }
    } finally {
      this.#running = false;
      this.#arm();
    }
  }

  #arm(): void {
    const earliest = this.#heap.length > 0 ? this.#heap[0].at : Infinity;
    if (earliest === this.#armed) return;
    this.#armed = earliest;
    this.#clock.setTimer(earliest, this.#tick);
  }

  #sift(timer: Timer): void {
    const heap = this.#heap;
    let place = timer.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (heap[above].at <= timer.at) break;
      heap[place] = heap[above];
      heap[place].place = place;
      place = above;
    }
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1].at < heap[below].at) {
        below++;
      }
      if (heap[below].at >= timer.at) break;
      heap[place] = heap[below];
      heap[place].place = place;
      place = below;
    }
    heap[place] = timer;
    timer.place = place;
  }
}
