// Text and bytes, one behind the other.

import { isBytes } from "../base/message.ts";
import { encodeText } from "../base/utf8.ts";

/** Bytes, or text that stands for its UTF-8. */
export type Piece = Uint8Array | string;

/** Puts pieces together; one that is alone is taken as it is. */
export function concatBytes(pieces: readonly Piece[]): Uint8Array {
  const all: Uint8Array[] = [];
  let length = 0;
  let text = "";
  // Text is encoded in one go as far as it goes.
  for (let i = 0; i <= pieces.length; i++) {
    const piece = pieces[i];
    if (typeof piece === "string") {
      text += piece;
      continue;
    }
    if (text !== "") {
      const bytes = encodeText(text);
      all.push(bytes);
      length += bytes.length;
      text = "";
    }
    if (piece !== undefined && piece.length > 0) {
      all.push(piece);
      length += piece.length;
    }
  }
  if (all.length === 1) return all[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const bytes of all) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

/** Sees to it that a body is one. */
export function checkBody(body: unknown): void {
  if (typeof body === "string" || isBytes(body)) return;
  const what = body === null ? "null" : typeof body;
  throw new TypeError(`A body is text or bytes, not ${what}`);
}

/** How many bytes text takes in UTF-8, or bytes as they are. */
export function lengthOf(piece: Piece): number {
  checkBody(piece);
  if (typeof piece !== "string") return piece.length;
  for (let i = 0; i < piece.length; i++) {
    if (piece.charCodeAt(i) > 0x7f) return encodeText(piece).length;
  }
  return piece.length;
}
