// Bun: `Bun.listen` for what comes in. An attempt of `Bun.connect` can neither
// be ended nor be bounded in time, so connections are made by `node:net`.

import type {
  Adapter,
  ByteStream,
  Feature,
  KeepAlive,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import { NetStream } from "./net_stream.ts";
import {
  endOfTurn,
  entropy,
  hostPort,
  later,
  listenHost,
  PlatformClock,
  posix,
} from "./platform.ts";

// What is used of Bun, so that other runtimes' compilers know it too.
interface BunSocket {
  data: BunStream;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  write(bytes: Uint8Array): number;
  shutdown(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  ref(): void;
  unref(): void;
  setNoDelay(noDelay: boolean): void;
  setKeepAlive(enable: boolean, idle: number): void;
}

interface BunServer {
  readonly hostname: string;
  readonly port: number;
  stop(closeConnections: boolean): void;
  unref(): void;
}

interface BunNamespace {
  listen(options: {
    hostname: string;
    port: number;
    allowHalfOpen: boolean;
    socket: {
      binaryType: "uint8array";
      open(socket: BunSocket): void;
      data(socket: BunSocket, bytes: Uint8Array): void;
      drain(socket: BunSocket): void;
      end(socket: BunSocket): void;
      close(socket: BunSocket, error?: Error): void;
      error(socket: BunSocket, error: Error): void;
    };
  }): BunServer;
}

const bun = (globalThis as unknown as { Bun: BunNamespace }).Bun;

export class BunAdapter implements Adapter {
  readonly name = "bun";
  readonly features: ReadonlySet<Feature> = new Set<Feature>([
    "keepAlive",
    "keepAliveIdle",
  ]);
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
  ): Promise<Listener> {
    const hostname = await listenHost(target.host, target.ipv6);
    let server: BunServer;
    try {
      server = bun.listen({
        hostname,
        port: target.port,
        allowHalfOpen: true,
        socket: {
          binaryType: "uint8array",
          open(socket) {
            const stream = new BunStream(socket);
            socket.data = stream;
            stream.begin(accept(stream), target.keepAlive);
          },
          data: (socket, bytes) => socket.data.received(bytes),
          drain: (socket) => socket.data.drained(),
          end: (socket) => socket.data.ended(),
          close: (socket) => socket.data.closed(),
          error: (socket, error) => socket.data.failed(error),
        },
      });
    } catch (error) {
      throw posix(error);
    }
    server.unref();
    return {
      local: hostPort(server.hostname, server.port),
      close: () => server.stop(false),
    };
  }
}

class BunStream implements ByteStream {
  readonly exact = true;
  readonly local: string;
  readonly remote: string;
  readonly #socket: BunSocket;
  #handler: StreamHandler | null = null;
  #rest: Uint8Array | null = null;
  #ending = false;
  #over = false;
  #error: Error | undefined = undefined;
  #cancelLimit: () => void = () => {};

  constructor(socket: BunSocket) {
    this.#socket = socket;
    this.local = hostPort(socket.localAddress, socket.localPort);
    this.remote = hostPort(socket.remoteAddress, socket.remotePort);
  }

  begin(handler: StreamHandler, keepAlive: KeepAlive): void {
    const socket = this.#socket;
    this.#handler = handler;
    socket.unref();
    socket.setNoDelay(true);
    if (keepAlive.enable !== -1) {
      const idle = keepAlive.idle < 0 ? 0 : keepAlive.idle * 1000;
      socket.setKeepAlive(keepAlive.enable === 1, idle);
    }
    handler.opened(this);
  }

  write(bytes: Uint8Array): void {
    if (this.#over) return;
    const count = this.#socket.write(bytes);
    if (count < 0) return;
    if (count < bytes.length) this.#rest = bytes.subarray(count);
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
    if (!this.#over) this.#socket.terminate();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  received(bytes: Uint8Array): void {
    if (!this.#ending && !this.#over) this.#handler!.data(bytes);
  }

  drained(): void {
    const rest = this.#rest;
    if (rest === null || this.#over) return;
    this.#rest = null;
    this.write(rest);
  }

  /** The peer's FIN. */
  ended(): void {
    this.abort();
  }

  failed(error: Error): void {
    this.#error ??= posix(error);
  }

  closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelLimit();
    this.#handler!.closed(this.#ending ? undefined : this.#error);
  }
}
