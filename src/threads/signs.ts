// Where a ZAP handler is bound, for all threads of a group to see at once: words of
// it come later, and whoever has let peers in meanwhile can't take that back.
//
//   memory (integers): how many signs there ever were | signs: 0, or its number

/** A sign that something is bound. */
export interface Sign {
  readonly place: number;
  readonly number: number;
}

const SIGNS = 63;

/** Memory for the signs of a group. */
export function signMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (1 + SIGNS));
}

export class Signs {
  readonly #ints: Int32Array<SharedArrayBuffer>;

  constructor(memory: SharedArrayBuffer) {
    this.#ints = new Int32Array(memory);
  }

  /** Whether there is any. */
  get any(): boolean {
    for (let place = 1; place <= SIGNS; place++) {
      if (Atomics.load(this.#ints, place) !== 0) return true;
    }
    return false;
  }

  /** Puts one up; `null` if there are as many as can be. */
  put(): Sign | null {
    const number = Atomics.add(this.#ints, 0, 1) + 1;
    for (let place = 1; place <= SIGNS; place++) {
      if (Atomics.compareExchange(this.#ints, place, 0, number) === 0) {
        return { place, number };
      }
    }
    return null;
  }

  /** Takes one down, which others may have done. */
  remove({ place, number }: Sign): void {
    Atomics.compareExchange(this.#ints, place, number, 0);
  }
}
