// Cloudflare Workers: `node:net`, of which connections are real and listeners aren't.
// Names are looked up by what connects, which has its own view of whom to trust. It
// would read into given memory, but takes that away from whoever gave it.

import type { Socket, TcpSocketConnectOpts } from "node:net";
import type {
  ByteStream,
  DatagramTarget,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import { coded } from "./coded.ts";
import type { DatagramAbilities } from "./datagrams.ts";
import { NetStream } from "./net_stream.ts";
import { family, nodeTls } from "./platform.ts";
import { ServerAdapter } from "./server_adapter.ts";

class CloudflareStream extends NetStream {
  /** It knows no other certificates, and checks the name that it connects to. */
  protected override connectTls(where: TcpSocketConnectOpts): Socket {
    return nodeTls().connect({ host: where.host, port: where.port });
  }
}

export class CloudflareAdapter extends ServerAdapter {
  readonly name = "cloudflare";
  readonly frameCopies = null;
  readonly copyReads = 0;
  readonly features: ReadonlySet<Feature> = new Set<Feature>([
    "streams",
    "tls",
  ]);
  readonly threads = null;

  override forbids(target: StreamTarget | DatagramTarget): Error | null {
    if (target.kind !== "tcp" || target.source !== null) return unsupported();
    const { host, tls } = target;
    const trusting = tls === null ||
      tls.trust === null && tls.trustSystem && tls.hostname === host;
    return trusting ? null : coded("ENOTSUP", TRUST);
  }

  override connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    // A name that may stand for IPv6 is left to what connects.
    const named = target.kind === "tcp" && family(target.host) === 0;
    const stream = new CloudflareStream();
    stream.connect(named ? { ...target, ipv6: true } : target, handler);
    return stream;
  }

  listen(): Listener {
    throw unsupported();
  }

  protected datagrams(): DatagramAbilities {
    throw unsupported();
  }
}

const TRUST = "a Worker of Cloudflare trusts whom Cloudflare does, by their " +
  "own names: set wssTrustSystem, and neither wssTrustPem nor wssHostname";

function unsupported(): Error {
  return coded(
    "EPROTONOSUPPORT",
    "a Worker of Cloudflare connects over tcp, ws and wss, and knows inproc; " +
      "peers come to it by WebSockets that are attached (@nought/zeromq/attach)",
  );
}
