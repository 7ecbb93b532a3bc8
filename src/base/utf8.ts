// Text to bytes and back. The platform's encoder does the work; short ASCII
// text, which most messages are, is written straight into the slab instead.

import { decoder, encoder } from "../runtime/encoding.ts";
import { slab } from "./slab.ts";

const LONGEST_LOOP = 64;

/** Encodes text as UTF-8. */
export function encodeText(text: string): Uint8Array {
  const length = text.length;
  // What is no text has no length either, and must not get to the slab.
  if (!(length <= LONGEST_LOOP)) return encoder.encode(text);
  const bytes = slab.carve(length);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return slab.copy(encoder.encode(text));
    bytes[i] = unit;
  }
  return bytes;
}

/** Decodes UTF-8; malformed bytes become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** ASCII text of some bytes, for names on the wire and in events. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  return text;
}
