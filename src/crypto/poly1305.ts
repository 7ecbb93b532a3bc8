// Poly1305 (Bernstein): the tag of a message under a key that is used once. Numbers
// of 130 bits are six limbs of 22, whose products add up exactly in a double.

const LIMB = 0x3fffff;
const DOWN = 1 / 4194304;
/** 2^132 is 20 modulo 2^130 - 5. */
const WRAP = 20;

/**
 * Writes the tag of `length` bytes, which lie at the word `from` of `words`, under
 * the key in the first eight words of `key`, as four words at `into`. Bytes after
 * the message, to the end of its last block of 16, are overwritten.
 */
export function poly1305(
  key: Int32Array,
  words: Int32Array,
  bytes: Uint8Array,
  from: number,
  length: number,
  into: Int32Array,
): void {
  const k0 = key[0] & 0x0fffffff;
  const k1 = key[1] & 0x0ffffffc;
  const k2 = key[2] & 0x0ffffffc;
  const k3 = key[3] & 0x0ffffffc;
  const r0 = k0 & LIMB;
  const r1 = (k0 >>> 22 | k1 << 10) & LIMB;
  const r2 = (k1 >>> 12 | k2 << 20) & LIMB;
  const r3 = k2 >>> 2 & LIMB;
  const r4 = (k2 >>> 24 | k3 << 8) & LIMB;
  const r5 = k3 >>> 14;
  const s1 = r1 * WRAP;
  const s2 = r2 * WRAP;
  const s3 = r3 * WRAP;
  const s4 = r4 * WRAP;
  const s5 = r5 * WRAP;
  let h0 = 0;
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  let h5 = 0;
  const whole = Math.floor(length / 16);
  const rest = length % 16;
  const blocks = rest === 0 ? whole : whole + 1;
  if (rest > 0) {
    // The last block ends with a 1, and zeros.
    const end = 4 * from + length;
    bytes[end] = 1;
    for (let i = rest + 1; i < 16; i++) bytes[end - rest + i] = 0;
  }
  for (let i = 0, at = from; i < blocks; i++, at += 4) {
    const w0 = words[at];
    const w1 = words[at + 1];
    const w2 = words[at + 2];
    const w3 = words[at + 3];
    h0 += w0 & LIMB;
    h1 += (w0 >>> 22 | w1 << 10) & LIMB;
    h2 += (w1 >>> 12 | w2 << 20) & LIMB;
    h3 += w2 >>> 2 & LIMB;
    h4 += (w2 >>> 24 | w3 << 8) & LIMB;
    h5 += w3 >>> 14 | (i < whole ? 1 << 18 : 0);
    const d0 = h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1;
    let d1 = h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2;
    let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3;
    let d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4;
    let d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5;
    let d5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0;
    let c = Math.floor(d0 * DOWN);
    h0 = d0 - c * 4194304;
    d1 += c;
    c = Math.floor(d1 * DOWN);
    h1 = d1 - c * 4194304;
    d2 += c;
    c = Math.floor(d2 * DOWN);
    h2 = d2 - c * 4194304;
    d3 += c;
    c = Math.floor(d3 * DOWN);
    h3 = d3 - c * 4194304;
    d4 += c;
    c = Math.floor(d4 * DOWN);
    h4 = d4 - c * 4194304;
    d5 += c;
    c = Math.floor(d5 * DOWN);
    h5 = d5 - c * 4194304;
    h0 += c * WRAP;
    c = Math.floor(h0 * DOWN);
    h0 -= c * 4194304;
    h1 += c;
  }
  finish([h0, h1, h2, h3, h4, h5], key, into);
}

/** Reduces the sum for good and adds the second half of the key. */
function finish(h: number[], key: Int32Array, into: Int32Array): void {
  // Twice, so that every limb is one; the top has 20 bits, as 130 is 5 times 22 and 20.
  for (let pass = 0; pass < 2; pass++) {
    let c = 0;
    for (let i = 0; i < 5; i++) {
      h[i] += c;
      c = h[i] >>> 22;
      h[i] &= LIMB;
    }
    h[5] += c;
    c = h[5] >>> 20;
    h[5] &= 0xfffff;
    h[0] += 5 * c;
  }
  let c = h[0] >>> 22;
  h[0] &= LIMB;
  h[1] += c;
  // Less 2^130 - 5, if it is not below that; chosen without a branch.
  const g = [0, 0, 0, 0, 0, 0];
  c = 5;
  for (let i = 0; i < 5; i++) {
    g[i] = h[i] + c;
    c = g[i] >>> 22;
    g[i] &= LIMB;
  }
  g[5] = h[5] + c;
  const mask = -(g[5] >>> 20);
  g[5] &= 0xfffff;
  for (let i = 0; i < 6; i++) h[i] = h[i] & ~mask | g[i] & mask;
  const sum = [
    h[0] | h[1] << 22,
    h[1] >>> 10 | h[2] << 12,
    h[2] >>> 20 | h[3] << 2 | h[4] << 24,
    h[4] >>> 8 | h[5] << 14,
  ];
  let carry = 0;
  for (let i = 0; i < 4; i++) {
    const total = (sum[i] >>> 0) + (key[4 + i] >>> 0) + carry;
    into[i] = total | 0;
    carry = total > 0xffffffff ? 1 : 0;
  }
}
