// The exclusive pair: Pair (RFC 31) for messages of any number of frames, Channel
// (RFC 52) for messages of one.

import type { MessageLike } from "../base/message.ts";
import type {
  CommonOptions,
  ReceivingOptions,
  SendingOptions,
} from "../base/option_types.ts";
import { PairPattern } from "../patterns/pair.ts";
import { DuplexSocket } from "./duplex.ts";
import type { Frame } from "./received.ts";
import type { ContextOption } from "./socket.ts";

/** Options of a `Pair`. */
export type PairOptions =
  & Partial<CommonOptions & SendingOptions & ReceivingOptions>
  & ContextOption;

/** Options of a `Channel`. */
export type ChannelOptions = PairOptions;

/** A message of one frame, as it is received. */
export type SingleMessage = [body: Frame];

/** A message of one frame, as it is sent. */
export type SingleSendable = MessageLike | readonly [body: MessageLike];

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
export class Pair extends DuplexSocket {
  /** Makes a socket with these options. */
  constructor(options: PairOptions = {}) {
    super({
      type: "PAIR",
      pattern: (host) => new PairPattern(host),
      prototype: Pair.prototype,
    }, options);
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
export class Channel extends DuplexSocket<SingleSendable, SingleMessage> {
  /** Makes a socket with these options. */
  constructor(options: ChannelOptions = {}) {
    super({
      type: "CHANNEL",
      pattern: (host) => new PairPattern(host, true),
      prototype: Channel.prototype,
    }, options);
  }
}
