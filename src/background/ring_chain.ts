// A stream of bytes from one thread to another that never waits for its reader: a
// ring (threads/ring.ts), and a larger one after it when it is full. What goes in is
// bounded by who writes: by high-water marks, not by the memory of a ring.

import { Ring, RING_INTS } from "../threads/ring.ts";

const SMALLEST_RING = 4096;
const LARGEST_RING = 67108864;
/** A ring of more is given back once it is empty. */
const MOST_KEPT = 1048576;
const HEADER_BYTES = 16;

/** Memory of one ring. */
export function ringMemory(bytes: number = SMALLEST_RING): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + bytes);
}

function ringIn(memory: SharedArrayBuffer): Ring {
  return new Ring(
    new Int32Array(memory, 0, RING_INTS),
    0,
    new Uint8Array(memory, HEADER_BYTES),
  );
}

/** The end that writes. */
export class ChainWriter {
  readonly #announce: (memory: SharedArrayBuffer) => void;
  #ring: Ring;
  #size: number;

  /** `announce` tells the reader of the ring that follows. */
  constructor(
    memory: SharedArrayBuffer,
    announce: (memory: SharedArrayBuffer) => void,
  ) {
    this.#announce = announce;
    this.#ring = ringIn(memory);
    this.#size = memory.byteLength - HEADER_BYTES;
  }

  /** Memory that `place` speaks of. */
  get bytes(): Uint8Array {
    return this.#ring.bytes;
  }

  /** Where so many bytes can be written in one piece, to be told by `placed`; -1 if they can't. */
  place(count: number): number {
    return this.#ring.place(count);
  }

  placed(count: number): void {
    this.#ring.placed(count);
  }

  /** Writes bytes from `from` to `end`. */
  write(bytes: Uint8Array, from: number, end: number): void {
    if (this.#size > MOST_KEPT && this.#ring.empty) this.#next(SMALLEST_RING);
    let at = from;
    for (;;) {
      at += this.#ring.write(bytes, at, end);
      if (at >= end) return;
      let size = Math.min(this.#size * 4, LARGEST_RING);
      while (size < end - at && size < LARGEST_RING) size *= 2;
      this.#next(size);
    }
  }

  #next(size: number): void {
    const memory = ringMemory(size);
    this.#announce(memory);
    this.#ring.end();
    this.#ring = ringIn(memory);
    this.#size = size;
  }
}

/** The end that reads. */
export class ChainReader {
  #ring: Ring;
  readonly #next: SharedArrayBuffer[] = [];

  constructor(memory: SharedArrayBuffer) {
    this.#ring = ringIn(memory);
  }

  /** The ring that follows the last one there is. */
  follow(memory: SharedArrayBuffer): void {
    this.#next.push(memory);
  }

  /** A copy of what has come, or of the front of it; `null` if nothing has. */
  read(): Uint8Array | null {
    for (;;) {
      const bytes = this.#ring.read();
      if (bytes !== null) return bytes;
      if (!this.#ring.over || this.#next.length === 0) return null;
      this.#ring = ringIn(this.#next.shift()!);
    }
  }
}
