// Node: `node:net`.

import type { Server } from "node:net";
import type {
  Adapter,
  ByteStream,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import { NetStream } from "./net_stream.ts";
import {
  endOfTurn,
  entropy,
  hostPort,
  listenHost,
  nodeNet,
  PlatformClock,
  posix,
} from "./platform.ts";

export class NodeAdapter implements Adapter {
  readonly name = "node";
  readonly features: ReadonlySet<Feature> = features();
  readonly clock: PlatformClock = new PlatformClock();

  entropy(into: Uint8Array): void {
    entropy(into);
  }

  endOfTurn(fn: () => void): void {
    endOfTurn(fn);
  }

  forbids(): null {
    return null;
  }

  connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const stream = new NetStream();
    stream.connect(target, handler);
    return stream;
  }

  async listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ): Promise<Listener> {
    const host = await listenHost(target.host, target.ipv6);
    const server = nodeNet().createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(posix(error)));
      const { port, backlog, descriptor } = target;
      const where = descriptor < 0
        ? { host, port, backlog }
        : { fd: descriptor, backlog };
      server.listen(where, resolve);
    });
    server.unref();
    server.removeAllListeners("error");
    server.on("error", (error) => refused(posix(error)));
    server.on("connection", (socket) => {
      const stream = new NetStream();
      stream.accept(socket, target, accept(stream));
    });
    return new NodeListener(server);
  }
}

class NodeListener implements Listener {
  readonly local: string;
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    const bound = server.address() as { address: string; port: number };
    this.local = hostPort(bound.address, bound.port);
  }

  close(): void {
    this.#server.close();
  }
}

/** Node 24 can say how often and how many keep-alive probes are sent. */
function features(): Set<Feature> {
  const all = new Set<Feature>([
    "keepAlive",
    "keepAliveIdle",
    "backlog",
    "descriptor",
  ]);
  if ("setTypeOfService" in nodeNet().Socket.prototype) {
    all.add("typeOfService");
  }
  if (nodeNet().Socket.prototype.setKeepAlive.length >= 4) {
    all.add("keepAliveInterval").add("keepAliveCount");
  }
  return all;
}
