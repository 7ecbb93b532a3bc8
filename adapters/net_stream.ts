// A ByteStream over a socket of `node:net`: all streams on Node, and those that
// are connected on Bun.

import type { Socket } from "node:net";
import type {
  ByteStream,
  KeepAlive,
  StreamHandler,
  TcpTarget,
} from "../src/runtime/adapter.ts";
import {
  coded,
  connectHost,
  hostPort,
  later,
  nodeNet,
  posix,
} from "./platform.ts";

export class NetStream implements ByteStream {
  readonly exact = false;
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
  #cancelLimit: () => void = () => {};
  readonly #written = (error?: Error | null) => {
    if (this.#early > 0) {
      this.#early--;
    } else if (!error && !this.#over) {
      const sent = this.#pending;
      this.#pending = 0;
      this.#handler!.sent(sent);
    }
  };

  /** Begins to connect. */
  connect(target: TcpTarget, handler: StreamHandler): void {
    this.#handler = handler;
    connectHost(target.host, target.ipv6).then((host) => {
      if (this.#over) return;
      const socket = nodeNet().connect({
        host,
        port: target.port,
        allowHalfOpen: true,
      });
      this.#take(socket);
      socket.once("connect", () => this.#opened(target));
      socket.unref();
    }).catch((error) => this.#close(posix(error)));
  }

  /** Takes a socket that was accepted. */
  accept(socket: Socket, target: TcpTarget, handler: StreamHandler): void {
    this.#handler = handler;
    this.#take(socket);
    this.#opened(target);
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
      Promise.resolve().then(() =>
        this.#close(coded("ECONNABORTED", "the attempt was ended"))
      );
    }
  }

  ref(): void {
    this.#socket?.ref();
  }

  unref(): void {
    this.#socket?.unref();
  }

  #take(socket: Socket): void {
    this.#socket = socket;
    socket.on("data", (bytes: Uint8Array<ArrayBuffer>) => {
      if (this.#ending) return;
      // A Buffer's slice() is a view, and a frame is none of Node's business.
      const { buffer, byteOffset, length } = bytes;
      this.#handler!.data(new Uint8Array(buffer, byteOffset, length));
    });
    socket.on("end", () => socket.destroy());
    socket.on("error", (error) => {
      if (!this.#ending) this.#error ??= posix(error);
    });
    socket.on("close", () => this.#close(this.#error));
  }

  #opened(target: TcpTarget): void {
    const socket = this.#socket!;
    socket.unref();
    socket.setNoDelay(true);
    setKeepAlive(socket, target.keepAlive);
    if (target.typeOfService > 0) {
      (socket as unknown as LateNodeSocket).setTypeOfService(
        target.typeOfService,
      );
    }
    this.local = hostPort(socket.localAddress ?? "", socket.localPort ?? 0);
    this.remote = hostPort(socket.remoteAddress ?? "", socket.remotePort ?? 0);
    this.#handler!.opened(this);
  }

  #close(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelLimit();
    this.#handler!.closed(error);
  }
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
