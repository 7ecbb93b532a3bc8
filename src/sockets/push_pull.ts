// The pipeline (RFC 30): Push hands messages out, Pull takes them in.

import type {
  CommonOptions,
  ConflatingOptions,
  ReceivingOptions,
  SendingOptions,
} from "../base/option_types.ts";
import { PushPattern } from "../patterns/push.ts";
import { PullPattern } from "../patterns/pull.ts";
import { ReadableSocket } from "./readable.ts";
import type { ContextOption } from "./socket.ts";
import { WritableSocket } from "./writable.ts";

/** Options of a `Push`. */
export type PushOptions =
  & Partial<CommonOptions & SendingOptions & ConflatingOptions>
  & ContextOption;

/** Options of a `Pull`. */
export type PullOptions =
  & Partial<CommonOptions & ReceivingOptions & ConflatingOptions>
  & ContextOption;

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
export class Push extends WritableSocket {
  /** Makes a socket with these options. */
  constructor(options: PushOptions = {}) {
    super({
      type: "PUSH",
      pattern: (host) => new PushPattern(host),
      prototype: Push.prototype,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface Push extends ConflatingOptions {}

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
export class Pull extends ReadableSocket {
  /** Makes a socket with these options. */
  constructor(options: PullOptions = {}) {
    super({
      type: "PULL",
      pattern: (host) => new PullPattern(host),
      prototype: Pull.prototype,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface Pull extends ConflatingOptions {}
