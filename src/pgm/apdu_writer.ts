// The payload of libzmq in PGM (WIRE 11.4): one endless stream of frames of ZMTP
// 1.0, cut into TSDUs anywhere, each with the offset of the first message that
// begins in it.
//
//   offset (2, ffff for none) | a slice of the stream

import { MORE } from "../base/frame.ts";
import { writeLegacyHeader } from "../zmtp/legacy_framing.ts";

const OFFSET = 2;
const NONE = 0xffff;
const LONGEST_LEGACY_HEADER = 10;

/** Frames, one after another. */
export interface FrameSource {
  /** Whether there is one now, in `frame` and `flags`. */
  next(): boolean;
  readonly frame: Uint8Array;
  readonly flags: number;
}

export class ApduWriter {
  readonly #frames: FrameSource;
  readonly #header = new Uint8Array(LONGEST_LEGACY_HEADER);
  /** What is left of the frame that was begun: of its header, then of its body. */
  #headerAt = 0;
  #headerEnd = 0;
  #body: Uint8Array;
  #bodyAt = 0;
  /** Whether the next frame begins a message. */
  #fresh = true;

  constructor(frames: FrameSource) {
    this.#frames = frames;
    this.#body = this.#header.subarray(0, 0);
  }

  /** Whether there is something to send. */
  get pending(): boolean {
    return this.#begun || this.#begin();
  }

  /** The next TSDU of at most so many bytes; `null` if nothing waits. */
  next(most: number): Uint8Array | null {
    if (!this.pending) return null;
    const made = new Uint8Array(most);
    let offset = NONE;
    let at = OFFSET;
    while (at < most && this.pending) {
      if (this.#untouched && this.#fresh && offset === NONE) {
        offset = at - OFFSET;
      }
      at = this.#copy(made, at, most);
    }
    made[0] = offset >>> 8;
    made[1] = offset;
    // Short ones are kept for repairs in memory of their size.
    return at < most >> 1 ? made.slice(0, at) : made.subarray(0, at);
  }

  get #begun(): boolean {
    return this.#headerAt < this.#headerEnd || this.#bodyAt < this.#body.length;
  }

  get #untouched(): boolean {
    return this.#headerAt === 0;
  }

  #copy(into: Uint8Array, at: number, most: number): number {
    while (at < most && this.#headerAt < this.#headerEnd) {
      into[at++] = this.#header[this.#headerAt++];
    }
    const count = Math.min(most - at, this.#body.length - this.#bodyAt);
    into.set(this.#body.subarray(this.#bodyAt, this.#bodyAt + count), at);
    this.#bodyAt += count;
    return at + count;
  }

  #begin(): boolean {
    const more = (this.#frames.flags & MORE) !== 0 && this.#headerEnd > 0;
    if (!this.#frames.next()) return false;
    this.#fresh = !more;
    const { frame, flags } = this.#frames;
    this.#headerEnd = writeLegacyHeader(this.#header, 0, flags, frame.length);
    this.#headerAt = 0;
    this.#body = frame;
    this.#bodyAt = 0;
    return true;
  }
}
