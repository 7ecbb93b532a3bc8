// A WebSocket of the platform seen as a stream of ZMTP (RFC 45), where the platform
// does the upgrade and the frames: each write is one message, and each message that
// comes is one piece of data.

import { Fault } from "../base/fault.ts";
import { concat } from "../base/bytes.ts";
import { framed } from "../base/command.ts";
import {
  bareFlags,
  bodyLength,
  frameFlags,
  headLength,
} from "../base/frame.ts";
import type { ByteStream, StreamHandler } from "../runtime/adapter.ts";
import { GREETING_BYTES, greetingOf, readyOf } from "./played.ts";
import { mechanismOf } from "./upgrade.ts";
import type { ZwsSettings } from "./zws_stream.ts";

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
    const frames = this.#begun === null ? bytes : concat(this.#begun, bytes);
    this.#begun = null;
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at < frames.length) {
      const body = at + headLength(frames, at);
      const end = body + bodyLength(frames, at);
      if (end > frames.length) {
        this.#begun = frames.slice(at);
        break;
      }
      if (this.#played && !this.#readySent) {
        // What is said instead of READY is our name.
        this.#readySent = true;
        const { routingId } = this.#settings;
        messages.push(concat(Uint8Array.of(0), routingId));
      } else {
        const message = new Uint8Array(1 + end - body);
        message[0] = bareFlags(frames[at]);
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
  return framed(message.subarray(1), frameFlags(message[0]));
}
