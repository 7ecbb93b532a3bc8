// Bun: its own sockets, as `Bun.listen` gives them. An attempt of `Bun.connect` can
// neither be ended nor be bounded in time, so connections are made by `node:net`,
// and the socket behind its socket is taken over once it is connected.

import type { Socket } from "node:net";
import type {
  ByteStream,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
  TcpTarget,
} from "../src/runtime/adapter.ts";
import type { Threads } from "../src/runtime/threads.ts";
import type { DatagramAbilities } from "./datagrams.ts";
import { SmallFrameCopies } from "./frame_copies.ts";
import { LocalPath, runtimePath } from "./local_path.ts";
import { NetStream } from "./net_stream.ts";
import { type Newcomer, Newcomers } from "./newcomers.ts";
import {
  hostPort,
  later,
  listenHost,
  onLinux,
  ownHost,
  posix,
} from "./platform.ts";
import { ServerAdapter } from "./server_adapter.ts";
import { listenTls } from "./tls_listener.ts";
import { NodeThreads } from "./threads.ts";

// What is used of Bun, so that other runtimes' compilers know it too.
interface BunSocket {
  data: BunStream;
  reload(options: { socket: BunEvents }): void;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  write(bytes: Uint8Array): number;
  shutdown(): void;
  close(): void;
  pause(): void;
  resume(): void;
  ref(): void;
  unref(): void;
  setNoDelay(noDelay: boolean): void;
  setKeepAlive(enable: boolean, idle: number): void;
  setTypeOfService(value: number): void;
}

interface BunServer {
  readonly hostname: string;
  readonly port: number;
  stop(closeConnections: boolean): void;
  unref(): void;
}

interface BunEvents {
  binaryType: "uint8array";
  open?(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  close(socket: BunSocket, error?: Error): void;
  error(socket: BunSocket, error: Error): void;
}

interface BunNamespace {
  listen(options: {
    hostname?: string;
    port?: number;
    unix?: string;
    allowHalfOpen: boolean;
    socket: BunEvents;
  }): BunServer;
}

const bun = (globalThis as unknown as { Bun: BunNamespace }).Bun;

export class BunAdapter extends ServerAdapter {
  readonly name = "bun";
  readonly frameCopies = new SmallFrameCopies();
  readonly copyReads = 256;
  readonly features: ReadonlySet<Feature> = new Set<Feature>([
    "keepAlive",
    "keepAliveIdle",
    "typeOfService",
    "datagrams",
    "tls",
    "streams",
    "paths",
    "sources",
    "sharedPorts",
    ...(onLinux() ? ["abstractNames"] as const : []),
  ]);
  readonly threads: Threads = new NodeThreads();

  override connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const stream = new NetStream(false, this.copyReads);
    const clear = target.kind === "ipc" || target.tls === null;
    stream.connect(
      target,
      handler,
      clear ? (socket) => takeOver(socket, target, handler) : undefined,
    );
    return stream;
  }

  protected datagrams(): DatagramAbilities {
    return { sharesPorts: true, pending: 64, buffersReads: false };
  }

  listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ): Listener | Promise<Listener> {
    if (target.kind === "tcp" && target.tls !== null) {
      return listenTls(target, accept, refused);
    }
    if (target.kind === "ipc") return this.#open("", target, accept);
    const hostname = ownHost(target.host, target.ipv6);
    return hostname !== null
      ? this.#open(hostname, target, accept)
      : listenHost(target.host, target.ipv6)
        .then((found) => this.#open(found, target, accept));
  }

  #open(
    hostname: string,
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
  ): Listener {
    const path = target.kind === "ipc" ? new LocalPath(target) : null;
    const local = path?.path ?? "";
    const where = target.kind === "ipc"
      ? { unix: runtimePath(local) }
      : { hostname, port: target.port };
    const newcomers = new Newcomers();
    let server: BunServer;
    try {
      server = bun.listen({
        ...where,
        allowHalfOpen: true,
        socket: {
          ...EVENTS,
          open(socket) {
            const stream = new BunStream(socket, target, accept);
            if (target.kind === "ipc") stream.local = local;
            newcomers.come(stream);
          },
        },
      });
    } catch (error) {
      path?.abandon();
      throw posix(error);
    }
    server.unref();
    const close = () => {
      server.stop(false);
      newcomers.close();
    };
    if (path === null) {
      return { local: hostPort(server.hostname, server.port), close };
    }
    path.bound();
    return { local, close: () => path.release(close) };
  }
}

const EVENTS: BunEvents = {
  binaryType: "uint8array",
  data: (socket, bytes) => socket.data.received(bytes),
  drain: (socket) => socket.data.drained(),
  end: (socket) => socket.data.ended(),
  close: (socket, error) => socket.data.closed(error),
  error: (socket, error) => socket.data.failed(error),
};

/** Takes what `node:net` has connected, if it has a socket of Bun that can be taken. */
function takeOver(
  connected: Socket,
  target: StreamTarget,
  handler: StreamHandler,
): boolean {
  const { _handle: socket } = connected as unknown as { _handle?: BunSocket };
  if (typeof socket?.reload !== "function") return false;
  const stream = new BunStream(socket, target, () => handler);
  if (target.kind === "ipc") stream.remote = target.path;
  socket.reload({ socket: EVENTS });
  stream.enter();
  return true;
}

class BunStream implements ByteStream, Newcomer {
  readonly exact = true;
  local = "";
  remote = "";
  /** `node:net` leaves this with a socket that it has connected. */
  req: undefined = undefined;
  readonly #socket: BunSocket;
  readonly #target: StreamTarget;
  readonly #accept: (stream: ByteStream) => StreamHandler;
  #handler: StreamHandler | null = null;
  /** Whether its socket was paused before it was let in, and what came all the same. */
  #waited = false;
  #early: Uint8Array[] = [];
  #rest: Uint8Array | null = null;
  #unwritten = 0;
  #ending = false;
  #over = false;
  #error: Error | undefined = undefined;
  #cancelLimit: () => void = () => {};

  constructor(
    socket: BunSocket,
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
  ) {
    this.#target = target;
    this.#accept = accept;
    this.#socket = socket;
    socket.data = this;
    socket.unref();
    if (target.kind === "ipc") return;
    // Whoever has gone already has no address.
    this.local = hostPort(socket.localAddress ?? "", socket.localPort ?? 0);
    this.remote = hostPort(socket.remoteAddress ?? "", socket.remotePort ?? 0);
  }

  get gone(): boolean {
    return this.#over;
  }

  enter(): void {
    const target = this.#target;
    if (this.#waited) this.resume();
    this.#handler = this.#accept(this);
    if (target.kind === "tcp") this.#setTcp(target);
    this.#handler.opened(this);
    for (const bytes of this.#early.splice(0)) this.received(bytes);
  }

  wait(): void {
    this.#waited = true;
    this.#socket.pause();
  }

  turnAway(): void {
    this.abort();
  }

  #setTcp({ keepAlive, typeOfService }: TcpTarget): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    if (typeOfService > 0) socket.setTypeOfService(typeOfService);
    if (keepAlive.enable === -1) return;
    const idle = keepAlive.idle < 0 ? 0 : keepAlive.idle * 1000;
    socket.setKeepAlive(keepAlive.enable === 1, idle);
  }

  write(bytes: Uint8Array): void {
    if (this.#over) return;
    const count = this.#socket.write(bytes);
    if (count < 0) return;
    this.#unwritten = bytes.length - count;
    if (this.#unwritten > 0) this.#rest = bytes.subarray(count);
    if (count > 0) this.#handler!.sent(count);
  }

  pause(): void {
    if (!this.#over) this.#socket.pause();
  }

  resume(): void {
    if (!this.#over) this.#socket.resume();
  }

  end(limit: number): void {
    if (this.#over) return;
    this.#ending = true;
    this.#socket.shutdown();
    this.#socket.resume();
    this.#cancelLimit = later(() => this.abort(), limit);
  }

  abort(): void {
    // Not terminate(), which takes back what the kernel has and the peer hasn't.
    if (!this.#over) this.#socket.close();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  received(bytes: Uint8Array): void {
    if (this.#handler === null) this.#early.push(bytes);
    else if (!this.#ending && !this.#over) this.#handler.data(bytes);
  }

  drained(): void {
    const rest = this.#rest;
    if (rest === null || this.#over) return;
    this.#rest = null;
    // Its memory may have been given away meanwhile; see OutboundLog.next.
    const gone = rest.length < this.#unwritten;
    this.write(gone ? new Uint8Array(this.#unwritten) : rest);
  }

  /** The peer's FIN. */
  ended(): void {
    this.abort();
  }

  failed(error: Error): void {
    this.#error ??= posix(error);
  }

  closed(cause?: Error): void {
    if (this.#over) return;
    this.#over = true;
    if (cause) this.failed(cause);
    this.#cancelLimit();
    const handler = this.#handler;
    if (handler === null) return;
    // Bun tells of it within close(), where nobody expects to hear of it.
    const error = this.#ending ? undefined : this.#error;
    Promise.resolve().then(() => handler.closed(error));
  }
}
