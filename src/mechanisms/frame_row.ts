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

  /** Begins with frames that are there, in memory that is the row's from here. */
  begin(frames: Uint8Array): void {
    this.bytes = frames;
    this.end = frames.length;
  }

  /** Makes room for so many bytes behind the end. */
  reserve(more: number): void {
    const need = this.end + more;
    if (this.bytes.length >= need) return;
    // Behind frames that were there already, as much again.
    const least = Math.max(this.end + this.#first, need);
    this.bytes = this.end === 0
      ? this.memory(least)
      : roomFor(this.bytes, least);
  }

  /** Memory for so many bytes, or more. */
  protected memory(least: number): Uint8Array {
    return new Uint8Array(least);
  }

  /** What was written. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.end);
  }
}

/** Memory is set aside in multiples of this, so that one block's fits the next. */
const STEP = 4096;
/** Less is made anew, and more is not kept. */
const LEAST_KEPT = 16384;
const MOST_KEPT = 1048576;

/** What the last large row was in, for the next: one for all connections of a thread. */
let spare: Uint8Array = EMPTY;

/** A row whose memory is given back once it was written to the wire. */
export class LentRow extends FrameRow {
  protected override memory(least: number): Uint8Array {
    if (least < LEAST_KEPT) return super.memory(least);
    const memory = spare;
    if (memory.length < least) return new Uint8Array(stepped(least));
    spare = EMPTY;
    return memory;
  }
}

/** Takes back what a row had written, of which nobody has need any more. */
export function giveBack(written: Uint8Array): void {
  const { byteLength } = written.buffer;
  if (byteLength < LEAST_KEPT || byteLength > MOST_KEPT) return;
  if (byteLength > spare.length) spare = new Uint8Array(written.buffer);
}

function stepped(length: number): number {
  return Math.ceil(length / STEP) * STEP;
}
