// A handler: takes requests of Mongrel2 servers, and replies to their clients. Any
// number of handlers may share those of any number of servers.
//
//     server, PUSH ──requests──> Pull │ handler │ XPublisher ──replies──> SUB, server
//
// A server subscribes to replies that begin with its id. What is published before
// it has done so would be lost, so replies wait until somebody has subscribed; that
// is why it is an XPublisher, which hears of it.

import { ZmqError } from "../base/errors.ts";
import { latin1 } from "../base/utf8.ts";
import type { Context } from "../sockets/context.ts";
import type { XPublisher } from "../sockets/publish_subscribe.ts";
import type { Pull } from "../sockets/push_pull.ts";
import { refusedBy } from "../sockets/call_limits.ts";
import { coreOf } from "../sockets/socket.ts";
import { ChunkedReply } from "./chunked_reply.ts";
import { type HttpResponse, responsePieces } from "./http_response.ts";
import { MalformedError } from "./malformed.ts";
import { type Mongrel2Request, parseRequest } from "./request.ts";
import { isTarget, repliesOf } from "./reply.ts";
import { checkBody, type Piece } from "./pieces.ts";
import type { Target } from "./target.ts";
import { formatTnetstring, type TnetWritable } from "./tnetstring.ts";
import {
  type AcceptOptions,
  formatAccept,
  formatClose,
  formatFrame,
} from "./websocket.ts";

/** How to make a handler. */
export interface HandlerOptions {
  /** Where requests come from: each server's `send_spec`, or what an earlier stage bound. */
  requests: string | readonly string[];
  /** Where replies go: each server's `recv_spec`. */
  replies: string | readonly string[];
  /** The context of its sockets. Default: the one that all share. */
  context?: Context;
  /**
   * Requests that may wait here for each server. A handler that dies loses as many,
   * and what the kernel had for it. Default: 1000.
   */
  receiveHighWaterMark?: number;
  /** Milliseconds that a reply waits for its server to subscribe; -1 for ever. Default: 10,000. */
  replyTimeout?: number;
  /** Connections that one message names, at most (`limits.handler_targets`). Default: 128. */
  mostConnections?: number;
  /** Hears of each message that is no request. Default: they are counted only. */
  onMalformed?: (error: MalformedError) => void;
}

/** What a reply of the server's own kind tells about a connection. */
export interface Control {
  /** It is alive, whatever the server's `limits.min_ping` says. */
  keepAlive?: boolean;
  /** So many bytes more of its upload may come (`upload.stream`). */
  credits?: number;
  /** It ends, without what waits for it. */
  cancel?: boolean;
}

const REPLY_TIMEOUT = 10_000;

/** A handler, given its sockets. Use `Mongrel2Handler`. */
export abstract class BaseHandler implements AsyncIterable<Mongrel2Request> {
  readonly #pull: Pull;
  readonly #publisher: XPublisher;
  readonly #options: HandlerOptions;
  /** What servers have subscribed to. */
  readonly #topics = new Set<string>();
  #malformed = 0;

  /** Made by a class of its own; it connects at once. */
  constructor(
    options: HandlerOptions,
    pull: Pull,
    publisher: XPublisher,
  ) {
    const { receiveHighWaterMark, replyTimeout } = options;
    this.#options = options;
    this.#pull = pull;
    this.#publisher = publisher;
    try {
      const refused = refusedBy({ timeout: replyTimeout });
      if (refused !== undefined) throw refused;
      // What is full keeps replies waiting, which would be lost.
      publisher.noDrop = true;
      publisher.immediate = true;
      if (receiveHighWaterMark !== undefined) {
        pull.receiveHighWaterMark = receiveHighWaterMark;
      }
      for (const endpoint of list(options.replies)) {
        publisher.connect(endpoint);
      }
      for (const endpoint of list(options.requests)) {
        pull.connect(endpoint);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** How many messages were no requests. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#pull.closed;
  }

  /**
   * The next message of a server; what is malformed is passed over. Rejects as
   * `receive` of a `Pull` does.
   */
  async receive(options?: { timeout?: number }): Promise<Mongrel2Request> {
    for (;;) {
      const request = this.#read(await this.#pull.receive(options));
      if (request !== null) return request;
    }
  }

  /** One message after another, until the handler is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Mongrel2Request, undefined> {
    const messages = this.#pull[Symbol.asyncIterator]();
    return {
      next: async () => {
        for (;;) {
          const { done, value } = await messages.next();
          if (done) return { done, value };
          const request = this.#read(value);
          if (request !== null) return { done: false, value: request };
        }
      },
    };
  }

  /** Sends bytes, as they are, to connections. Nothing is sent if there are none. */
  async reply(
    to: Target | Iterable<Target>,
    body: Uint8Array | string,
  ): Promise<void> {
    checkBody(body);
    // No bytes would close the connections, which `hangUp` is for.
    if (body.length > 0) await this.#send(to, body);
  }

  /**
   * Answers a request. A connection that the client doesn't keep is closed behind
   * the answer; HEAD gets no body.
   */
  async replyHttp(
    request: Mongrel2Request,
    response: HttpResponse = {},
  ): Promise<void> {
    await this.#send(request, responsePieces(response, request.method));
    if (!request.keepsAlive) await this.hangUp(request);
  }

  /**
   * Begins an answer whose body comes in parts. A client of HTTP/1.0, which knows no
   * chunks, is told the end by that of the connection.
   */
  async replyChunked(
    request: Mongrel2Request,
    response: Omit<HttpResponse, "body"> = {},
  ): Promise<ChunkedReply> {
    const reply = new ChunkedReply(this, request, response);
    await this.#send(request, reply.head);
    return reply;
  }

  /** Closes connections, once what was sent to them before has left. */
  async hangUp(to: Target | Iterable<Target>): Promise<void> {
    await this.#send(to, "");
  }

  /** Accepts a WebSocket (the kind `handshake`). */
  async accept(
    handshake: Mongrel2Request,
    options: AcceptOptions = {},
  ): Promise<void> {
    await this.#send(handshake, formatAccept(handshake, options));
  }

  /** Sends text on WebSockets. */
  async sendText(to: Target | Iterable<Target>, text: string): Promise<void> {
    await this.#send(to, formatFrame("text", text));
  }

  /** Sends bytes on WebSockets. */
  async sendBinary(
    to: Target | Iterable<Target>,
    bytes: Uint8Array,
  ): Promise<void> {
    await this.#send(to, formatFrame("binary", bytes));
  }

  /** Pings the clients of WebSockets; they answer with a frame `pong`. */
  async ping(
    to: Target | Iterable<Target>,
    payload: Uint8Array | string = "",
  ): Promise<void> {
    await this.#send(to, formatFrame("ping", payload));
  }

  /** Answers a ping: with what it carried. */
  async pong(
    to: Target | Iterable<Target>,
    payload: Uint8Array | string = "",
  ): Promise<void> {
    await this.#send(to, formatFrame("pong", payload));
  }

  /** Says on WebSockets that they end, and closes their connections. */
  async closeWebSocket(
    to: Target | Iterable<Target>,
    code: number = 1000,
    reason: string = "",
  ): Promise<void> {
    const targets = isTarget(to) ? to : [...to];
    await this.#send(targets, formatClose(code, reason));
    await this.hangUp(targets);
  }

  /** Tells the server about connections, in an extended reply. */
  async control(
    to: Target | Iterable<Target>,
    { keepAlive, credits, cancel }: Control,
  ): Promise<void> {
    const settings: Record<string, TnetWritable> = {};
    if (keepAlive) settings["keep-alive"] = true;
    if (credits !== undefined) settings.credits = credits;
    if (cancel) settings.cancel = true;
    await this.#send(to, formatTnetstring(["ctl", settings]), true);
  }

  /** Closes its sockets. Iterations end, and what was sent goes on its way. */
  close(): void {
    this.#pull.close();
    this.#publisher.close();
  }

  /** Closes its sockets, and resolves once what was sent has left. */
  async closeAsync(): Promise<void> {
    await Promise.all([this.#pull.closeAsync(), this.#publisher.closeAsync()]);
  }

  /** `using`: the same as {@linkcode BaseHandler.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `await using`: the same as {@linkcode BaseHandler.closeAsync}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.closeAsync();
  }

  /** A request, or `null` if the message is none. */
  #read(message: readonly Uint8Array[]): Mongrel2Request | null {
    try {
      if (message.length === 1) return parseRequest(message[0]);
      throw new MalformedError("A request is one frame", message[1], 0);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#malformed++;
      this.#options.onMalformed?.(error);
      return null;
    }
  }

  async #send(
    to: Target | Iterable<Target>,
    body: Piece | readonly Piece[],
    extended = false,
  ): Promise<void> {
    if (isTarget(to)) checkThere(to);
    else {
      to = [...to];
      for (const target of to) checkThere(target);
    }
    const { mostConnections } = this.#options;
    const pieces = Array.isArray(body) ? body as Piece[] : [body as Piece];
    const replies = repliesOf(to, pieces, { extended, mostConnections });
    for (const { sender, bytes } of replies) {
      if (!this.#heard(sender)) await this.#subscribed(sender);
      if (!this.#publisher.trySend(bytes)) await this.#publisher.send(bytes);
    }
  }

  /** Whether some server gets what begins with this id. */
  #heard(sender: string): boolean {
    // What servers subscribe to waits to be received until somebody wants to know.
    for (;;) {
      const message = this.#publisher.tryReceive();
      if (message === undefined) break;
      const [frame] = message;
      const topic = latin1(frame, 1, frame.length);
      if (frame[0] === 0) this.#topics.delete(topic);
      else this.#topics.add(topic);
    }
    for (const topic of this.#topics) {
      if (`${sender} `.startsWith(topic)) return true;
    }
    return false;
  }

  /** Resolves once a server has subscribed to its id. */
  #subscribed(sender: string): Promise<void> {
    const core = coreOf(this.#publisher);
    const { replyTimeout = REPLY_TIMEOUT } = this.#options;
    return new Promise((resolve, reject) => {
      const end = () => {
        core.watchers.delete(watcher);
        letGo();
      };
      const fail = (code: "EHOSTUNREACH" | "EBADF", why: string) => {
        end();
        reject(new ZmqError(code, `Cannot reply: ${why}`));
      };
      const letGo = core.reactor.stay(
        replyTimeout < 0 ? EVER : replyTimeout,
        () =>
          fail(
            "EHOSTUNREACH",
            `no server takes replies for ${sender}; look at \`replies\`, and at ` +
              "the server's recv_ident",
          ),
      );
      const watcher = {
        changed: () => {
          if (this.#publisher.closed) fail("EBADF", "the handler is closed");
          else if (this.#heard(sender)) {
            end();
            resolve();
          }
        },
      };
      core.watchers.add(watcher);
    });
  }
}

/** Milliseconds: as long as timers run, some weeks. */
const EVER = 2 ** 31 - 1;

function checkThere(to: Partial<Mongrel2Request>): void {
  if (to.kind === "disconnect") {
    throw new ZmqError("EINVAL", "Cannot reply: the connection has gone");
  }
}

function list(endpoints: string | readonly string[]): readonly string[] {
  return typeof endpoints === "string" ? [endpoints] : endpoints;
}
