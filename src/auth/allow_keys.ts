// CURVE: who has one of these keys may come in.

import type { Authenticate } from "../base/option_types.ts";
import type { KeyFiles } from "../runtime/key_files.ts";
import { KeyFolder } from "./key_folder.ts";
import { keyText } from "./key_text.ts";

/** Lets in the owners of these public keys, by their keys as user ids. */
export function allowListed(
  keys: Iterable<string | Uint8Array>,
): Authenticate {
  const allowed = new Set<string>();
  for (const key of keys) allowed.add(keyText(key));
  return ({ publicKey }) =>
    publicKey !== null && allowed.has(publicKey) && { userId: publicKey };
}

/** Lets in whose certificate is in a folder, with its metadata. */
export function allowFolder(files: KeyFiles, path: string): Authenticate {
  const folder = new KeyFolder(files, path);
  return ({ publicKey }) => {
    if (publicKey === null) return false;
    const certificate = folder.find(publicKey);
    return certificate !== undefined &&
      { userId: publicKey, metadata: { ...certificate.metadata } };
  };
}
