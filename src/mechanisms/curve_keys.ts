// Long-term keys of CURVE (RFC 26), and what it takes of the platform.

/** What CURVE needs of the platform. */
export interface CurveTools {
  /** X25519; throws, or gives zeros, if the point is of no use. */
  x25519(secret: Uint8Array, point: Uint8Array): Uint8Array;
  entropy(into: Uint8Array): void;
}

/** Long-term keys, 32 bytes each. */
export interface CurveKeys {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** Bytes of a key. */
export const KEY = 32;

/** The public key of a secret one. */
export function publicOf(tools: CurveTools, secret: Uint8Array): Uint8Array {
  const base = new Uint8Array(KEY);
  base[0] = 9;
  return tools.x25519(secret, base);
}

/** A secret that cookies are sealed with: one for each listener. */
export class CookieKey {
  readonly words: Int32Array;

  constructor(entropy: (into: Uint8Array) => void) {
    const bytes = new Uint8Array(KEY);
    entropy(bytes);
    this.words = new Int32Array(bytes.buffer);
  }
}
