// The twelve socket classes of zeromq.js.

import type { SubscriberPattern } from "../patterns/subscriber.ts";
import { DuplexSocket, ReadableSocket, WritableSocket } from "./directions.ts";
import { type Message, type MessageLike, prefix } from "./message.ts";
import type {
  RouterConnectOptions,
  SocketOptions,
  StreamConnectOptions,
} from "./option_types.ts";
import { connect, insideOf, withOptions } from "./socket.ts";

/** PAIR: one peer, both ways. */
export class Pair extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Pair>) {
    super(0, options);
  }

  static {
    withOptions(Pair.prototype, "PAIR");
  }
}

/** PUB: sends to every peer that asked for it, and never waits. */
export class Publisher extends WritableSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Publisher>) {
    super(1, options);
  }

  static {
    withOptions(Publisher.prototype, "PUB");
  }
}

/** It has these options as properties. */
export interface Publisher {
  /** `ZMQ_XPUB_NODROP`. */
  noDrop: boolean;
  /** `ZMQ_CONFLATE`. */
  conflate: boolean;
  /** `ZMQ_INVERT_MATCHING`. */
  invertMatching: boolean;
}

/** SUB: receives what it asked for. */
export class Subscriber extends ReadableSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Subscriber>) {
    super(2, options);
  }

  /** Asks for messages that begin with one of these; without any, for all. Counted. */
  subscribe(...prefixes: Array<Uint8Array | string>): void {
    for (const frame of frames(this, prefixes)) {
      patternOf(this).subscribe(frame);
    }
  }

  /** Takes back what `subscribe` asked for. */
  unsubscribe(...prefixes: Array<Uint8Array | string>): void {
    for (const frame of frames(this, prefixes)) {
      patternOf(this).unsubscribe(frame);
    }
  }

  static {
    withOptions(Subscriber.prototype, "SUB");
  }
}

/** It has these options as properties. */
export interface Subscriber {
  /** `ZMQ_CONFLATE`. */
  conflate: boolean;
  /** `ZMQ_INVERT_MATCHING`. */
  invertMatching: boolean;
}

/** REQ: asks one of its peers and receives the reply. Out of turn, a call waits. */
export class Request extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Request>) {
    super(3, options);
  }

  static {
    withOptions(Request.prototype, "REQ");
  }
}

/** It has these options as properties. */
export interface Request {
  /** `ZMQ_ROUTING_ID`. */
  routingId: string | null;
  /** `ZMQ_PROBE_ROUTER`. */
  probeRouter: boolean;
  /** `ZMQ_REQ_CORRELATE`. */
  correlate: boolean;
  /** `ZMQ_REQ_RELAXED`. */
  relaxed: boolean;
}

/** REP: receives a request and sends the reply. Out of turn, a call waits. */
export class Reply extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Reply>) {
    super(4, options);
  }

  static {
    withOptions(Reply.prototype, "REP");
  }
}

/** It has these options as properties. */
export interface Reply {
  /** `ZMQ_ROUTING_ID`. */
  routingId: string | null;
}

/** DEALER: sends to its peers in turn, receives from them in turn. */
export class Dealer extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Dealer>) {
    super(5, options);
  }

  static {
    withOptions(Dealer.prototype, "DEALER");
  }
}

/** It has these options as properties. */
export interface Dealer {
  /** `ZMQ_ROUTING_ID`. */
  routingId: string | null;
  /** `ZMQ_PROBE_ROUTER`. */
  probeRouter: boolean;
  /** `ZMQ_CONFLATE`. */
  conflate: boolean;
}

/** ROUTER: the first part of a message is the name of a peer. */
export class Router extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Router>) {
    super(6, options);
  }

  /** Connects to an endpoint; with `routingId` the peer has that name at once. */
  override connect(address: string, options: RouterConnectOptions = {}): void {
    connect(this, address, arguments.length, options);
  }

  static {
    withOptions(Router.prototype, "ROUTER");
  }
}

/** It has these options as properties. */
export interface Router {
  /** `ZMQ_ROUTING_ID`. */
  routingId: string | null;
  /** `ZMQ_ROUTER_MANDATORY`. */
  mandatory: boolean;
  /** `ZMQ_PROBE_ROUTER`. */
  probeRouter: boolean;
  /** `ZMQ_ROUTER_HANDOVER`. */
  handover: boolean;
}

/** PULL: receives the messages of its peers, in turn. */
export class Pull extends ReadableSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Pull>) {
    super(7, options);
  }

  static {
    withOptions(Pull.prototype, "PULL");
  }
}

/** It has these options as properties. */
export interface Pull {
  /** `ZMQ_CONFLATE`. */
  conflate: boolean;
}

/** PUSH: sends each message to one of its peers, in turn. */
export class Push extends WritableSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Push>) {
    super(8, options);
  }

  static {
    withOptions(Push.prototype, "PUSH");
  }
}

/** It has these options as properties. */
export interface Push {
  /** `ZMQ_CONFLATE`. */
  conflate: boolean;
}

/** XPUB: a publisher that receives what its peers ask for. */
export class XPublisher extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<XPublisher>) {
    super(9, options);
  }

  static {
    withOptions(XPublisher.prototype, "XPUB");
  }
}

/** It has these options as properties. */
export interface XPublisher {
  /** `ZMQ_XPUB_NODROP`. */
  noDrop: boolean;
  /** `ZMQ_XPUB_MANUAL`. */
  manual: boolean;
  /** `ZMQ_XPUB_WELCOME_MSG`. */
  welcomeMessage: string | null;
  /** `ZMQ_INVERT_MATCHING`. */
  invertMatching: boolean;
  /** `ZMQ_XPUB_VERBOSE`. */
  verbosity: "allSubs" | "allSubsUnsubs" | null;
}

/** XSUB: a subscriber that subscribes by sending. */
export class XSubscriber extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<XSubscriber>) {
    super(10, options);
  }

  static {
    withOptions(XSubscriber.prototype, "XSUB");
  }
}

/** STREAM: bytes of plain tcp connections, `[id, bytes]`. */
export class Stream
  extends DuplexSocket<[MessageLike, MessageLike], [Message, Message]> {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Stream>) {
    super(11, options);
  }

  /** Connects to an endpoint; with `routingId` the connection has that name at once. */
  override connect(address: string, options: StreamConnectOptions = {}): void {
    connect(this, address, arguments.length, options);
  }

  static {
    withOptions(Stream.prototype, "STREAM");
  }
}

/** It has these options as properties. */
export interface Stream {
  /** `ZMQ_STREAM_NOTIFY`. */
  notify: boolean;
}

function patternOf(socket: Subscriber): SubscriberPattern {
  return insideOf(socket).core.pattern as SubscriberPattern;
}

function frames(socket: Subscriber, prefixes: unknown[]): Uint8Array[] {
  // They are options, which can be set while a bind or a proxy is under way.
  insideOf(socket).store.check();
  return (prefixes.length === 0 ? [""] : prefixes).map(prefix);
}
