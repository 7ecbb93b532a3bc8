// Netstrings: a length in decimal, a colon, so many bytes, and a comma. A
// tnetstring has another byte at its end, which tells the type.
//
//     5:hello,

import { concatBytes, lengthOf, type Piece } from "./pieces.ts";
import { MalformedError } from "./malformed.ts";

const ZERO = 0x30;
const COLON = 0x3a;
const COMMA = 0x2c;
/** Digits of a length; the limit is that of tnetstrings. */
const MOST_DIGITS = 9;

/** Where a netstring's parts are: bytes from `start` to `end`, then the byte `type`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly type: number;
}

/** Finds the netstring or tnetstring that begins at `at` and doesn't go beyond `limit`. */
export function spanAt(bytes: Uint8Array, at: number, limit: number): Span {
  let length = 0;
  let start = at;
  for (;; start++) {
    if (!(start < limit)) {
      throw new MalformedError("A length doesn't end", bytes, at);
    }
    const byte = bytes[start];
    if (byte === COLON) break;
    const digit = byte - ZERO;
    const count = start - at;
    // A digit behind a zero is one too many: lengths are written in one way only.
    if (
      !(digit >= 0 && digit <= 9) || count === MOST_DIGITS ||
      count > 0 && length === 0
    ) {
      throw new MalformedError("There is no length", bytes, at);
    }
    length = length * 10 + digit;
  }
  if (start === at) throw new MalformedError("There is no length", bytes, at);
  start++;
  const end = start + length;
  if (end >= limit) {
    throw new MalformedError(
      `${length} bytes and one more are said to come, and don't`,
      bytes,
      at,
    );
  }
  return { start, end, type: bytes[end] };
}

/**
 * Reads the netstring that begins at `at`; its bytes are a view. What comes next
 * begins at `end`.
 */
export function readNetstring(
  bytes: Uint8Array,
  at: number = 0,
): { bytes: Uint8Array; end: number } {
  const { start, end, type } = spanAt(bytes, at, bytes.length);
  if (type !== COMMA) {
    throw new MalformedError("A netstring has no comma at its end", bytes, end);
  }
  return { bytes: bytes.subarray(start, end), end: end + 1 };
}

/** Writes a netstring. */
export function formatNetstring(body: Uint8Array | string): Uint8Array {
  return concatBytes(around(body, ","));
}

/** The pieces of a netstring that ends with this character. */
export function around(body: Piece, type: string): Piece[] {
  return [`${lengthOf(body)}:`, body, type];
}
