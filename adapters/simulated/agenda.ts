// What is to happen in a simulated world, the next thing first, and at one instant
// in the order in which it was put down: a heap.

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

export class Agenda {
  readonly #heap: Happening[] = [];
  #order = 0;

  /** When the next thing happens; Infinity if nothing does. */
  get next(): number {
    return this.#heap.length === 0 ? Infinity : this.#heap[0].at;
  }

  put(at: number, act: () => void): void {
    const heap = this.#heap;
    const happening = { at, order: this.#order++, act };
    let place = heap.length;
    heap.push(happening);
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!earlier(happening, heap[above])) break;
      heap[place] = heap[above];
      place = above;
    }
    heap[place] = happening;
  }

  /** Takes the next thing; there has to be one. */
  take(): () => void {
    const heap = this.#heap;
    const { act } = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return act;
  }

  /** Puts a happening where it belongs, from the top down. */
  #sink(happening: Happening): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && earlier(heap[below + 1], heap[below])) {
        below++;
      }
      if (!earlier(heap[below], happening)) break;
      heap[place] = heap[below];
      place = below;
    }
    heap[place] = happening;
  }
}

function earlier(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
