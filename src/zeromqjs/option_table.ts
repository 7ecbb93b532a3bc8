// The options of zeromq.js 6 as sockets have them: which class has which, what
// can be read, and what acts at once. Values, ranges and defaults are those of
// base/options.ts, but for what zeromq.js has another default for.

import type { SocketType } from "../base/socket_type.ts";
import { typesThat } from "../base/socket_type.ts";
import type { OptionName } from "../base/option_types.ts";

/** How a property can be used. */
export type Access = "rw" | "ro" | "wo";

/** One property. */
export interface OptionProperty {
  readonly name: OptionName;
  readonly access: Access;
  /** Whether it acts at once, and not just on later binds and connects. */
  readonly live: boolean;
  readonly sockets: "all" | readonly SocketType[];
  /** Whether `null` can be set. */
  readonly nullable: boolean;
}

const SENDERS = typesThat("sends");
const RECEIVERS = typesThat("receives");
const LIVE = { live: true };

/** What all classes have. */
export const COMMON: readonly OptionProperty[] = [
  ...[
    ...["affinity", "rate", "recoveryInterval", "reconnectInterval"],
    ...["backlog", "reconnectMaxInterval", "maxMessageSize", "tcpKeepalive"],
    ...["tcpKeepaliveCount", "tcpKeepaliveIdle", "tcpKeepaliveInterval"],
    ...["immediate", "ipv6", "plainServer", "curveServer", "typeOfService"],
    ...["handshakeInterval", "heartbeatInterval", "heartbeatTimeToLive"],
    ...["heartbeatTimeout", "connectTimeout", "tcpMaxRetransmitTimeout"],
    ...["multicastMaxTransportDataUnit", "zapEnforceDomain"],
    ...["loopbackFastPath", "legacyPeers"],
    ...["curvePublicKey", "curveSecretKey", "curveServerKey", "zapDomain"],
  ].map((name) => option(name as OptionName)),
  option("linger", "all", LIVE),
  ...["tcpAcceptFilter", "plainUsername", "plainPassword"].map(nullable),
  ...["socksProxy", "interface"].map(nullable),
];

/** What some classes have. */
export const OWN: readonly OptionProperty[] = [
  option("sendBufferSize", SENDERS),
  option("sendHighWaterMark", SENDERS, LIVE),
  option("sendTimeout", SENDERS, LIVE),
  option("multicastHops", SENDERS),
  option("receiveBufferSize", RECEIVERS),
  option("receiveHighWaterMark", RECEIVERS, LIVE),
  option("receiveTimeout", RECEIVERS, LIVE),
  option("routingId", ["REQ", "REP", "DEALER", "ROUTER"]),
  option("mandatory", ["ROUTER"], LIVE),
  option("verbosity", ["XPUB"], { access: "wo", live: true, nullable: true }),
  option("probeRouter", ["ROUTER", "DEALER", "REQ"], {
    access: "wo",
    live: true,
  }),
  option("correlate", ["REQ"], { access: "wo", live: true }),
  option("relaxed", ["REQ"], { access: "wo", live: true }),
  option("handover", ["ROUTER"], { access: "wo", live: true }),
  option("conflate", [
    ...["PULL", "PUSH", "SUB", "PUB", "DEALER", "SCATTER", "GATHER"] as const,
  ], { access: "wo" }),
  option("noDrop", ["PUB", "XPUB"], { access: "wo" }),
  option("manual", ["XPUB"], { access: "wo" }),
  option("welcomeMessage", ["XPUB"], { access: "wo", nullable: true }),
  option("notify", ["STREAM"], { access: "wo" }),
  option("invertMatching", ["PUB", "SUB", "XPUB"]),
];

/** What can't be had without VMCI. */
export const NEEDS_VMCI: readonly string[] = [
  ...["vmciBufferSize", "vmciBufferMinSize", "vmciBufferMaxSize"],
  "vmciConnectTimeout",
];

/**
 * What tunes and changes no message: where a runtime can't do it, the value is
 * kept and the program goes on, with a warning.
 */
export const TUNING: readonly string[] = [
  ...["sendBufferSize", "receiveBufferSize", "typeOfService", "backlog"],
  ...["tcpKeepalive", "tcpKeepaliveCount", "tcpKeepaliveIdle"],
  ...["tcpKeepaliveInterval", "tcpMaxRetransmitTimeout", "loopbackFastPath"],
];

/** The properties that only sockets of a type have. */
export function ownOptionsOf(type: SocketType): OptionProperty[] {
  return OWN.filter(({ sockets }) => sockets.includes(type));
}

/** The property that stands for an option, if there is one. */
export function propertyOf(
  type: SocketType,
  name: string,
): OptionProperty | undefined {
  return [...COMMON, ...ownOptionsOf(type)].find((one) => one.name === name);
}

function option(
  name: OptionName,
  sockets: "all" | readonly SocketType[] = "all",
  rest: Partial<OptionProperty> = {},
): OptionProperty {
  return {
    name,
    access: "rw",
    live: false,
    sockets,
    nullable: false,
    ...rest,
  };
}

function nullable(name: string): OptionProperty {
  return option(name as OptionName, "all", { nullable: true });
}
