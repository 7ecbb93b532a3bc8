// The options of zeromq.js as types. What a socket can be made with is every
// property of it that can be set.

import type { LegacyPeers } from "../base/option_types.ts";
import type { Context } from "./context.ts";
import type { Socket } from "./socket.ts";

/** What a socket of type `S` can be made with. */
export type SocketOptions<S extends Socket> =
  & { [K in WritableNames<S>]?: S[K] }
  & {
    /** The context; by default the one that all sockets share. */
    context?: Context;
  };

type WritableNames<T> = {
  [K in keyof T]-?: T[K] extends (...args: never[]) => unknown ? never
    : Same<{ [P in K]: T[K] }, { -readonly [P in K]: T[K] }> extends true
      ? Same<{ [P in K]: T[K] }, Pick<T, K>> extends true ? K : never
    : never;
}[keyof T];

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Properties of every socket. Unless said otherwise they act on later binds and connects. */
export interface CommonProperties {
  /** `ZMQ_AFFINITY`: kept; there are no I/O threads to choose from. */
  affinity: number;
  /** `ZMQ_RATE`. */
  rate: number;
  /** `ZMQ_RECOVERY_IVL`. */
  recoveryInterval: number;
  /** `ZMQ_LINGER`: how long what was accepted is sent after `close`, in ms; -1 for ever. Acts at once. */
  linger: number;
  /** `ZMQ_RECONNECT_IVL`: delay before a connection is tried again, in ms. */
  reconnectInterval: number;
  /** `ZMQ_BACKLOG`. */
  backlog: number;
  /** `ZMQ_RECONNECT_IVL_MAX`: the delay doubles up to this; 0 keeps it. */
  reconnectMaxInterval: number;
  /** `ZMQ_MAXMSGSIZE`: bytes in the largest part that is taken from a peer; -1 for any. */
  maxMessageSize: number;
  /** `ZMQ_TCP_KEEPALIVE`. */
  tcpKeepalive: number;
  /** `ZMQ_TCP_KEEPALIVE_CNT`. */
  tcpKeepaliveCount: number;
  /** `ZMQ_TCP_KEEPALIVE_IDLE`. */
  tcpKeepaliveIdle: number;
  /** `ZMQ_TCP_KEEPALIVE_INTVL`. */
  tcpKeepaliveInterval: number;
  /** `ZMQ_TCP_ACCEPT_FILTER`: setting a range adds it, `null` clears. */
  tcpAcceptFilter: string | null;
  /** `ZMQ_IMMEDIATE`. */
  immediate: boolean;
  /** `ZMQ_IPV6`. */
  ipv6: boolean;
  /** `ZMQ_PLAIN_SERVER`. */
  plainServer: boolean;
  /** `ZMQ_PLAIN_USERNAME`. */
  plainUsername: string | null;
  /** `ZMQ_PLAIN_PASSWORD`. */
  plainPassword: string | null;
  /** `ZMQ_CURVE_SERVER`. */
  curveServer: boolean;
  /** `ZMQ_CURVE_PUBLICKEY`: 40 characters of Z85. */
  curvePublicKey: string | null;
  /** `ZMQ_CURVE_SECRETKEY`. */
  curveSecretKey: string | null;
  /** `ZMQ_CURVE_SERVERKEY`. */
  curveServerKey: string | null;
  /** `ZMQ_ZAP_DOMAIN`. */
  zapDomain: string | null;
  /** `ZMQ_TOS`. */
  typeOfService: number;
  /** `ZMQ_HANDSHAKE_IVL`, in ms. */
  handshakeInterval: number;
  /** `ZMQ_SOCKS_PROXY`. */
  socksProxy: string | null;
  /** `ZMQ_HEARTBEAT_IVL`, in ms; 0 for none. */
  heartbeatInterval: number;
  /** `ZMQ_HEARTBEAT_TTL`, in ms. */
  heartbeatTimeToLive: number;
  /** `ZMQ_HEARTBEAT_TIMEOUT`, in ms. */
  heartbeatTimeout: number;
  /** `ZMQ_CONNECT_TIMEOUT`, in ms; 0 is 5000. */
  connectTimeout: number;
  /** `ZMQ_TCP_MAXRT`. */
  tcpMaxRetransmitTimeout: number;
  /** `ZMQ_MULTICAST_MAXTPDU`. */
  multicastMaxTransportDataUnit: number;
  /** `ZMQ_VMCI_BUFFER_SIZE`: EINVAL, as there is no VMCI. */
  vmciBufferSize: number;
  /** `ZMQ_VMCI_BUFFER_MIN_SIZE`. */
  vmciBufferMinSize: number;
  /** `ZMQ_VMCI_BUFFER_MAX_SIZE`. */
  vmciBufferMaxSize: number;
  /** `ZMQ_VMCI_CONNECT_TIMEOUT`. */
  vmciConnectTimeout: number;
  /** `ZMQ_BINDTODEVICE`. */
  interface: string | null;
  /** `ZMQ_ZAP_ENFORCE_DOMAIN`. */
  zapEnforceDomain: boolean;
  /** `ZMQ_LOOPBACK_FASTPATH`. */
  loopbackFastPath: boolean;
  /** Which peers older than ZMTP 3.0 are served; zeromq.js serves all: `"1.0"`. */
  legacyPeers: LegacyPeers;
}

/** Properties of sockets that send. */
export interface SendingProperties {
  /** `ZMQ_SNDBUF`, in bytes. */
  sendBufferSize: number;
  /** `ZMQ_SNDHWM`: messages that may wait for one peer; 0 for no limit. */
  sendHighWaterMark: number;
  /** `ZMQ_SNDTIMEO`: how long a send waits, in ms; -1 for ever. Acts at once. */
  sendTimeout: number;
  /** `ZMQ_MULTICAST_HOPS`. */
  multicastHops: number;
}

/** Properties of sockets that receive. */
export interface ReceivingProperties {
  /** `ZMQ_RCVBUF`, in bytes. */
  receiveBufferSize: number;
  /** `ZMQ_RCVHWM`: messages that may wait of one peer; 0 for no limit. */
  receiveHighWaterMark: number;
  /** `ZMQ_RCVTIMEO`: how long a receive waits, in ms; -1 for ever. Acts at once. */
  receiveTimeout: number;
}

/** How a `Router` connects. */
export interface RouterConnectOptions {
  /** The name to know the peer by. */
  routingId?: string;
}

/** How a `Stream` connects. */
export interface StreamConnectOptions {
  /** The name to know the connection by. */
  routingId?: string;
}
