// Keys of CURVE as the one text that each of them has.

import { ZmqError } from "../base/errors.ts";
import { z85Decode, z85Encode } from "../base/z85.ts";

const KEY_BYTES = 32;

/** A key as 40 characters of Z85, given so or as 32 bytes; throws EINVAL otherwise. */
export function keyText(key: string | Uint8Array): string {
  const bytes = typeof key === "string" ? z85Decode(key) : key;
  if (bytes === null || bytes.length !== KEY_BYTES) {
    throw new ZmqError("EINVAL", "A key is 32 bytes, or 40 characters of Z85");
  }
  return z85Encode(bytes);
}
