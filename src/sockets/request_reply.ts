// Request and reply (RFC 28): Request asks and waits, Reply answers.

import { ZmqError } from "../base/errors.ts";
import { keep, toFrames } from "../base/message.ts";
import type {
  CommonOptions,
  ReceivingOptions,
  RequestingOptions,
  RoutingIdOptions,
  SendingOptions,
} from "../base/option_types.ts";
import { Timer } from "../endpoints/timers.ts";
import { ReplyPattern } from "../patterns/reply.ts";
import { RequestPattern } from "../patterns/request.ts";
import type { AbortLike } from "../runtime/abort.ts";
import { refusedBy } from "./call_limits.ts";
import type { Message } from "./received.ts";
import { DuplexSocket } from "./duplex.ts";
import type { Sendable } from "./send_queue.ts";
import { closedMeanwhile } from "./core.ts";
import { type ContextOption, coreOf } from "./socket.ts";
import { Waiting, WaitingLine } from "./waiting_line.ts";

/** Options of a `Request`. */
export type RequestOptions =
  & Partial<
    & CommonOptions
    & SendingOptions
    & ReceivingOptions
    & RoutingIdOptions
    & RequestingOptions
  >
  & ContextOption;

/** Options of a `Reply`. */
export type ReplyOptions =
  & Partial<
    CommonOptions & SendingOptions & ReceivingOptions & RoutingIdOptions
  >
  & ContextOption;

/** How to make a round of request and reply. */
export interface RoundOptions {
  /** Milliseconds for the whole call, waiting in line included; -1, the default, for ever. */
  timeout?: number;
  /** Gives the round up. */
  signal?: AbortLike;
}

/** A round that waits for the one before it to be over. */
class WaitingRound extends Waiting<void> {}

/**
 * REQ (RFC 28): sends a request to one of its peers, in turn, then receives its
 * reply. Out of turn, a call rejects with EFSM.
 *
 * @example
 * ```ts
 * import { Reply, Request, text } from "@nought/zeromq";
 *
 * using reply = new Reply();
 * using request = new Request();
 * await reply.bind("inproc://echo");
 * request.connect("inproc://echo");
 *
 * const answer = request.request("hello", { timeout: 1000 });
 * await reply.send(await reply.receive());
 * console.log(text((await answer)[0])); // "hello"
 * ```
 */
export class Request extends DuplexSocket {
  readonly #line: WaitingLine<WaitingRound>;
  #busy = false;

  /** Makes a socket with these options. */
  constructor(options: RequestOptions = {}) {
    super({
      type: "REQ",
      pattern: (host, core) =>
        new RequestPattern(host, core.options, core.reactor.random32()),
      prototype: Request.prototype,
    }, options);
    const core = coreOf(this);
    this.#line = new WaitingLine(core.reactor);
    core.lines.push(this.#line);
  }

  /**
   * Sends a request and resolves with its reply. Rounds that are asked for
   * while another is under way wait in line, at most `maxPendingSends`.
   *
   * A round that runs out of time or is aborted is given up: the next one can
   * begin at once, and a late reply is not taken for its own (unless
   * `correlate` is set, by ending the connection it would come by).
   *
   * @throws {ZmqError} EAGAIN (time is up, or the socket was closed), EBUSY,
   * EFSM (a `send` outside of rounds awaits its reply), EBADF, ETERM. All as a
   * rejection.
   */
  async request(
    message: Sendable,
    options: RoundOptions = {},
  ): Promise<Message> {
    const core = coreOf(this);
    core.checkOpen();
    const frames = keep(toFrames(message));
    const refused = refusedBy(options);
    if (refused !== undefined) throw refused;
    const { signal, timeout = -1 } = options;
    const ends = timeout < 0 ? Infinity : core.reactor.now() + timeout;
    const left = () =>
      ends === Infinity ? { signal } : {
        signal,
        timeout: Math.max(1, Math.ceil(ends - core.reactor.now())),
      };
    if (this.#busy) await this.#wait(left());
    this.#busy = true;
    try {
      await this.send(frames, left());
      if (core.closed === "closed") throw closedMeanwhile();
      try {
        return await this.receive(left());
      } catch (error) {
        (core.pattern as RequestPattern).abandon();
        throw error;
      }
    } finally {
      this.#next();
    }
  }

  #wait(limits: RoundOptions): Promise<void> {
    const most = this.maxPendingSends;
    if (this.#line.size >= most) {
      throw new ZmqError(
        "EBUSY",
        `Cannot make a request: ${most} wait already; await each, or raise maxPendingSends`,
      );
    }
    const waiting = new WaitingRound();
    const promise = this.#line.add(waiting);
    const { timeout, signal } = limits;
    if (timeout !== undefined) {
      const error = new ZmqError(
        "EAGAIN",
        "Cannot make a request: its time passed while others were under way; raise timeout",
      );
      const timer = new Timer(() => this.#line.reject(waiting, error));
      this.#line.limit(waiting, timer, timeout);
    }
    if (signal !== undefined) this.#line.abortable(waiting, signal, () => {});
    return promise;
  }

  /** The next round begins, if one waits; until then nobody else's may. */
  #next(): void {
    const waiting = this.#line.first;
    if (waiting === null) this.#busy = false;
    else this.#line.resolve(waiting, undefined);
  }
}

/** It has the options of requests as properties. */
export interface Request extends RoutingIdOptions, RequestingOptions {}

/**
 * REP (RFC 28): receives a request from one of its peers, in turn, then sends
 * the reply. A reply whose asker has gone is dropped.
 *
 * @example
 * ```ts
 * import { Reply } from "@nought/zeromq";
 *
 * await using reply = new Reply();
 * await reply.bind("tcp://127.0.0.1:*");
 * ```
 */
export class Reply extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options: ReplyOptions = {}) {
    super({
      type: "REP",
      pattern: (host) => new ReplyPattern(host),
      prototype: Reply.prototype,
    }, options);
  }
}

/** It can have a name. */
export interface Reply extends RoutingIdOptions {}
