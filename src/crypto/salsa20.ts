// Salsa20 (Bernstein) with the nonce of XSalsa20, as NaCl uses it: HSalsa20 makes a
// key of a key and 16 bytes, Salsa20 a stream of a key and 8.

/** "expand 32-byte k". */
const C0 = 0x61707865;
const C1 = 0x3320646e;
const C2 = 0x79622d32;
const C3 = 0x6b206574;
const DOUBLE_ROUNDS = 10;

/** Sixteen words of a block, before what went in is added. */
const block = new Int32Array(16);

/** Reads four bytes, least significant first. */
export function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
    bytes[at + 3] << 24;
}

/** Writes four bytes, least significant first. */
export function putWord(into: Uint8Array, at: number, value: number): void {
  into[at] = value;
  into[at + 1] = value >>> 8;
  into[at + 2] = value >>> 16;
  into[at + 3] = value >>> 24;
}

/** A key of eight words. */
export function keyWords(key: Uint8Array): Int32Array {
  const words = new Int32Array(8);
  for (let i = 0; i < 8; i++) words[i] = word(key, 4 * i);
  return words;
}

/** HSalsa20: a key of a key and 16 bytes. */
export function hsalsa20(key: Int32Array, input: Uint8Array): Int32Array {
  const n0 = word(input, 0);
  const n1 = word(input, 4);
  const n2 = word(input, 8);
  const n3 = word(input, 12);
  rounds(key, n0, n1, n2, n3);
  const made = Int32Array.of(
    block[0],
    block[5],
    block[10],
    block[15],
    block[6],
    block[7],
    block[8],
    block[9],
  );
  for (let i = 0; i < 16; i++) block[i] = 0;
  return made;
}

/**
 * Adds the stream of a key and a nonce, from its beginning, to words: so many of
 * them, which is a multiple of 16.
 */
export function salsa20(
  key: Int32Array,
  nonceLow: number,
  nonceHigh: number,
  words: Int32Array,
  count: number,
): void {
  const [k0, k1, k2, k3, k4, k5, k6, k7] = key;
  for (let at = 0, counter = 0; at < count; at += 16, counter++) {
    rounds(key, nonceLow, nonceHigh, counter, 0);
    words[at] ^= block[0] + C0 | 0;
    words[at + 1] ^= block[1] + k0 | 0;
    words[at + 2] ^= block[2] + k1 | 0;
    words[at + 3] ^= block[3] + k2 | 0;
    words[at + 4] ^= block[4] + k3 | 0;
    words[at + 5] ^= block[5] + C1 | 0;
    words[at + 6] ^= block[6] + nonceLow | 0;
    words[at + 7] ^= block[7] + nonceHigh | 0;
    words[at + 8] ^= block[8] + counter | 0;
    words[at + 9] ^= block[9];
    words[at + 10] ^= block[10] + C2 | 0;
    words[at + 11] ^= block[11] + k4 | 0;
    words[at + 12] ^= block[12] + k5 | 0;
    words[at + 13] ^= block[13] + k6 | 0;
    words[at + 14] ^= block[14] + k7 | 0;
    words[at + 15] ^= block[15] + C3 | 0;
  }
  for (let i = 0; i < 16; i++) block[i] = 0;
}

/** The twenty rounds over a key and four words of input, into `block`. */
function rounds(
  key: Int32Array,
  n0: number,
  n1: number,
  n2: number,
  n3: number,
): void {
  let x0 = C0;
  let x1 = key[0];
  let x2 = key[1];
  let x3 = key[2];
  let x4 = key[3];
  let x5 = C1;
  let x6 = n0;
  let x7 = n1;
  let x8 = n2;
  let x9 = n3;
  let x10 = C2;
  let x11 = key[4];
  let x12 = key[5];
  let x13 = key[6];
  let x14 = key[7];
  let x15 = C3;
  let u = 0;
  for (let i = 0; i < DOUBLE_ROUNDS; i++) {
    x4 ^= (u = x0 + x12 | 0) << 7 | u >>> 25;
    x8 ^= (u = x4 + x0 | 0) << 9 | u >>> 23;
    x12 ^= (u = x8 + x4 | 0) << 13 | u >>> 19;
    x0 ^= (u = x12 + x8 | 0) << 18 | u >>> 14;
    x9 ^= (u = x5 + x1 | 0) << 7 | u >>> 25;
    x13 ^= (u = x9 + x5 | 0) << 9 | u >>> 23;
    x1 ^= (u = x13 + x9 | 0) << 13 | u >>> 19;
    x5 ^= (u = x1 + x13 | 0) << 18 | u >>> 14;
    x14 ^= (u = x10 + x6 | 0) << 7 | u >>> 25;
    x2 ^= (u = x14 + x10 | 0) << 9 | u >>> 23;
    x6 ^= (u = x2 + x14 | 0) << 13 | u >>> 19;
    x10 ^= (u = x6 + x2 | 0) << 18 | u >>> 14;
    x3 ^= (u = x15 + x11 | 0) << 7 | u >>> 25;
    x7 ^= (u = x3 + x15 | 0) << 9 | u >>> 23;
    x11 ^= (u = x7 + x3 | 0) << 13 | u >>> 19;
    x15 ^= (u = x11 + x7 | 0) << 18 | u >>> 14;
    x1 ^= (u = x0 + x3 | 0) << 7 | u >>> 25;
    x2 ^= (u = x1 + x0 | 0) << 9 | u >>> 23;
    x3 ^= (u = x2 + x1 | 0) << 13 | u >>> 19;
    x0 ^= (u = x3 + x2 | 0) << 18 | u >>> 14;
    x6 ^= (u = x5 + x4 | 0) << 7 | u >>> 25;
    x7 ^= (u = x6 + x5 | 0) << 9 | u >>> 23;
    x4 ^= (u = x7 + x6 | 0) << 13 | u >>> 19;
    x5 ^= (u = x4 + x7 | 0) << 18 | u >>> 14;
    x11 ^= (u = x10 + x9 | 0) << 7 | u >>> 25;
    x8 ^= (u = x11 + x10 | 0) << 9 | u >>> 23;
    x9 ^= (u = x8 + x11 | 0) << 13 | u >>> 19;
    x10 ^= (u = x9 + x8 | 0) << 18 | u >>> 14;
    x12 ^= (u = x15 + x14 | 0) << 7 | u >>> 25;
    x13 ^= (u = x12 + x15 | 0) << 9 | u >>> 23;
    x14 ^= (u = x13 + x12 | 0) << 13 | u >>> 19;
    x15 ^= (u = x14 + x13 | 0) << 18 | u >>> 14;
  }
  block[0] = x0;
  block[1] = x1;
  block[2] = x2;
  block[3] = x3;
  block[4] = x4;
  block[5] = x5;
  block[6] = x6;
  block[7] = x7;
  block[8] = x8;
  block[9] = x9;
  block[10] = x10;
  block[11] = x11;
  block[12] = x12;
  block[13] = x13;
  block[14] = x14;
  block[15] = x15;
}
