// Publish and subscribe (RFC 29): Publisher sends to all who asked for it,
// Subscriber asks by prefix; XPublisher and XSubscriber do the same and show what
// is asked for as messages.

import { ZmqError } from "../base/errors.ts";
import { type MessageLike, toFrame } from "../base/message.ts";
import type {
  CommonOptions,
  ConflatingOptions,
  FirstSubscribeOptions,
  InvertingOptions,
  ReceivingOptions,
  SendingOptions,
  SubscribedOptions,
  TopicLimitOptions,
  XPublishingOptions,
  XSubscribingOptions,
} from "../base/option_types.ts";
import { PublisherPattern } from "../patterns/publisher.ts";
import { SubscriberPattern } from "../patterns/subscriber.ts";
import { XPublisherPattern } from "../patterns/xpublisher.ts";
import { XSubscriberPattern } from "../patterns/xsubscriber.ts";
import { DuplexSocket } from "./duplex.ts";
import { ReadableSocket } from "./readable.ts";
import { type ContextOption, coreOf, type Socket } from "./socket.ts";
import { WritableSocket } from "./writable.ts";

/** Options of a `Publisher`. */
export type PublisherOptions =
  & Partial<
    & CommonOptions
    & SendingOptions
    & ConflatingOptions
    & SubscribedOptions
    & TopicLimitOptions
    & InvertingOptions
    & FirstSubscribeOptions
  >
  & ContextOption;

/** Options of a `Subscriber`. */
export type SubscriberOptions =
  & Partial<
    CommonOptions & ReceivingOptions & ConflatingOptions & InvertingOptions
  >
  & ContextOption;

/** Options of an `XPublisher`. */
export type XPublisherOptions =
  & Partial<
    & CommonOptions
    & SendingOptions
    & ReceivingOptions
    & SubscribedOptions
    & TopicLimitOptions
    & InvertingOptions
    & FirstSubscribeOptions
    & XPublishingOptions
  >
  & ContextOption;

/** Options of an `XSubscriber`. */
export type XSubscriberOptions =
  & Partial<
    & CommonOptions
    & SendingOptions
    & ReceivingOptions
    & FirstSubscribeOptions
    & XSubscribingOptions
  >
  & ContextOption;

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
export class Publisher extends WritableSocket {
  /** Makes a socket with these options. */
  constructor(options: PublisherOptions = {}) {
    super({
      type: "PUB",
      pattern: (host, core) => new PublisherPattern(host, core.options),
      prototype: Publisher.prototype,
    }, options);
  }

  /** `ZMQ_TOPICS_COUNT`: how many different prefixes peers ask for. */
  get topicsCount(): number {
    return topicsOf(this);
  }
}

/** It has these options as properties. */
export interface Publisher
  extends
    ConflatingOptions,
    SubscribedOptions,
    TopicLimitOptions,
    InvertingOptions,
    FirstSubscribeOptions {}

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
export class Subscriber extends ReadableSocket {
  /** Makes a socket with these options. */
  constructor(options: SubscriberOptions = {}) {
    super({
      type: "SUB",
      pattern: (host, core) => new SubscriberPattern(host, core.options),
      prototype: Subscriber.prototype,
    }, options);
  }

  /** `ZMQ_TOPICS_COUNT`: how many different prefixes it asks for. */
  get topicsCount(): number {
    return topicsOf(this);
  }

  /**
   * Asks for every message whose first frame begins with one of these prefixes;
   * without any, for everything. Asking twice counts twice. Acts on the peers
   * there are at once, and on each that comes.
   *
   * @throws {ZmqError} EBADF once closed.
   */
  subscribe(...prefixes: MessageLike[]): void {
    const pattern = openPattern<SubscriberPattern>(this);
    for (const prefix of frames(prefixes)) pattern.subscribe(prefix);
  }

  /**
   * Takes back what `subscribe` asked for, once for each prefix; one that was
   * never asked for is no matter.
   *
   * @throws {ZmqError} EBADF once closed.
   */
  unsubscribe(...prefixes: MessageLike[]): void {
    const pattern = openPattern<SubscriberPattern>(this);
    for (const prefix of frames(prefixes)) pattern.unsubscribe(prefix);
  }
}

/** It has these options as properties. */
export interface Subscriber extends ConflatingOptions, InvertingOptions {}

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
export class XPublisher extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options: XPublisherOptions = {}) {
    super({
      type: "XPUB",
      pattern: (host, core) => new XPublisherPattern(host, core.options),
      prototype: XPublisher.prototype,
    }, options);
  }

  /** `ZMQ_TOPICS_COUNT`: how many different prefixes peers get. */
  get topicsCount(): number {
    return topicsOf(this);
  }

  /**
   * With `manual`: gives the peer whose message was received last these prefixes,
   * whatever it asked for.
   *
   * @throws {ZmqError} EINVAL without `manual`; EBADF once closed.
   */
  subscribe(...prefixes: MessageLike[]): void {
    const pattern = manualPattern(this);
    for (const prefix of frames(prefixes)) pattern.subscribe(prefix);
  }

  /**
   * With `manual`: takes prefixes from the peer whose message was received last.
   *
   * @throws {ZmqError} EINVAL without `manual`; EBADF once closed.
   */
  unsubscribe(...prefixes: MessageLike[]): void {
    const pattern = manualPattern(this);
    for (const prefix of frames(prefixes)) pattern.unsubscribe(prefix);
  }
}

/** It has these options as properties. */
export interface XPublisher
  extends
    SubscribedOptions,
    TopicLimitOptions,
    InvertingOptions,
    FirstSubscribeOptions,
    XPublishingOptions {}

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
export class XSubscriber extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options: XSubscriberOptions = {}) {
    super({
      type: "XSUB",
      pattern: (host, core) => new XSubscriberPattern(host, core.options),
      prototype: XSubscriber.prototype,
    }, options);
  }

  /** `ZMQ_TOPICS_COUNT`: how many different prefixes it asks for. */
  get topicsCount(): number {
    return topicsOf(this);
  }
}

/** It has these options as properties. */
export interface XSubscriber
  extends FirstSubscribeOptions, XSubscribingOptions {}

function openPattern<P>(socket: Socket): P {
  const core = coreOf(socket);
  core.checkOpen();
  return core.pattern as P;
}

function manualPattern(socket: XPublisher): XPublisherPattern {
  const pattern = openPattern<XPublisherPattern>(socket);
  if (socket.manual || socket.manualLastValue) return pattern;
  throw new ZmqError(
    "EINVAL",
    "Cannot subscribe for a peer: set manual first",
  );
}

function topicsOf(socket: Socket): number {
  return (coreOf(socket).pattern as unknown as { topics: number }).topics;
}

function frames(prefixes: MessageLike[]): Uint8Array[] {
  return prefixes.length === 0 ? [toFrame("")] : prefixes.map(toFrame);
}
