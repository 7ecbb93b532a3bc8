// Browsers: the platform's WebSocket. It can't be told to stop reading, so what
// comes while nobody takes it is kept up to a limit, beyond which the stream ends.

import type {
  Adapter,
  ByteStream,
  Clock,
  DatagramSocket,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
  WebSocketRequest,
} from "../src/runtime/adapter.ts";
import type { Threads } from "../src/runtime/threads.ts";
import { LockThreads } from "./lock_threads.ts";

/** Bytes that may have come and not been taken. */
const MOST_HELD = 67108864;
/** Bytes that the platform may hold for the network before a write is not yet done. */
const MOST_BUFFERED = 1048576;
/** How often that is looked at, in milliseconds. */
const LOOK_MS = 10;
const LONGEST_DELAY = 2147483647;

interface PlatformSocket {
  binaryType: "arraybuffer";
  readonly bufferedAmount: number;
  readonly protocol: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(bytes: Uint8Array): void;
  close(code?: number): void;
}

interface Platform {
  WebSocket: new (url: string, protocols: readonly string[]) => PlatformSocket;
  MessageChannel: new () => {
    port1: { onmessage: (() => void) | null };
    port2: { postMessage(message: null): void };
  };
  setTimeout(fn: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

const platform = globalThis as unknown as Platform;

export class BrowserAdapter implements Adapter {
  readonly name = "browser";
  readonly copyBelow = 0;
  readonly features: ReadonlySet<Feature> = new Set<Feature>(["webSockets"]);
  readonly threads: Threads = new LockThreads();
  readonly x25519: null = null;
  readonly clock: Clock = new BrowserClock();
  readonly #turns: (() => void)[] = [];
  readonly #channel = new platform.MessageChannel();

  constructor() {
    this.#channel.port1.onmessage = () => {
      for (const fn of this.#turns.splice(0)) fn();
    };
  }

  entropy(into: Uint8Array): void {
    crypto.getRandomValues(into as Uint8Array<ArrayBuffer>);
  }

  endOfTurn(fn: () => void): void {
    this.#turns.push(fn);
    if (this.#turns.length === 1) this.#channel.port2.postMessage(null);
  }

  forbids(): null {
    return null;
  }

  connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const request = target.kind === "tcp" ? target.webSocket : null;
    if (request === null) throw unsupported();
    return new BrowserStream(request, handler);
  }

  listen(): Listener {
    throw unsupported();
  }

  openDatagrams(): DatagramSocket {
    throw unsupported();
  }
}

class BrowserClock implements Clock {
  #timer: unknown;

  now(): number {
    return performance.now();
  }

  setTimer(at: number, fn: () => void): void {
    platform.clearTimeout(this.#timer);
    if (at === Infinity) return;
    const delay = Math.min(
      Math.max(0, Math.ceil(at - this.now())),
      LONGEST_DELAY,
    );
    this.#timer = platform.setTimeout(fn, delay);
  }

  ref(): void {}

  unref(): void {}
}

class BrowserStream implements ByteStream {
  readonly exact = false;
  readonly local = "";
  readonly remote: string;
  readonly #handler: StreamHandler;
  readonly #socket: PlatformSocket;
  #over = false;
  #error: Error | undefined = undefined;
  #paused = false;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #unsent = 0;

  constructor({ url, protocols }: WebSocketRequest, handler: StreamHandler) {
    this.remote = url.replace(/^wss?:\/\/([^/]*).*$/, "$1");
    this.#handler = handler;
    const socket = this.#socket = new platform.WebSocket(url, protocols);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => handler.opened(this);
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ code }) => {
      // 1000 and 1005 are goodbyes; the platform tells no more of the rest.
      const good = code === 1000 || code === 1005;
      this.#close(
        this.#error ??
          (good
            ? undefined
            : coded("ECONNREFUSED", `the WebSocket closed with ${code}`)),
      );
    };
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  write(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#socket.send(bytes);
    this.#unsent += bytes.length;
    this.#look();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (!this.#paused && this.#held.length > 0) {
      const message = this.#held.shift()!;
      this.#heldBytes -= message.length;
      this.#handler.data(message);
    }
  }

  end(): void {
    this.#socket.close(1000);
  }

  abort(): void {
    this.#socket.close();
    Promise.resolve().then(() => this.#close(this.#error));
  }

  ref(): void {}

  unref(): void {}

  #received(data: unknown): void {
    if (this.#over) return;
    if (!(data instanceof ArrayBuffer)) {
      this.#fail("EBADMSG", "messages are binary");
      return;
    }
    const message = new Uint8Array(data);
    if (!this.#paused) {
      this.#handler.data(message);
      return;
    }
    this.#held.push(message);
    this.#heldBytes += message.length;
    if (this.#heldBytes > MOST_HELD) {
      this.#fail("ENOBUFS", `nobody took ${this.#heldBytes} bytes that came`);
    }
  }

  /** A write is done once the platform holds little. */
  #look(): void {
    if (this.#over || this.#unsent === 0) return;
    if (this.#socket.bufferedAmount > MOST_BUFFERED) {
      platform.setTimeout(() => this.#look(), LOOK_MS);
      return;
    }
    const sent = this.#unsent;
    this.#unsent = 0;
    this.#handler.sent(sent);
  }

  #fail(code: string, message: string): void {
    this.#error = coded(code, message);
    this.abort();
  }

  #close(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#held = [];
    this.#handler.closed(error);
  }
}

function unsupported(): Error {
  return coded("EPROTONOSUPPORT", "a browser connects by WebSockets only");
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
