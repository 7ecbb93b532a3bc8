// Text and bytes, one behind the other.

import { encodeText } from "../base/utf8.ts";

/** Bytes, or text that stands for its UTF-8. */
export type Piece = Uint8Array | string;

/** Puts pieces together; one that is alone is taken as it is. */
export function concatBytes(pieces: readonly Piece[]): Uint8Array {
  const all = pieces.map((piece) =>
    typeof piece === "string" ? encodeText(piece) : piece
  );
  if (all.length === 1) return all[0];
  let length = 0;
  for (const bytes of all) length += bytes.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const bytes of all) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}
