/**
 * Nought in browsers: the same sockets, connected over `ws://` and `wss://` or
 * over `inproc://` within the page and with its workers.
 *
 * @module
 */

import { BrowserAdapter } from "../../adapters/browser.ts";
import { StreamCarrier } from "../endpoints/stream_carrier.ts";
import type { Adapter } from "../runtime/adapter.ts";
import {
  type ClientOptions,
  ClientSocket,
  type PeerOptions,
  PeerSocket,
  type ServerOptions,
  ServerSocket,
} from "../sockets/client_server.ts";
import {
  Context as AnyContext,
  type ContextOptions,
  type ContextParts,
  joinGroup,
  type SharedContext,
} from "../sockets/context.ts";
import {
  type DealerOptions,
  DealerSocket,
  type RouterOptions,
  RouterSocket,
} from "../sockets/dealer_router.ts";
import {
  type ChannelOptions,
  ChannelSocket,
  type PairOptions,
  PairSocket,
} from "../sockets/pair.ts";
import {
  type PublisherOptions,
  PublisherSocket,
  type SubscriberOptions,
  SubscriberSocket,
  type XPublisherOptions,
  XPublisherSocket,
  type XSubscriberOptions,
  XSubscriberSocket,
} from "../sockets/publish_subscribe.ts";
import {
  type PullOptions,
  PullSocket,
  type PushOptions,
  PushSocket,
} from "../sockets/push_pull.ts";
import {
  type DishOptions,
  DishSocket,
  type RadioOptions,
  RadioSocket,
} from "../sockets/radio_dish.ts";
import {
  type ReplyOptions,
  ReplySocket,
  type RequestOptions,
  RequestSocket,
} from "../sockets/request_reply.ts";
import {
  type GatherOptions,
  GatherSocket,
  type ScatterOptions,
  ScatterSocket,
} from "../sockets/scatter_gather.ts";
import { ARENA } from "../threads/arena.ts";
import { PAGE_WS, PAGE_WSS } from "../transports/page_ws.ts";

/** What a page has: it doesn't listen, and the platform makes its WebSockets. */
const PARTS: ContextParts = {
  carriers: {
    ws: /* @__PURE__ */ new StreamCarrier(PAGE_WS, null),
    wss: /* @__PURE__ */ new StreamCarrier(PAGE_WSS, null),
  },
  curve: () => import("../endpoints/curve.ts"),
  groupMemory: ARENA,
};

let common: AnyContext | undefined;

/** One for each context, as each has its own timer. */
function pick(): Adapter {
  return new BrowserAdapter();
}

function defaultContext(): AnyContext {
  if (common === undefined || common.closed) common = new Context();
  return common;
}

/** A context; see the one of `@nought/zeromq`. */
export class Context extends AnyContext {
  /** Makes a context. */
  constructor(options: ContextOptions = {}) {
    super(options, pick, PARTS);
  }

  /**
   * Makes a context that meets one of another thread, by what its `share` gave.
   *
   * @throws {ZmqError} ENOTSUP where the page isn't cross-origin isolated; EINVAL if
   * the memory is missing in what was given.
   */
  static join(shared: SharedContext, options: ContextOptions = {}): Context {
    const context = new Context(options);
    joinGroup(context, shared);
    return context;
  }
}

/** PUSH; see the one of `@nought/zeromq`, as with all that follow. */
export class Push extends PushSocket {
  /** Makes a socket with these options. */
  constructor(options: PushOptions = {}) {
    super(options, defaultContext);
  }
}

/** PULL. */
export class Pull extends PullSocket {
  /** Makes a socket with these options. */
  constructor(options: PullOptions = {}) {
    super(options, defaultContext);
  }
}

/** PUB. */
export class Publisher extends PublisherSocket {
  /** Makes a socket with these options. */
  constructor(options: PublisherOptions = {}) {
    super(options, defaultContext);
  }
}

/** SUB. */
export class Subscriber extends SubscriberSocket {
  /** Makes a socket with these options. */
  constructor(options: SubscriberOptions = {}) {
    super(options, defaultContext);
  }
}

/** REQ. */
export class Request extends RequestSocket {
  /** Makes a socket with these options. */
  constructor(options: RequestOptions = {}) {
    super(options, defaultContext);
  }
}

/** REP. */
export class Reply extends ReplySocket {
  /** Makes a socket with these options. */
  constructor(options: ReplyOptions = {}) {
    super(options, defaultContext);
  }
}

/** PAIR. */
export class Pair extends PairSocket {
  /** Makes a socket with these options. */
  constructor(options: PairOptions = {}) {
    super(options, defaultContext);
  }
}

/** DEALER. */
export class Dealer extends DealerSocket {
  /** Makes a socket with these options. */
  constructor(options: DealerOptions = {}) {
    super(options, defaultContext);
  }
}

/** ROUTER. */
export class Router extends RouterSocket {
  /** Makes a socket with these options. */
  constructor(options: RouterOptions = {}) {
    super(options, defaultContext);
  }
}

/** XPUB. */
export class XPublisher extends XPublisherSocket {
  /** Makes a socket with these options. */
  constructor(options: XPublisherOptions = {}) {
    super(options, defaultContext);
  }
}

/** XSUB. */
export class XSubscriber extends XSubscriberSocket {
  /** Makes a socket with these options. */
  constructor(options: XSubscriberOptions = {}) {
    super(options, defaultContext);
  }
}

/** SERVER. */
export class Server extends ServerSocket {
  /** Makes a socket with these options. */
  constructor(options: ServerOptions = {}) {
    super(options, defaultContext);
  }
}

/** CLIENT. */
export class Client extends ClientSocket {
  /** Makes a socket with these options. */
  constructor(options: ClientOptions = {}) {
    super(options, defaultContext);
  }
}

/** PEER. */
export class Peer extends PeerSocket {
  /** Makes a socket with these options. */
  constructor(options: PeerOptions = {}) {
    super(options, defaultContext);
  }
}

/** CHANNEL. */
export class Channel extends ChannelSocket {
  /** Makes a socket with these options. */
  constructor(options: ChannelOptions = {}) {
    super(options, defaultContext);
  }
}

/** RADIO. */
export class Radio extends RadioSocket {
  /** Makes a socket with these options. */
  constructor(options: RadioOptions = {}) {
    super(options, defaultContext);
  }
}

/** DISH. */
export class Dish extends DishSocket {
  /** Makes a socket with these options. */
  constructor(options: DishOptions = {}) {
    super(options, defaultContext);
  }
}

/** SCATTER. */
export class Scatter extends ScatterSocket {
  /** Makes a socket with these options. */
  constructor(options: ScatterOptions = {}) {
    super(options, defaultContext);
  }
}

/** GATHER. */
export class Gather extends GatherSocket {
  /** Makes a socket with these options. */
  constructor(options: GatherOptions = {}) {
    super(options, defaultContext);
  }
}

export { decodeText as text } from "../base/utf8.ts";
export { type ErrorCode, ZmqError } from "../base/errors.ts";
export { z85Decode, z85Encode } from "../base/z85.ts";
export { merge, receiveAny } from "../sockets/receive_any.ts";
export { Socket } from "../sockets/socket.ts";
export type { ContextOptions, SharedContext } from "../sockets/context.ts";
export type { Frame, Message, MessageLike } from "../base/message.ts";
