// What peers may do wrong over WebSockets, beside what they may over any transport:
// the rows of the second table of docs/offences.md, each of which is tried by
// test/transports/ws_test.ts.

import { bytes, concat } from "../support/bytes.ts";
import { frame, request, zwsReady } from "../support/websocket.ts";
import { eventCell, row } from "./table.ts";

/** Something a client of a listening Pull does wrong. */
export interface WsOffence {
  /** What it does. */
  readonly offence: string;
  /** What it sends. */
  readonly says: Uint8Array;
  /** The events after `accept`. */
  readonly events: readonly string[];
  /** The code of the first error among them. */
  readonly code: string;
}

/** The largest message that the Pull takes, in bytes. */
export const WS_LIMIT = 5000;

const UPGRADE = ["handshake:error:protocol", "disconnect"];
const UNSAID = ["disconnect"];
const ESTABLISHED = ["handshake", "disconnect"];

export const WS_OFFENCES: readonly WsOffence[] = [
  {
    offence: "bytes that are no HTTP",
    says: bytes("ff 00x8 7f 03"),
    events: UPGRADE,
    code: "ERR_WS_UNSPECIFIED",
  },
  {
    offence: "a request for another subprotocol",
    says: request("chat"),
    events: UPGRADE,
    code: "ERR_WS_UNSPECIFIED",
  },
  {
    offence: "a head of 10,000 bytes",
    says: request(undefined, Array(10).fill(`X: ${"x".repeat(1000)}`)),
    events: UPGRADE,
    code: "ERR_WS_UNSPECIFIED",
  },
  {
    offence: "an unmasked frame in the handshake",
    says: concat(request(), zwsReady("PUSH", false)),
    events: UPGRADE,
    code: "ERR_WS_UNSPECIFIED",
  },
  {
    offence: "a message before READY",
    says: concat(request(), frame(0x82, bytes("00 61"), true)),
    events: UPGRADE,
    code: "ERR_ZMTP_UNEXPECTED_COMMAND",
  },
  {
    offence: "fragments of 12,000 bytes before READY",
    says: concat(
      request(),
      frame(0x02, new Uint8Array(6000).fill(2), true),
      frame(0x00, new Uint8Array(6000), true),
    ),
    events: UNSAID,
    code: "EMSGSIZE",
  },
  {
    offence: "a socket type that does not fit",
    says: concat(request(), zwsReady("SUB", true)),
    events: UNSAID,
    code: "ERR_ZMTP_INVALID_METADATA",
  },
  {
    offence: "text in traffic",
    says: concat(
      request(),
      zwsReady("PUSH", true),
      frame(0x81, bytes("61"), true),
    ),
    events: ESTABLISHED,
    code: "ERR_WS_UNSPECIFIED",
  },
  {
    offence: "a frame above maxMessageSize",
    says: concat(
      request(),
      zwsReady("PUSH", true),
      frame(0x82, new Uint8Array(5002), true),
    ),
    events: ESTABLISHED,
    code: "EMSGSIZE",
  },
  {
    offence: "fragments above maxMessageSize",
    says: concat(
      request(),
      zwsReady("PUSH", true),
      frame(0x02, new Uint8Array(4000), true),
      frame(0x80, new Uint8Array(4000), true),
    ),
    events: ESTABLISHED,
    code: "EMSGSIZE",
  },
];

/** The table as it stands in the docs. */
export function renderedWs(): string {
  return [
    row(["A peer's offence over ws or wss", "Our events"]),
    row(["---", "---"]),
    ...WS_OFFENCES.map((one) =>
      row([one.offence, eventCell(one.events, one.code)])
    ),
  ].join("\n");
}
