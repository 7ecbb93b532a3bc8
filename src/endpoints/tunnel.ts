// What is said on a new stream before it is its session's: a dialogue, such as the
// one with a proxy. Until it is over the session knows of an attempt only, so that
// a failure is one to connect, and bounded in time like one.

import { EMPTY } from "../base/message.ts";
import type { ByteStream, StreamHandler } from "../runtime/adapter.ts";
import type { Dialogue } from "../transports/stream_transport.ts";

const READ_SIZE = 512;

export class Tunnel implements StreamHandler {
  readonly #dialogue: Dialogue;
  readonly #inner: StreamHandler;
  #stream: ByteStream | null = null;
  #open = false;
  /** Bytes that the stream has not taken yet; the next word waits for it. */
  #unsent = 0;
  #next: Uint8Array | null = null;

  constructor(dialogue: Dialogue, inner: StreamHandler) {
    this.#dialogue = dialogue;
    this.#inner = inner;
  }

  opened(stream: ByteStream): void {
    this.#stream = stream;
    this.#say(this.#dialogue.begin());
  }

  readTarget(atOnce?: boolean): Uint8Array {
    const target = this.#open ? this.#inner.readTarget?.(atOnce) : undefined;
    return target ?? new Uint8Array(READ_SIZE);
  }

  data(bytes: Uint8Array): void {
    if (this.#open) {
      this.#inner.data(bytes);
      return;
    }
    const dialogue = this.#dialogue;
    if (dialogue.state === "failed") return;
    // Each word may be answered before the next has come, or several come at once.
    let input = bytes;
    let word: Uint8Array | null;
    do {
      word = dialogue.receive(input);
      input = EMPTY;
      if (word !== null) this.#say(word);
    } while (word !== null && dialogue.rest.length > 0);
    if (dialogue.error !== null) this.#stream!.abort();
    else this.#settle();
  }

  sent(bytes: number): void {
    if (this.#open) {
      this.#inner.sent(bytes);
      return;
    }
    this.#unsent -= bytes;
    if (this.#unsent > 0) return;
    const next = this.#next;
    this.#next = null;
    if (next !== null) this.#say(next);
    else this.#settle();
  }

  closed(error?: Error): void {
    const early = this.#open ? undefined : this.#dialogue.error ?? error ??
      Object.assign(new Error("it hung up"), { code: "ECONNABORTED" });
    this.#inner.closed(this.#open ? error : early);
  }

  #say(word: Uint8Array): void {
    if (this.#unsent > 0) {
      this.#next = word;
      return;
    }
    this.#unsent = word.length;
    this.#stream!.write(word);
  }

  /** The stream is the session's from now on, with what came after the last word. */
  #settle(): void {
    if (this.#open || this.#dialogue.state !== "done" || this.#unsent > 0) {
      return;
    }
    this.#open = true;
    this.#inner.opened(this.#stream!);
    const { rest } = this.#dialogue;
    if (rest.length > 0) this.#inner.data(rest);
  }
}
