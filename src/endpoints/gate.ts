// Who has come is known when a stream is open: a gate then lets it through to its
// session, or ends it.

import type { ByteStream, StreamHandler } from "../runtime/adapter.ts";

export class Gate implements StreamHandler {
  readonly #admit: (stream: ByteStream) => StreamHandler | null;
  #inner: StreamHandler | null = null;

  /** `admit` gives the handler of a stream, or `null` if it has to go. */
  constructor(admit: (stream: ByteStream) => StreamHandler | null) {
    this.#admit = admit;
  }

  opened(stream: ByteStream): void {
    this.#inner = this.#admit(stream);
    if (this.#inner === null) stream.abort();
    else this.#inner.opened(stream);
  }

  data(bytes: Uint8Array): void {
    this.#inner?.data(bytes.slice());
  }

  sent(bytes: number): void {
    this.#inner?.sent(bytes);
  }

  closed(error?: Error): void {
    this.#inner?.closed(error);
  }
}
