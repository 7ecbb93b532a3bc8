// An answer whose body comes in parts, for as long as the handler likes.

import { ZmqError } from "../base/errors.ts";
import {
  bodiless,
  formatChunk,
  formatHead,
  type HttpResponse,
  LAST_CHUNK,
} from "./http_response.ts";
import type { Mongrel2Request } from "./request.ts";
import type { Target } from "./target.ts";

/** What sends the parts. */
export interface Sender {
  /** Sends bytes to a connection. */
  reply(to: Target, bytes: Uint8Array | string): Promise<void>;
  /** Closes it. */
  hangUp(to: Target): Promise<void>;
}

/**
 * The body of an answer, part by part. The server drops a connection for which
 * more than 16 parts wait: write them as they come to be, or few large ones.
 */
export class ChunkedReply {
  /** What stands before the body. */
  readonly head: Uint8Array;
  readonly #sender: Sender;
  readonly #request: Mongrel2Request;
  readonly #chunked: boolean;
  readonly #bare: boolean;
  /** Whether no part comes any more, that it was said, and who says so. */
  #ended = false;
  #said = false;
  #ending: Promise<void> | null = null;

  /** Made by `replyChunked`. */
  constructor(
    sender: Sender,
    request: Mongrel2Request,
    response: Omit<HttpResponse, "body">,
  ) {
    this.#sender = sender;
    this.#request = request;
    this.#chunked = request.version !== "HTTP/1.0";
    this.#bare = request.method === "HEAD" || bodiless(response.status ?? 200);
    this.head = formatHead(response, this.#chunked ? "chunked" : "close");
  }

  /** Sends a part. Rejects as `reply` does, and with EINVAL once ended. */
  async write(bytes: Uint8Array | string): Promise<void> {
    if (this.#ended) throw new ZmqError("EINVAL", "The answer is over");
    if (this.#bare) return;
    const part = this.#chunked ? formatChunk(bytes) : bytes;
    await this.#sender.reply(this.#request, part);
  }

  /** Ends the body. Rejects as `reply` does, and may be tried again then; ending twice is no matter. */
  end(): Promise<void> {
    this.#ended = true;
    return this.#ending ??= this.#end().catch((error) => {
      this.#ending = null;
      throw error;
    });
  }

  async #end(): Promise<void> {
    if (this.#chunked && !this.#bare && !this.#said) {
      await this.#sender.reply(this.#request, LAST_CHUNK);
      this.#said = true;
    }
    if (!this.#chunked || !this.#request.keepsAlive) {
      await this.#sender.hangUp(this.#request);
    }
  }

  /** `await using`: the same as {@linkcode ChunkedReply.end}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}
