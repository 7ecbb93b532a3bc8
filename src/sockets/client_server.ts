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
import type { Context } from "./context.ts";
import { DuplexSocket } from "./duplex.ts";
import type { SingleMessage, SingleSendable } from "./pair.ts";
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
export type NumberedMessage = [peer: number, body: Uint8Array];

/** A message with the number of its peer, as it is sent. */
export type NumberedSendable = readonly [peer: number, body: MessageLike];

/** CLIENT: sends to its servers in turn, receives from them in turn. */
export abstract class ClientSocket
  extends DuplexSocket<SingleSendable, SingleMessage> {
  constructor(options: ClientOptions, defaultContext: () => Context) {
    super({
      type: "CLIENT",
      pattern: (host, core) => new DealerPattern(host, core.options, true),
      prototype: ClientSocket.prototype,
      defaultContext,
    }, options);
  }
}

/** It has these options as properties. */
export interface ClientSocket extends HelloOptions, HiccupOptions {}

/** SERVER: each message has the number of its client in front. */
export abstract class ServerSocket
  extends DuplexSocket<NumberedSendable, NumberedMessage> {
  constructor(options: ServerOptions, defaultContext: () => Context) {
    super({
      type: "SERVER",
      pattern: (host, core) =>
        new ServerPattern(host, core.options, core.reactor.random32()),
      prototype: ServerSocket.prototype,
      defaultContext,
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
export interface ServerSocket extends HelloOptions, DisconnectOptions {}

/** PEER: any number of peers, each with a number in front of its messages. */
export abstract class PeerSocket
  extends DuplexSocket<NumberedSendable, NumberedMessage> {
  constructor(options: PeerOptions, defaultContext: () => Context) {
    super({
      type: "PEER",
      pattern: (host, core) =>
        new ServerPattern(host, core.options, core.reactor.random32()),
      prototype: PeerSocket.prototype,
      defaultContext,
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
export interface PeerSocket
  extends HelloOptions, DisconnectOptions, HiccupOptions {}

function part(socket: Socket, peer: number): void {
  const core = coreOf(socket);
  core.checkOpen();
  if ((core.pattern as ServerPattern).part(peer)) return;
  throw new ZmqError(
    "EHOSTUNREACH",
    `There is no peer with the number ${peer}`,
  );
}
