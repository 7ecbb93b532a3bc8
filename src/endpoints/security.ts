// Which mechanism a socket speaks, with what names and keys (ZMQ_PLAIN_*, ZMQ_CURVE_*).

import { ZmqError } from "../base/errors.ts";
import type { OptionValues } from "../base/option_types.ts";
import { mechanismOf } from "../base/mechanism_choice.ts";
import { z85Decode, z85Encode } from "../base/z85.ts";
import { x25519 } from "../crypto/x25519.ts";
import {
  CookieKey,
  type CurveKeys,
  type CurveTools,
  publicOf,
} from "../mechanisms/curve_keys.ts";
import type { MechanismName } from "../mechanisms/mechanism.ts";
import type { Adapter } from "../runtime/adapter.ts";

/** The security of a session. */
export interface Security {
  readonly mechanism: MechanismName;
  /** Whether this is the server's end. */
  readonly server: boolean;
  readonly username: string;
  readonly password: string;
  /** Our own long-term keys; null without CURVE. */
  readonly keys: CurveKeys | null;
  /** The key of the server to connect to; null if this is the server, or without CURVE. */
  readonly serverKey: Uint8Array | null;
  /** What a server seals cookies with. */
  readonly cookieKey: CookieKey | null;
  readonly judges: Judges;
}

/** Who decides about peers: the options that say so. */
export type Judges = Pick<
  OptionValues,
  "authenticate" | "zapDomain" | "zapEnforceDomain"
>;

/** Who they are now. An endpoint keeps its own, whatever is set for later ones. */
export function judgesOf(
  { authenticate, zapDomain, zapEnforceDomain }: OptionValues,
): Judges {
  return { authenticate, zapDomain, zapEnforceDomain };
}

const KEY_BYTES = 32;

/**
 * What options say of security, as they are now.
 *
 * @throws {ZmqError} EINVAL if no peer could be let in with them.
 */
export function securityOf(options: OptionValues, adapter: Adapter): Security {
  const { mechanism, server } = mechanismOf(options);
  if (server) checkServer(mechanism, options);
  else checkClient(mechanism, options);
  const curve = mechanism === "CURVE";
  return {
    mechanism,
    server,
    username: options.plainUsername ?? "",
    password: options.plainPassword ?? "",
    keys: curve ? keysOf(options, server, curveTools(adapter)) : null,
    serverKey: curve && !server ? z85Decode(options.curveServerKey!)! : null,
    cookieKey: curve && server
      ? new CookieKey((into) => adapter.entropy(into))
      : null,
    judges: judgesOf(options),
  };
}

function checkClient(
  mechanism: MechanismName,
  { curveServerKey }: OptionValues,
): void {
  if (mechanism !== "CURVE" || curveServerKey !== null) return;
  throw new ZmqError(
    "EINVAL",
    "A client of CURVE knows its server: set curveServerKey beside its own keys, or curveServer for a server",
  );
}

function checkServer(mechanism: MechanismName, options: OptionValues): void {
  if (mechanism === "CURVE" && options.curveSecretKey === null) {
    throw new ZmqError(
      "EINVAL",
      "A server of CURVE has a key that its clients know: set curveSecretKey beside curveServer",
    );
  }
  const { zapEnforceDomain, zapDomain, authenticate } = options;
  const unasked = zapEnforceDomain && zapDomain === null;
  if (mechanism === "PLAIN" && unasked && authenticate === null) {
    throw new ZmqError(
      "EINVAL",
      "Nobody is asked about names and passwords: set zapDomain, or leave zapEnforceDomain alone",
    );
  }
}

/** What CURVE needs, of the platform where it has it. */
export function curveTools(adapter: Adapter): CurveTools {
  return {
    x25519: adapter.x25519 ?? x25519,
    entropy: (into) => adapter.entropy(into),
  };
}

/** A client without keys of its own gets some that nobody knows. */
function keysOf(
  { curveSecretKey, curvePublicKey }: OptionValues,
  server: boolean,
  tools: CurveTools,
): CurveKeys {
  let secretKey: Uint8Array;
  if (curveSecretKey === null) {
    secretKey = new Uint8Array(KEY_BYTES);
    tools.entropy(secretKey);
  } else secretKey = z85Decode(curveSecretKey)!;
  const publicKey = publicOf(tools, secretKey);
  // A server's own is of no use, but for its clients.
  if (
    !server && curvePublicKey !== null &&
    z85Encode(publicKey) !== curvePublicKey
  ) {
    throw new ZmqError(
      "EINVAL",
      "A client of CURVE has a pair of keys, or none: set curvePublicKey and curveSecretKey as curveKeyPair gave them",
    );
  }
  return { secretKey, publicKey };
}

/** Whether somebody decides about a peer; `accepted` is whether it came to us. */
export function decidesAbout(
  { mechanism, server, judges }: Security,
  accepted: boolean,
): boolean {
  if (mechanism === "NULL") {
    return judges.zapDomain !== null ||
      judges.authenticate !== null && accepted;
  }
  // A handler may come before the peer has shown what there is to decide about.
  return server;
}
