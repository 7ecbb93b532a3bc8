// Certificates in files: `name.key` for everybody and `name.key_secret` for their
// owner, as pyzmq has them; CZMQ puts `_secret` behind any name, as we do.

import { codeOf, ZmqError } from "../base/errors.ts";
import type { KeyFiles } from "../runtime/key_files.ts";
import {
  type Certificate,
  type CertificateLike,
  formatCertificate,
  parseCertificate,
} from "./certificate.ts";

const SECRET_ENDING = "_secret";

/** Reads the certificate in a file. */
export function readFrom(files: KeyFiles, path: string): Certificate {
  return told(path, () => parseCertificate(files.read(path)));
}

/** Writes the public file, and beside it the secret one if there is a secret. */
export function writeTo(
  files: KeyFiles,
  path: string,
  certificate: CertificateLike,
): void {
  told(path, () => {
    const shown = formatCertificate({ ...certificate, secretKey: null });
    const { secretKey = null } = certificate;
    // The secret first: a key that others know of is of no use without it.
    if (secretKey !== null) {
      files.write(path + SECRET_ENDING, formatCertificate(certificate), true);
    }
    files.write(path, shown, false);
  });
}

/** Does something with a file; what goes wrong says which file it was. */
export function told<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message: string };
    throw new ZmqError(
      codeOf(cause),
      `${path}: ${message.replace(`${code}: `, "")}`,
      { cause },
    );
  }
}
