// Cloudflare Workers: `node:net`, of which connections are real and listeners aren't.
// Names are looked up by what connects. It would read into given memory, but takes
// that away from whoever gave it.

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
import { family } from "./platform.ts";
import { ServerAdapter } from "./server_adapter.ts";

export class CloudflareAdapter extends ServerAdapter {
  readonly name = "cloudflare";
  readonly frameCopies = null;
  readonly copyReads = 0;
  readonly features: ReadonlySet<Feature> = new Set<Feature>(["streams"]);
  readonly threads = null;

  override forbids(target: StreamTarget | DatagramTarget): Error | null {
    const plain = target.kind === "tcp" && target.tls === null &&
      target.source === null;
    return plain ? null : unsupported();
  }

  override connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    // A name that may stand for IPv6 is left to what connects.
    const named = target.kind === "tcp" && family(target.host) === 0;
    return super.connect(named ? { ...target, ipv6: true } : target, handler);
  }

  listen(): Listener {
    throw unsupported();
  }

  protected datagrams(): DatagramAbilities {
    throw unsupported();
  }
}

function unsupported(): Error {
  return coded(
    "EPROTONOSUPPORT",
    "a Worker of Cloudflare connects over tcp and ws, and knows inproc; " +
      "peers come to it by WebSockets that are attached (@nought/zeromq/attach)",
  );
}
