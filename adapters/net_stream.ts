// A ByteStream over a socket of `node:net`: all streams on Node, and attempts to
// connect on Bun.

import type {
  OnReadOpts,
  Socket,
  SocketConstructorOpts,
  TcpSocketConnectOpts,
} from "node:net";
import type {
  ByteStream,
  KeepAlive,
  StreamHandler,
  StreamTarget,
  TcpTarget,
  TlsSettings,
} from "../src/runtime/adapter.ts";
import { runtimePath } from "./local_path.ts";
import { connectTls } from "./tls.ts";
import { coded } from "./coded.ts";
import {
  connectHost,
  hostPort,
  later,
  listenHost,
  nodeNet,
  posix,
} from "./platform.ts";

/** Memory for what is read and thrown away. */
const REST_BYTES = 16384;

export class NetStream implements ByteStream {
  readonly exact = false;
  /** Whether Node reads into memory of ours. */
  readonly #ownMemory: boolean;
  /** See Adapter.copyReads. */
  readonly #copyReads: number;
  local = "";
  remote = "";
  #socket: Socket | null = null;
  #handler: StreamHandler | null = null;
  #error: Error | undefined = undefined;
  #ending = false;
  #over = false;
  #pending = 0;
  /** Writes that were found done at once, and whose callbacks are still to come. */
  #early = 0;
  #cancelLimit: () => void = nothing;
  readonly #written = (error?: Error | null) => {
    if (this.#early > 0) {
      this.#early--;
    } else if (!error && !this.#over) {
      const sent = this.#pending;
      this.#pending = 0;
      this.#handler!.sent(sent);
    }
  };

  /**
   * With `ownMemory` it reads into memory of its handler where it can.
   * Pieces of at most `copyReads` bytes are copied, so that they get no buffer.
   */
  constructor(ownMemory = false, copyReads = 0) {
    this.#ownMemory = ownMemory;
    this.#copyReads = copyReads;
  }

  /** Begins to connect; `taken` may make another stream of what is connected. */
  connect(
    target: StreamTarget,
    handler: StreamHandler,
    taken: (socket: Socket) => boolean = never,
  ): void {
    this.#handler = handler;
    whereTo(target).then((where) => {
      if (this.#over) return;
      const tls = target.kind === "tcp" ? target.tls : null;
      const socket = tls === null
        ? nodeNet().connect({ ...where, ...this.#options() })
        : this.connectTls(where as TcpSocketConnectOpts, tls);
      this.#take(socket, tls === null && this.#reads);
      socket.once(tls === null ? "connect" : "secureConnect", () => {
        if (taken(socket)) {
          this.#over = true;
          return;
        }
        if (target.kind === "ipc") this.remote = target.path;
        this.#opened(target);
      });
      socket.unref();
    }).catch((error) => this.#close(posix(error)));
  }

  protected connectTls(where: TcpSocketConnectOpts, tls: TlsSettings): Socket {
    return connectTls(where, tls);
  }

  /** Takes a socket that was accepted at a target that is called `local`. */
  accept(
    socket: Socket,
    target: StreamTarget,
    local: string,
    handler: StreamHandler,
  ): void {
    this.#handler = handler;
    this.local = local;
    this.#take(socket);
    this.#opened(target);
  }

  /** Takes what a listener has accepted before there is a socket of it. */
  acceptHandle(
    handle: object,
    target: StreamTarget,
    local: string,
    handler: StreamHandler,
  ): void {
    this.#handler = handler;
    const { Socket } = nodeNet();
    const options = { handle, ...this.#options() } as SocketConstructorOpts;
    this.accept(new Socket(options), target, local, handler);
  }

  /** Takes a socket that some server of the user's has accepted. */
  adopt(socket: object, handler: StreamHandler): void {
    const given = socket as Socket;
    this.#handler = handler;
    this.#take(given);
    given.setNoDelay(true);
    given.unref();
    this.local = hostPort(given.localAddress ?? "", given.localPort ?? 0);
    this.remote = hostPort(given.remoteAddress ?? "", given.remotePort ?? 0);
    handler.opened(this);
    // One that had gone already tells nothing of it.
    if (given.destroyed) Promise.resolve().then(() => this.#close(this.#error));
  }

  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket === null || this.#over) return;
    this.#pending = bytes.length;
    socket.write(bytes, this.#written);
    // Nothing left in the socket's own queue: the kernel has it, or it failed.
    if (socket.writableLength > 0 || socket.errored || this.#pending === 0) {
      return;
    }
    this.#pending = 0;
    this.#early++;
    this.#handler!.sent(bytes.length);
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  end(limit: number): void {
    const socket = this.#socket;
    if (socket === null || this.#over) {
      this.abort();
      return;
    }
    this.#ending = true;
    socket.end();
    socket.resume();
    this.#cancelLimit = later(() => socket.destroy(), limit);
  }

  abort(): void {
    if (this.#socket !== null) this.#socket.destroy();
    else if (!this.#over) {
      this.#over = true;
      const error = coded("ECONNABORTED", "the attempt was ended");
      Promise.resolve().then(() => this.#handler!.closed(error));
    }
  }

  ref(): void {
    this.#socket?.ref();
  }

  unref(): void {
    this.#socket?.unref();
  }

  #take(socket: Socket, reads = this.#reads): void {
    this.#socket = socket;
    if (reads) socket.resume();
    else {
      socket.on("data", (bytes: Uint8Array<ArrayBuffer>) => {
        if (this.#ending) return;
        // A Buffer's slice() is a view, and a frame is none of Node's business.
        const { length } = bytes;
        this.#handler!.data(
          length <= this.#copyReads
            ? new Uint8Array(bytes)
            : new Uint8Array(bytes.buffer, bytes.byteOffset, length),
        );
      });
    }
    socket.on("end", destroy);
    socket.on("error", (error) => {
      if (!this.#ending) this.#error ??= posix(error);
    });
    socket.on("close", () => this.#close(this.#error));
  }

  /** Whether it reads into memory of its handler, if it can. */
  get #reads(): boolean {
    return this.#ownMemory && this.#handler!.readTarget !== undefined;
  }

  #options(): SocketConstructorOpts {
    return {
      allowHalfOpen: true,
      ...this.#reads ? { onread: this.#reading() } : {},
    };
  }

  /** How Node reads into memory that it is given for each read. */
  #reading(): OnReadOpts {
    const handler = this.#handler!;
    return {
      buffer: () => {
        if (this.#ending || this.#over) return new Uint8Array(REST_BYTES);
        return handler.readTarget!(true);
      },
      callback: (length, memory) => {
        if (!this.#ending && !this.#over) {
          handler.data(memory.subarray(0, length));
        }
        return true;
      },
    };
  }

  #opened(target: StreamTarget): void {
    const socket = this.#socket!;
    socket.unref();
    if (target.kind === "tcp") this.#setTcp(socket, target);
    this.#handler!.opened(this);
  }

  #setTcp(socket: Socket, target: TcpTarget): void {
    socket.setNoDelay(true);
    setKeepAlive(socket, target.keepAlive);
    if (target.typeOfService > 0) {
      (socket as unknown as LateNodeSocket).setTypeOfService(
        target.typeOfService,
      );
    }
    this.local = hostPort(socket.localAddress ?? "", socket.localPort ?? 0);
    this.remote = hostPort(socket.remoteAddress ?? "", socket.remotePort ?? 0);
  }

  #close(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelLimit();
    this.#handler!.closed(error);
  }
}

function nothing(): void {}

function never(): boolean {
  return false;
}

function destroy(this: Socket): void {
  this.destroy();
}

async function whereTo(
  target: StreamTarget,
): Promise<{ path: string } | TcpSocketConnectOpts> {
  if (target.kind === "ipc") return { path: runtimePath(target.path) };
  const { port, ipv6, source } = target;
  const host = await connectHost(target.host, ipv6);
  if (source === null) return { host, port };
  const where: TcpSocketConnectOpts = { host, port };
  if (source.host !== "*") {
    where.localAddress = await listenHost(source.host, ipv6);
  }
  if (source.port !== 0) where.localPort = source.port;
  return where;
}

interface LateNodeSocket {
  setKeepAlive(
    enable: boolean,
    idle?: number,
    interval?: number,
    count?: number,
  ): void;
  setTypeOfService(value: number): void;
}

function setKeepAlive(socket: Socket, options: KeepAlive): void {
  if (options.enable === -1) return;
  const milliseconds = (value: number) => value < 0 ? undefined : value * 1000;
  (socket as unknown as LateNodeSocket).setKeepAlive(
    options.enable === 1,
    milliseconds(options.idle),
    milliseconds(options.interval),
    options.count < 0 ? undefined : options.count,
  );
}
