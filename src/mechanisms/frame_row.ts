// Frames that are written one behind another, into memory that grows.

import { roomFor } from "../base/bytes.ts";
import { EMPTY } from "../base/message.ts";

export class FrameRow {
  bytes: Uint8Array = EMPTY;
  end = 0;
  readonly #first: number;

  /** So many bytes are set aside once any are needed. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Makes room for so many bytes behind the end. */
  reserve(more: number): void {
    const need = this.end + more;
    this.bytes = this.end === 0 && this.bytes.length < need
      ? new Uint8Array(Math.max(this.#first, need))
      : roomFor(this.bytes, need);
  }

  /** What was written. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.end);
  }
}
