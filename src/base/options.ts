// Every option of a socket, in one table: the typed properties, getOption and
// setOption by number, the checks, the defaults and the docs all come from it.
// Numbers, ranges and defaults are libzmq's (zmq_setsockopt(3)) unless a row
// says otherwise.

import type { Feature } from "../runtime/adapter.ts";
import { sameBytes } from "./bytes.ts";
import { parseRange } from "./cidr.ts";
import { ZmqError } from "./errors.ts";
import { isBytes } from "./message.ts";
import { nearest } from "./nearest.ts";
import type {
  Authenticate,
  OptionName,
  OptionValue,
  OptionValues,
} from "./option_types.ts";
import { type SocketType, typesThat } from "./socket_type.ts";
import { z85Decode, z85Encode } from "./z85.ts";
import { decodeText, encodeText } from "./utf8.ts";

type Kind =
  | "int"
  | "bool"
  | "text"
  | "choice"
  | "routingId"
  | "bytes"
  | "filters"
  | "metadata"
  | "key"
  | "function";

/** Something that no runtime, or no version of this library yet, can do. */
export type Lack =
  | "maxRetransmit"
  | "priority"
  | "busyPoll"
  | "fastPath"
  | "interface"
  | "routerRaw"
  | "gssapi"
  | "credentials"
  | "vmci"
  | "norm";

/** One row of the table. */
export interface OptionRow {
  readonly name: OptionName;
  /** libzmq's number; 0 for an option of ours. */
  readonly id: number;
  readonly kind: Kind;
  /** Bounds of a number, or of a length in bytes. */
  readonly min: number;
  readonly max: number;
  /** The values of a choice. */
  readonly choices: readonly (string | null)[];
  readonly initial: OptionValue;
  /** Whether it acts at once, and not just on later binds and connects. */
  readonly live: boolean;
  readonly sockets: "all" | readonly SocketType[];
  /** What there must be for any value but the default. */
  readonly needs: Feature | Lack | null;
}

const INT_MAX = 2147483647;
const SENDERS = typesThat("sends");
const RECEIVERS = typesThat("receives");
const ALL = "all";
/** Milliseconds; the largest time to live that a PING can tell of. */
const LARGEST_TTL = 6553599;

/** The table. */
export const OPTIONS: readonly OptionRow[] = [
  // Every socket: closing and queues.
  int("linger", 17, -1, INT_MAX, -1, ALL, { live: true }),
  int("maxMessageSize", 22, -1, Number.MAX_SAFE_INTEGER, -1, ALL),
  bool("immediate", 39, ALL),
  int("affinity", 4, 0, Number.MAX_SAFE_INTEGER, 0, ALL),
  int("inBatchSize", 101, 1, INT_MAX, 8192, ALL),
  int("outBatchSize", 102, 1, INT_MAX, 8192, ALL),
  row("metadata", 95, "metadata", ALL, { initial: null }),
  // Every socket: connections.
  int("reconnectInterval", 18, -1, INT_MAX, 100, ALL),
  int("reconnectMaxInterval", 21, 0, INT_MAX, 0, ALL),
  int("reconnectStop", 109, 0, 7, 0, ALL),
  int("connectTimeout", 79, 0, INT_MAX, 5000, ALL),
  int("handshakeInterval", 66, 0, INT_MAX, 30000, ALL),
  choice("legacyPeers", 0, ["none", "2.0", "1.0"], "2.0", ALL),
  int("heartbeatInterval", 75, 0, INT_MAX, 0, ALL),
  int("heartbeatTimeout", 77, -1, INT_MAX, -1, ALL),
  int("heartbeatTimeToLive", 76, 0, LARGEST_TTL, 0, ALL),
  // Every socket: tcp.
  bool("ipv6", 42, ALL),
  int("backlog", 19, 0, INT_MAX, 100, ALL, { needs: "backlog" }),
  int("tcpKeepalive", 34, -1, 1, -1, ALL, { needs: "keepAlive" }),
  int("tcpKeepaliveCount", 35, -1, INT_MAX, -1, ALL, {
    needs: "keepAliveCount",
  }),
  int("tcpKeepaliveIdle", 36, -1, INT_MAX, -1, ALL, { needs: "keepAliveIdle" }),
  int("tcpKeepaliveInterval", 37, -1, INT_MAX, -1, ALL, {
    needs: "keepAliveInterval",
  }),
  int("tcpMaxRetransmitTimeout", 80, 0, INT_MAX, 0, ALL, {
    needs: "maxRetransmit",
  }),
  row("tcpAcceptFilter", 38, "filters", ALL, { initial: null }),
  int("typeOfService", 57, 0, 255, 0, ALL, { needs: "typeOfService" }),
  int("priority", 112, 0, INT_MAX, 0, ALL, { needs: "priority" }),
  int("busyPoll", 113, 0, INT_MAX, 0, ALL, { needs: "busyPoll" }),
  bool("loopbackFastPath", 94, ALL, { needs: "fastPath" }),
  row("interface", 92, "text", ALL, { min: 1, max: 16, needs: "interface" }),
  int("useFd", 89, -1, INT_MAX, -1, ALL, { needs: "descriptor" }),
  row("socksProxy", 68, "text", ALL, { min: 1, max: 255 }),
  row("socksUsername", 99, "text", ALL, { min: 1, max: 255 }),
  row("socksPassword", 100, "text", ALL, { min: 1, max: 255 }),
  // Every socket: ipc and multicast.
  int("ipcFilterProcessId", 58, -1, INT_MAX, -1, ALL, { needs: "credentials" }),
  int("ipcFilterUserId", 59, -1, INT_MAX, -1, ALL, { needs: "credentials" }),
  int("ipcFilterGroupId", 60, -1, INT_MAX, -1, ALL, { needs: "credentials" }),
  int("rate", 8, 1, INT_MAX, 100, ALL),
  int("recoveryInterval", 9, 0, INT_MAX, 10000, ALL),
  int("multicastMaxTransportDataUnit", 84, 1, INT_MAX, 1500, ALL),
  bool("multicastLoop", 96, ALL, { initial: true }),
  int("multicastHops", 25, 1, INT_MAX, 1, SENDERS),
  // Every socket: security.
  bool("plainServer", 44, ALL),
  row("plainUsername", 45, "text", ALL, { min: 1, max: 255 }),
  row("plainPassword", 46, "text", ALL, { min: 1, max: 255 }),
  bool("curveServer", 47, ALL),
  row("curvePublicKey", 48, "key", ALL),
  row("curveSecretKey", 49, "key", ALL),
  row("curveServerKey", 50, "key", ALL),
  row("zapDomain", 55, "text", ALL, { min: 1, max: 255 }),
  bool("zapEnforceDomain", 93, ALL),
  row("authenticate", 0, "function", ALL),
  int("maxPendingHandshakes", 0, 1, INT_MAX, 1000, ALL),
  int("maxConnections", 0, 0, INT_MAX, 0, ALL),
  int("maxConnectionsPerAddress", 0, 0, INT_MAX, 0, ALL),
  int("maxMessageParts", 0, 1, INT_MAX, 65536, ALL),
  bool("gssapiServer", 62, ALL, { needs: "gssapi" }),
  row("gssapiPrincipal", 63, "text", ALL, {
    min: 1,
    max: 255,
    needs: "gssapi",
  }),
  row("gssapiServicePrincipal", 64, "text", ALL, {
    min: 1,
    max: 255,
    needs: "gssapi",
  }),
  bool("gssapiPlainText", 65, ALL, { needs: "gssapi" }),
  choice(
    "gssapiPrincipalNameType",
    90,
    ["hostBased", "userName", "krb5Principal"],
    "hostBased",
    ALL,
    { needs: "gssapi" },
  ),
  choice(
    "gssapiServicePrincipalNameType",
    91,
    ["hostBased", "userName", "krb5Principal"],
    "hostBased",
    ALL,
    { needs: "gssapi" },
  ),
  row("wssKeyPem", 103, "text", ALL, { min: 1, max: INT_MAX, needs: "tls" }),
  row("wssCertPem", 104, "text", ALL, { min: 1, max: INT_MAX, needs: "tls" }),
  row("wssTrustPem", 105, "text", ALL, { min: 1, max: INT_MAX, needs: "tls" }),
  row("wssHostname", 106, "text", ALL, { min: 1, max: 255, needs: "tls" }),
  bool("wssTrustSystem", 107, ALL, { needs: "tls" }),
  // Every socket: transports that no runtime offers.
  int("vmciBufferSize", 85, 0, Number.MAX_SAFE_INTEGER, 0, ALL, {
    needs: "vmci",
  }),
  int("vmciBufferMinSize", 86, 0, Number.MAX_SAFE_INTEGER, 0, ALL, {
    needs: "vmci",
  }),
  int("vmciBufferMaxSize", 87, 0, Number.MAX_SAFE_INTEGER, 0, ALL, {
    needs: "vmci",
  }),
  int("vmciConnectTimeout", 88, -1, INT_MAX, -1, ALL, { needs: "vmci" }),
  int("normMode", 117, 0, 4, 1, ALL, { needs: "norm" }),
  bool("normUnicastNack", 118, ALL, { needs: "norm" }),
  int("normBufferSize", 119, 1, INT_MAX, 2048, ALL, { needs: "norm" }),
  int("normSegmentSize", 120, 1, INT_MAX, 1400, ALL, { needs: "norm" }),
  int("normBlockSize", 121, 1, 255, 16, ALL, { needs: "norm" }),
  int("normNumParity", 122, 0, 254, 4, ALL, { needs: "norm" }),
  int("normNumAutoParity", 123, 0, 254, 0, ALL, { needs: "norm" }),
  bool("normPush", 124, ALL, { needs: "norm" }),
  // Every socket: what its queues spill into.
  int("swapSize", 0, 0, Number.MAX_SAFE_INTEGER, 0, ALL),
  row("swapDirectory", 0, "text", ALL, { min: 1, max: 4096 }),
  // Sockets that send, sockets that receive.
  int("sendHighWaterMark", 23, 0, INT_MAX, 1000, SENDERS, { live: true }),
  int("sendBytesLimit", 0, 0, Number.MAX_SAFE_INTEGER, 0, SENDERS, {
    live: true,
  }),
  int("sendTimeout", 28, -1, INT_MAX, -1, SENDERS, { live: true }),
  int("sendBufferSize", 11, -1, INT_MAX, -1, SENDERS, { needs: "sendBuffer" }),
  int("maxPendingSends", 0, 1, INT_MAX, 1000, SENDERS, { live: true }),
  int("receiveHighWaterMark", 24, 0, INT_MAX, 1000, RECEIVERS, { live: true }),
  int("receiveBytesLimit", 0, 0, Number.MAX_SAFE_INTEGER, 0, RECEIVERS, {
    live: true,
  }),
  int("receiveTimeout", 27, -1, INT_MAX, -1, RECEIVERS, { live: true }),
  int("receiveBufferSize", 12, -1, INT_MAX, -1, RECEIVERS, {
    needs: "receiveBuffer",
  }),
  int("maxPendingReceives", 0, 1, INT_MAX, 1000, RECEIVERS, { live: true }),
  // Some socket types.
  row("routingId", 5, "routingId", ["REQ", "REP", "DEALER", "ROUTER"], {
    min: 1,
    max: 255,
  }),
  bool("correlate", 52, ["REQ"], { live: true }),
  bool("relaxed", 53, ["REQ"], { live: true }),
  bool("probeRouter", 51, ["REQ", "DEALER", "ROUTER"], { live: true }),
  bool("mandatory", 33, ["ROUTER"], { live: true }),
  bool("handover", 56, ["ROUTER"], { live: true }),
  bool("routerRaw", 41, ["ROUTER"], { live: true, needs: "routerRaw" }),
  int("notify", 97, 0, 3, 0, ["ROUTER"], { live: true }),
  bool("notify", 73, ["STREAM"], { live: true, initial: true }),
  bool("conflate", 54, [
    "PULL",
    "PUSH",
    "SUB",
    "PUB",
    "DEALER",
    "SCATTER",
    "GATHER",
  ]),
  bool("invertMatching", 74, ["PUB", "SUB", "XPUB"], { live: true }),
  bool("noDrop", 69, ["PUB", "XPUB", "RADIO"], { live: true }),
  bool("onlyFirstSubscribe", 108, ["PUB", "XPUB", "XSUB"], { live: true }),
  int("maxSubscriptions", 0, 1, INT_MAX, 1048576, ["PUB", "XPUB", "RADIO"], {
    live: true,
  }),
  int("maxSubscriptionLength", 0, 0, 1048576, 65536, ["PUB", "XPUB"], {
    live: true,
  }),
  choice("verbosity", 40, [null, "allSubs", "allSubsUnsubs"], null, ["XPUB"], {
    live: true,
  }),
  bool("manual", 71, ["XPUB"], { live: true }),
  bool("manualLastValue", 98, ["XPUB"], { live: true }),
  row("welcomeMessage", 72, "bytes", ["XPUB"], { max: INT_MAX, live: true }),
  bool("verboseUnsubscribe", 115, ["XSUB"], { live: true }),
  row("helloMessage", 110, "bytes", [
    "DEALER",
    "CLIENT",
    "ROUTER",
    "SERVER",
    "PEER",
  ], { max: INT_MAX, live: true }),
  row("disconnectMessage", 111, "bytes", ["ROUTER", "SERVER", "PEER"], {
    max: INT_MAX,
    live: true,
  }),
  row("hiccupMessage", 114, "bytes", ["DEALER", "CLIENT", "PEER"], {
    max: INT_MAX,
    live: true,
  }),
];

function row(
  name: OptionName,
  id: number,
  kind: Kind,
  sockets: "all" | readonly SocketType[],
  rest: Partial<OptionRow> = {},
): OptionRow {
  return {
    name,
    id,
    kind,
    min: 0,
    max: 0,
    choices: [],
    initial: null,
    live: false,
    sockets,
    needs: null,
    ...rest,
  };
}

function int(
  name: OptionName,
  id: number,
  min: number,
  max: number,
  initial: number,
  sockets: "all" | readonly SocketType[],
  rest: Partial<OptionRow> = {},
): OptionRow {
  return row(name, id, "int", sockets, { min, max, initial, ...rest });
}

function bool(
  name: OptionName,
  id: number,
  sockets: "all" | readonly SocketType[],
  rest: Partial<OptionRow> = {},
): OptionRow {
  return row(name, id, "bool", sockets, { initial: false, ...rest });
}

function choice(
  name: OptionName,
  id: number,
  choices: readonly (string | null)[],
  initial: string | null,
  sockets: "all" | readonly SocketType[],
  rest: Partial<OptionRow> = {},
): OptionRow {
  return row(name, id, "choice", sockets, { choices, initial, ...rest });
}

const rowsByType = new Map<SocketType, ReadonlyMap<string, OptionRow>>();

/** The rows of one socket type, by name. */
export function optionsOf(type: SocketType): ReadonlyMap<string, OptionRow> {
  let rows = rowsByType.get(type);
  if (rows === undefined) {
    rows = new Map(
      OPTIONS.filter((row) => row.sockets === ALL || row.sockets.includes(type))
        .map((row) => [row.name, row]),
    );
    rowsByType.set(type, rows);
  }
  return rows;
}

/** Types that let what was not sent go when they are closed. */
const DONT_LINGER: readonly SocketType[] = ["SUB", "XSUB", "DISH"];

/** The defaults of one socket type. */
export function defaultsOf(type: SocketType): OptionValues {
  const values: Record<string, OptionValue> = {};
  for (const row of OPTIONS) values[row.name] = row.initial;
  for (const row of optionsOf(type).values()) values[row.name] = row.initial;
  values.mechanism = "NULL";
  if (DONT_LINGER.includes(type)) values.linger = 0;
  return values as unknown as OptionValues;
}

/** Where what a runtime lacks can be had. */
export const ELSEWHERE: Record<Feature | Lack, string> = {
  keepAlive: "Deno, Bun and Node can",
  keepAliveIdle: "Bun and Node can",
  keepAliveInterval: "Node 24 can",
  keepAliveCount: "Node 24 can",
  backlog: "Deno and Node can",
  sendBuffer: "no runtime can yet",
  receiveBuffer: "no runtime can yet",
  typeOfService: "Bun and Node 24 can",
  descriptor: "Node can",
  abstractNames: "Deno, Bun and Node 22 can on Linux",
  datagrams: "Deno, Bun and Node can",
  sharedPorts: "Bun and Node 24 can",
  tls: "Deno, Bun and Node can",
  streams: "Deno, Bun and Node can",
  paths: "Deno, Bun and Node can",
  sources: "Deno, Bun and Node can",
  webSockets: "browsers can",
  maxRetransmit: "no runtime can yet",
  priority: "no runtime can yet",
  busyPoll: "no runtime can yet",
  fastPath: "only libzmq on Windows can",
  interface: "no runtime can yet",
  routerRaw: "a Stream is the socket for that",
  gssapi: "it takes a Kerberos library",
  credentials: "no runtime can yet",
  vmci: "no runtime can yet",
  norm: "no runtime can yet",
};

/** Checks a value for a row and returns it as it is kept, in place of the `present` one. */
export function checkOption(
  row: OptionRow,
  value: unknown,
  features: ReadonlySet<Feature>,
  runtime: string,
  present: OptionValue = row.initial,
): OptionValue {
  const kept = converted(row, value, present);
  const missing = row.needs !== null && !features.has(row.needs as Feature);
  if (missing && kept !== row.initial) {
    throw new ZmqError(
      "ENOTSUP",
      `Cannot set ${row.name} on ${runtime}: ${ELSEWHERE[row.needs!]}; ` +
        `leave it at its default of ${row.initial} here`,
    );
  }
  return kept;
}

/** A key of CURVE as Z85, of 32 bytes, 40 characters, or those as bytes. */
function keyOf(row: OptionRow, value: unknown): string | null {
  if (value === null) return null;
  let text = value;
  if (isBytes(value)) {
    text = value.length === 32 ? z85Encode(value) : decodeText(value);
  }
  if (typeof text !== "string") {
    throw wrongType(row, "32 bytes, Z85 text or null", value);
  }
  if (text.length !== 40 || z85Decode(text) === null) {
    throw new ZmqError(
      "EINVAL",
      `Cannot set ${row.name}: a key of CURVE is 32 bytes, or 40 characters of Z85`,
    );
  }
  return text;
}

function converted(
  row: OptionRow,
  value: unknown,
  present: OptionValue,
): OptionValue {
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
    case "choice":
      if (row.choices.includes(value as string | null)) return value as string;
      throw new ZmqError(
        "EINVAL",
        `Cannot set ${row.name} to ${value}: it is one of ${
          row.choices.join(", ")
        }`,
      );
    case "text": {
      if (value === null) return null;
      const text = isBytes(value) ? decodeText(value) : value;
      if (typeof text !== "string") {
        throw wrongType(row, "a string or null", value);
      }
      const bytes = encodeText(text);
      if (isBytes(value) && !sameBytes(bytes, value)) {
        throw new ZmqError("EINVAL", `Cannot set ${row.name}: it is no UTF-8`);
      }
      checkLength(row, bytes.length);
      return text;
    }
    case "routingId":
    case "bytes": {
      if (value === null) return null;
      if (typeof value !== "string" && !isBytes(value)) {
        throw wrongType(row, "a string, bytes or null", value);
      }
      const bytes = typeof value === "string"
        ? encodeText(value).slice()
        : value.slice();
      if (row.kind === "bytes" && bytes.length === 0) return null;
      checkLength(row, bytes.length);
      return row.kind === "routingId" && typeof value === "string"
        ? value
        : bytes;
    }
    case "key":
      return keyOf(row, value);
    case "function":
      if (value === null || typeof value === "function") {
        return value as Authenticate | null;
      }
      throw wrongType(row, "a function or null", value);
    case "filters":
      return addFilter(row, value, present);
    case "metadata":
      return addProperties(row, value, present);
  }
}

function checkLength(row: OptionRow, length: number): void {
  if (length >= row.min && length <= row.max) return;
  throw new ZmqError(
    "EINVAL",
    `Cannot set ${row.name}: it takes ${row.min} to ${row.max} bytes, not ${length}`,
  );
}

/** One range is added, a list takes the place of what there is, and `null` clears it. */
function addFilter(
  row: OptionRow,
  value: unknown,
  present: OptionValue,
): OptionValue {
  if (value === null) return null;
  const list = Array.isArray(value)
    ? value
    : [...(present as readonly string[] | null) ?? [], value];
  for (const range of list) {
    if (typeof range !== "string") {
      throw wrongType(
        row,
        "a string such as 10.0.0.0/8, a list or null",
        range,
      );
    }
    if (parseRange(range) === null) {
      throw new ZmqError(
        "EINVAL",
        `Cannot set ${row.name} to ${range}: a range is an address, a slash and a number of bits`,
      );
    }
  }
  return list.length === 0 ? null : [...list];
}

/** The longest name of a property. */
const LONGEST_NAME = 255;

/** `X-name:value` is added, an object takes the place of what there is, and `null` clears it. */
function addProperties(
  row: OptionRow,
  value: unknown,
  present: OptionValue,
): OptionValue {
  if (value === null) return null;
  let given: Record<string, unknown>;
  if (typeof value === "string") {
    const colon = value.indexOf(":");
    given = { ...present as Record<string, string> | null };
    given[value.slice(0, Math.max(0, colon))] = value.slice(colon + 1);
  } else if (typeof value === "object" && !isBytes(value)) {
    given = value as Record<string, unknown>;
  } else {
    throw wrongType(row, 'an object such as { "X-name": "value" }', value);
  }
  const kept: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    if (typeof text !== "string") throw wrongType(row, "strings", text);
    const fits = /^X-[A-Za-z0-9_.+-]+$/.test(name) &&
      name.length <= LONGEST_NAME && text.length > 0;
    if (!fits) {
      throw new ZmqError(
        "EINVAL",
        `Cannot set ${row.name}: ${
          JSON.stringify(name)
        } has to be X- and up to 253 letters, digits or -_.+, and its value not empty`,
      );
    }
    kept[name] = text;
  }
  return kept;
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
