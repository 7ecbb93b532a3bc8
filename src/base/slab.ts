// Memory for many small arrays: one large buffer handed out from front to back
// and never used twice, since a fresh typed array of ten bytes costs 300 ns on
// V8 and a view 10. A view that somebody keeps pins the slab it lies in, so the
// slab is small. A slab whose buffer was transferred away has length 0 and is
// replaced at the next call.

/** Bytes in the largest slab; what one kept small frame can pin. */
export const SLAB_BYTES: number = 16384;

/** Bytes in the first one. */
export const SMALLEST_SLAB: number = 1024;
/** Above this an array of its own is no dearer than a view. */
const LARGEST_CARVED = 4096;

/** Hands out small writable arrays that nobody else writes to. */
export class Slab {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  readonly #largest: number;
  #size = SMALLEST_SLAB;
  #at = 0;

  /** What is kept of it pins at most `largest` bytes, or as many as are carved at once. */
  constructor(largest: number = SLAB_BYTES) {
    this.#largest = largest;
  }

  /** Makes `length` bytes of memory that belong to the caller. */
  carve(length: number): Uint8Array<ArrayBuffer> {
    if (length > LARGEST_CARVED) return new Uint8Array(length);
    if (this.#bytes.length - this.#at < length) {
      while (this.#size < length) this.#size *= 4;
      this.#bytes = new Uint8Array(this.#size);
      this.#at = 0;
      if (this.#size < this.#largest) this.#size *= 4;
    }
    const at = this.#at;
    this.#at = at + length;
    return new Uint8Array(this.#bytes.buffer, at, length);
  }

  /** Copies `bytes` into memory that belongs to the caller. */
  copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const copy = this.carve(bytes.length);
    copy.set(bytes);
    return copy;
  }
}

/** This thread's slab for what never reaches a receiver. */
export const slab: Slab = new Slab();
