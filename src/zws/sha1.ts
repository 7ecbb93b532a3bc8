// SHA-1 (RFC 3174) and Base64 (RFC 4648), for the answer to a WebSocket upgrade.
// The platform's digest is asynchronous, and this one hides nothing.

/** The SHA-1 digest of some bytes. */
export function sha1(message: Uint8Array): Uint8Array {
  const length = message.length;
  const padded = new Uint8Array(((length + 8 >> 6) + 1) << 6);
  padded.set(message);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, length << 3);
  view.setUint32(padded.length - 8, Math.floor(length / 0x20000000));
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 80; i++) {
      words[i] = rotate(
        words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16],
        1,
      );
    }
    mix(state, words);
  }
  const digest = new DataView(new ArrayBuffer(20));
  state.forEach((word, i) => digest.setInt32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

function mix(state: number[], words: Int32Array): void {
  let [a, b, c, d, e] = state;
  for (let i = 0; i < 80; i++) {
    const [f, k] = i < 20
      ? [b & c | ~b & d, 0x5a827999]
      : i < 40
      ? [b ^ c ^ d, 0x6ed9eba1]
      : i < 60
      ? [b & c | b & d | c & d, 0x8f1bbcdc]
      : [b ^ c ^ d, 0xca62c1d6];
    const next = rotate(a, 5) + f + e + k + words[i] | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  [a, b, c, d, e].forEach((word, i) => state[i] = state[i] + word | 0);
}

function rotate(word: number, by: number): number {
  return word << by | word >>> (32 - by);
}

const ALPHABET =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes as Base64. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = bytes[i] << 16 | (bytes[i + 1] ?? 0) << 8 |
      (bytes[i + 2] ?? 0);
    text += ALPHABET[word >> 18] + ALPHABET[word >> 12 & 63] +
      (left > 1 ? ALPHABET[word >> 6 & 63] : "=") +
      (left > 2 ? ALPHABET[word & 63] : "=");
  }
  return text;
}
