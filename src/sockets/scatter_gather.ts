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
export class Scatter extends WritableSocket<SingleSendable> {
  /** Makes a socket with these options. */
  constructor(options: ScatterOptions = {}) {
    super({
      type: "SCATTER",
      pattern: (host) => new PushPattern(host),
      prototype: Scatter.prototype,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface Scatter extends ConflatingOptions {}

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
export class Gather extends ReadableSocket<SingleMessage> {
  /** Makes a socket with these options. */
  constructor(options: GatherOptions = {}) {
    super({
      type: "GATHER",
      pattern: (host) => new PullPattern(host, true),
      prototype: Gather.prototype,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface Gather extends ConflatingOptions {}
