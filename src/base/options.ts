// Every option of a socket, in one table: the typed properties, getOption and
// setOption by number, the checks, the defaults and the docs all come from it.
// Numbers, ranges and defaults are libzmq's (zmq_setsockopt(3)) unless a row
// says otherwise.

import { ZmqError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { encodeText } from "./utf8.ts";
import type { SocketType } from "./socket_type.ts";
import type { Feature } from "../runtime/adapter.ts";

/** Options of every socket. Unless said otherwise they act on later binds and connects. */
export interface CommonOptions {
  /**
   * `ZMQ_LINGER`: how long `close()` keeps trying to send what was accepted, in
   * milliseconds; -1 for ever, 0 not at all. Default -1; 0 on a Subscriber. Live.
   */
  linger: number;
  /** `ZMQ_RECONNECT_IVL`: base delay before a connection is tried again, in milliseconds; -1 never. Default 100. */
  reconnectInterval: number;
  /** `ZMQ_RECONNECT_IVL_MAX`: the delay doubles up to this many milliseconds; 0 keeps it at the base. Default 0. */
  reconnectMaxInterval: number;
  /**
   * `ZMQ_CONNECT_TIMEOUT`: how long one attempt to connect may take, in
   * milliseconds; 0 leaves it to the system. Default 5000 (libzmq: 0), so that
   * an attempt that leads nowhere doesn't keep a finished program alive.
   */
  connectTimeout: number;
  /** `ZMQ_HANDSHAKE_IVL`: time allowed for greeting and handshake, in milliseconds; 0 for no limit. Default 30000. */
  handshakeInterval: number;
  /** `ZMQ_MAXMSGSIZE`: bytes in the largest frame taken from a peer, commands included; -1 for no limit. Default -1. */
  maxMessageSize: number;
  /** `ZMQ_BACKLOG`: length of a listener's queue of new connections. Default 100. */
  backlog: number;
  /** `ZMQ_IMMEDIATE`: queue messages only to connections that are complete. Default false. */
  immediate: boolean;
  /** `ZMQ_IPV6`: use IPv6 beside IPv4. Default false, or the context's. */
  ipv6: boolean;
  /** `ZMQ_HEARTBEAT_IVL`: milliseconds between PINGs; 0 sends none. Default 0. */
  heartbeatInterval: number;
  /** `ZMQ_HEARTBEAT_TIMEOUT`: milliseconds without a sign of life after a PING; -1 means `heartbeatInterval`. Default -1. */
  heartbeatTimeout: number;
  /** `ZMQ_HEARTBEAT_TTL`: milliseconds of silence after which the peer should hang up, rounded down to 100; 0 says nothing. Default 0. */
  heartbeatTimeToLive: number;
  /** `ZMQ_TCP_KEEPALIVE`: keep-alive probes on (1), off (0) or as the system has it (-1). Default -1. */
  tcpKeepalive: number;
  /** `ZMQ_TCP_KEEPALIVE_CNT`: unanswered probes before a connection is given up; -1 for the system's. Default -1. */
  tcpKeepaliveCount: number;
  /** `ZMQ_TCP_KEEPALIVE_IDLE`: seconds of silence before the first probe; -1 for the system's. Default -1. */
  tcpKeepaliveIdle: number;
  /** `ZMQ_TCP_KEEPALIVE_INTVL`: seconds between probes; -1 for the system's. Default -1. */
  tcpKeepaliveInterval: number;
}

/** Options of sockets that send. */
export interface SendingOptions {
  /** `ZMQ_SNDHWM`: messages that may wait for one peer; 0 for no limit. Default 1000. Live. */
  sendHighWaterMark: number;
  /** `ZMQ_SNDTIMEO`: milliseconds a `send` may wait; 0 not at all, -1 for ever. Default -1. Live. */
  sendTimeout: number;
  /** `ZMQ_SNDBUF`: kernel buffer in bytes, -1 for the system's. Default -1. */
  sendBufferSize: number;
  /** Sends that may wait in line at once before one rejects with EBUSY. Default 1000. Live. */
  maxPendingSends: number;
}

/** Options of sockets that receive. */
export interface ReceivingOptions {
  /** `ZMQ_RCVHWM`: messages of one peer that may wait to be received; 0 for no limit. Default 1000. Live. */
  receiveHighWaterMark: number;
  /** `ZMQ_RCVTIMEO`: milliseconds a `receive` may wait; 0 not at all, -1 for ever. Default -1. Live. */
  receiveTimeout: number;
  /** `ZMQ_RCVBUF`: kernel buffer in bytes, -1 for the system's. Default -1. */
  receiveBufferSize: number;
  /** Receives that may wait in line at once before one rejects with EBUSY. Default 1000. Live. */
  maxPendingReceives: number;
}

/** The option of sockets that can have a name for their peers. */
export interface RoutingIdOptions {
  /**
   * `ZMQ_ROUTING_ID`: the name a Router on the other side knows this socket by,
   * 1 to 255 bytes, not beginning with a zero byte. Default null: the peer makes one up.
   */
  routingId: string | Uint8Array | null;
}

/** Options of a Request. */
export interface RequestingOptions {
  /** `ZMQ_REQ_CORRELATE`: put a number before each request and take only the reply that carries it. Default false. Live. */
  correlate: boolean;
  /** `ZMQ_REQ_RELAXED`: allow a new request before the reply to the last. Default false. Live. */
  relaxed: boolean;
  /** `ZMQ_PROBE_ROUTER`: send an empty message on each new connection. Default false. Live. */
  probeRouter: boolean;
}

/** The option of sockets that can keep just the newest message. */
export interface ConflatingOptions {
  /** `ZMQ_CONFLATE`: keep only the newest message of one frame; high-water marks don't count. Default false. */
  conflate: boolean;
}

/** Every option, by name. */
export interface OptionValues
  extends
    CommonOptions,
    SendingOptions,
    ReceivingOptions,
    RoutingIdOptions,
    RequestingOptions,
    ConflatingOptions {}

/** The name of an option. */
export type OptionName = keyof OptionValues;
/** What an option can be set to. */
export type OptionValue = number | boolean | string | Uint8Array | null;

type Kind = "int" | "bool" | "routingId";

/** One row of the table. */
export interface OptionRow {
  readonly name: OptionName;
  /** libzmq's number; 0 for an option of ours. */
  readonly id: number;
  readonly kind: Kind;
  readonly min: number;
  readonly max: number;
  readonly initial: OptionValue;
  /** Whether it acts at once, and not just on later binds and connects. */
  readonly live: boolean;
  readonly sockets: "all" | readonly SocketType[];
  /** What the runtime must be able to do for any value but the default. */
  readonly needs: Feature | null;
}

const INT_MAX = 2147483647;
const SENDERS: readonly SocketType[] = ["REQ", "REP", "PUB", "PUSH"];
const RECEIVERS: readonly SocketType[] = ["REQ", "REP", "SUB", "PULL"];
const ALL = "all";

/** The table. */
export const OPTIONS: readonly OptionRow[] = [
  int("linger", 17, -1, INT_MAX, -1, ALL, true),
  int("reconnectInterval", 18, -1, INT_MAX, 100, ALL),
  int("reconnectMaxInterval", 21, 0, INT_MAX, 0, ALL),
  int("connectTimeout", 79, 0, INT_MAX, 5000, ALL),
  int("handshakeInterval", 66, 0, INT_MAX, 30000, ALL),
  int("maxMessageSize", 22, -1, Number.MAX_SAFE_INTEGER, -1, ALL),
  int("backlog", 19, 0, INT_MAX, 100, ALL, false, "backlog"),
  bool("immediate", 39, ALL),
  bool("ipv6", 42, ALL),
  int("heartbeatInterval", 75, 0, INT_MAX, 0, ALL),
  int("heartbeatTimeout", 77, -1, INT_MAX, -1, ALL),
  int("heartbeatTimeToLive", 76, 0, 6553599, 0, ALL),
  int("tcpKeepalive", 34, -1, 1, -1, ALL, false, "keepAlive"),
  int("tcpKeepaliveCount", 35, -1, INT_MAX, -1, ALL, false, "keepAliveCount"),
  int("tcpKeepaliveIdle", 36, -1, INT_MAX, -1, ALL, false, "keepAliveIdle"),
  int(
    "tcpKeepaliveInterval",
    37,
    -1,
    INT_MAX,
    -1,
    ALL,
    false,
    "keepAliveInterval",
  ),
  int("sendHighWaterMark", 23, 0, INT_MAX, 1000, SENDERS, true),
  int("sendTimeout", 28, -1, INT_MAX, -1, SENDERS, true),
  int("sendBufferSize", 11, -1, INT_MAX, -1, SENDERS, false, "sendBuffer"),
  int("maxPendingSends", 0, 1, INT_MAX, 1000, SENDERS, true),
  int("receiveHighWaterMark", 24, 0, INT_MAX, 1000, RECEIVERS, true),
  int("receiveTimeout", 27, -1, INT_MAX, -1, RECEIVERS, true),
  int(
    "receiveBufferSize",
    12,
    -1,
    INT_MAX,
    -1,
    RECEIVERS,
    false,
    "receiveBuffer",
  ),
  int("maxPendingReceives", 0, 1, INT_MAX, 1000, RECEIVERS, true),
  row("routingId", 5, "routingId", 1, 255, null, ["REQ", "REP"], false, null),
  bool("correlate", 52, ["REQ"], true),
  bool("relaxed", 53, ["REQ"], true),
  bool("probeRouter", 51, ["REQ"], true),
  bool("conflate", 54, ["PULL", "PUSH", "SUB", "PUB"]),
];

function row(
  name: OptionName,
  id: number,
  kind: Kind,
  min: number,
  max: number,
  initial: OptionValue,
  sockets: "all" | readonly SocketType[],
  live: boolean,
  needs: Feature | null,
): OptionRow {
  return { name, id, kind, min, max, initial, sockets, live, needs };
}

function int(
  name: OptionName,
  id: number,
  min: number,
  max: number,
  initial: number,
  sockets: "all" | readonly SocketType[],
  live = false,
  needs: Feature | null = null,
): OptionRow {
  return row(name, id, "int", min, max, initial, sockets, live, needs);
}

function bool(
  name: OptionName,
  id: number,
  sockets: "all" | readonly SocketType[],
  live = false,
): OptionRow {
  return row(name, id, "bool", 0, 1, false, sockets, live, null);
}

/** The rows of one socket type. */
export function optionsOf(type: SocketType): OptionRow[] {
  return OPTIONS.filter((row) =>
    row.sockets === ALL || row.sockets.includes(type)
  );
}

/** The defaults of one socket type. */
export function defaultsOf(type: SocketType): OptionValues {
  const values: Record<string, OptionValue> = {};
  for (const row of OPTIONS) values[row.name] = row.initial;
  if (type === "SUB") values.linger = 0;
  return values as unknown as OptionValues;
}

/** Where a feature that a runtime lacks can be had. */
const ELSEWHERE: Record<Feature, string> = {
  keepAlive: "Deno, Bun and Node can",
  keepAliveIdle: "Bun and Node can",
  keepAliveInterval: "Node 24 can",
  keepAliveCount: "Node 24 can",
  backlog: "Deno and Node can",
  sendBuffer: "no runtime can yet",
  receiveBuffer: "no runtime can yet",
};

/** Checks a value for a row and returns it as it is kept. */
export function checkOption(
  row: OptionRow,
  value: unknown,
  features: ReadonlySet<Feature>,
  runtime: string,
): OptionValue {
  const kept = converted(row, value);
  if (
    row.needs !== null && kept !== row.initial && !features.has(row.needs)
  ) {
    throw new ZmqError(
      "ENOTSUP",
      `Cannot set ${row.name} on ${runtime}: ${ELSEWHERE[row.needs]}; ` +
        `leave it at its default of ${row.initial} here`,
    );
  }
  return kept;
}

function converted(row: OptionRow, value: unknown): OptionValue {
  switch (row.kind) {
    case "bool":
      if (typeof value !== "boolean") throw wrongType(row, "a boolean", value);
      return value;
    case "int": {
      if (typeof value !== "number" || Number.isNaN(value)) {
        throw wrongType(row, "a number", value);
      }
      const number = Math.trunc(value);
      if (number < row.min || number > row.max) {
        throw new ZmqError(
          "EINVAL",
          `Cannot set ${row.name} to ${value}: it goes from ${row.min} to ${row.max}`,
        );
      }
      return row.name === "heartbeatTimeToLive"
        ? number - number % 100
        : number + 0;
    }
    case "routingId": {
      if (value === null) return null;
      if (typeof value !== "string" && !(value instanceof Uint8Array)) {
        throw wrongType(row, "a string, bytes or null", value);
      }
      const kept = typeof value === "string" ? value : value.slice();
      const length = typeof kept === "string"
        ? encodeText(kept).length
        : kept.length;
      if (length < row.min || length > row.max) {
        throw new ZmqError(
          "EINVAL",
          `Cannot set ${row.name}: it takes ${row.min} to ${row.max} bytes, not ${length}`,
        );
      }
      return kept;
    }
  }
}

function wrongType(row: OptionRow, wanted: string, value: unknown): TypeError {
  const given = value === null ? "null" : typeof value;
  return new TypeError(
    `Cannot set ${row.name}: it takes ${wanted}, not ${given}`,
  );
}

/** The error for a name that is no option; it names the nearest that is. */
export function unknownOption(
  owner: string,
  name: string,
  names: readonly string[],
): TypeError {
  const near = nearest(name, names);
  const advice = near === null
    ? "; a property of your own is declared as a field of a class that extends it"
    : `; did you mean ${near}?`;
  return new TypeError(`${owner} has no option ${name}${advice}`);
}
