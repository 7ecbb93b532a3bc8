// A WebSocket seen as a stream of ZMTP, whoever makes its frames: the greeting of
// ours goes nowhere, as ZWS has no words for it, and writes go out one at a time,
// so that what the kernel took is known in the connection's own bytes.

import type { Fault } from "../base/fault.ts";
import type { SocketType } from "../base/socket_type.ts";
import type { ByteStream, StreamHandler } from "../runtime/adapter.ts";
import { GREETING_BYTES } from "./played.ts";

/** What a stream is told of the socket behind it. */
export interface ZwsSettings {
  readonly socketType: SocketType;
  readonly routingId: Uint8Array;
  /** Bytes in the largest frame; -1 for no limit. */
  readonly maxMessageSize: number;
}

interface Outgoing {
  readonly bytes: Uint8Array;
  /** How many bytes of the connection's these are. */
  readonly credit: number;
}

export abstract class PlayedStream implements ByteStream, StreamHandler {
  readonly exact = false;
  protected readonly settings: ZwsSettings;
  protected handler: StreamHandler | null = null;
  protected stream: ByteStream | null = null;
  protected fault: Fault | null = null;
  /** Whether the handshake is played, as the subprotocol has none. */
  protected played = false;
  protected readySent = false;
  protected readyHeard = false;
  /** Within how many milliseconds to end, once all is written. */
  protected ending: number | null = null;
  /** Bytes of our own greeting that the connection has yet to say. */
  #greeting = GREETING_BYTES;
  readonly #queue: Outgoing[] = [];
  #current: Outgoing | null = null;
  #unsent = 0;
  #ended = false;
  /** Whether it was given up before there was a stream. */
  #givenUp = false;

  constructor(settings: ZwsSettings) {
    this.settings = settings;
  }

  /** Who is behind it; before anything comes. */
  behind(handler: StreamHandler): this {
    this.handler = handler;
    return this;
  }

  // ByteStream, for the connection.

  get local(): string {
    return this.stream?.local ?? "";
  }

  get remote(): string {
    return this.stream?.remote ?? "";
  }

  write(bytes: Uint8Array): void {
    const skipped = Math.min(this.#greeting, bytes.length);
    this.#greeting -= skipped;
    const rest = bytes.subarray(skipped);
    if (rest.length === 0) this.handler!.sent(bytes.length);
    else this.writeFrames(rest, bytes.length);
  }

  pause(): void {
    this.stream?.pause();
  }

  resume(): void {
    this.stream?.resume();
  }

  end(limit: number): void {
    this.ending = limit;
    if (this.stream !== null) this.endIfDone();
  }

  abort(): void {
    if (this.stream === null) this.#givenUp = true;
    else this.stream.abort();
  }

  ref(): void {
    this.stream?.ref();
  }

  unref(): void {
    this.stream?.unref();
  }

  // StreamHandler, for what is below.

  opened(stream: ByteStream): void {
    this.stream = stream;
    if (this.#givenUp) stream.abort();
    else this.begun(stream);
  }

  /** There is a stream. */
  protected abstract begun(stream: ByteStream): void;

  abstract data(bytes: Uint8Array): void;

  sent(bytes: number): void {
    this.#unsent -= bytes;
    if (this.#unsent > 0 || this.#current === null) return;
    const { credit } = this.#current;
    this.#current = null;
    if (credit > 0) this.handler!.sent(credit);
    this.#sendNext();
  }

  closed(error?: Error): void {
    this.handler!.closed(this.fault ?? error);
  }

  /** Writes frames of the connection; `credit` is how many of its bytes these are. */
  protected abstract writeFrames(frames: Uint8Array, credit: number): void;

  /** Whether something is on its way. */
  protected get busy(): boolean {
    return this.#current !== null;
  }

  protected send(bytes: Uint8Array, credit: number): void {
    this.#queue.push({ bytes, credit });
    if (!this.busy) this.#sendNext();
  }

  /** All was written. */
  protected idle(): void {
    this.endIfDone();
  }

  protected endIfDone(): void {
    if (this.busy || this.ending === null || this.#ended) return;
    this.#ended = true;
    this.stream!.end(this.ending);
  }

  protected fail(fault: Fault): void {
    this.fault = fault;
    this.stream!.abort();
  }

  #sendNext(): void {
    while (!this.busy) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      this.#current = next;
      this.#unsent = next.bytes.length;
      this.stream!.write(next.bytes);
    }
    if (!this.busy) this.idle();
  }
}
