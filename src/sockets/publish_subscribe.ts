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
import type { Context } from "./context.ts";
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

/** PUB: sends each message to every peer that asked for its beginning. */
export abstract class PublisherSocket extends WritableSocket {
  constructor(options: PublisherOptions, defaultContext: () => Context) {
    super({
      type: "PUB",
      pattern: (host, core) => new PublisherPattern(host, core.options),
      prototype: PublisherSocket.prototype,
      defaultContext,
    }, options);
  }

  /** `ZMQ_TOPICS_COUNT`: how many different prefixes peers ask for. */
  get topicsCount(): number {
    return topicsOf(this);
  }
}

/** It has these options as properties. */
export interface PublisherSocket
  extends
    ConflatingOptions,
    SubscribedOptions,
    TopicLimitOptions,
    InvertingOptions,
    FirstSubscribeOptions {}

/** SUB: receives what it asked for. */
export abstract class SubscriberSocket extends ReadableSocket {
  constructor(options: SubscriberOptions, defaultContext: () => Context) {
    super({
      type: "SUB",
      pattern: (host, core) => new SubscriberPattern(host, core.options),
      prototype: SubscriberSocket.prototype,
      defaultContext,
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
export interface SubscriberSocket extends ConflatingOptions, InvertingOptions {}

/** XPUB: a publisher that receives what its peers ask for. */
export abstract class XPublisherSocket extends DuplexSocket {
  constructor(options: XPublisherOptions, defaultContext: () => Context) {
    super({
      type: "XPUB",
      pattern: (host, core) => new XPublisherPattern(host, core.options),
      prototype: XPublisherSocket.prototype,
      defaultContext,
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
export interface XPublisherSocket
  extends
    SubscribedOptions,
    TopicLimitOptions,
    InvertingOptions,
    FirstSubscribeOptions,
    XPublishingOptions {}

/** XSUB: a subscriber that subscribes by sending. */
export abstract class XSubscriberSocket extends DuplexSocket {
  constructor(options: XSubscriberOptions, defaultContext: () => Context) {
    super({
      type: "XSUB",
      pattern: (host, core) => new XSubscriberPattern(host, core.options),
      prototype: XSubscriberSocket.prototype,
      defaultContext,
    }, options);
  }

  /** `ZMQ_TOPICS_COUNT`: how many different prefixes it asks for. */
  get topicsCount(): number {
    return topicsOf(this);
  }
}

/** It has these options as properties. */
export interface XSubscriberSocket
  extends FirstSubscribeOptions, XSubscribingOptions {}

function openPattern<P>(socket: Socket): P {
  const core = coreOf(socket);
  core.checkOpen();
  return core.pattern as P;
}

function manualPattern(socket: XPublisherSocket): XPublisherPattern {
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
