// Keys of CURVE (zmq_curve_keypair(3), zmq_curve_public(3), zmq_z85_encode(3)).

import { ZmqError } from "../base/errors.ts";
import { z85Decode, z85Encode } from "../base/z85.ts";
import { curveTools } from "../endpoints/security.ts";
import { publicOf } from "../mechanisms/curve_keys.ts";
import { programAtHand } from "./program.ts";

/** A pair of keys for CURVE, each 40 characters of Z85. */
export interface CurveKeyPair {
  /** For everybody to know. */
  publicKey: string;
  /** For nobody else to know. */
  secretKey: string;
}

const KEY_BYTES = 32;

/**
 * Makes a pair of keys for CURVE (zmq_curve_keypair(3)), each 40 characters of Z85.
 *
 * @example
 * ```ts
 * import { curveKeyPair, curvePublicKey } from "@nought/zeromq";
 *
 * const { publicKey, secretKey } = curveKeyPair();
 * console.log(curvePublicKey(secretKey) === publicKey); // true
 * ```
 */
export function curveKeyPair(): CurveKeyPair {
  const adapter = programAtHand().pick();
  const secret = new Uint8Array(KEY_BYTES);
  adapter.entropy(secret);
  const pair = {
    publicKey: z85Encode(publicOf(curveTools(adapter), secret)),
    secretKey: z85Encode(secret),
  };
  secret.fill(0);
  return pair;
}

/**
 * The public key of a secret one (zmq_curve_public(3)), as Z85; the secret one is 40
 * characters of Z85, or 32 bytes.
 *
 * @throws {ZmqError} EINVAL if it is no key.
 */
export function curvePublicKey(secretKey: string | Uint8Array): string {
  const secret = typeof secretKey === "string"
    ? z85Decode(secretKey)
    : secretKey;
  if (secret === null || secret.length !== KEY_BYTES) {
    throw new ZmqError(
      "EINVAL",
      "A secret key is 32 bytes, or 40 characters of Z85",
    );
  }
  const tools = curveTools(programAtHand().pick());
  return z85Encode(publicOf(tools, secret));
}
