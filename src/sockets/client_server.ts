// Numbered peers (RFC 41, RFC 51): Client sends to its servers in turn, Server and
// Peer name each peer by a number; messages are one frame.

import { ZmqError } from "../base/errors.ts";
import type { MessageLike } from "../base/message.ts";
import type {
  CommonOptions,
  DisconnectOptions,
  HelloOptions,
  HiccupOptions,
  ReceivingOptions,
  SendingOptions,
} from "../base/option_types.ts";
import { DealerPattern } from "../patterns/dealer.ts";
import { ServerPattern } from "../patterns/server.ts";
import { DuplexSocket } from "./duplex.ts";
import type { SingleMessage, SingleSendable } from "./pair.ts";
import type { Frame } from "./received.ts";
import { type ContextOption, coreOf, type Socket } from "./socket.ts";

/** Options of a `Client`. */
export type ClientOptions =
  & Partial<
    & CommonOptions
    & SendingOptions
    & ReceivingOptions
    & HelloOptions
    & HiccupOptions
  >
  & ContextOption;

/** Options of a `Server`. */
export type ServerOptions =
  & Partial<
    & CommonOptions
    & SendingOptions
    & ReceivingOptions
    & HelloOptions
    & DisconnectOptions
  >
  & ContextOption;

/** Options of a `Peer`. */
export type PeerOptions = ServerOptions & Partial<HiccupOptions>;

/** A message with the number of its peer, as it is received. */
export type NumberedMessage = [peer: number, body: Frame];

/** A message with the number of its peer, as it is sent. */
export type NumberedSendable = readonly [peer: number, body: MessageLike];

/**
 * CLIENT (RFC 41): sends messages of one frame to its servers, in turn.
 *
 * @example
 * ```ts
 * import { Client } from "@nought/zeromq";
 *
 * using client = new Client({ helloMessage: "I am here" });
 * client.connect("tcp://127.0.0.1:5555");
 * ```
 */
export class Client extends DuplexSocket<SingleSendable, SingleMessage> {
  /** Makes a socket with these options. */
  constructor(options: ClientOptions = {}) {
    super({
      type: "CLIENT",
      pattern: (host, core) => new DealerPattern(host, core.options, true),
      prototype: Client.prototype,
    }, options);
  }
}

/** It has these options as properties. */
export interface Client extends HelloOptions, HiccupOptions {}

/**
 * SERVER (RFC 41): each message is the number of a client and one frame. Nothing is
 * dropped: a message for a client that is full waits.
 *
 * @example
 * ```ts
 * import { Client, Server, text } from "@nought/zeromq";
 *
 * using server = new Server();
 * using client = new Client();
 * await server.bind("inproc://count");
 * client.connect("inproc://count");
 * await client.send("one");
 * const [from, body] = await server.receive();
 * await server.send([from, `${text(body)}, two`]);
 * console.log(text((await client.receive())[0])); // "one, two"
 * ```
 */
export class Server extends DuplexSocket<NumberedSendable, NumberedMessage> {
  /** Makes a socket with these options. */
  constructor(options: ServerOptions = {}) {
    super({
      type: "SERVER",
      pattern: (host, core) =>
        new ServerPattern(host, core.options, core.reactor.random32()),
      prototype: Server.prototype,
    }, options);
  }

  /**
   * Ends the connection of a client, once what was accepted for it is sent
   * (zmq_disconnect_peer(3)).
   *
   * @throws {ZmqError} EHOSTUNREACH if there is no client of this number; EBADF
   * once closed.
   */
  disconnectPeer(peer: number): void {
    part(this, peer);
  }
}

/** It has these options as properties. */
export interface Server extends HelloOptions, DisconnectOptions {}

/**
 * PEER (RFC 51): any number of peers, each known by a number.
 *
 * @example
 * ```ts
 * import { Peer, text } from "@nought/zeromq";
 *
 * using here = new Peer();
 * using there = new Peer();
 * await there.bind("inproc://peers");
 * const number = here.connectPeer("inproc://peers");
 * await here.send([number, "hello"]);
 * const [, body] = await there.receive();
 * console.log(text(body)); // "hello"
 * ```
 */
export class Peer extends DuplexSocket<NumberedSendable, NumberedMessage> {
  /** Makes a socket with these options. */
  constructor(options: PeerOptions = {}) {
    super({
      type: "PEER",
      pattern: (host, core) =>
        new ServerPattern(host, core.options, core.reactor.random32()),
      prototype: Peer.prototype,
    }, options);
  }

  /**
   * Connects to an endpoint and returns the number of the peer there
   * (zmq_connect_peer(3)); messages can be sent to it at once.
   *
   * @throws {ZmqError} EFAULT if `immediate` is set; what `connect` throws.
   */
  connectPeer(address: string): number {
    const core = coreOf(this);
    if (core.options.immediate) {
      throw new ZmqError(
        "EFAULT",
        "Cannot give a peer a number before it is there: unset immediate first",
      );
    }
    core.connect(address);
    return (core.pattern as ServerPattern).latest;
  }

  /**
   * Ends the connection of a peer, once what was accepted for it is sent
   * (zmq_disconnect_peer(3)).
   *
   * @throws {ZmqError} EHOSTUNREACH if there is no peer of this number; EBADF once
   * closed.
   */
  disconnectPeer(peer: number): void {
    part(this, peer);
  }
}

/** It has these options as properties. */
export interface Peer extends HelloOptions, DisconnectOptions, HiccupOptions {}

function part(socket: Socket, peer: number): void {
  const core = coreOf(socket);
  core.checkOpen();
  if ((core.pattern as ServerPattern).part(peer)) return;
  throw new ZmqError(
    "EHOSTUNREACH",
    `There is no peer with the number ${peer}`,
  );
}
