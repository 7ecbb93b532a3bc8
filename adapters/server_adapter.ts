// What the adapters of Deno, Bun and Node have in common: all of them have Node's
// sockets, clock and keys.

import type {
  Adapter,
  AdapterName,
  ByteStream,
  DatagramHandler,
  DatagramSocket,
  DatagramTarget,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import type { FrameCopies } from "../src/runtime/frame_copies.ts";
import type { Threads } from "../src/runtime/threads.ts";
import { type DatagramAbilities, NodeDatagrams } from "./datagrams.ts";
import { NetStream } from "./net_stream.ts";
import { endOfTurn, entropy, PlatformClock } from "./platform.ts";
import { unreadable } from "./tls.ts";
import { x25519 } from "./x25519.ts";

export abstract class ServerAdapter implements Adapter {
  abstract readonly name: AdapterName;
  abstract readonly frameCopies: FrameCopies | null;
  abstract readonly copyReads: number;
  abstract readonly features: ReadonlySet<Feature>;
  abstract readonly threads: Threads | null;
  readonly x25519: typeof x25519 = x25519;
  readonly clock: PlatformClock = new PlatformClock();

  entropy(into: Uint8Array): void {
    entropy(into);
  }

  endOfTurn(fn: () => void): void {
    endOfTurn(fn);
  }

  forbids(target: StreamTarget | DatagramTarget): Error | null {
    const trust = target.kind === "tcp" ? target.tls?.trust ?? null : null;
    return trust === null ? null : unreadable(trust);
  }

  connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const stream = new NetStream(false, this.copyReads);
    stream.connect(target, handler);
    return stream;
  }

  openDatagrams(
    target: DatagramTarget,
    handler: DatagramHandler,
  ): DatagramSocket {
    const socket = new NodeDatagrams(target, handler, this.datagrams());
    socket.open();
    return socket;
  }

  abstract listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ): Listener | Promise<Listener>;

  /** What it can do with datagrams. */
  protected abstract datagrams(): DatagramAbilities;
}
