// Addressed messages (RFC 28): Dealer spreads messages over its peers, Router
// names the peer that each message goes to or comes from.

import { ZmqError } from "../base/errors.ts";
import { EMPTY, isBytes, toFrame } from "../base/message.ts";
import type {
  CommonOptions,
  ConflatingOptions,
  DisconnectOptions,
  HelloOptions,
  HiccupOptions,
  ProbingOptions,
  ReceivingOptions,
  RoutingIdOptions,
  RoutingOptions,
  SendingOptions,
} from "../base/option_types.ts";
import { DealerPattern } from "../patterns/dealer.ts";
import { RouterPattern } from "../patterns/router.ts";
import { DuplexSocket } from "./duplex.ts";
import { type ContextOption, coreOf } from "./socket.ts";

/** Options of a `Dealer`. */
export type DealerOptions =
  & Partial<
    & CommonOptions
    & SendingOptions
    & ReceivingOptions
    & RoutingIdOptions
    & ProbingOptions
    & ConflatingOptions
    & HelloOptions
    & HiccupOptions
  >
  & ContextOption;

/** Options of a `Router`. */
export type RouterOptions =
  & Partial<
    & CommonOptions
    & SendingOptions
    & ReceivingOptions
    & RoutingIdOptions
    & ProbingOptions
    & RoutingOptions
    & HelloOptions
    & DisconnectOptions
  >
  & ContextOption;

/** How a `Router` or `Stream` connects. */
export interface NamedConnectOptions {
  /** `ZMQ_CONNECT_ROUTING_ID`: the name to know the peer by, 1 to 255 bytes. */
  routingId?: string | Uint8Array;
}

/** What a `Router` knows of a peer. */
export interface PeerState {
  /** Whether a message to it would be taken now. */
  readonly writable: boolean;
}

/**
 * DEALER (RFC 28): sends each message to one of its peers, in turn, and receives
 * from each in turn; a Request without the rule that a reply comes first.
 *
 * @example
 * ```ts
 * import { Dealer, Router, text } from "@nought/zeromq";
 *
 * using router = new Router();
 * using dealer = new Dealer({ routingId: "worker-1" });
 * await router.bind("inproc://jobs");
 * dealer.connect("inproc://jobs");
 *
 * await dealer.send("ready");
 * const [id] = await router.receive();
 * await router.send([id, "job", "42"]);
 * console.log((await dealer.receive()).map(text).join()); // "job,42"
 * ```
 */
export class Dealer extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options: DealerOptions = {}) {
    super({
      type: "DEALER",
      pattern: (host, core) => new DealerPattern(host, core.options, false),
      prototype: Dealer.prototype,
    }, options);
  }
}

/** It has these options as properties. */
export interface Dealer
  extends
    RoutingIdOptions,
    ProbingOptions,
    ConflatingOptions,
    HelloOptions,
    HiccupOptions {}

/**
 * ROUTER (RFC 28): the first frame of each message names the peer that it comes from
 * or goes to. A message to nobody is dropped, unless `mandatory` is set.
 *
 * @example
 * ```ts
 * import { Router } from "@nought/zeromq";
 *
 * using router = new Router({ mandatory: true, sendTimeout: 0 });
 * await router.bind("tcp://127.0.0.1:*");
 * try {
 *   await router.send(["nobody", "hello"]);
 * } catch (error) {
 *   console.log((error as { code: string }).code); // "EHOSTUNREACH"
 * }
 * ```
 */
export class Router extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options: RouterOptions = {}) {
    super({
      type: "ROUTER",
      pattern: (host, core) =>
        new RouterPattern(host, core.options, core.reactor.random32()),
      prototype: Router.prototype,
    }, options);
  }

  /**
   * Connects to an endpoint, as every socket does; with `routingId` the peer has
   * that name at once, and messages can be sent to it before it is there.
   *
   * @throws {ZmqError} EADDRINUSE if a peer has that name; EINVAL, ENOTSUP,
   * EPROTONOSUPPORT, EACCES; EBADF once closed.
   */
  override connect(address: string, options: NamedConnectOptions = {}): void {
    const core = coreOf(this);
    const pattern = core.pattern as RouterPattern;
    core.connect(address, connectName(options, (id) => pattern.has(id)));
  }

  /**
   * What is known of the peer with this name (zmq_socket_get_peer_state(3)).
   *
   * @throws {ZmqError} EHOSTUNREACH if there is none; EBADF once closed.
   */
  peerState(routingId: string | Uint8Array): PeerState {
    const core = coreOf(this);
    core.checkOpen();
    const writable = (core.pattern as RouterPattern).state(toFrame(routingId));
    if (writable !== undefined) return { writable };
    throw new ZmqError("EHOSTUNREACH", "There is no peer of this name");
  }
}

/** It has these options as properties. */
export interface Router
  extends
    RoutingIdOptions,
    ProbingOptions,
    RoutingOptions,
    HelloOptions,
    DisconnectOptions {}

const LONGEST_NAME = 255;

/** The name that `connect` gives a peer; empty if none. */
export function connectName(
  options: NamedConnectOptions,
  taken: (id: Uint8Array) => boolean,
): Uint8Array {
  const { routingId } = options;
  if (routingId === undefined) return EMPTY;
  if (typeof routingId !== "string" && !isBytes(routingId)) {
    throw new TypeError("The option routingId takes a string or bytes");
  }
  const id = toFrame(routingId).slice();
  if (id.length === 0 || id.length > LONGEST_NAME) {
    throw new ZmqError(
      "EINVAL",
      `The option routingId takes 1 to ${LONGEST_NAME} bytes, not ${id.length}`,
    );
  }
  if (taken(id)) {
    throw new ZmqError(
      "EADDRINUSE",
      "A peer of this socket has that routingId; choose another one",
    );
  }
  return id;
}
