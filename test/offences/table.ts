// What peers may do wrong, and what comes of it: the rows of docs/offences.md, each
// of which is tried in both roles by offences_test.ts. It follows libzmq 4.3.5 as
// seen on the wire; where libzmq shows only a `disconnect`, ours has the reason.

import type { SocketType } from "../../src/base/socket_type.ts";
import { PlainClient } from "../../src/mechanisms/plain.ts";
import { bytes, concat } from "../support/bytes.ts";
import { GARBAGE, type RawPeer } from "../support/raw_peer.ts";
import {
  CLIENT_KEYS,
  curveClient,
  curveServer,
  SERVER_KEYS,
  shake,
  vouchingElsewhere,
} from "../support/shaking_peer.ts";
import { frame, greeting, message, property, ready } from "../support/zmtp.ts";

/** Something a peer does wrong. */
export interface Offence {
  /** What the peer does. */
  readonly offence: string;
  /** Our socket, and what the peer says it is. */
  readonly ours: SocketType;
  readonly theirs: string;
  readonly options?: Record<string, unknown>;
  /** What it sends, or does. */
  readonly says: Uint8Array | ((peer: RawPeer) => Promise<void>);
  /** Options of a sound peer; none for one without security. */
  readonly sound?: Record<string, unknown>;
  /** The events after `accept` or `connect`. */
  readonly events: readonly string[];
  /** The code of the first error among them, or of none. */
  readonly code: string | null;
  /** Whether the connection ends; otherwise what it sent is passed over. */
  readonly ends: boolean;
  /** Whether a connector of ours tries again. */
  readonly again: boolean;
}

const shaken = (theirs: string, ...more: Uint8Array[]) =>
  concat(greeting(), ready(theirs), ...more);

const PROTOCOL = ["handshake:error:protocol", "disconnect"];
const UNSAID = ["disconnect"];
const ESTABLISHED = ["handshake", "disconnect"];
const KEPT = ["handshake"];

/** One that ends a handshake of PULL and PUSH. */
function inHandshake(
  offence: string,
  says: Uint8Array,
  events: readonly string[],
  code: string,
  options: Record<string, unknown> = {},
): Offence {
  const row = { ours: "PULL", theirs: "PUSH", ends: true, again: false };
  return { ...row, offence, says, events, code, options } as Offence;
}

/** One in traffic, which ends the connection if there is a code. */
function inTraffic(
  offence: string,
  ours: SocketType,
  theirs: string,
  says: Uint8Array,
  code: string | null,
  options: Record<string, unknown> = {},
): Offence {
  return {
    offence,
    ours,
    theirs,
    options,
    says: shaken(theirs, says),
    events: code === null ? KEPT : ESTABLISHED,
    code,
    ends: code !== null,
    again: false,
  };
}

const LATE = [...["handshake:error:other", "disconnect"]];

/** Options of both roles of each mechanism. */
const PLAIN_SERVER = { plainServer: true, authenticate: () => true };
const PLAIN_CLIENT = { plainUsername: "admin", plainPassword: "secret" };
const CURVE_SERVER = {
  curveServer: true,
  curveSecretKey: SERVER_KEYS.secretKey,
};
const CURVE_CLIENT = {
  curveServerKey: SERVER_KEYS.publicKey,
  curvePublicKey: CLIENT_KEYS.publicKey,
  curveSecretKey: CLIENT_KEYS.secretKey,
};

/** One that ends a handshake of a server of ours, or with `client` of a client. */
function secured(
  mechanism: "PLAIN" | "CURVE",
  client: boolean,
  offence: string,
  said: Offence["says"],
  code: string,
  events: readonly string[] = PROTOCOL,
): Offence {
  const ends = mechanism === "PLAIN"
    ? [PLAIN_SERVER, PLAIN_CLIENT]
    : [CURVE_SERVER, CURVE_CLIENT];
  const [options, sound] = client ? [...ends].reverse() : ends;
  const says = said instanceof Uint8Array
    ? concat(greeting(mechanism), said)
    : said;
  const from = client ? "a server" : "a client";
  const what = `${mechanism}, ${from}: ${offence}`;
  return {
    ...inHandshake(what, new Uint8Array(), events, code, options),
    says,
    sound,
  };
}

/** A peer of CURVE that is let in and then sends these frames, of a sound one. */
function afterwards(
  offence: string,
  frames: (sound: Uint8Array) => Uint8Array,
  code: string,
): Offence[] {
  return [false, true].map((client) => {
    const says = async (peer: RawPeer) => {
      const made = client ? curveServer("PUSH") : curveClient("PUSH");
      const { cipher } = await shake(peer, made);
      peer.write(frames(cipher!.hide(message("x"))));
    };
    const what = `${offence}, in traffic`;
    const events = ["handshake", ...PROTOCOL];
    return secured("CURVE", client, what, says, code, events);
  });
}

/** The frame of a MESSAGE with the last byte of its body changed. */
function altered(sound: Uint8Array): Uint8Array {
  const other = sound.slice();
  other[other.length - 1] ^= 1;
  return other;
}

const command = (text: string) => frame(4, bytes(text));
/** An INITIATE of CURVE that was made up. */
const MADE_UP = frame(4, bytes('08 "INITIATE" 00x300'));

/** A server of CURVE, up to its WELCOME. */
async function welcome(peer: RawPeer): Promise<void> {
  let words = 0;
  await shake(peer, curveServer("PUSH"), () => words++ === 1);
}

/** The table. */
export const OFFENCES: readonly Offence[] = [
  // Greeting.
  inHandshake(
    "bytes that are no greeting",
    GARBAGE,
    PROTOCOL,
    "ERR_ZMTP_UNSPECIFIED",
  ),
  inHandshake(
    "a signature without its end",
    bytes("ff 00x8 00"),
    PROTOCOL,
    "ERR_ZMTP_UNSPECIFIED",
  ),
  inHandshake(
    "ZMTP 1.0, unless legacyPeers is 1.0",
    greeting("NULL", 0, 0),
    PROTOCOL,
    "ERR_ZMTP_UNSPECIFIED",
  ),
  inHandshake(
    "ZMTP 2.0, where legacyPeers is none",
    greeting("NULL", 0, 1),
    PROTOCOL,
    "ERR_ZMTP_UNSPECIFIED",
    { legacyPeers: "none" },
  ),
  inHandshake(
    "ZMTP 2.0, where authenticate is to say who comes in",
    greeting("NULL", 0, 1),
    PROTOCOL,
    "ERR_ZMTP_UNSPECIFIED",
    { authenticate: () => true },
  ),
  inHandshake(
    "ZMTP 2.0, where there is a zapDomain",
    greeting("NULL", 0, 1),
    PROTOCOL,
    "ERR_ZMTP_UNSPECIFIED",
    { zapDomain: "domain" },
  ),
  inHandshake(
    "another mechanism",
    greeting("CURVE"),
    PROTOCOL,
    "ERR_ZMTP_MECHANISM_MISMATCH",
  ),
  inHandshake(
    "a ZMTP 1.0 frame without a length",
    bytes("00"),
    PROTOCOL,
    "ERR_ZMTP_UNSPECIFIED",
    { legacyPeers: "1.0" },
  ),
  inHandshake(
    "a ZMTP 2.0 routing id of more than 255 bytes",
    concat(bytes("ff 00x7 01 7f 01 08"), frame(0, "x".repeat(256))),
    UNSAID,
    "ERR_ZMTP_INVALID_METADATA",
  ),
  // Handshake.
  inHandshake(
    "a message before READY",
    concat(greeting(), message("x")),
    PROTOCOL,
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  inHandshake(
    "another command before READY",
    concat(greeting(), frame(4, bytes('04 "PING" 0000'))),
    PROTOCOL,
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  inHandshake(
    "a command without a name",
    concat(greeting(), bytes("04 01 09")),
    PROTOCOL,
    "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
  ),
  inHandshake(
    "ERROR 400 (or 300, 500)",
    concat(greeting(), bytes('04 0a 05 "ERROR" 03 "400"')),
    ["handshake:error:auth", "disconnect"],
    "ERR_ZAP_STATUS_400",
  ),
  inHandshake(
    "ERROR with any other reason",
    concat(greeting(), bytes('04 0a 05 "ERROR" 03 "why"')),
    LATE,
    "ECONNREFUSED",
  ),
  inHandshake(
    "ERROR without its reason",
    concat(greeting(), bytes('04 07 05 "ERROR" 05')),
    PROTOCOL,
    "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
  ),
  inHandshake(
    "a socket type that doesn't fit",
    shaken("REP"),
    UNSAID,
    "ERR_ZMTP_INVALID_METADATA",
  ),
  inHandshake(
    "no socket type",
    concat(greeting(), frame(4, bytes('05 "READY"'))),
    UNSAID,
    "ERR_ZMTP_INVALID_METADATA",
  ),
  inHandshake(
    "properties that don't fill their command",
    concat(greeting(), frame(4, bytes('05 "READY" 05 41'))),
    UNSAID,
    "ERR_ZMTP_INVALID_METADATA",
  ),
  inHandshake(
    "a routing id of more than 255 bytes",
    concat(greeting(), ready("PUSH", property("Identity", "x".repeat(256)))),
    UNSAID,
    "ERR_ZMTP_INVALID_METADATA",
  ),
  inHandshake(
    "a command of more than 8 KiB, announced, in the handshake",
    concat(greeting(), bytes("06 0000000100000000")),
    UNSAID,
    "EMSGSIZE",
  ),
  {
    ...inHandshake(
      "silence past handshakeInterval",
      greeting(),
      LATE,
      "ETIMEDOUT",
      {
        handshakeInterval: 100,
      },
    ),
    again: true,
  },
  // PLAIN.
  secured(
    "PLAIN",
    false,
    "a HELLO whose lengths are wrong",
    command('05 "HELLO" 05 "admin" 07 "secret"'),
    "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
  ),
  secured(
    "PLAIN",
    false,
    "INITIATE before HELLO, or HELLO once more",
    command('08 "INITIATE"'),
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  secured(
    "PLAIN",
    false,
    "ERROR",
    command('05 "ERROR" 03 "400"'),
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  secured(
    "PLAIN",
    false,
    "INITIATE before it is decided",
    concat(
      command('05 "HELLO" 05 "admin" 06 "secret"'),
      command('08 "INITIATE"'),
    ),
    "ERR_ZMTP_UNSPECIFIED",
  ),
  secured(
    "PLAIN",
    false,
    "a socket type that doesn't fit",
    async (peer) => {
      await shake(peer, new PlainClient(property("Socket-Type", "REP"), "", ""))
        .catch(() => {});
    },
    "ERR_ZMTP_INVALID_METADATA",
    UNSAID,
  ),
  secured(
    "PLAIN",
    true,
    "READY before WELCOME, or WELCOME once more",
    command('05 "READY"'),
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  secured(
    "PLAIN",
    true,
    "WELCOME with data",
    command('07 "WELCOME" 00'),
    "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
  ),
  secured(
    "PLAIN",
    true,
    "ERROR 400 (or 300, 500), also as libzmq misspells it",
    command('5e "RROR" 03 "400"'),
    "ERR_ZAP_STATUS_400",
    ["handshake:error:auth", "disconnect"],
  ),
  secured(
    "PLAIN",
    true,
    "properties or a socket type that don't fit",
    concat(command('07 "WELCOME"'), ready("REP")),
    "ERR_ZMTP_INVALID_METADATA",
  ),
  // CURVE.
  secured(
    "CURVE",
    false,
    "a HELLO of another length, or version",
    command('05 "HELLO" 0100 00x191'),
    "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
  ),
  secured(
    "CURVE",
    false,
    "a HELLO for another key, or altered",
    command('05 "HELLO" 0100 00x192'),
    "ERR_ZMTP_CRYPTOGRAPHIC",
  ),
  secured(
    "CURVE",
    false,
    "INITIATE before HELLO, or HELLO once more",
    MADE_UP,
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  secured(
    "CURVE",
    false,
    "ERROR",
    command('05 "ERROR" 03 "400"'),
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  secured(
    "CURVE",
    false,
    "an INITIATE that is too short",
    async (peer) => {
      await shake(peer, curveClient("PUSH"), () => true);
      peer.write(command('08 "INITIATE" 00x247'));
    },
    "ERR_ZMTP_MALFORMED_COMMAND_INITIATE",
  ),
  secured(
    "CURVE",
    false,
    "an INITIATE with a cookie of another connection, or altered",
    async (peer) => {
      await shake(peer, curveClient("PUSH"), () => true);
      peer.write(MADE_UP);
    },
    "ERR_ZMTP_CRYPTOGRAPHIC",
  ),
  secured(
    "CURVE",
    false,
    "a vouch for another server, or another connection",
    async (peer) => {
      await shake(peer, vouchingElsewhere("PUSH")).catch(() => {});
    },
    "ERR_ZMTP_KEY_EXCHANGE",
  ),
  secured(
    "CURVE",
    false,
    "a socket type that doesn't fit",
    async (peer) => {
      await shake(peer, curveClient("REP")).catch(() => {});
    },
    "ERR_ZMTP_INVALID_METADATA",
    UNSAID,
  ),
  secured(
    "CURVE",
    true,
    "READY before WELCOME, or WELCOME once more",
    command('05 "READY" 00x40'),
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  secured(
    "CURVE",
    true,
    "a WELCOME of another length",
    command('07 "WELCOME" 00x159'),
    "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
  ),
  secured(
    "CURVE",
    true,
    "a WELCOME of a server with another key, or altered",
    command('07 "WELCOME" 00x160'),
    "ERR_ZMTP_CRYPTOGRAPHIC",
  ),
  secured(
    "CURVE",
    true,
    "a READY that is too short",
    async (peer) => {
      await welcome(peer);
      peer.write(command('05 "READY" 00x23'));
    },
    "ERR_ZMTP_MALFORMED_COMMAND_READY",
  ),
  secured(
    "CURVE",
    true,
    "a READY with another key, or altered",
    async (peer) => {
      await welcome(peer);
      peer.write(command('05 "READY" 00x24'));
    },
    "ERR_ZMTP_CRYPTOGRAPHIC",
  ),
  secured(
    "CURVE",
    true,
    "ERROR 400 (or 300, 500)",
    command('05 "ERROR" 03 "400"'),
    "ERR_ZAP_STATUS_400",
    ["handshake:error:auth", "disconnect"],
  ),
  secured(
    "CURVE",
    true,
    "properties or a socket type that don't fit",
    async (peer) => {
      await shake(peer, curveServer("REP"));
    },
    "ERR_ZMTP_INVALID_METADATA",
  ),
  ...afterwards(
    "a frame in clear",
    () => command('04 "PING" 0000'),
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ),
  ...afterwards(
    "a MESSAGE that is too short",
    () => frame(0, bytes('07 "MESSAGE" 00x24')),
    "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
  ),
  ...afterwards("a MESSAGE altered", altered, "ERR_ZMTP_CRYPTOGRAPHIC"),
  ...afterwards(
    "a MESSAGE once more, or out of order",
    (sound) => concat(sound, sound),
    "ERR_ZMTP_INVALID_SEQUENCE",
  ),
  // Traffic.
  inTraffic(
    "a frame of more than maxMessageSize",
    "PULL",
    "PUSH",
    frame(0, "x".repeat(101)),
    "EMSGSIZE",
    { maxMessageSize: 100 },
  ),
  inTraffic(
    "a frame of 2^63 bytes, announced",
    "PULL",
    "PUSH",
    bytes("02 8000000000000000"),
    "EMSGSIZE",
  ),
  inTraffic(
    "a topic of more than 1 MiB, announced",
    "PUB",
    "SUB",
    bytes("06 0000000000200000"),
    "EMSGSIZE",
  ),
  inTraffic(
    "a message of more frames than maxMessageParts",
    "PULL",
    "PUSH",
    message("a", "b", "c", "d"),
    "E2BIG",
    { maxMessageParts: 3 },
  ),
  inTraffic(
    "more subscriptions than maxSubscriptions",
    "PUB",
    "SUB",
    concat(...["a", "b", "c"].map((topic) => frame(0, `\x01${topic}`))),
    "ENOSPC",
    { maxSubscriptions: 2 },
  ),
  inTraffic(
    "a subscription of more than maxSubscriptionLength bytes",
    "PUB",
    "SUB",
    frame(4, concat(bytes('09 "SUBSCRIBE"'), new Uint8Array(101))),
    "ENAMETOOLONG",
    { maxSubscriptionLength: 100 },
  ),
  inTraffic(
    "more groups than maxSubscriptions",
    "RADIO",
    "DISH",
    concat(
      ...["a", "b", "c"].map((group) =>
        frame(4, concat(bytes('04 "JOIN"'), bytes(`"${group}"`)))
      ),
    ),
    "ENOSPC",
    { maxSubscriptions: 2 },
  ),
  inTraffic(
    "a reply without an empty frame before its body",
    "REQ",
    "REP",
    message("body"),
    "EPROTO",
  ),
  inTraffic(
    "a message for a DISH that is not a group and one frame",
    "DISH",
    "RADIO",
    message("group"),
    "EPROTO",
  ),
  inTraffic(
    "JOIN with a group of more than 255 bytes",
    "RADIO",
    "DISH",
    frame(4, concat(bytes('04 "JOIN"'), new Uint8Array(256))),
    "EPROTO",
  ),
  {
    ...inTraffic(
      "silence after a PING, past heartbeatTimeout",
      "PULL",
      "PUSH",
      bytes(""),
      "ETIMEDOUT",
      {
        heartbeatInterval: 40,
        heartbeatTimeout: 60,
      },
    ),
    again: true,
  },
  {
    ...inTraffic(
      "silence past the time to live of its own PING",
      "PULL",
      "PUSH",
      frame(4, bytes('04 "PING" 0001')),
      "ETIMEDOUT",
    ),
    again: true,
  },
  // Passed over.
  inTraffic(
    "an unknown command, or one without a name",
    "PULL",
    "PUSH",
    concat(frame(4, bytes('05 "BOGUS" 00')), bytes("04 00"), bytes("04 01 09")),
    null,
  ),
  inTraffic("READY once more", "PULL", "PUSH", ready("PUSH"), null),
  inTraffic(
    "PING without a time to live",
    "PULL",
    "PUSH",
    frame(4, bytes('04 "PING"')),
    null,
  ),
  inTraffic(
    "PONG that nobody asked for",
    "PULL",
    "PUSH",
    frame(4, bytes('04 "PONG"')),
    null,
  ),
  inTraffic(
    "SUBSCRIBE to a socket that doesn't publish",
    "PULL",
    "PUSH",
    frame(4, bytes('09 "SUBSCRIBE" 41')),
    null,
  ),
  inTraffic(
    "flags that mean nothing",
    "PULL",
    "PUSH",
    bytes("f8 03 616263"),
    null,
  ),
  inTraffic(
    "a request without an empty frame before its body",
    "REP",
    "REQ",
    message("body"),
    null,
  ),
  inTraffic(
    "a message of several frames for a CLIENT, SERVER, GATHER, PEER or CHANNEL",
    "GATHER",
    "SCATTER",
    message("one", "two"),
    null,
  ),
];

/** Other things that are wrong and can't be a row of bytes; each has a test of its own. */
export const OTHERS: readonly (readonly [string, string, string])[] = [
  [
    "a second peer for a PAIR or CHANNEL",
    "`handshake`, `disconnect` (EBUSY)",
    "no",
  ],
  [
    "a routing id that another peer of a ROUTER has",
    "none: the newcomer is connected and unheard until the name is free (`handover`: the old peer is)",
    "",
  ],
  [
    "leaving in the handshake",
    "`handshake:error:other` (EPIPE), `disconnect`",
    "yes",
  ],
  ["leaving in traffic, or a reset", "`disconnect`", "yes"],
];

/** A row of a table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** What is seen of an offence, with the code by the first event that tells it. */
export function eventCell(
  [first, ...rest]: readonly string[],
  code: string | null,
): string {
  const named = (event: string, code: string | null) =>
    code === null ? `\`${event}\`` : `\`${event}\` (${code})`;
  const events = first === "handshake"
    ? [named(first, null), ...rest.map((event) => named(event, code))]
    : [named(first, code), ...rest.map((event) => named(event, null))];
  return events.join(", ");
}

/** The table as it stands in the docs. */
export function rendered(): string {
  const told = (ends: boolean) => ends ? "the connection is closed" : "nothing";
  const lines = OFFENCES.map((one) => {
    return row([
      one.offence,
      `${one.ours} ← ${one.theirs}`,
      eventCell(one.events, one.code),
      told(one.ends),
      one.ends ? (one.again ? "yes" : "no") : "goes on",
    ]);
  });
  const others = OTHERS.map(([offence, events, again]) =>
    row([
      offence,
      "",
      events,
      told(again !== "" && !offence.startsWith("leaving")),
      again === "" ? "goes on" : again,
    ])
  );
  return [
    row([
      "A peer's offence",
      "Seen as",
      "Our events",
      "The peer is told",
      "We connect again",
    ]),
    row(["---", "---", "---", "---", "---"]),
    ...lines,
    ...others,
  ].join("\n");
}
