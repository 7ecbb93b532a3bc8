// Browsers: the platform's WebSocket.

import type {
  Adapter,
  ByteStream,
  Clock,
  DatagramSocket,
  DatagramTarget,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import type { Threads } from "../src/runtime/threads.ts";
import { LockThreads } from "./lock_threads.ts";
import {
  type PlatformWebSocket,
  WebSocketStream,
} from "./web_socket_stream.ts";
import { coded } from "./coded.ts";
import { now } from "./now.ts";

const LONGEST_DELAY = 2147483647;
/** Where pages of https may go without TLS. */
const LOOPBACK =
  /^ws:\/\/(?:localhost|127\.|\[::1\]|[^/:]*\.localhost)(?=[:/.\d]|$)/;

interface Platform {
  WebSocket: new (
    url: string,
    protocols: readonly string[],
  ) => PlatformWebSocket;
  MessageChannel: new () => Channel;
  URL: { canParse(url: string): boolean };
  crossOriginIsolated: boolean;
  /** Of a page or Worker. */
  origin?: string;
  setTimeout(fn: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

interface Channel {
  port1: { onmessage: (() => void) | null };
  port2: { postMessage(message: null): void };
}

const platform = globalThis as unknown as Platform;
// As they are when this loads; see now.ts.
const { setTimeout, clearTimeout } = platform;

/** What is to be called after this turn, and what tells of that: listened to, it lives for ever. */
const turns: (() => void)[] = [];
let channel: Channel | undefined;

function opened(): Channel {
  const made = new platform.MessageChannel();
  made.port1.onmessage = () => {
    for (const fn of turns.splice(0)) fn();
  };
  return made;
}

export class BrowserAdapter implements Adapter {
  readonly name = "browser";
  readonly frameCopies = null;
  readonly copyReads = 0;
  readonly features: ReadonlySet<Feature> = new Set<Feature>(["webSockets"]);
  /** Memory is shared only where no other origin's pages may have a look at it. */
  readonly threads: Threads | null = platform.crossOriginIsolated
    ? new LockThreads((fn) => this.endOfTurn(fn))
    : null;
  readonly x25519: null = null;
  readonly clock: Clock = new BrowserClock();

  entropy(into: Uint8Array): void {
    crypto.getRandomValues(into as Uint8Array<ArrayBuffer>);
  }

  endOfTurn(fn: () => void): void {
    turns.push(fn);
    if (turns.length === 1) (channel ??= opened()).port2.postMessage(null);
  }

  /** What `WebSocket` would throw at is no permission, but has to be known as early. */
  forbids(target: StreamTarget | DatagramTarget): Error | null {
    const url = target.kind === "tcp" ? target.webSocket?.url ?? "" : "";
    if (!platform.URL.canParse(url) || url.includes("#")) {
      return coded("EINVAL", "it makes no URL of a WebSocket");
    }
    const clear = url.startsWith("ws:") && !LOOPBACK.test(url);
    if (!clear || !platform.origin?.startsWith("https:")) return null;
    return coded("EACCES", "a page of https connects over wss:// only");
  }

  connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const request = target.kind === "tcp" ? target.webSocket : null;
    if (request === null) throw unsupported();
    const { url, protocols } = request;
    const socket = new platform.WebSocket(url, protocols);
    const remote = url.replace(/^wss?:\/\/([^/]*).*$/, "$1");
    return new WebSocketStream(socket, remote, handler);
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
    return now();
  }

  setTimer(at: number, fn: () => void): void {
    clearTimeout(this.#timer);
    if (at === Infinity) return;
    const delay = Math.min(
      Math.max(0, Math.ceil(at - this.now())),
      LONGEST_DELAY,
    );
    this.#timer = setTimeout(fn, delay);
  }

  ref(): void {}

  unref(): void {}
}

function unsupported(): Error {
  return coded("EPROTONOSUPPORT", "a browser connects by WebSockets only");
}
