// A WebSocket of the platform seen as a stream of ZMTP (RFC 45), where the platform
// does the upgrade and the frames: each write is one message, and each message that
// comes is one piece of data.

import { Fault } from "../base/fault.ts";
import {
  COMMAND,
  headerLength,
  LONG,
  LONGEST_HEADER,
  MORE,
  readSize,
  writeHeader,
} from "../base/frame.ts";
import type { ByteStream, StreamHandler } from "../runtime/adapter.ts";
import { GREETING_BYTES, greetingOf, readyOf } from "./played.ts";
import { mechanismOf } from "./upgrade.ts";
import type { ZwsSettings } from "./zws_stream.ts";

const ZWS_MORE = 1;
const ZWS_COMMAND = 2;

export class MessageStream implements ByteStream, StreamHandler {
  readonly exact = false;
  readonly #settings: ZwsSettings;
  #handler: StreamHandler | null = null;
  #stream: ByteStream | null = null;
  #fault: Fault | null = null;
  #greeting = GREETING_BYTES;
  /** Whether the handshake is played, as the subprotocol has none. */
  #played = false;
  #readySent = false;
  #readyHeard = false;
  /** The front of a frame whose body goes on in the next write. */
  #begun: Uint8Array | null = null;
  readonly #queue: { bytes: Uint8Array; credit: number }[] = [];
  #current: { bytes: Uint8Array; credit: number } | null = null;
  #unsent = 0;
  #ending: number | null = null;

  constructor(settings: ZwsSettings) {
    this.#settings = settings;
  }

  /** Who is behind it; before anything comes. */
  behind(handler: StreamHandler): this {
    this.#handler = handler;
    return this;
  }

  get local(): string {
    return this.#stream?.local ?? "";
  }

  get remote(): string {
    return this.#stream?.remote ?? "";
  }

  write(bytes: Uint8Array): void {
    const skipped = Math.min(this.#greeting, bytes.length);
    this.#greeting -= skipped;
    const rest = bytes.subarray(skipped);
    const messages = rest.length === 0 ? [] : this.#messages(rest);
    if (messages.length === 0) {
      this.#handler!.sent(bytes.length);
      return;
    }
    messages.forEach((message, i) =>
      this.#queue.push({
        bytes: message,
        credit: i === messages.length - 1 ? bytes.length : 0,
      })
    );
    if (this.#current === null) this.#sendNext();
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  end(limit: number): void {
    this.#ending = limit;
    if (this.#current === null) this.#stream?.end(limit);
  }

  abort(): void {
    this.#stream?.abort();
  }

  ref(): void {
    this.#stream?.ref();
  }

  unref(): void {
    this.#stream?.unref();
  }

  opened(stream: ByteStream): void {
    this.#stream = stream;
    const mechanism = mechanismOf(stream.protocol ?? "ZWS2.0");
    this.#played = mechanism === null;
    this.#handler!.opened(this);
    this.#handler!.data(greetingOf(mechanism ?? "NULL"));
  }

  data(message: Uint8Array): void {
    if (this.#fault !== null) return;
    const { maxMessageSize } = this.#settings;
    if (message.length === 0) {
      this.#fail(
        "peer",
        "ERR_WS_UNSPECIFIED",
        "a message begins with its flags",
      );
    } else if (maxMessageSize >= 0 && message.length - 1 > maxMessageSize) {
      this.#fail(
        "limit",
        "EMSGSIZE",
        `a frame holds at most ${maxMessageSize} bytes here, not ${
          message.length - 1
        }`,
      );
    } else if (this.#played && !this.#readyHeard) {
      this.#readyHeard = true;
      const name = message.subarray(1);
      this.#handler!.data(readyOf(this.#settings.socketType, name));
    } else {
      this.#handler!.data(frameOf(message));
    }
  }

  sent(bytes: number): void {
    this.#unsent -= bytes;
    if (this.#unsent > 0 || this.#current === null) return;
    const { credit } = this.#current;
    this.#current = null;
    if (credit > 0) this.#handler!.sent(credit);
    this.#sendNext();
  }

  closed(error?: Error): void {
    this.#handler!.closed(this.#fault ?? error);
  }

  /** Frames of ZMTP as messages of the WebSocket. */
  #messages(bytes: Uint8Array): Uint8Array[] {
    const frames = this.#begun === null ? bytes : joined(this.#begun, bytes);
    this.#begun = null;
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at < frames.length) {
      const flags = frames[at];
      const long = (flags & LONG) !== 0;
      const body = at + (long ? LONGEST_HEADER : 2);
      const end = body + (long ? readSize(frames, at + 1) : frames[at + 1]);
      if (end > frames.length) {
        this.#begun = frames.slice(at);
        break;
      }
      if (this.#played && !this.#readySent) {
        // What is said instead of READY is our name.
        this.#readySent = true;
        const { routingId } = this.#settings;
        const name = new Uint8Array(1 + routingId.length);
        name.set(routingId, 1);
        messages.push(name);
      } else {
        const message = new Uint8Array(1 + end - body);
        message[0] = ((flags & MORE) !== 0 ? ZWS_MORE : 0) |
          ((flags & COMMAND) !== 0 ? ZWS_COMMAND : 0);
        message.set(frames.subarray(body, end), 1);
        messages.push(message);
      }
      at = end;
    }
    return messages;
  }

  #sendNext(): void {
    while (this.#current === null) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      this.#current = next;
      this.#unsent = next.bytes.length;
      this.#stream!.write(next.bytes);
    }
    if (this.#current === null && this.#ending !== null) {
      this.#stream!.end(this.#ending);
      this.#ending = null;
    }
  }

  #fail(blame: "peer" | "limit", code: string, rule: string): void {
    this.#fault = new Fault(blame, code, rule);
    this.#stream!.abort();
  }
}

/** A message as a frame of ZMTP. */
function frameOf(message: Uint8Array): Uint8Array {
  const length = message.length - 1;
  const frame = new Uint8Array(headerLength(length) + length);
  const flags = ((message[0] & ZWS_MORE) !== 0 ? MORE : 0) |
    ((message[0] & ZWS_COMMAND) !== 0 ? COMMAND : 0);
  frame.set(message.subarray(1), writeHeader(frame, 0, flags, length));
  return frame;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
