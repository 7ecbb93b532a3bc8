// What endpoints know of the socket they serve.

import type { Told } from "../base/event.ts";
import { EMPTY } from "../base/message.ts";
import { encodeProperties, type Property } from "../base/metadata.ts";
import type { OptionValues } from "../base/option_types.ts";
import {
  conflatesInto,
  SOCKET_TYPES,
  type SocketType,
} from "../base/socket_type.ts";
import type { Fault } from "../base/fault.ts";
import { encodeText } from "../base/utf8.ts";
import type { Credentials } from "../mechanisms/mechanism.ts";
import { InboundQueue } from "../routing/inbound_queue.ts";
import { OutboundLog } from "../routing/outbound_log.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { ConnectionSettings } from "../zmtp/connection.ts";
import type { Reactor } from "./reactor.ts";
import { type Judges, type Security, securityOf } from "./security.ts";

/** A socket, seen from its endpoints. */
export interface SocketSide {
  readonly reactor: Reactor;
  readonly type: SocketType;
  /** As they are now. */
  readonly options: OptionValues;
  /** Why it is closed, or null. */
  readonly closed: string | null;
  /** Takes a new pipe. */
  attach(pipe: Pipe): void;
  /** Parts with a pipe; what came in stays readable. */
  detach(pipe: Pipe): void;
  /** All that a connection has brought is in its pipe, which may be detached by now. */
  inputOver?(pipe: Pipe): void;
  /** Whether anybody hears what is reported; what costs something to say isn't said otherwise. */
  readonly observed: boolean;
  /** Reports something. */
  emit(event: Told): void;
  /** Who lets peers in. */
  readonly authority: Authority;
  /** A message of a pipe was dropped, which is counted there; for who passes that on. */
  pipeDropped?(pipe: Pipe): void;
  /** The queues of a new pipe over a wire, where they are none of the usual ones. */
  queues?(): [inbound: InboundQueue, log: OutboundLog];
}

/** Who decides whether peers may come in. */
export interface Authority {
  /** Decides about what a peer at an address shows. */
  judge(
    credentials: Credentials,
    address: string,
    judges: Judges,
  ): Admission | Question;
}

/** What was asked about a peer, and isn't answered yet. */
export interface Question {
  /** There at once where nobody had to wait for it. Does not reject. */
  readonly answer: Admission | Promise<Admission>;
  /** The peer has gone: nobody waits for the answer. */
  withdraw(): void;
}

/** What was decided about a peer. */
export interface Admission {
  /** Why it may not come in; null if it may. */
  readonly fault: Fault | null;
  /** What is known of it from now on, encoded. */
  readonly properties: Uint8Array;
}

/** The two queues of a new pipe over a wire. */
export function wireQueues(
  socket: SocketSide,
): [inbound: InboundQueue, log: OutboundLog] {
  return socket.queues === undefined ? usualQueues(socket) : socket.queues();
}

/** The two queues of a new pipe over a wire, where nobody has others. */
export function usualQueues(
  socket: SocketSide,
): [inbound: InboundQueue, log: OutboundLog] {
  const { options, reactor } = socket;
  const { frameCopies } = reactor.adapter;
  const { receiveHighWaterMark, sendHighWaterMark, conflate } = options;
  const inbound = new InboundQueue(
    receiveHighWaterMark,
    conflate && conflatesInto(socket.type),
    frameCopies,
  );
  const log = new OutboundLog(sendHighWaterMark, conflate);
  inbound.setBytesLimit(options.receiveBytesLimit);
  log.setBytesLimit(options.sendBytesLimit);
  return [inbound, log];
}

/** What a session is told of its socket: the options as they were at bind or connect. */
export interface SessionSettings extends ConnectionSettings {
  /** What the socket says of itself in the handshake, encoded. */
  readonly properties: Uint8Array;
  /** Whether peers don't speak ZeroMQ (STREAM). */
  readonly raw: boolean;
  readonly security: Security;
}

/** Types whose peers subscribe or join. */
const SUBSCRIBABLE: readonly SocketType[] = ["PUB", "XPUB", "RADIO"];

/** The options of a socket that sessions look at, as they are now. */
export function sessionSettings(socket: SocketSide): SessionSettings {
  const options = socket.options;
  const timeout = options.heartbeatTimeout;
  const security = securityOf(options, socket.reactor.adapter);
  const open = security.mechanism === "NULL" && options.zapDomain === null &&
    options.authenticate === null;
  return {
    socketType: socket.type,
    topics: SUBSCRIBABLE.includes(socket.type),
    groups: socket.type === "RADIO" || socket.type === "DISH",
    handshakeInterval: options.handshakeInterval,
    maxMessageSize: options.maxMessageSize,
    maxMessageParts: options.maxMessageParts,
    heartbeat: {
      interval: options.heartbeatInterval,
      timeout: timeout < 0 ? options.heartbeatInterval : timeout,
      timeToLive: options.heartbeatTimeToLive,
    },
    server: security.server,
    security,
    routingId: ownRoutingId(socket),
    // Who can't show who he is isn't served where that is wanted.
    legacyPeers: open ? options.legacyPeers : "none",
    properties: ownProperties(socket),
    raw: socket.type === "STREAM",
  };
}

function ownProperties(socket: SocketSide): Uint8Array {
  const properties: Property[] = [["Socket-Type", encodeText(socket.type)]];
  if (SOCKET_TYPES[socket.type].identifies) {
    properties.push(["Identity", ownRoutingId(socket)]);
  }
  const { metadata } = socket.options;
  for (const name of Object.keys(metadata ?? {}).sort()) {
    properties.push([name, encodeText(metadata![name])]);
  }
  return encodeProperties(properties);
}

/** The routing id of a socket, empty if it has none. */
export function ownRoutingId(socket: SocketSide): Uint8Array {
  const id = socket.options.routingId;
  if (id === null) return EMPTY;
  return typeof id === "string" ? encodeText(id) : id;
}

/** Gives the queues of a pipe over a wire the bounds that options say now. */
export function adjustQueues(
  { inbound, log }: Pipe,
  options: OptionValues,
): void {
  inbound.setHighWaterMark(options.receiveHighWaterMark);
  inbound.setBytesLimit(options.receiveBytesLimit);
  log?.setHighWaterMark(options.sendHighWaterMark);
  log?.setBytesLimit(options.sendBytesLimit);
}
