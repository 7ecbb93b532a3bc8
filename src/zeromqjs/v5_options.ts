// Options of zeromq.js 5: short names, which of libzmq's numbers they are, and the
// properties of zeromq.js 6 that stand behind the numbers. What a type doesn't have
// reads as `undefined`, and throws a TypeError where it is set.

import type { OptionValue } from "../base/option_types.ts";
import type { Socket as NewSocket } from "./socket.ts";
import * as id from "./v5_constants.ts";

type Names = Readonly<Record<number, string>>;

/** What can be read and set. */
const VALUES: Names = {
  [id.ZMQ_AFFINITY]: "affinity",
  [id.ZMQ_IDENTITY]: "routingId",
  [id.ZMQ_RATE]: "rate",
  [id.ZMQ_RECOVERY_IVL]: "recoveryInterval",
  [id.ZMQ_SNDBUF]: "sendBufferSize",
  [id.ZMQ_RCVBUF]: "receiveBufferSize",
  [id.ZMQ_LINGER]: "linger",
  [id.ZMQ_RECONNECT_IVL]: "reconnectInterval",
  [id.ZMQ_BACKLOG]: "backlog",
  [id.ZMQ_RECONNECT_IVL_MAX]: "reconnectMaxInterval",
  [id.ZMQ_MAXMSGSIZE]: "maxMessageSize",
  [id.ZMQ_SNDHWM]: "sendHighWaterMark",
  [id.ZMQ_RCVHWM]: "receiveHighWaterMark",
  [id.ZMQ_MULTICAST_HOPS]: "multicastHops",
  [id.ZMQ_RCVTIMEO]: "receiveTimeout",
  [id.ZMQ_SNDTIMEO]: "sendTimeout",
  [id.ZMQ_TCP_KEEPALIVE]: "tcpKeepalive",
  [id.ZMQ_TCP_KEEPALIVE_CNT]: "tcpKeepaliveCount",
  [id.ZMQ_TCP_KEEPALIVE_IDLE]: "tcpKeepaliveIdle",
  [id.ZMQ_TCP_KEEPALIVE_INTVL]: "tcpKeepaliveInterval",
  [id.ZMQ_PLAIN_USERNAME]: "plainUsername",
  [id.ZMQ_PLAIN_PASSWORD]: "plainPassword",
  [id.ZMQ_CURVE_PUBLICKEY]: "curvePublicKey",
  [id.ZMQ_CURVE_SECRETKEY]: "curveSecretKey",
  [id.ZMQ_CURVE_SERVERKEY]: "curveServerKey",
  [id.ZMQ_ZAP_DOMAIN]: "zapDomain",
  [id.ZMQ_HEARTBEAT_IVL]: "heartbeatInterval",
  [id.ZMQ_HEARTBEAT_TTL]: "heartbeatTimeToLive",
  [id.ZMQ_HEARTBEAT_TIMEOUT]: "heartbeatTimeout",
  [id.ZMQ_CONNECT_TIMEOUT]: "connectTimeout",
};

/** What is 0 or 1, and set by whatever is true or false in JavaScript. */
const FLAGS: Names = {
  [id.ZMQ_ROUTER_MANDATORY]: "mandatory",
  [id.ZMQ_DELAY_ATTACH_ON_CONNECT]: "immediate",
  [id.ZMQ_IPV6]: "ipv6",
  [id.ZMQ_PLAIN_SERVER]: "plainServer",
  [id.ZMQ_CURVE_SERVER]: "curveServer",
};

/** What can only be read. */
const READ: Names = {
  [id.ZMQ_TYPE]: "type",
  [id.ZMQ_LAST_ENDPOINT]: "lastEndpoint",
};

const MECHANISMS: readonly unknown[] = [null, "plain", "curve", "gssapi"];

/** Short names and their numbers. */
export const options: Readonly<Record<string, number>> = {
  _fd: 14,
  _ioevents: 15,
  _receiveMore: 13,
  _subscribe: 6,
  _unsubscribe: 7,
  affinity: 4,
  backlog: 19,
  identity: 5,
  linger: 17,
  rate: 8,
  rcvbuf: 12,
  last_endpoint: 32,
  reconnect_ivl: 18,
  recovery_ivl: 9,
  sndbuf: 11,
  mechanism: 43,
  plain_server: 44,
  plain_username: 45,
  plain_password: 46,
  curve_server: 47,
  curve_publickey: 48,
  curve_secretkey: 49,
  curve_serverkey: 50,
  zap_domain: 55,
  heartbeat_ivl: 75,
  heartbeat_ttl: 76,
  heartbeat_timeout: 77,
  connect_timeout: 79,
};

/** The number of an option, by number or short name. */
export function optionNumber(option: number | string): number {
  return typeof option === "number" ? option : options[option];
}

/** The value of an option; what a type doesn't have is `undefined`. */
export function readOption(socket: NewSocket, option: number): OptionValue {
  const given = socket as unknown as Record<string, OptionValue>;
  switch (option) {
    case id.ZMQ_RCVMORE:
      throw unsupported("ZMQ_RCVMORE is");
    case id.ZMQ_FD:
      throw unsupported("ZMQ_FD is");
    case id.ZMQ_ROUTER_RAW:
      throw unsupported("ZMQ_ROUTER_RAW is");
    case id.ZMQ_XPUB_VERBOSE:
      throw new Error("Reading ZMQ_XPUB_VERBOSE is not supported");
    case id.ZMQ_IPV4ONLY:
      return !given.ipv6;
    case id.ZMQ_EVENTS:
      return (socket.readable ? id.ZMQ_POLLIN : 0) |
        (socket.writable ? id.ZMQ_POLLOUT : 0);
    case id.ZMQ_MECHANISM:
      return MECHANISMS.indexOf(socket.securityMechanism);
  }
  const flag = FLAGS[option];
  if (flag !== undefined) return given[flag] ? 1 : 0;
  const name = VALUES[option] ?? READ[option];
  if (name === undefined) throw new Error("Unknown option");
  return given[name];
}

/** Sets an option. */
export function writeOption(
  socket: NewSocket,
  option: number,
  value: OptionValue,
): void {
  const target = socket as unknown as Record<string, unknown>;
  switch (option) {
    case id.ZMQ_ROUTER_RAW:
      throw unsupported("ZMQ_ROUTER_RAW is");
    case id.ZMQ_XPUB_VERBOSE:
      target.verbosity = value ? "allSubs" : null;
      return;
    case id.ZMQ_IPV4ONLY:
      target.ipv6 = !value;
      return;
    case id.ZMQ_TCP_ACCEPT_FILTER:
      target.tcpAcceptFilter = value;
      return;
    case id.ZMQ_ROUTER_HANDOVER:
      target.handover = Boolean(value);
      return;
  }
  const flag = FLAGS[option];
  const name = flag ?? VALUES[option];
  if (name === undefined) throw new Error("Unknown option");
  target[name] = flag === undefined ? value : Boolean(value);
}

function unsupported(what: string): Error {
  return new Error(`${what} not supported in compatibility mode`);
}
