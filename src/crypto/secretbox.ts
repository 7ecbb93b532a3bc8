// Boxes of NaCl (crypto_secretbox, crypto_box): XSalsa20 and Poly1305. A key and the
// first 16 bytes of a nonce make a stream key once; with it each box takes only
// the last 8 bytes. On the wire a box is its tag, then what it hides.

import { poly1305 } from "./poly1305.ts";
import { hsalsa20, keyWords, putWord, salsa20, word } from "./salsa20.ts";

/** Bytes of the tag in front of a box. */
export const TAG = 16;
/** Bytes of stream that key the tag, before those that hide. */
const AUTH = 32;
const ZEROS = new Uint8Array(16);

/** What is kept of the memory that a large box took. */
const MOST_KEPT = 1048576;

/** Where boxes are made and opened; its first words are 0 between uses. */
let scratch = new Uint8Array(4096);
let scratchWords = new Int32Array(scratch.buffer);
const tag = new Int32Array(4);

/** The key that two sides share, of what X25519 gave (crypto_box_beforenm). */
export function sharedKey(point: Uint8Array): Int32Array {
  const words = keyWords(point);
  const key = hsalsa20(words, ZEROS);
  words.fill(0);
  return key;
}

/** The key of a stream, of a key and the first 16 bytes of a nonce. */
export function streamKey(key: Int32Array, prefix: Uint8Array): Int32Array {
  return hsalsa20(key, prefix);
}

/** Where to put what is to be hidden: `length` bytes, followed by room. */
export function plainRoom(length: number): Uint8Array {
  const need = 64 * (blocksOf(length) + 1);
  if (
    scratch.length < need || scratch.length > MOST_KEPT && need <= MOST_KEPT
  ) {
    scratch.fill(0);
    scratch = new Uint8Array(need < MOST_KEPT / 2 ? need * 2 : need);
    scratchWords = new Int32Array(scratch.buffer);
  }
  return scratch.subarray(AUTH, AUTH + length);
}

/** Blocks of stream that hide so many bytes. */
function blocksOf(length: number): number {
  return Math.ceil((AUTH + length) / 64);
}

/**
 * Boxes what was put into {@linkcode plainRoom}, and writes tag and text to `into`
 * at `at`. `nonce` holds the last 8 bytes of the nonce, at `nonceAt`.
 */
export function seal(
  key: Int32Array,
  nonce: Uint8Array,
  nonceAt: number,
  length: number,
  into: Uint8Array,
  at: number,
): void {
  const low = word(nonce, nonceAt);
  const high = word(nonce, nonceAt + 4);
  salsa20(key, low, high, scratchWords, 16 * blocksOf(length));
  into.set(scratch.subarray(AUTH, AUTH + length), at + TAG);
  poly1305(scratchWords, scratchWords, scratch, AUTH / 4, length, tag);
  for (let i = 0; i < 4; i++) putWord(into, at + 4 * i, tag[i]);
  forgetKey();
}

/**
 * Opens a box that lies in `box` from `at` to `end`. Gives what it hid, until the
 * next call of anything here; `null` if the tag is wrong.
 */
export function open(
  key: Int32Array,
  nonce: Uint8Array,
  nonceAt: number,
  box: Uint8Array,
  at: number,
  end: number,
): Uint8Array | null {
  const length = end - at - TAG;
  if (length < 0) return null;
  plainRoom(length).set(box.subarray(at + TAG, end));
  const low = word(nonce, nonceAt);
  const high = word(nonce, nonceAt + 4);
  // The key of the tag is at the front of the stream.
  const auth = new Int32Array(16);
  salsa20(key, low, high, auth, 16);
  poly1305(auth, scratchWords, scratch, AUTH / 4, length, tag);
  auth.fill(0);
  let difference = 0;
  for (let i = 0; i < 4; i++) difference |= tag[i] ^ word(box, at + 4 * i);
  if (difference !== 0) return null;
  salsa20(key, low, high, scratchWords, 16 * blocksOf(length));
  forgetKey();
  return scratch.subarray(AUTH, AUTH + length);
}

/** The key of a tag is used once. A loop, since a call of `fill` takes longer. */
function forgetKey(): void {
  for (let i = 0; i < AUTH / 4; i++) scratchWords[i] = 0;
}

/** Boxes some bytes, with a nonce of 24. */
export function secretbox(
  plain: Uint8Array,
  nonce: Uint8Array,
  key: Int32Array,
): Uint8Array {
  const box = new Uint8Array(TAG + plain.length);
  plainRoom(plain.length).set(plain);
  const stream = streamKey(key, nonce);
  seal(stream, nonce, 16, plain.length, box, 0);
  stream.fill(0);
  return box;
}

/** Opens a box with a nonce of 24 bytes; `null` if it was not made with this key. */
export function secretboxOpen(
  box: Uint8Array,
  nonce: Uint8Array,
  key: Int32Array,
): Uint8Array | null {
  const stream = streamKey(key, nonce);
  const plain = open(stream, nonce, 16, box, 0, box.length);
  stream.fill(0);
  return plain === null ? null : plain.slice();
}
