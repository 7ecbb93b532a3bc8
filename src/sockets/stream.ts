// Peers that don't speak ZeroMQ (zmq_socket(3), ZMQ_STREAM): bytes of plain tcp
// connections, each under a name.

import type { MessageLike } from "../base/message.ts";
import type {
  CommonOptions,
  ReceivingOptions,
  SendingOptions,
  StreamingOptions,
} from "../base/option_types.ts";
import { StreamPattern } from "../patterns/stream.ts";
import { connectName, type NamedConnectOptions } from "./dealer_router.ts";
import { DuplexSocket } from "./duplex.ts";
import type { Frame } from "./received.ts";
import { type ContextOption, coreOf } from "./socket.ts";

/** Options of a `Stream`. */
export type StreamOptions =
  & Partial<
    CommonOptions & SendingOptions & ReceivingOptions & StreamingOptions
  >
  & ContextOption;

/** Bytes of a connection, as they are received; empty when it begins or ends. */
export type StreamMessage = [id: Frame, bytes: Frame];

/** Bytes for a connection; empty to end it. */
export type StreamSendable = readonly [id: MessageLike, bytes: MessageLike];

/**
 * STREAM: plain tcp connections, for peers that don't speak ZeroMQ. A message is the
 * name of a connection and bytes of it; empty bytes say that it began or ended, and
 * sending them ends it, behind what was accepted for it: sends that still wait for room
 * there are told EHOSTUNREACH, so that a peer that is stuck can be let go.
 *
 * @example
 * ```ts
 * import { Stream, text } from "@nought/zeromq";
 *
 * using server = new Stream();
 * await server.bind("tcp://127.0.0.1:*");
 * using client = new Stream({ notify: false });
 * client.connect(server.lastEndpoint!, { routingId: "server" });
 * await client.send(["server", "GET / HTTP/1.0\r\n\r\n"]);
 *
 * await server.receive(); // [id, empty]: a connection
 * const [, request] = await server.receive();
 * console.log(text(request).split(" ")[0]); // "GET"
 * ```
 */
export class Stream extends DuplexSocket<StreamSendable, StreamMessage> {
  /** Makes a socket with these options. */
  constructor(options: StreamOptions = {}) {
    super({
      type: "STREAM",
      pattern: (host, core) =>
        new StreamPattern(host, core.options, core.reactor.random32()),
      prototype: Stream.prototype,
    }, options);
  }

  /**
   * Connects to an endpoint, as every socket does; with `routingId` the connection
   * has that name at once, and bytes can be sent before it is there; with `immediate`
   * once it is made, unless another has that name by then.
   *
   * @throws {ZmqError} EADDRINUSE if a connection has that name; EINVAL,
   * ENOCOMPATPROTO, EACCES; EBADF once closed.
   */
  override connect(address: string, options: NamedConnectOptions = {}): void {
    const core = coreOf(this);
    const pattern = core.pattern as StreamPattern;
    core.connect(address, connectName(options, (id) => pattern.has(id)));
  }
}

/** It has these options as properties. */
export interface Stream extends StreamingOptions {}
