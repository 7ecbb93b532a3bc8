/**
 * ZeroMQ in pure TypeScript, for Deno, Bun and Node: whole messages between any
 * number of programs, over any transport, behind one API.
 *
 * @example
 * ```ts
 * import { Pull, Push, text } from "@nought/zeromq";
 *
 * const pull = new Pull();
 * await pull.bind("tcp://127.0.0.1:*");
 *
 * const push = new Push();
 * push.connect(pull.lastEndpoint!);
 * await push.send("hello");
 *
 * const [frame] = await pull.receive();
 * console.log(text(frame)); // "hello"
 *
 * push.close();
 * pull.close();
 * ```
 *
 * @module
 */

import { pickAdapter } from "./adapters/pick.ts";
import {
  Context as AnyContext,
  type ContextOptions,
} from "./src/sockets/context.ts";
import {
  type PublisherOptions,
  PublisherSocket,
  type SubscriberOptions,
  SubscriberSocket,
} from "./src/sockets/publish_subscribe.ts";
import {
  type PullOptions,
  PullSocket,
  type PushOptions,
  PushSocket,
} from "./src/sockets/push_pull.ts";
import {
  type ReplyOptions,
  ReplySocket,
  type RequestOptions,
  RequestSocket,
} from "./src/sockets/request_reply.ts";

/**
 * The sockets of a program, or of a part of it: inproc endpoints are names
 * within one context. Most programs never make one; sockets then share a
 * default context.
 *
 * @example
 * ```ts
 * import { Context, Pull, Push } from "@nought/zeromq";
 *
 * await using context = new Context();
 * const pull = new Pull({ context });
 * const push = new Push({ context });
 * await pull.bind("inproc://work");
 * push.connect("inproc://work");
 * await push.send("hello");
 * console.log((await pull.receive()).length); // 1
 * ```
 */
export class Context extends AnyContext {
  /** Makes a context. */
  constructor(options: ContextOptions = {}) {
    super(options, pickAdapter);
  }
}

let shared: AnyContext | undefined;

/** The context of sockets that aren't given one; made when it is first asked for. */
export function defaultContext(): AnyContext {
  if (shared === undefined || shared.closed) shared = new Context();
  return shared;
}

/**
 * PUSH (RFC 30): sends each message to one of its peers, in turn, and waits
 * while all of them are full or there is none.
 *
 * @example
 * ```ts
 * import { Push } from "@nought/zeromq";
 *
 * await using push = new Push({ sendHighWaterMark: 100 });
 * await push.bind("tcp://127.0.0.1:*");
 * console.log(push.writable); // false: nobody is there yet
 * ```
 */
export class Push extends PushSocket {
  /** Makes a socket with these options. */
  constructor(options: PushOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * PULL (RFC 30): receives the messages of its peers, from each in turn.
 *
 * @example
 * ```ts
 * import { Pull, Push, text } from "@nought/zeromq";
 *
 * using pull = new Pull();
 * using push = new Push();
 * await pull.bind("inproc://tasks");
 * push.connect("inproc://tasks");
 * await push.sendMany(["one", "two"]);
 * for await (const [task] of pull) {
 *   if (text(task) === "two") break;
 * }
 * ```
 */
export class Pull extends PullSocket {
  /** Makes a socket with these options. */
  constructor(options: PullOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * PUB (RFC 29): sends each message to every peer that asked for its beginning.
 * It never waits: a peer whose queue is full loses the message, which
 * `stats().drops` counts.
 *
 * @example
 * ```ts
 * import { Publisher } from "@nought/zeromq";
 *
 * await using publisher = new Publisher();
 * await publisher.bind("tcp://127.0.0.1:*");
 * await publisher.send(["weather.berlin", "17.5"]);
 * ```
 */
export class Publisher extends PublisherSocket {
  /** Makes a socket with these options. */
  constructor(options: PublisherOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * SUB (RFC 29): receives the messages that begin with what it subscribed to.
 *
 * @example
 * ```ts
 * import { Subscriber } from "@nought/zeromq";
 *
 * using subscriber = new Subscriber();
 * subscriber.subscribe("weather.");
 * subscriber.connect("tcp://127.0.0.1:5556");
 * ```
 */
export class Subscriber extends SubscriberSocket {
  /** Makes a socket with these options. */
  constructor(options: SubscriberOptions = {}) {
    super(options, defaultContext);
  }
}

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
export class Request extends RequestSocket {
  /** Makes a socket with these options. */
  constructor(options: RequestOptions = {}) {
    super(options, defaultContext);
  }
}

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
export class Reply extends ReplySocket {
  /** Makes a socket with these options. */
  constructor(options: ReplyOptions = {}) {
    super(options, defaultContext);
  }
}

export { decodeText as text } from "./src/base/utf8.ts";
export { type ErrorCode, ZmqError } from "./src/base/errors.ts";
export type { ErrorDetails } from "./src/base/errors.ts";
export type {
  AddressEvent,
  CloseEvent,
  DisconnectEvent,
  EndEvent,
  EventError,
  EventOfType,
  EventPeer,
  EventType,
  FailureEvent,
  PeerEvent,
  RetryEvent,
  SocketEvent as Event,
} from "./src/base/event.ts";
export type { Frame, Message, MessageLike } from "./src/base/message.ts";
export type {
  CommonOptions,
  ConflatingOptions,
  OptionValue,
  ReceivingOptions,
  RequestingOptions,
  RoutingIdOptions,
  SendingOptions,
} from "./src/base/options.ts";
export type * from "./src/runtime/adapter.ts";
export type { AbortLike } from "./src/runtime/abort.ts";
export type { ContextOptions } from "./src/sockets/context.ts";
export { Observer } from "./src/sockets/observer.ts";
export type { Readable } from "./src/sockets/readable.ts";
export type { ReceiveOptions } from "./src/sockets/receive_queue.ts";
export type { RoundOptions } from "./src/sockets/request_reply.ts";
export type { Sendable, SendOptions } from "./src/sockets/send_queue.ts";
export {
  type CloseOptions,
  type ContextOption,
  type PeerStats,
  Socket,
  type SocketStats,
} from "./src/sockets/socket.ts";
export type { Writable } from "./src/sockets/writable.ts";
export type {
  PublisherOptions,
  PullOptions,
  PushOptions,
  ReplyOptions,
  RequestOptions,
  SubscriberOptions,
};
