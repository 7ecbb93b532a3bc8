/**
 * The socket types of `zeromq/draft`: Server, Client, Radio, Dish, Gather, Scatter
 * and Datagram.
 *
 * @example
 * ```ts
 * import { Client, Server } from "@nought/zeromq/zeromqjs/draft";
 *
 * const server = new Server();
 * const client = new Client();
 * await server.bind("inproc://count");
 * client.connect("inproc://count");
 * await client.send("one");
 * const [message, { routingId }] = await server.receive();
 * await server.send(`${message}, two`, { routingId });
 * console.log(String(await client.receive())); // "one, two"
 * client.close();
 * server.close();
 * ```
 *
 * @module
 */

import { writeUint32 } from "../base/frame.ts";
import type { DishPattern } from "../patterns/dish.ts";
import { LONGEST_GROUP } from "../patterns/radio.ts";
import {
  DuplexSocket,
  iterate,
  type Readable,
  ReadableSocket,
  receive,
  type Writable,
  WritableSocket,
} from "./directions.ts";
import { checkArity, errnoError } from "./errno_error.ts";
import {
  buffers,
  type Message,
  type MessageLike,
  part,
  sendable,
} from "./message.ts";
import type {
  ReceivingProperties,
  SendingProperties,
  SocketOptions,
} from "./option_types.ts";
import { toBuffer } from "./platform.ts";
import { insideOf, Socket, withOptions } from "./socket.ts";

/** Which client a message goes to or comes from. */
export interface ServerRoutingOptions {
  /** Its number. */
  routingId: number;
}

/** SERVER: each message goes to, or comes from, a client with a number. */
export class Server extends Socket
  implements
    Readable<[Message, ServerRoutingOptions]>,
    Writable<MessageLike, [ServerRoutingOptions]> {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Server>) {
    super(12, options);
  }

  /** Sends a message to a client. */
  send(message: MessageLike, options: ServerRoutingOptions): Promise<void> {
    const { routingId = 0 } = checked(this, message, options);
    if (typeof routingId !== "number") {
      throw new TypeError("A number was expected");
    }
    // No client has this number.
    if (routingId >>> 0 === 0) throw errnoError("EINVAL");
    const id = new Uint8Array(4);
    writeUint32(id, 0, routingId >>> 0);
    return sendSingle(this, message, id);
  }

  /** Receives a message, and whose it is. */
  receive(): Promise<[Message, ServerRoutingOptions]> {
    checkArity(arguments.length, 0);
    return receive(this, numbered);
  }

  /** One message after another, until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<
    [Message, ServerRoutingOptions],
    undefined
  > {
    return iterate(this, Server.prototype.receive, numbered);
  }

  static {
    withOptions(Server.prototype, "SERVER");
  }
}

/** It has these options as properties. */
export interface Server extends SendingProperties, ReceivingProperties {}

/** CLIENT: sends to its servers in turn, receives from them in turn. */
export class Client extends DuplexSocket<MessageLike, [Message]> {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Client>) {
    super(13, options);
  }

  static {
    withOptions(Client.prototype, "CLIENT");
  }
}

/** The group of a message to be sent. */
export interface RadioGroupOptions {
  /** Its name, up to 255 bytes. */
  group: Uint8Array | string;
}

/** RADIO: sends each message to every Dish in its group. */
export class Radio extends Socket
  implements Writable<MessageLike, [RadioGroupOptions]> {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Radio>) {
    super(14, options);
  }

  /** Sends a message to a group. */
  send(message: MessageLike, options: RadioGroupOptions): Promise<void> {
    const { group } = checked(this, message, options);
    if (group === undefined) throw errnoError("EINVAL");
    const name = nameOf(group);
    if (name.length > LONGEST_GROUP) {
      return Promise.reject(errnoError("EINVAL"));
    }
    return sendSingle(this, message, name);
  }

  static {
    withOptions(Radio.prototype, "RADIO");
  }
}

/** It has these options as properties. */
export interface Radio extends SendingProperties {}

/** The group of a message that was received. */
export interface DishGroupOptions {
  /** Its name. */
  group: Message;
}

/** DISH: receives the messages of the groups it has joined. */
export class Dish extends Socket
  implements Readable<[Message, DishGroupOptions]> {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Dish>) {
    super(15, options);
  }

  /** Receives a message, and its group. */
  receive(): Promise<[Message, DishGroupOptions]> {
    checkArity(arguments.length, 0);
    return receive(this, grouped);
  }

  /** One message after another, until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<
    [Message, DishGroupOptions],
    undefined
  > {
    return iterate(this, Dish.prototype.receive, grouped);
  }

  /** Joins groups. */
  join(...groups: Array<Uint8Array | string>): void {
    for (const group of groupsOf(this, groups)) {
      if (!patternOf(this).join(group)) throw errnoError("EINVAL");
    }
  }

  /** Leaves groups. */
  leave(...groups: Array<Uint8Array | string>): void {
    for (const group of groupsOf(this, groups)) {
      if (!patternOf(this).leave(group)) throw errnoError("EINVAL");
    }
  }

  static {
    withOptions(Dish.prototype, "DISH");
  }
}

/** It has these options as properties. */
export interface Dish extends ReceivingProperties {}

/** GATHER: receives the messages of its peers, in turn. */
export class Gather extends ReadableSocket<[Message]> {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Gather>) {
    super(16, options);
  }

  static {
    withOptions(Gather.prototype, "GATHER");
  }
}

/** It has these options as properties. */
export interface Gather {
  /** `ZMQ_CONFLATE`. */
  conflate: boolean;
}

/** SCATTER: sends each message to one of its peers, in turn. */
export class Scatter extends WritableSocket<MessageLike> {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Scatter>) {
    super(17, options);
  }

  static {
    withOptions(Scatter.prototype, "SCATTER");
  }
}

/** It has these options as properties. */
export interface Scatter {
  /** `ZMQ_CONFLATE`. */
  conflate: boolean;
}

/** DGRAM: `[address, body]` over udp. */
export class Datagram
  extends DuplexSocket<[MessageLike, MessageLike], [Message, Message]> {
  /** Makes a socket with these options. */
  constructor(options?: SocketOptions<Datagram>) {
    super(18, options);
  }

  static {
    withOptions(Datagram.prototype, "DGRAM");
  }
}

function checked<O>(socket: Socket, message: unknown, options: O): O {
  if (message === undefined) throw new TypeError("Message must be present");
  if (typeof options !== "object" || options === null) {
    throw new TypeError("Options must be an object");
  }
  insideOf(socket).check();
  return options;
}

function sendSingle(
  socket: Socket,
  message: unknown,
  before: Uint8Array,
): Promise<void> {
  const frames = sendable(message);
  if (frames.length === 0) return Promise.resolve();
  if (frames.length > 1) return Promise.reject(errnoError("EINVAL"));
  return insideOf(socket).operations.send([before, frames[0]], socket);
}

/** The number in front, as the pattern gives it, goes behind. */
function numbered(frames: unknown[]): [Message, ServerRoutingOptions] {
  const [routingId, body] = frames as [number, Uint8Array];
  return [toBuffer(body), { routingId }];
}

function grouped(frames: Uint8Array[]): [Message, DishGroupOptions] {
  const [group, body] = buffers(frames);
  return [body, { group }];
}

function patternOf(dish: Dish): DishPattern {
  return insideOf(dish).core.pattern as DishPattern;
}

function groupsOf(dish: Dish, groups: unknown[]): Uint8Array[] {
  insideOf(dish).check();
  return groups.map((group) => {
    const name = nameOf(group);
    if (name.length > LONGEST_GROUP) throw errnoError("EINVAL");
    return name;
  });
}

/** The name of a group; unlike a prefix it is never null. */
function nameOf(group: unknown): Uint8Array {
  if (typeof group === "string" || ArrayBuffer.isView(group)) {
    return part(group);
  }
  throw new TypeError("Value must be a string or buffer");
}
