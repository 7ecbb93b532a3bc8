// X25519 (RFC 7748) for platforms without one that is synchronous: a ladder over
// numbers of sixteen limbs of 16 bits, whose steps don't depend on the secret.

type Field = Float64Array;

const field = (): Field => new Float64Array(16);

/** (486662 - 2) / 4. */
const A24 = field();
A24[0] = 0xdb41;
A24[1] = 1;

/** The point of a secret and a point, 32 bytes each. */
export function x25519(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const scalar = secret.slice();
  scalar[0] &= 248;
  scalar[31] = scalar[31] & 127 | 64;
  const x = unpack(point);
  const a = field();
  const b = x.slice();
  const c = field();
  const d = field();
  const e = field();
  const f = field();
  a[0] = 1;
  d[0] = 1;
  for (let i = 254; i >= 0; i--) {
    const bit = scalar[i >>> 3] >>> (i & 7) & 1;
    swap(a, b, bit);
    swap(c, d, bit);
    add(e, a, c);
    subtract(a, a, c);
    add(c, b, d);
    subtract(b, b, d);
    multiply(d, e, e);
    multiply(f, a, a);
    multiply(a, c, a);
    multiply(c, b, e);
    add(e, a, c);
    subtract(a, a, c);
    multiply(b, a, a);
    subtract(c, d, f);
    multiply(a, c, A24);
    add(a, a, d);
    multiply(c, c, a);
    multiply(a, d, f);
    multiply(d, b, x);
    multiply(b, e, e);
    swap(a, b, bit);
    swap(c, d, bit);
  }
  scalar.fill(0);
  invert(c, c);
  multiply(a, a, c);
  const made = pack(a);
  for (const used of [a, b, c, d, e, f, product]) used.fill(0);
  return made;
}

/** The public key of a secret one. */
export function x25519Public(secret: Uint8Array): Uint8Array {
  const base = new Uint8Array(32);
  base[0] = 9;
  return x25519(secret, base);
}

function unpack(bytes: Uint8Array): Field {
  const value = field();
  for (let i = 0; i < 16; i++) value[i] = bytes[2 * i] + bytes[2 * i + 1] * 256;
  value[15] %= 0x8000;
  return value;
}

function pack(value: Field): Uint8Array {
  const bytes = new Uint8Array(32);
  const t = value.slice();
  const m = field();
  carry(t);
  carry(t);
  carry(t);
  for (let pass = 0; pass < 2; pass++) {
    m[0] = t[0] - 0xffed;
    for (let i = 1; i < 15; i++) {
      m[i] = t[i] - 0xffff - (m[i - 1] >> 16 & 1);
      m[i - 1] = m[i - 1] & 0xffff;
    }
    m[15] = t[15] - 0x7fff - (m[14] >> 16 & 1);
    const below = m[15] >> 16 & 1;
    m[14] = m[14] & 0xffff;
    swap(t, m, 1 - below);
  }
  for (let i = 0; i < 16; i++) {
    bytes[2 * i] = t[i] & 255;
    bytes[2 * i + 1] = t[i] >> 8;
  }
  return bytes;
}

/** Exchanges two numbers if the bit is 1, in the same time if it isn't. */
function swap(p: Field, q: Field, bit: number): void {
  for (let i = 0; i < 16; i++) {
    const difference = bit * (p[i] - q[i]);
    p[i] -= difference;
    q[i] += difference;
  }
}

function add(o: Field, a: Field, b: Field): void {
  for (let i = 0; i < 16; i++) o[i] = a[i] + b[i];
}

function subtract(o: Field, a: Field, b: Field): void {
  for (let i = 0; i < 16; i++) o[i] = a[i] - b[i];
}

function carry(o: Field): void {
  let c = 0;
  for (let i = 0; i < 16; i++) {
    const value = o[i] + c;
    c = Math.floor(value / 65536);
    o[i] = value - c * 65536;
  }
  o[0] += 38 * c;
}

const product = new Float64Array(31);

function multiply(o: Field, a: Field, b: Field): void {
  product.fill(0);
  for (let i = 0; i < 16; i++) {
    const ai = a[i];
    for (let j = 0; j < 16; j++) product[i + j] += ai * b[j];
  }
  for (let i = 0; i < 15; i++) o[i] = product[i] + 38 * product[i + 16];
  o[15] = product[15];
  carry(o);
  carry(o);
}

/** To the power 2^255 - 21, which is the inverse. */
function invert(o: Field, a: Field): void {
  const c = a.slice();
  for (let i = 253; i >= 0; i--) {
    multiply(c, c, c);
    if (i !== 2 && i !== 4) multiply(c, c, a);
  }
  o.set(c);
}
