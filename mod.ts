/**
 * ZeroMQ in pure TypeScript for Deno, Bun and Node.
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
import { Context as BareContext, type ContextOptions } from "./src/sockets/context.ts";
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

/** A context of its own, on this runtime. */
export class Context extends BareContext {
  constructor(options: ContextOptions = {}) {
    super(pickAdapter(), options);
  }
}

let shared: BareContext | undefined;

function defaultContext(): BareContext {
  return shared ??= new Context();
}

export class Push extends PushSocket {
  constructor(options: PushOptions = {}) {
    super(options, defaultContext);
  }
}
export class Pull extends PullSocket {
  constructor(options: PullOptions = {}) {
    super(options, defaultContext);
  }
}
export class Publisher extends PublisherSocket {
  constructor(options: PublisherOptions = {}) {
    super(options, defaultContext);
  }
}
export class Subscriber extends SubscriberSocket {
  constructor(options: SubscriberOptions = {}) {
    super(options, defaultContext);
  }
}
export class Request extends RequestSocket {
  constructor(options: RequestOptions = {}) {
    super(options, defaultContext);
  }
}
export class Reply extends ReplySocket {
  constructor(options: ReplyOptions = {}) {
    super(options, defaultContext);
  }
}
export { decodeText as text } from "./src/base/utf8.ts";
export { ZmqError } from "./src/base/errors.ts";
