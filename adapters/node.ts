// Node: `node:net`.

import type { ListenOptions, Server } from "node:net";
import type {
  ByteStream,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import type { Threads } from "../src/runtime/threads.ts";
import type { DatagramAbilities } from "./datagrams.ts";
import { LocalPath, runtimePath } from "./local_path.ts";
import { NetStream } from "./net_stream.ts";
import { coded } from "./coded.ts";
import {
  errorName,
  family,
  hostPort,
  listenHost,
  nodeFs,
  nodeMajor,
  nodeNet,
  onLinux,
  ownHost,
  posix,
  tried,
} from "./platform.ts";
import { ServerAdapter } from "./server_adapter.ts";
import { listenTls } from "./tls_listener.ts";
import { NodeThreads } from "./threads.ts";

export class NodeAdapter extends ServerAdapter {
  readonly name = "node";
  readonly frameCopies = null;
  readonly copyReads = 0;
  readonly features: ReadonlySet<Feature> = features();
  readonly threads: Threads = new NodeThreads();

  override connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const stream = new NetStream(true);
    stream.connect(target, handler);
    return stream;
  }

  protected datagrams(): DatagramAbilities {
    return { sharesPorts: sharesPorts(), pending: 64, buffersReads: false };
  }

  listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ): Listener | Promise<Listener> {
    if (target.kind === "tcp" && target.tls !== null) {
      return listenTls(target, accept, refused);
    }
    const server = nodeNet().createServer({ allowHalfOpen: true });
    const path = target.kind === "ipc"
      ? tried(() => new LocalPath(target))
      : null;
    const begun = (): NodeListener => {
      path?.bound();
      return new NodeListener(server, target, path, accept, refused);
    };
    try {
      if (listensNow(server, target, path)) return begun();
    } catch (error) {
      path?.abandon();
      throw posix(error);
    }
    return listening(server, target, path).then(begun, (error) => {
      path?.abandon();
      throw posix(error);
    });
  }
}

/** What Node exports for its own modules: a bound handle, or the number of an error. */
interface NodeHandles {
  _createServerHandle?(
    host: string,
    port: number,
    family: 4 | 6 | -1,
  ): NodeHandle | number;
}

/** What is behind a server, and tells it of who connects, or why nobody could. */
interface ServerHandle {
  onconnection?: (status: number, client?: object) => void;
}

interface NodeHandle {
  getsockname?(into: object): number;
  close(): void;
}

/**
 * Listens before it returns where Node can: at a path, a literal address or an
 * interface's. `Server.listen` looks even literals up, and tells errors later.
 */
function listensNow(
  server: Server,
  target: StreamTarget,
  path: LocalPath | null,
): boolean {
  const bind = (nodeNet() as unknown as NodeHandles)._createServerHandle;
  if (bind === undefined || target.kind === "tcp" && target.descriptor >= 0) {
    return false;
  }
  const host = target.kind === "ipc"
    ? runtimePath(path!.path)
    : ownHost(target.host, target.ipv6);
  if (host === null) return false;
  const handle = target.kind === "ipc"
    ? bind(host, -1, -1)
    : bind(host, target.port, family(host) === 6 ? 6 : 4);
  // That a port is taken, libuv tells whoever asks for the name.
  const failed = typeof handle === "number"
    ? handle
    : handle.getsockname?.({}) ?? 0;
  if (failed === 0 && target.kind === "ipc") {
    // Of a path's handle `listen` takes the descriptor alone, and both would close it:
    // with the thread, when it is somebody else's by then. So that was a trial.
    (handle as NodeHandle).close();
    server.listen({ path: host, backlog: target.backlog, exclusive: true });
    return true;
  }
  if (failed === 0) {
    server.listen(handle, target.backlog);
    return true;
  }
  if (typeof handle !== "number") handle.close();
  const code = errorName(failed);
  const lost = code === "EACCES" && target.kind === "ipc" && folderLost(host);
  throw coded(lost ? "ENOENT" : code, `listen ${code} ${host}`);
}

async function listening(
  server: Server,
  target: StreamTarget,
  path: LocalPath | null,
): Promise<void> {
  const where = await whereToListen(target, path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const lost = (error as { code?: string }).code === "EACCES" &&
        where.path !== undefined && folderLost(where.path);
      reject(lost ? coded("ENOENT", "no such folder", error) : error);
    });
    server.listen(where, resolve);
  });
}

/** Where to, for itself alone: workers of a `node:cluster` would share it otherwise. */
async function whereToListen(
  target: StreamTarget,
  path: LocalPath | null,
): Promise<ListenOptions> {
  const { backlog } = target;
  if (target.kind === "ipc") {
    return { path: runtimePath(path!.path), backlog, exclusive: true };
  }
  const { port, descriptor } = target;
  if (descriptor >= 0) return { fd: descriptor, backlog } as ListenOptions;
  const host = await listenHost(target.host, target.ipv6);
  return { host, port, backlog, exclusive: true };
}

/** Whether the folder of a path isn't there; Node says EACCES then, too. */
function folderLost(path: string): boolean {
  return !nodeFs().existsSync(dirname(path));
}

function dirname(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "." : path.slice(0, at + 1);
}

class NodeListener implements Listener {
  readonly local: string;
  readonly #server: Server;
  readonly #path: LocalPath | null;

  constructor(
    server: Server,
    target: StreamTarget,
    path: LocalPath | null,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ) {
    this.#server = server;
    this.#path = path;
    if (path !== null) this.local = path.path;
    else {
      const bound = server.address() as { address: string; port: number };
      this.local = hostPort(bound.address, bound.port);
    }
    server.unref();
    server.removeAllListeners("error");
    server.on("error", (error) => refused(posix(error)));
    server.on("connection", (socket) => {
      const stream = new NetStream();
      stream.accept(socket, target, this.local, accept(stream));
    });
    takeHandles(server, (handle) => {
      const stream = new NetStream(true);
      stream.acceptHandle(handle, target, this.local, accept(stream));
    });
  }

  close(): void {
    const close = () => void this.#server.close();
    if (this.#path === null) close();
    else this.#path.release(close);
  }
}

/**
 * Takes connections before the server makes sockets of them, as it has no option for the
 * memory that those read into. Where Node has no such handle, its event goes on to tell.
 */
function takeHandles(server: Server, accept: (handle: object) => void): void {
  const { _handle: handle } = server as unknown as { _handle?: ServerHandle };
  const told = handle?.onconnection;
  if (told === undefined) return;
  handle!.onconnection = (status, client) => {
    if (client === undefined) told.call(handle, status);
    else accept(client);
  };
}

/** Since Node 24 (and late 22) datagrams may share a port; what Node doesn't know it ignores. */
const SHARES_PORTS_SINCE = 24;

function sharesPorts(): boolean {
  return nodeMajor() >= SHARES_PORTS_SINCE;
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
    "datagrams",
    "tls",
    "streams",
    "paths",
    "sources",
  ]);
  if (sharesPorts()) all.add("sharedPorts");
  if ("setTypeOfService" in nodeNet().Socket.prototype) {
    all.add("typeOfService");
  }
  if (onLinux() && nodeMajor() >= ABSTRACT_SINCE) all.add("abstractNames");
  if (nodeNet().Socket.prototype.setKeepAlive.length >= 4) {
    all.add("keepAliveInterval").add("keepAliveCount");
  }
  return all;
}
