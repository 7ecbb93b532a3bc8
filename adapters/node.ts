// Node: `node:net`.

import type { ListenOptions, Server } from "node:net";
import type {
  Adapter,
  ByteStream,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import { LocalPath, runtimePath } from "./local_path.ts";
import { NetStream } from "./net_stream.ts";
import {
  coded,
  endOfTurn,
  entropy,
  hostPort,
  listenHost,
  nodeFs,
  nodeMajor,
  nodeNet,
  onLinux,
  PlatformClock,
  posix,
} from "./platform.ts";

export class NodeAdapter implements Adapter {
  readonly name = "node";
  readonly copyBelow = 0;
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
    const server = nodeNet().createServer({ allowHalfOpen: true });
    const path = target.kind === "ipc" ? new LocalPath(target) : null;
    try {
      await listening(server, await whereToListen(target, path));
    } catch (error) {
      path?.abandon();
      throw posix(error);
    }
    path?.bound();
    server.unref();
    server.removeAllListeners("error");
    server.on("error", (error) => refused(posix(error)));
    const listener = new NodeListener(server, path);
    server.on("connection", (socket) => {
      const stream = new NetStream();
      stream.accept(socket, target, listener.local, accept(stream));
    });
    return listener;
  }
}

async function whereToListen(
  target: StreamTarget,
  path: LocalPath | null,
): Promise<ListenOptions> {
  const { backlog } = target;
  if (target.kind === "ipc") {
    return { path: runtimePath(path!.path), backlog };
  }
  const host = await listenHost(target.host, target.ipv6);
  const { port, descriptor } = target;
  return descriptor < 0
    ? { host, port, backlog }
    : { fd: descriptor, backlog } as ListenOptions;
}

function listening(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      // Node says so of a folder that isn't there, too.
      const lost = (error as { code?: string }).code === "EACCES" &&
        where.path !== undefined && !nodeFs().existsSync(dirname(where.path));
      reject(lost ? coded("ENOENT", "no such folder", error) : error);
    });
    server.listen(where, resolve);
  });
}

function dirname(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "." : path.slice(0, at + 1);
}

class NodeListener implements Listener {
  readonly local: string;
  readonly #server: Server;
  readonly #path: LocalPath | null;

  constructor(server: Server, path: LocalPath | null) {
    this.#server = server;
    this.#path = path;
    if (path !== null) {
      this.local = path.path;
      return;
    }
    const bound = server.address() as { address: string; port: number };
    this.local = hostPort(bound.address, bound.port);
  }

  close(): void {
    const close = () => void this.#server.close();
    if (this.#path === null) close();
    else this.#path.release(close);
  }
}

/** Since Node 22 it gives abstract names their exact length. */
const ABSTRACT_SINCE = 22;

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
  if (onLinux() && nodeMajor() >= ABSTRACT_SINCE) all.add("abstractNames");
  if (nodeNet().Socket.prototype.setKeepAlive.length >= 4) {
    all.add("keepAliveInterval").add("keepAliveCount");
  }
  return all;
}
