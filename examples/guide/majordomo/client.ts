// The clients' side of Majordomo (see broker.ts): asks for a service by its name,
// and asks again when no answer comes, as a lazy pirate does.

import { type Message, type MessageLike, Request } from "../../../mod.ts";
import { inTime } from "../in_time.ts";
import { CLIENT } from "./protocol.ts";

/** How patient a client is. */
export interface ClientOptions {
  /** Milliseconds to wait for an answer. Default: 2500. */
  timeout?: number;
  /** How often to ask. Default: 3. */
  tries?: number;
}

export class MajordomoClient {
  readonly #socket = new Request({ linger: 0 });
  readonly #timeout: number;
  readonly #tries: number;

  constructor(
    broker: string,
    { timeout = 2500, tries = 3 }: ClientOptions = {},
  ) {
    this.#timeout = timeout;
    this.#tries = tries;
    this.#socket.connect(broker);
  }

  /** What a service answers; null if no answer came however often it was asked. */
  async request(
    service: string,
    ...body: MessageLike[]
  ): Promise<Message | null> {
    for (let left = this.#tries; left > 0; left--) {
      const message = [CLIENT, service, ...body];
      const limit = { timeout: this.#timeout };
      const reply = await inTime(this.#socket.request(message, limit));
      // Behind who speaks and the service again.
      if (reply !== null) return reply.slice(2);
    }
    return null;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
