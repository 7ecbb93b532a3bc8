// Z85 (RFC 32): binary keys as text, five characters for four bytes.

import { ZmqError } from "./errors.ts";
import { isBytes } from "./message.ts";

const ALPHABET =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/**
 * Encodes bytes, a multiple of four.
 *
 * @throws {ZmqError} EINVAL for another number of them.
 */
export function z85Encode(bytes: Uint8Array): string {
  if (!isBytes(bytes)) throw new TypeError("z85Encode takes a Uint8Array");
  if (bytes.length % 4 !== 0) {
    throw new ZmqError(
      "EINVAL",
      `Z85 is for a multiple of four bytes, not ${bytes.length}; pad them`,
    );
  }
  let text = "";
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    let value = (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 |
      bytes[at + 3]) >>> 0;
    let group = "";
    for (let i = 0; i < 5; i++) {
      group = ALPHABET[value % 85] + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}

/** Decodes text; `null` if it is no Z85. */
export function z85Decode(text: string): Uint8Array | null {
  if (text.length % 5 !== 0) return null;
  const bytes = new Uint8Array(text.length / 5 * 4);
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const digit = ALPHABET.indexOf(text[at + i]);
      if (digit < 0) return null;
      value = value * 85 + digit;
    }
    if (value > 0xffffffff) return null;
    const place = at / 5 * 4;
    for (let i = 0; i < 4; i++) {
      bytes[place + i] = value / 2 ** (24 - 8 * i) & 255;
    }
  }
  return bytes;
}
