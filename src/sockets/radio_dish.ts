// Groups (RFC 48): Radio sends to all who have joined a message's group, Dish
// joins groups.

import { ZmqError } from "../base/errors.ts";
import { type MessageLike, toFrame } from "../base/message.ts";
import type {
  CommonOptions,
  ReceivingOptions,
  SendingOptions,
  SubscribedOptions,
} from "../base/option_types.ts";
import { DishPattern } from "../patterns/dish.ts";
import { LONGEST_GROUP, RadioPattern } from "../patterns/radio.ts";
import { ReadableSocket } from "./readable.ts";
import type { Frame } from "./received.ts";
import { type ContextOption, coreOf } from "./socket.ts";
import { WritableSocket } from "./writable.ts";

/** Options of a `Radio`. */
export type RadioOptions =
  & Partial<CommonOptions & SendingOptions & SubscribedOptions>
  & ContextOption;

/** Options of a `Dish`. */
export type DishOptions =
  & Partial<CommonOptions & ReceivingOptions>
  & ContextOption;

/** A message with its group, as it is received. */
export type GroupMessage = [group: Frame, body: Frame];

/** A message with its group, as it is sent. */
export type GroupSendable = readonly [group: MessageLike, body: MessageLike];

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
export class Radio extends WritableSocket<GroupSendable> {
  /** Makes a socket with these options. */
  constructor(options: RadioOptions = {}) {
    super({
      type: "RADIO",
      pattern: (host, core) => new RadioPattern(host, core.options),
      prototype: Radio.prototype,
    }, options);
  }
}

/** It can wait for peers that are full. */
export interface Radio extends SubscribedOptions {}

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
export class Dish extends ReadableSocket<GroupMessage> {
  /** Makes a socket with these options. */
  constructor(options: DishOptions = {}) {
    super({
      type: "DISH",
      pattern: (host) => new DishPattern(host),
      prototype: Dish.prototype,
    }, options);
  }

  /**
   * Joins groups (zmq_join(3)), each named by up to 255 bytes. It is in those that stand
   * before one it is in already.
   *
   * @throws {ZmqError} EINVAL if it is in one already, or a name is too long;
   * EBADF once closed.
   */
  join(...groups: MessageLike[]): void {
    const pattern = patternOf(this);
    for (const group of names(groups)) {
      if (!pattern.join(group)) throw misplaced("is in this group already");
    }
  }

  /**
   * Leaves groups (zmq_leave(3)).
   *
   * @throws {ZmqError} EINVAL if it is not in one of them; EBADF once closed.
   */
  leave(...groups: MessageLike[]): void {
    const pattern = patternOf(this);
    for (const group of names(groups)) {
      if (!pattern.leave(group)) throw misplaced("is not in this group");
    }
  }
}

function patternOf(socket: Dish): DishPattern {
  const core = coreOf(socket);
  core.checkOpen();
  return core.pattern as DishPattern;
}

function names(groups: MessageLike[]): Uint8Array[] {
  const frames = groups.map(toFrame);
  for (const { length } of frames) {
    if (length > LONGEST_GROUP) {
      throw new ZmqError(
        "EINVAL",
        `The name of a group has at most ${LONGEST_GROUP} bytes, not ${length}`,
      );
    }
  }
  return frames;
}

function misplaced(how: string): ZmqError {
  return new ZmqError("EINVAL", `The Dish ${how}`);
}
