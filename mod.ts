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
import { CARRIERS } from "./src/endpoints/carriers.ts";
import type { Parts } from "./src/endpoints/reactor.ts";
import { type Capability, capabilityOf } from "./src/sockets/capability.ts";
import {
  type CurveKeyPair,
  makeKeyPair,
  publicKeyOf,
} from "./src/sockets/curve_keys.ts";
import {
  Context as AnyContext,
  type ContextOptions,
  joinGroup,
  type SharedContext,
} from "./src/sockets/context.ts";
import {
  type ClientOptions,
  ClientSocket,
  type PeerOptions,
  PeerSocket,
  type ServerOptions,
  ServerSocket,
} from "./src/sockets/client_server.ts";
import {
  type DatagramOptions,
  DatagramSocket,
} from "./src/sockets/datagram.ts";
import {
  type DealerOptions,
  DealerSocket,
  type RouterOptions,
  RouterSocket,
} from "./src/sockets/dealer_router.ts";
import {
  type ChannelOptions,
  ChannelSocket,
  type PairOptions,
  PairSocket,
} from "./src/sockets/pair.ts";
import {
  type PublisherOptions,
  PublisherSocket,
  type SubscriberOptions,
  SubscriberSocket,
  type XPublisherOptions,
  XPublisherSocket,
  type XSubscriberOptions,
  XSubscriberSocket,
} from "./src/sockets/publish_subscribe.ts";
import {
  type PullOptions,
  PullSocket,
  type PushOptions,
  PushSocket,
} from "./src/sockets/push_pull.ts";
import {
  type DishOptions,
  DishSocket,
  type RadioOptions,
  RadioSocket,
} from "./src/sockets/radio_dish.ts";
import {
  type ReplyOptions,
  ReplySocket,
  type RequestOptions,
  RequestSocket,
} from "./src/sockets/request_reply.ts";
import {
  type GatherOptions,
  GatherSocket,
  type ScatterOptions,
  ScatterSocket,
} from "./src/sockets/scatter_gather.ts";
import { type StreamOptions, StreamSocket } from "./src/sockets/stream.ts";

/** What there is where a runtime has sockets. */
const PARTS: Parts = {
  carriers: CARRIERS,
  curve: () => import("./src/endpoints/curve.ts"),
};

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
    super(options, pickAdapter, PARTS);
  }

  /**
   * Makes a context that meets one of another thread, by what its `share` gave:
   * their sockets are in reach of each other over `inproc://`.
   *
   * @throws {ZmqError} ENOTSUP where threads share no memory.
   */
  static join(shared: SharedContext, options: ContextOptions = {}): Context {
    const context = new Context(options);
    joinGroup(context, shared);
    return context;
  }
}

/**
 * Makes a pair of keys for CURVE (zmq_curve_keypair(3)), each 40 characters of Z85.
 *
 * @example
 * ```ts
 * import { curveKeyPair, curvePublicKey } from "@nought/zeromq";
 *
 * const { publicKey, secretKey } = curveKeyPair();
 * console.log(curvePublicKey(secretKey) === publicKey); // true
 * ```
 */
export function curveKeyPair(): CurveKeyPair {
  return makeKeyPair(pickAdapter());
}

/**
 * The public key of a secret one (zmq_curve_public(3)), as Z85; the secret one is 40
 * characters of Z85, or 32 bytes.
 *
 * @throws {ZmqError} EINVAL if it is no key.
 */
export function curvePublicKey(secretKey: string | Uint8Array): string {
  return publicKeyOf(secretKey, pickAdapter());
}

/**
 * What can be had on this runtime: transports, mechanisms, socket types of drafts.
 *
 * @example
 * ```ts
 * import { capability } from "@nought/zeromq";
 *
 * console.log(capability.tcp); // true
 * console.log(capability.norm); // false
 * ```
 */
export const capability: Capability = /* @__PURE__ */ capabilityOf(pickAdapter);

/** The group of the default contexts of all threads, where those are one. */
const TOGETHER: SharedContext = { group: "nought-default" };

let shared: AnyContext | undefined;

/** The context of sockets that aren't given one; made when it is first asked for. */
export function defaultContext(): AnyContext {
  if (shared === undefined || shared.closed) {
    const adapter = pickAdapter();
    shared = new Context({ adapter });
    if (adapter.threads?.together) joinGroup(shared, TOGETHER);
  }
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

/**
 * PAIR (RFC 31): one peer, both ways. Another that comes is turned away until the
 * first has gone.
 *
 * @example
 * ```ts
 * import { Pair, text } from "@nought/zeromq";
 *
 * using here = new Pair();
 * using there = new Pair();
 * await here.bind("inproc://pair");
 * there.connect("inproc://pair");
 * await here.send("hello");
 * console.log(text((await there.receive())[0])); // "hello"
 * ```
 */
export class Pair extends PairSocket {
  /** Makes a socket with these options. */
  constructor(options: PairOptions = {}) {
    super(options, defaultContext);
  }
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
export class Dealer extends DealerSocket {
  /** Makes a socket with these options. */
  constructor(options: DealerOptions = {}) {
    super(options, defaultContext);
  }
}

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
export class Router extends RouterSocket {
  /** Makes a socket with these options. */
  constructor(options: RouterOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * XPUB (RFC 29): a Publisher that receives what its peers subscribe to, as messages
 * of one frame: a byte 1 (or 0 for the end of it) and the topic.
 *
 * @example
 * ```ts
 * import { Subscriber, XPublisher } from "@nought/zeromq";
 *
 * using publisher = new XPublisher();
 * using subscriber = new Subscriber();
 * await publisher.bind("inproc://news");
 * subscriber.connect("inproc://news");
 * subscriber.subscribe("A");
 * const [subscription] = await publisher.receive();
 * console.log([...subscription]); // [ 1, 65 ]
 * ```
 */
export class XPublisher extends XPublisherSocket {
  /** Makes a socket with these options. */
  constructor(options: XPublisherOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * XSUB (RFC 29): a Subscriber that subscribes by sending frames: a byte 1 (or 0 to
 * end it) and the topic.
 *
 * @example
 * ```ts
 * import { Publisher, XSubscriber } from "@nought/zeromq";
 *
 * using publisher = new Publisher();
 * using subscriber = new XSubscriber();
 * await publisher.bind("inproc://news");
 * subscriber.connect("inproc://news");
 * await subscriber.send("\u0001A");
 * await publisher.send("A story");
 * console.log((await subscriber.receive()).length); // 1
 * ```
 */
export class XSubscriber extends XSubscriberSocket {
  /** Makes a socket with these options. */
  constructor(options: XSubscriberOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * STREAM: plain tcp connections, for peers that don't speak ZeroMQ. A message is the
 * name of a connection and bytes of it; empty bytes say that it began or ended, and
 * sending them ends it.
 *
 * @example
 * ```ts
 * import { Stream, text } from "@nought/zeromq";
 *
 * using server = new Stream();
 * await server.bind("tcp://127.0.0.1:*");
 * using client = new Stream({ notify: false });
 * client.connect(server.lastEndpoint!, { routingId: "server" });
 * await client.send(["server", "GET / HTTP/1.0\r\n\r\n"]);
 *
 * await server.receive(); // [id, empty]: a connection
 * const [, request] = await server.receive();
 * console.log(text(request).split(" ")[0]); // "GET"
 * ```
 */
export class Stream extends StreamSocket {
  /** Makes a socket with these options. */
  constructor(options: StreamOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * SERVER (RFC 41): each message is the number of a client and one frame. Nothing is
 * dropped: a message for a client that is full waits.
 *
 * @example
 * ```ts
 * import { Client, Server, text } from "@nought/zeromq";
 *
 * using server = new Server();
 * using client = new Client();
 * await server.bind("inproc://count");
 * client.connect("inproc://count");
 * await client.send("one");
 * const [from, body] = await server.receive();
 * await server.send([from, `${text(body)}, two`]);
 * console.log(text((await client.receive())[0])); // "one, two"
 * ```
 */
export class Server extends ServerSocket {
  /** Makes a socket with these options. */
  constructor(options: ServerOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * CLIENT (RFC 41): sends messages of one frame to its servers, in turn.
 *
 * @example
 * ```ts
 * import { Client } from "@nought/zeromq";
 *
 * using client = new Client({ helloMessage: "I am here" });
 * client.connect("tcp://127.0.0.1:5555");
 * ```
 */
export class Client extends ClientSocket {
  /** Makes a socket with these options. */
  constructor(options: ClientOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * PEER (RFC 51): any number of peers, each known by a number.
 *
 * @example
 * ```ts
 * import { Peer, text } from "@nought/zeromq";
 *
 * using here = new Peer();
 * using there = new Peer();
 * await there.bind("inproc://peers");
 * const number = here.connectPeer("inproc://peers");
 * await here.send([number, "hello"]);
 * const [, body] = await there.receive();
 * console.log(text(body)); // "hello"
 * ```
 */
export class Peer extends PeerSocket {
  /** Makes a socket with these options. */
  constructor(options: PeerOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * CHANNEL (RFC 52): a Pair for messages of one frame.
 *
 * @example
 * ```ts
 * import { Channel } from "@nought/zeromq";
 *
 * using channel = new Channel();
 * await channel.bind("inproc://channel");
 * ```
 */
export class Channel extends ChannelSocket {
  /** Makes a socket with these options. */
  constructor(options: ChannelOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * RADIO (RFC 48): sends each message to every Dish that has joined its group.
 *
 * @example
 * ```ts
 * import { Dish, Radio, text } from "@nought/zeromq";
 *
 * using radio = new Radio();
 * using dish = new Dish();
 * await radio.bind("inproc://radio");
 * dish.connect("inproc://radio");
 * dish.join("news");
 * await radio.send(["weather", "rain"]);
 * await radio.send(["news", "it rains"]);
 * const [group, body] = await dish.receive();
 * console.log(`${text(group)} ${text(body)}`); // "news it rains"
 * ```
 */
export class Radio extends RadioSocket {
  /** Makes a socket with these options. */
  constructor(options: RadioOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * DISH (RFC 48): receives the messages of the groups it has joined.
 *
 * @example
 * ```ts
 * import { Dish } from "@nought/zeromq";
 *
 * using dish = new Dish();
 * dish.join("news", "weather");
 * dish.connect("tcp://127.0.0.1:5556");
 * ```
 */
export class Dish extends DishSocket {
  /** Makes a socket with these options. */
  constructor(options: DishOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * SCATTER (RFC 49): a Push for messages of one frame.
 *
 * @example
 * ```ts
 * import { Gather, Scatter, text } from "@nought/zeromq";
 *
 * using scatter = new Scatter();
 * using gather = new Gather();
 * await gather.bind("inproc://parts");
 * scatter.connect("inproc://parts");
 * await scatter.send("a part");
 * console.log(text((await gather.receive())[0])); // "a part"
 * ```
 */
export class Scatter extends ScatterSocket {
  /** Makes a socket with these options. */
  constructor(options: ScatterOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * GATHER (RFC 49): a Pull for messages of one frame.
 *
 * @example
 * ```ts
 * import { Gather } from "@nought/zeromq";
 *
 * using gather = new Gather({ receiveHighWaterMark: 100 });
 * await gather.bind("tcp://127.0.0.1:*");
 * ```
 */
export class Gather extends GatherSocket {
  /** Makes a socket with these options. */
  constructor(options: GatherOptions = {}) {
    super(options, defaultContext);
  }
}

/**
 * DGRAM: datagrams, each with an address. It speaks udp, which this version does not
 * have yet: `bind` rejects with EPROTONOSUPPORT.
 *
 * @example
 * ```ts
 * import { Datagram } from "@nought/zeromq";
 *
 * using datagram = new Datagram();
 * console.log(datagram.type); // 18
 * ```
 */
export class Datagram extends DatagramSocket {
  /** Makes a socket with these options. */
  constructor(options: DatagramOptions = {}) {
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
export type * from "./src/base/option_types.ts";
export type * from "./src/runtime/adapter.ts";
export type { AbortLike } from "./src/runtime/abort.ts";
export type { Capability } from "./src/sockets/capability.ts";
export type { CurveKeyPair } from "./src/sockets/curve_keys.ts";
export { z85Decode, z85Encode } from "./src/base/z85.ts";
export type { ContextOptions, SharedContext } from "./src/sockets/context.ts";
export { Observer } from "./src/sockets/observer.ts";
export type { Readable } from "./src/sockets/readable.ts";
export {
  Proxy,
  type ProxyFlow,
  type ProxyRunOptions,
  type ProxyStatistics,
} from "./src/sockets/proxy.ts";
export {
  type Arrival,
  type ArrivalOptions,
  merge,
  receiveAny,
} from "./src/sockets/receive_any.ts";
export type {
  Attributed,
  ReceiveOptions,
} from "./src/sockets/receive_queue.ts";
export type {
  NumberedMessage,
  NumberedSendable,
} from "./src/sockets/client_server.ts";
export type {
  DatagramMessage,
  DatagramSendable,
} from "./src/sockets/datagram.ts";
export type {
  NamedConnectOptions,
  PeerState,
} from "./src/sockets/dealer_router.ts";
export type { SingleMessage, SingleSendable } from "./src/sockets/pair.ts";
export type { GroupMessage, GroupSendable } from "./src/sockets/radio_dish.ts";
export type { StreamMessage, StreamSendable } from "./src/sockets/stream.ts";
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
  ChannelOptions,
  ClientOptions,
  DatagramOptions,
  DealerOptions,
  DishOptions,
  GatherOptions,
  PairOptions,
  PeerOptions,
  PublisherOptions,
  PullOptions,
  PushOptions,
  RadioOptions,
  ReplyOptions,
  RequestOptions,
  RouterOptions,
  ScatterOptions,
  ServerOptions,
  StreamOptions,
  SubscriberOptions,
  XPublisherOptions,
  XSubscriberOptions,
};
