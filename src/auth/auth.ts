/**
 * Who may come in: rules for the option `authenticate`, and certificates in the
 * form that CZMQ, pyzmq and JeroMQ share.
 *
 * @module
 */

import { keyFiles } from "../../adapters/key_files.ts";
import { allowFolder, allowListed } from "./allow_keys.ts";
import type { Certificate, CertificateLike } from "./certificate.ts";
import { readFrom, writeTo } from "./certificate_files.ts";
import type { Authenticate } from "../base/option_types.ts";

/**
 * Lets in who comes with CURVE and one of these public keys (40 characters of Z85,
 * or 32 bytes), or whose certificate is in a folder, given by its path; the key is
 * the user id.
 *
 * Of a folder every file `*.key` counts, and its metadata is told of the peer. It
 * is read now, and again at a handshake when files have come or gone: a key is
 * revoked for new connections by deleting its file, or writing another into it,
 * which counts within a second. A file that was broken since is passed over until
 * it is whole.
 *
 * Throws a `ZmqError`: EINVAL for what is no key or no certificate, or why the
 * folder can't be read, such as ENOENT.
 *
 * @example
 * ```ts
 * import { curveKeyPair, Pull } from "@nought/zeromq";
 * import { allowKeys } from "@nought/zeromq/auth";
 *
 * const client = curveKeyPair();
 * using pull = new Pull({
 *   curveServer: true,
 *   curveSecretKey: curveKeyPair().secretKey,
 *   authenticate: allowKeys([client.publicKey]),
 * });
 * await pull.bind("tcp://127.0.0.1:*");
 * ```
 */
export function allowKeys(
  keys: Iterable<string | Uint8Array> | string,
): Authenticate {
  return typeof keys === "string"
    ? allowFolder(keyFiles, keys)
    : allowListed(keys);
}

/**
 * Reads the certificate in a file: `name.key`, or with the secret key
 * `name.key_secret`. Throws a `ZmqError`: EINVAL if it holds no certificate, or
 * why it can't be read, such as ENOENT.
 */
export function readCertificate(path: string): Certificate {
  return readFrom(keyFiles, path);
}

/**
 * Writes a certificate to a file, such as `name.key`, and, if it has a secret key,
 * all of it to a second one with `_secret` behind its name, which only its owner
 * may read (mode 0600). Files that were there are replaced. Throws a `ZmqError`:
 * EINVAL for what can't be written, or why it wasn't, such as EACCES.
 */
export function writeCertificate(
  path: string,
  certificate: CertificateLike,
): void {
  writeTo(keyFiles, path, certificate);
}

export { allowAddresses } from "./allow_addresses.ts";
export { allowPasswords } from "./allow_passwords.ts";
export {
  type Certificate,
  type CertificateLike,
  formatCertificate,
  parseCertificate,
} from "./certificate.ts";
export { allOf, anyOf } from "./combine.ts";
export type {
  Authenticate,
  Authenticated,
  AuthenticationRequest,
} from "../base/option_types.ts";
