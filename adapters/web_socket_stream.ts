// A WebSocket of the platform as a stream: each write is a message, each message one
// piece of data. It can't be told to stop reading, so what comes while nobody takes
// it is kept up to a limit, beyond which the stream ends. What was kept of one that has
// ended is still taken, as what the kernel keeps of other streams is.

import type { ByteStream, StreamHandler } from "../src/runtime/adapter.ts";
import { coded } from "./coded.ts";

/** Bytes that may have come and not been taken, and of a message where that is ours to say. */
export const MOST_HELD = 67108864;
/** What a message that waits costs beside its bytes, roughly. */
const EACH = 256;
const TAKEN = new Uint8Array(0);
/** Bytes that are kept of streams that have ended: who comes again and again leaves no more. */
let left = 0;
/** Bytes that the platform may hold for the network before a write is not yet done. */
const MOST_BUFFERED = 1048576;
/** How often that is looked at, in milliseconds; in a page that is hidden, about once a second. */
const LOOK_MS = 10;
const OPEN = 1;
const CLOSED = 3;
/** The status by which somebody is told that his message is too large. */
const TOO_BIG = 1009;

const { setTimeout, clearTimeout, document } = globalThis as unknown as {
  setTimeout(fn: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  document?: { readonly hidden: boolean };
};

/** What is used of a WebSocket. */
export interface PlatformWebSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  /** Deno says here why it closes. */
  onerror: ((event: { message?: string }) => void) | null;
  send(bytes: Uint8Array): void;
  close(code?: number): void;
}

export class WebSocketStream implements ByteStream {
  readonly exact = false;
  readonly local = "";
  readonly remote: string;
  readonly #protocol: string | undefined;
  readonly #handler: StreamHandler;
  readonly #socket: PlatformWebSocket;
  #opened = false;
  /** Whether nothing comes or goes any more, and whether the handler was told. */
  #ended = false;
  #over = false;
  /** Whether its handler wants no more. */
  #ending = false;
  /** Ends it, if its peer doesn't answer the goodbye. */
  #last: unknown = undefined;
  #error: Error | undefined = undefined;
  #paused = false;
  /** What waits, behind as many as were taken: to shift each costs as much as all that follow. */
  #held: Uint8Array[] = [];
  #taken = 0;
  #heldBytes = 0;
  #unsent = 0;

  /** Around one that is open, or opens; its handlers are taken. */
  constructor(
    socket: PlatformWebSocket,
    remote: string,
    handler: StreamHandler,
    protocol?: string,
  ) {
    this.remote = remote;
    this.#protocol = protocol;
    this.#handler = handler;
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const opened = () => {
      this.#opened = true;
      handler.opened(this);
    };
    if (socket.readyState === OPEN) Promise.resolve().then(opened);
    else if (socket.readyState === CLOSED) {
      // One that had gone already tells nothing of it.
      Promise.resolve().then(() => this.#close(this.#endOf(1006, "")));
    } else socket.onopen = opened;
    socket.onmessage = ({ data }) => this.#received(data);
    let complaint = "";
    socket.onerror = ({ message = "" }) => {
      complaint = message;
      // Chromium closes what a page's policy forbids without a word.
      const refused = !this.#opened && socket.readyState === CLOSED;
      if (refused) setTimeout(() => this.#close(this.#endOf(1006, message)), 0);
    };
    socket.onclose = ({ code, reason }) => {
      // 1000 and 1005 are goodbyes; browsers tell no more of the rest.
      const good = code === 1000 || code === 1005;
      this.#close(good ? undefined : this.#endOf(code, reason || complaint));
    };
  }

  get protocol(): string {
    return this.#protocol ?? this.#socket.protocol;
  }

  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#socket.send(bytes);
    this.#unsent += bytes.length;
    this.#look();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (!this.#paused && this.#taken < this.#held.length) {
      const message = this.#held[this.#taken];
      this.#held[this.#taken++] = TAKEN;
      this.#heldBytes -= message.length + EACH;
      if (this.#ended) left -= message.length + EACH;
      this.#handler.data(message);
    }
    if (this.#ended && this.#heldBytes === 0) this.#tell();
    if (this.#taken < this.#held.length >> 1) return;
    this.#held.splice(0, this.#taken);
    this.#taken = 0;
  }

  end(limit: number): void {
    this.#ending = true;
    this.#socket.close(1000);
    clearTimeout(this.#last);
    if (!this.#ended) this.#last = setTimeout(() => this.abort(), limit);
  }

  abort(): void {
    this.#ending = true;
    this.#socket.close();
    this.#drop();
    Promise.resolve().then(() => {
      this.#close(undefined);
      this.#tell();
    });
  }

  ref(): void {}

  unref(): void {}

  #endOf(code: number, reason: string): Error {
    if (code === TOO_BIG || /too (big|large)/i.test(reason)) {
      const rule = "a message is larger than this runtime takes";
      return coded("EMSGSIZE", `${rule} by its WebSockets`);
    }
    return coded(
      this.#opened ? "ECONNRESET" : "ECONNREFUSED",
      `the WebSocket closed with ${code}`,
    );
  }

  #received(data: unknown): void {
    if (this.#ended) return;
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
    this.#heldBytes += message.length + EACH;
    if (this.#heldBytes > MOST_HELD) {
      this.#fail("ENOBUFS", `nobody took ${this.#heldBytes} bytes that came`);
    }
  }

  /** A write is done once the platform holds little. */
  #look(): void {
    if (this.#ended || this.#unsent === 0) return;
    const most = document?.hidden ? MOST_HELD : MOST_BUFFERED;
    if (this.#socket.bufferedAmount > most) {
      setTimeout(() => this.#look(), LOOK_MS);
      return;
    }
    const sent = this.#unsent;
    this.#unsent = 0;
    this.#handler.sent(sent);
  }

  #fail(code: string, message: string): void {
    this.#close(coded(code, message));
    this.#socket.close();
  }

  /** It has ended, which is told once what came first was taken. */
  #close(error: Error | undefined): void {
    if (this.#ended) return;
    clearTimeout(this.#last);
    this.#error = error;
    const bytes = this.#heldBytes;
    const much = !this.#ending && left > 0 && left + bytes > MOST_HELD;
    if (much) {
      this.#error ??= coded("ENOBUFS", `nobody took ${bytes} bytes that came`);
    }
    if (this.#ending || much) this.#drop();
    this.#ended = true;
    left += this.#heldBytes;
    if (this.#heldBytes === 0) this.#tell();
  }

  #tell(): void {
    if (this.#over) return;
    this.#over = true;
    this.#handler.closed(this.#error);
  }

  /** What is kept is for nobody. */
  #drop(): void {
    if (this.#ended) left -= this.#heldBytes;
    this.#held = [];
    this.#taken = 0;
    this.#heldBytes = 0;
  }
}
