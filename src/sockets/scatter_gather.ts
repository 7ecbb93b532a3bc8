// The pipeline of single frames (RFC 49): Scatter hands messages out, Gather takes
// them in.

import type {
  CommonOptions,
  ConflatingOptions,
  ReceivingOptions,
  SendingOptions,
} from "../base/option_types.ts";
import { PushPattern } from "../patterns/push.ts";
import { PullPattern } from "../patterns/pull.ts";
import type { Context } from "./context.ts";
import type { SingleMessage, SingleSendable } from "./pair.ts";
import { ReadableSocket } from "./readable.ts";
import type { ContextOption } from "./socket.ts";
import { WritableSocket } from "./writable.ts";

/** Options of a `Scatter`. */
export type ScatterOptions =
  & Partial<CommonOptions & SendingOptions & ConflatingOptions>
  & ContextOption;

/** Options of a `Gather`. */
export type GatherOptions =
  & Partial<CommonOptions & ReceivingOptions & ConflatingOptions>
  & ContextOption;

/** SCATTER: sends each message to one of its peers, in turn. */
export abstract class ScatterSocket extends WritableSocket<SingleSendable> {
  constructor(options: ScatterOptions, defaultContext: () => Context) {
    super({
      type: "SCATTER",
      pattern: (host) => new PushPattern(host),
      prototype: ScatterSocket.prototype,
      defaultContext,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface ScatterSocket extends ConflatingOptions {}

/** GATHER: receives the messages of its peers, in turn. */
export abstract class GatherSocket extends ReadableSocket<SingleMessage> {
  constructor(options: GatherOptions, defaultContext: () => Context) {
    super({
      type: "GATHER",
      pattern: (host) => new PullPattern(host, true),
      prototype: GatherSocket.prototype,
      defaultContext,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface GatherSocket extends ConflatingOptions {}
