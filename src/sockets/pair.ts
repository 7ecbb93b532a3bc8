// The exclusive pair: Pair (RFC 31) for messages of any number of frames, Channel
// (RFC 52) for messages of one.

import type { MessageLike } from "../base/message.ts";
import type {
  CommonOptions,
  ReceivingOptions,
  SendingOptions,
} from "../base/option_types.ts";
import { PairPattern } from "../patterns/pair.ts";
import type { Context } from "./context.ts";
import { DuplexSocket } from "./duplex.ts";
import type { ContextOption } from "./socket.ts";

/** Options of a `Pair`. */
export type PairOptions =
  & Partial<CommonOptions & SendingOptions & ReceivingOptions>
  & ContextOption;

/** Options of a `Channel`. */
export type ChannelOptions = PairOptions;

/** A message of one frame, as it is received. */
export type SingleMessage = [body: Uint8Array];

/** A message of one frame, as it is sent. */
export type SingleSendable = MessageLike | readonly [body: MessageLike];

/** PAIR: one peer, both ways. */
export abstract class PairSocket extends DuplexSocket {
  constructor(options: PairOptions, defaultContext: () => Context) {
    super({
      type: "PAIR",
      pattern: (host) => new PairPattern(host),
      prototype: PairSocket.prototype,
      defaultContext,
    }, options);
  }
}

/** CHANNEL: one peer, both ways, messages of one frame. */
export abstract class ChannelSocket
  extends DuplexSocket<SingleSendable, SingleMessage> {
  constructor(options: ChannelOptions, defaultContext: () => Context) {
    super({
      type: "CHANNEL",
      pattern: (host) => new PairPattern(host, true),
      prototype: ChannelSocket.prototype,
      defaultContext,
    }, options);
  }
}
