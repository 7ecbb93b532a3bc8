// Frames of ZMTP 1.0 (RFC 13; also what lies in PGM packets): a length that
// counts the flags too, flags, body. What comes is turned into the layout of 2.0
// and up, so that one reader reads both.
//
//   length (1, or ff and 8) | flags (1) | body

import { Fault } from "../base/fault.ts";
import { LONG, MORE, readSize, writeSize } from "../base/frame.ts";

const LONG_MARK = 0xff;
const SHORT_HEADER = 2;
const LONG_HEADER = 10;
/** Bodies above this many bytes have the long header. */
const SHORT_BODY = 253;

/** Writes the header of a frame at `at` and returns where the body begins. */
export function writeLegacyHeader(
  into: Uint8Array,
  at: number,
  flags: number,
  body: number,
): number {
  const more = flags & MORE;
  if (body <= SHORT_BODY) {
    into[at] = body + 1;
    into[at + 1] = more;
    return at + SHORT_HEADER;
  }
  into[at] = LONG_MARK;
  writeSize(into, at + 1, body + 1);
  into[at + LONG_HEADER - 1] = more;
  return at + LONG_HEADER;
}

/** Turns a stream of ZMTP 1.0 into one of 2.0, piece by piece. */
export class LegacyDecoder {
  /** What was wrong with the stream; it stays, and nothing more is decoded. */
  fault: Fault | null = null;
  readonly #header = new Uint8Array(LONG_HEADER);
  #headerLength = 0;
  /** Bytes of a body that are still to come. */
  #body = 0;

  /** The next piece of the stream; what comes before a fault is decoded. */
  decode(chunk: Uint8Array): Uint8Array {
    const made = new Uint8Array(chunk.length + LONG_HEADER);
    let at = 0;
    let end = 0;
    while (at < chunk.length && this.fault === null) {
      if (this.#body > 0) {
        const count = Math.min(this.#body, chunk.length - at);
        made.set(chunk.subarray(at, at + count), end);
        this.#body -= count;
        at += count;
        end += count;
      } else {
        this.#header[this.#headerLength++] = chunk[at++];
        end = this.#begin(made, end);
      }
    }
    return made.subarray(0, end);
  }

  /** Begins a frame once its header is there. */
  #begin(made: Uint8Array, end: number): number {
    const header = this.#header;
    const long = header[0] === LONG_MARK;
    const need = long ? LONG_HEADER : SHORT_HEADER;
    if (header[0] !== 0 && this.#headerLength < need) return end;
    const length = long ? readSize(header, 1) : header[0];
    if (length === 0 || length > Number.MAX_SAFE_INTEGER) {
      this.fault = new Fault(
        "peer",
        "ERR_ZMTP_UNSPECIFIED",
        "a frame of ZMTP 1.0 says its length, of which its flags are a byte",
      );
      return end;
    }
    this.#headerLength = 0;
    this.#body = length - 1;
    const more = header[need - 1] & MORE;
    if (long) {
      made[end] = more | LONG;
      writeSize(made, end + 1, this.#body);
      return end + 9;
    }
    made[end] = more;
    made[end + 1] = this.#body;
    return end + 2;
  }
}
