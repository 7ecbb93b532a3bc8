// The pipeline (RFC 30): Push hands messages out, Pull takes them in.

import type {
  CommonOptions,
  ConflatingOptions,
  ReceivingOptions,
  SendingOptions,
} from "../base/option_types.ts";
import { PushPattern } from "../patterns/push.ts";
import { PullPattern } from "../patterns/pull.ts";
import type { Context } from "./context.ts";
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

/** PUSH: sends each message to one of its peers, in turn. */
export abstract class PushSocket extends WritableSocket {
  constructor(options: PushOptions, defaultContext: () => Context) {
    super({
      type: "PUSH",
      pattern: (host) => new PushPattern(host),
      prototype: PushSocket.prototype,
      defaultContext,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface PushSocket extends ConflatingOptions {}

/** PULL: receives the messages of its peers, in turn. */
export abstract class PullSocket extends ReadableSocket {
  constructor(options: PullOptions, defaultContext: () => Context) {
    super({
      type: "PULL",
      pattern: (host) => new PullPattern(host),
      prototype: PullSocket.prototype,
      defaultContext,
    }, options);
  }
}

/** It can keep just the newest message. */
export interface PullSocket extends ConflatingOptions {}
