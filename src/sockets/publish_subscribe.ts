// Publish and subscribe (RFC 29): Publisher sends to all who asked for it,
// Subscriber asks by prefix.

import { type MessageLike, toFrame } from "../base/message.ts";
import type {
  CommonOptions,
  ConflatingOptions,
  ReceivingOptions,
  SendingOptions,
} from "../base/options.ts";
import { PublisherPattern } from "../patterns/publisher.ts";
import { SubscriberPattern } from "../patterns/subscriber.ts";
import type { Context } from "./context.ts";
import { ReadableSocket } from "./readable.ts";
import { type ContextOption, coreOf } from "./socket.ts";
import { WritableSocket } from "./writable.ts";

/** Options of a `Publisher`. */
export type PublisherOptions =
  & Partial<CommonOptions & SendingOptions & ConflatingOptions>
  & ContextOption;

/** Options of a `Subscriber`. */
export type SubscriberOptions =
  & Partial<CommonOptions & ReceivingOptions & ConflatingOptions>
  & ContextOption;

/** PUB: sends each message to every peer that asked for its beginning. */
export abstract class PublisherSocket extends WritableSocket {
  constructor(options: PublisherOptions, defaultContext: () => Context) {
    super({
      type: "PUB",
      pattern: (host) => new PublisherPattern(host),
      prototype: PublisherSocket.prototype,
      defaultContext,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface PublisherSocket extends ConflatingOptions {}

/** SUB: receives what it asked for. */
export abstract class SubscriberSocket extends ReadableSocket {
  constructor(options: SubscriberOptions, defaultContext: () => Context) {
    super({
      type: "SUB",
      pattern: (host) => new SubscriberPattern(host),
      prototype: SubscriberSocket.prototype,
      defaultContext,
    }, options);
  }

  /**
   * Asks for every message whose first frame begins with one of these prefixes;
   * without any, for everything. Asking twice counts twice. Acts on the peers
   * there are at once, and on each that comes.
   *
   * @throws {ZmqError} EBADF once closed.
   */
  subscribe(...prefixes: MessageLike[]): void {
    const pattern = patternOf(this);
    for (const prefix of frames(prefixes)) pattern.subscribe(prefix);
  }

  /**
   * Takes back what `subscribe` asked for, once for each prefix; one that was
   * never asked for is no matter.
   *
   * @throws {ZmqError} EBADF once closed.
   */
  unsubscribe(...prefixes: MessageLike[]): void {
    const pattern = patternOf(this);
    for (const prefix of frames(prefixes)) pattern.unsubscribe(prefix);
  }
}

/** It can keep just the newest message. */
export interface SubscriberSocket extends ConflatingOptions {}

function patternOf(socket: SubscriberSocket): SubscriberPattern {
  const core = coreOf(socket);
  core.checkOpen();
  return core.pattern as SubscriberPattern;
}

function frames(prefixes: MessageLike[]): Uint8Array[] {
  return prefixes.length === 0 ? [toFrame("")] : prefixes.map(toFrame);
}
