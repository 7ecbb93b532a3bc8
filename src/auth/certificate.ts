// Certificates: keys of CURVE with words about their owner, in the form that CZMQ,
// pyzmq and JeroMQ read and write:
//
//     metadata
//         name = "Bob"
//     curve
//         public-key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
//         secret-key = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"

import { ZmqError } from "../base/errors.ts";
import { keyText } from "./key_text.ts";
import { parseZpl, zplLine } from "./zpl.ts";

/** Keys of CURVE, and what is said of their owner. */
export interface Certificate {
  /** 40 characters of Z85. */
  readonly publicKey: string;
  /** 40 characters of Z85; `null` in a certificate for others. */
  readonly secretKey: string | null;
  /** What is said of the owner; nothing proves it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a certificate is made of; `curveKeyPair()` gives one. */
export interface CertificateLike {
  /** 40 characters of Z85, or 32 bytes. */
  readonly publicKey: string | Uint8Array;
  /** 40 characters of Z85, or 32 bytes. Default `null`. */
  readonly secretKey?: string | Uint8Array | null;
  /** Names of letters, digits and `$-_@.&+/`, values of one line. Default none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const PUBLIC = `# ZeroMQ CURVE public certificate
# Whoever has it should know that it comes from its owner, and nobody else.

`;
const SECRET = `# ZeroMQ CURVE **secret** certificate
# For its owner only: do not copy it to others, or change its permissions.

`;

/** What pyzmq, which knows no sections, takes for a key. */
const MISTAKEN = /^(?:public|secret)-key/;

/**
 * Reads a certificate from text. Throws EINVAL if it isn't ZPL, or lacks a public
 * key, or has a key that is none.
 */
export function parseCertificate(text: string): Certificate {
  const sections = parseZpl(text);
  const curve = sections.get("curve");
  const publicKey = curve?.get("public-key");
  const secretKey = curve?.get("secret-key");
  if (publicKey === undefined) {
    throw new ZmqError("EINVAL", "A certificate has a public-key under curve");
  }
  return {
    publicKey: keyText(publicKey),
    secretKey: secretKey === undefined ? null : keyText(secretKey),
    metadata: Object.fromEntries(sections.get("metadata") ?? []),
  };
}

/**
 * A certificate as text, with its secret key if it has one. Throws EINVAL for keys
 * that are none, and for metadata that has no place in the format.
 */
export function formatCertificate(certificate: CertificateLike): string {
  const { publicKey, secretKey = null, metadata = {} } = certificate;
  let text = secretKey === null ? PUBLIC : SECRET;
  text += "metadata\n";
  for (const [name, value] of Object.entries(metadata)) {
    if (MISTAKEN.test(name)) {
      throw new ZmqError("EINVAL", `Metadata can't have the name ${name}`);
    }
    text += zplLine(name, value);
  }
  text += "curve\n" + zplLine("public-key", keyText(publicKey));
  if (secretKey !== null) text += zplLine("secret-key", keyText(secretKey));
  return text;
}
