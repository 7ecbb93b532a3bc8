// Small frames on JavaScriptCore, where a view of a part of an array takes 50 ns, and
// twice that once the processor's cache is full of many connections' bytes: nothing
// of it is compiled in place, as a small array is.

import type { FrameCopies } from "../src/runtime/frame_copies.ts";

interface CopyBytes {
  call(
    from: Uint8Array,
    into: Uint8Array,
    at: number,
    start: number,
    end: number,
  ): void;
}

/** Bytes that a loop copies faster than a call. */
const BY_LOOP = 40;

export class SmallFrameCopies implements FrameCopies {
  readonly below = 128;
  readonly #copyBytes: CopyBytes = (globalThis as unknown as {
    Buffer: { prototype: { copy: CopyBytes } };
  }).Buffer.prototype.copy;

  copy(from: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    const copy = new Uint8Array(length);
    if (length > BY_LOOP) this.#copyBytes.call(from, copy, 0, start, end);
    else for (let i = 0; i < length; i++) copy[i] = from[start + i];
    return copy;
  }
}
