// Datagrams (zmq_socket(3), ZMQ_DGRAM): messages of an address and one frame, over
// udp.

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

/** Options of a `Datagram`. */
export type DatagramOptions =
  & Partial<CommonOptions & SendingOptions & ReceivingOptions>
  & ContextOption;

/** A datagram with where it came from, as it is received. */
export type DatagramMessage = [address: Frame, body: Frame];

/** A datagram with where it goes to. */
export type DatagramSendable = readonly [
  address: MessageLike,
  body: MessageLike,
];

/**
 * DGRAM: datagrams over `udp://`, each with the address that it came from or goes to.
 *
 * @example
 * ```ts
 * import { Datagram } from "@nought/zeromq";
 *
 * using datagram = new Datagram();
 * console.log(datagram.type); // 18
 * ```
 */
export class Datagram extends DuplexSocket<DatagramSendable, DatagramMessage> {
  /** Makes a socket with these options. */
  constructor(options: DatagramOptions = {}) {
    super({
      type: "DGRAM",
      pattern: (host) => new PairPattern(host),
      prototype: Datagram.prototype,
    }, options);
  }
}
