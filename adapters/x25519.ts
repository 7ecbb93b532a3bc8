// X25519 of the platform, by `node:crypto`, which all server runtimes have. Keys go
// in and out in their DER forms (RFC 8410): a fixed front and the 32 bytes.

import { nodeCrypto } from "./platform.ts";

const SECRET = Uint8Array.of(
  ...[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20],
);
const PUBLIC = Uint8Array.of(
  ...[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0],
);

/** The point of a secret and a point. */
export function x25519(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const crypto = nodeCrypto();
  const masked = point.slice();
  // The top bit is no part of a point.
  masked[31] &= 127;
  const secretDer = der(SECRET, secret);
  const shared = crypto.diffieHellman({
    privateKey: crypto.createPrivateKey({
      key: secretDer as never,
      format: "der",
      type: "pkcs8",
    }),
    publicKey: crypto.createPublicKey({
      key: der(PUBLIC, masked) as never,
      format: "der",
      type: "spki",
    }),
  });
  secretDer.fill(0);
  const made = new Uint8Array(shared);
  shared.fill(0);
  return made;
}

function der(front: Uint8Array, key: Uint8Array): Uint8Array {
  const all = nodeBuffer(front.length + key.length);
  all.set(front);
  all.set(key, front.length);
  return all;
}

function nodeBuffer(length: number): Uint8Array {
  const { Buffer } = globalThis as unknown as {
    Buffer?: { alloc(length: number): Uint8Array };
  };
  return Buffer === undefined ? new Uint8Array(length) : Buffer.alloc(length);
}
