// A stream of bytes from one thread to another, in memory that both share: a ring
// with a place to write and a place to read, each moved by one side only.

/** Integers of a ring in the header of a link: where is written, where is read, whether that is all. */
export const RING_INTS = 3;
const WRITTEN = 0;
const READ = 1;
const ENDED = 2;

// How it ended.
const NOT = 0;
const FOR_GOOD = 1;
/** The connection is to be made anew. */
const FOR_ANOTHER = 2;

/** Bytes that are copied at once, if they lie alike at both ends. */
export const WORD = 8;
/** The most that one read copies out. */
const LARGEST_READ = 65536;

/** One direction; the writer and the reader each have one of their own. */
export class Ring {
  readonly #ints: Int32Array<SharedArrayBuffer>;
  readonly #at: number;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  /** Where was read, when the writer last had to know. */
  #seen = 0;

  /** Over some of the integers and bytes of a link; as many bytes as a power of two. */
  constructor(
    ints: Int32Array<SharedArrayBuffer>,
    at: number,
    bytes: Uint8Array<SharedArrayBuffer>,
  ) {
    this.#ints = ints;
    this.#at = at;
    this.#bytes = bytes;
  }

  /** Writes as much as there is room for, up to `end`, and says how much. */
  write(bytes: Uint8Array, from: number, end: number): number {
    const size = this.#bytes.length;
    const at = Atomics.load(this.#ints, this.#at + WRITTEN);
    const used = (at - Atomics.load(this.#ints, this.#at + READ)) >>> 0;
    const count = Math.min(size - used, end - from);
    if (count === 0) return 0;
    const start = at & (size - 1);
    const first = Math.min(count, size - start);
    this.#bytes.set(bytes.subarray(from, from + first), start);
    if (first < count) {
      this.#bytes.set(bytes.subarray(from + first, from + count), 0);
    }
    Atomics.store(this.#ints, this.#at + WRITTEN, (at + count) | 0);
    return count;
  }

  /** Its memory, for who writes at a `place`. */
  get bytes(): Uint8Array<SharedArrayBuffer> {
    return this.#bytes;
  }

  /** Where so many bytes can be written in one piece, to be told by `placed`; -1 if they can't. */
  place(count: number): number {
    const size = this.#bytes.length;
    const at = Atomics.load(this.#ints, this.#at + WRITTEN);
    const start = at & (size - 1);
    if (start + count > size) return -1;
    if (((at - this.#seen) >>> 0) + count > size) {
      this.#seen = Atomics.load(this.#ints, this.#at + READ);
      if (((at - this.#seen) >>> 0) + count > size) return -1;
    }
    return start;
  }

  /** So many bytes were written at their place. */
  placed(count: number): void {
    const at = Atomics.load(this.#ints, this.#at + WRITTEN);
    Atomics.store(this.#ints, this.#at + WRITTEN, (at + count) | 0);
  }

  /** A copy of what has come, or of so many bytes of it; `null` if nothing has. */
  read(most = LARGEST_READ): Uint8Array | null {
    const count = Math.min(this.#there, most);
    if (count === 0) return null;
    // It lies as in the ring, so that it is copied by words.
    const at = Atomics.load(this.#ints, this.#at + READ) & (WORD - 1);
    const copy = new Uint8Array(at + count).subarray(at);
    this.readInto(copy);
    return copy;
  }

  /** Copies what has come into `target`, as far as there is room, and says how much. */
  readInto(target: Uint8Array): number {
    const count = this.peek(target);
    Atomics.add(this.#ints, this.#at + READ, count);
    return count;
  }

  /** Copies the same, and leaves it there. */
  peek(target: Uint8Array): number {
    const size = this.#bytes.length;
    const start = Atomics.load(this.#ints, this.#at + READ) & (size - 1);
    const count = Math.min(this.#there, target.length);
    const first = Math.min(count, size - start);
    target.set(this.#bytes.subarray(start, start + first));
    if (first < count) {
      target.set(this.#bytes.subarray(0, count - first), first);
    }
    return count;
  }

  /** Throws away what has come, and says how much. */
  skip(): number {
    const count = this.#there;
    Atomics.add(this.#ints, this.#at + READ, count);
    return count;
  }

  /** How much has come. */
  get #there(): number {
    const at = Atomics.load(this.#ints, this.#at + READ);
    return (Atomics.load(this.#ints, this.#at + WRITTEN) - at) >>> 0;
  }

  /** Whether no byte more can be written. */
  get full(): boolean {
    return this.#there === this.#bytes.length;
  }

  /** Whether all that was written is read. */
  get empty(): boolean {
    return Atomics.load(this.#ints, this.#at + WRITTEN) ===
      Atomics.load(this.#ints, this.#at + READ);
  }

  /** Says that nothing more is written, or not before the connection is made anew. */
  end(renew = false): void {
    const how = renew ? FOR_ANOTHER : FOR_GOOD;
    Atomics.store(this.#ints, this.#at + ENDED, how);
  }

  /** Whether it ended so that the connection is made anew. */
  get renew(): boolean {
    return Atomics.load(this.#ints, this.#at + ENDED) === FOR_ANOTHER;
  }

  /** Whether all that was written is read, and nothing more comes. */
  get over(): boolean {
    // The end is looked at first: what was written before it is seen then.
    return Atomics.load(this.#ints, this.#at + ENDED) !== NOT && this.empty;
  }
}
