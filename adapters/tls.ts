// Connections of TLS by `node:tls`, which all server runtimes have.

import type { Socket, TcpSocketConnectOpts } from "node:net";
import type * as Tls from "node:tls";
import type { TlsSettings } from "../src/runtime/adapter.ts";
import { coded } from "./coded.ts";
import { family, nodeCrypto, nodeTls } from "./platform.ts";

const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

/** Begins to connect; `secureConnect` follows once the peer is who it has to be. */
export function connectTls(
  where: TcpSocketConnectOpts,
  { trust, trustSystem, hostname }: TlsSettings,
): Socket {
  const tls = nodeTls();
  const trusted = trust === null ? [] : [trust];
  if (trustSystem) trusted.push(...ownTrust(tls));
  return tls.connect({
    ...where,
    ca: trusted,
    // A literal address is no name to ask for, but the certificate has to have it.
    servername: family(hostname) === 0 ? hostname : "",
    checkServerIdentity: (_host, certificate) =>
      tls.checkServerIdentity(hostname, certificate),
  });
}

/** Whom the runtime trusts, which its user may have told it more of (`NODE_EXTRA_CA_CERTS`). */
function ownTrust(tls: typeof Tls): readonly string[] {
  // Node 22 has it from 22.15 on.
  return tls.getCACertificates?.("default") ?? tls.rootCertificates;
}

/** Why nobody could be trusted by this text; runtimes trust nobody then, and don't say why. */
export function unreadable(trust: string): Error | null {
  try {
    const { X509Certificate } = nodeCrypto();
    // Each of them: Deno ends the program when it meets one later.
    for (const one of trust.match(CERTIFICATE) ?? [trust]) {
      new X509Certificate(one);
    }
    return null;
  } catch (cause) {
    const why = "the certificate in wssTrustPem can't be read";
    return coded("EINVAL", why, cause);
  }
}
