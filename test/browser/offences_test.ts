// What a page's sockets run into where a server does wrong: the rows of
// docs/offences.md that can be had over a WebSocket, with NULL, PLAIN and CURVE, and
// what a server may do to the platform's WebSocket.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Push, Reply } from "../../mod.ts";
import { type Offence, OFFENCES } from "../offences/table.ts";
import { bytes, concat } from "../support/bytes.ts";
import { BROWSERS, inBrowser } from "../support/browsers.ts";
import { withPeer } from "../support/peer.ts";
import { RawPeer } from "../support/raw_peer.ts";
import {
  accepted,
  listenFor,
  listenRaw,
  type RawListener,
  type Taker,
} from "../support/raw_web_socket.ts";
import { withSockets } from "../support/sockets.ts";
import { frame, zwsReady } from "../support/websocket.ts";
import type { Case, Outcome } from "./offences_page.ts";

const SOUND = "a sound one";
/** The largest message that a page's Pull takes, in bytes. */
const LIMIT = 5000;

/** Whether it is one of a peer that greets soundly, which a WebSocket does for it. */
function greets({ says, offence }: Offence): boolean {
  if (/another mechanism|announced/.test(offence)) return false;
  return !(says instanceof Uint8Array) || says.length >= 64 && says[10] === 3;
}

/** Lets a client in, and says this once the client has said something. */
function says(
  before: Uint8Array,
  said: Uint8Array,
  ends = false,
): Taker {
  return (stream, asked) => {
    stream.write(accepted(asked, "ZWS2.0-NULL"));
    stream.write(before);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      stream.write(said);
      if (ends) stream.end();
    };
  };
}

const NOTHING = new Uint8Array(0);
const early = (said: Uint8Array, ends = false) => says(NOTHING, said, ends);
const late = (said: Uint8Array, ends = false) =>
  says(zwsReady("PUSH", false), said, ends);

const AGAIN = "connect:retry";
const REFUSED = ["close", AGAIN];
const UNSHAKEN = ["connect", "handshake:error:other", "disconnect", AGAIN];
const PROTOCOL = ["connect", "handshake:error:protocol", "disconnect", "close"];
const CUT = ["connect", "handshake", "disconnect", AGAIN];
const GIVEN_UP = ["connect", "handshake", "disconnect", "close"];
const KEPT = ["connect", "handshake"];

/** What a server does, the events of a Pull after `connect:delay`, and the code. */
const BY_HAND: Record<string, [Taker, string[], string | null]> = {
  "another status": [
    (stream) =>
      void stream.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    REFUSED,
    "ECONNREFUSED",
  ],
  "no HTTP": [
    (stream) => void stream.end("garbage\r\n\r\n"),
    REFUSED,
    "ECONNREFUSED",
  ],
  "a subprotocol that nobody offered": [
    (stream, asked) => void stream.write(accepted(asked, "ZWS2.0-CURVE")),
    REFUSED,
    "ECONNREFUSED",
  ],
  "an answer to another key": [
    (stream, asked) =>
      void stream.write(accepted({ ...asked, key: "x" }, "ZWS2.0-NULL")),
    REFUSED,
    "ECONNREFUSED",
  ],
  "a request cut off": [
    (stream) => void stream.destroy(),
    REFUSED,
    "ECONNREFUSED",
  ],
  "silence after the upgrade": [early(NOTHING), UNSHAKEN, "ETIMEDOUT"],
  "text instead of READY": [
    early(frame(0x81, bytes("61"))),
    UNSHAKEN,
    "EBADMSG",
  ],
  "a message without flags instead of READY": [
    early(frame(0x82, NOTHING)),
    PROTOCOL,
    "ERR_WS_UNSPECIFIED",
  ],
  "a goodbye instead of READY": [
    early(frame(0x88, bytes("03e8")), true),
    UNSHAKEN,
    "EPIPE",
  ],
  "a handshake cut off": [early(NOTHING, true), UNSHAKEN, "ECONNRESET"],
  "text in traffic": [late(frame(0x81, bytes("61"))), CUT, "EBADMSG"],
  "a message without flags in traffic": [
    late(frame(0x82, NOTHING)),
    GIVEN_UP,
    "ERR_WS_UNSPECIFIED",
  ],
  "a reserved bit": [late(frame(0xc2, bytes("00 61"))), CUT, "ECONNRESET"],
  "an unknown opcode": [late(frame(0x83, bytes("00 61"))), CUT, "ECONNRESET"],
  "a continuation of nothing": [
    late(frame(0x80, bytes("00 61"))),
    CUT,
    "ECONNRESET",
  ],
  "a long control frame": [
    late(frame(0x89, new Uint8Array(126))),
    CUT,
    "ECONNRESET",
  ],
  "a frame of 2^63 bytes": [
    late(bytes("82 7f 8000000000000000")),
    CUT,
    "ECONNRESET",
  ],
  "half a frame, cut off": [
    late(bytes("82 05 00 61"), true),
    CUT,
    "ECONNRESET",
  ],
  "traffic cut off": [late(NOTHING, true), CUT, "ECONNRESET"],
  "a goodbye in traffic": [late(frame(0x88, bytes("03e8")), true), CUT, null],
  "an angry goodbye in traffic": [
    late(frame(0x88, bytes("03ea")), true),
    CUT,
    "ECONNRESET",
  ],
  "a frame above maxMessageSize": [
    late(frame(0x82, new Uint8Array(LIMIT + 2))),
    GIVEN_UP,
    "EMSGSIZE",
  ],
  "fragments above maxMessageSize": [
    late(concat(
      frame(0x02, new Uint8Array(LIMIT)),
      frame(0x80, new Uint8Array(2)),
    )),
    GIVEN_UP,
    "EMSGSIZE",
  ],
  "a thousand pings": [
    late(concat(...Array(1000).fill(frame(0x89, bytes("61"))))),
    KEPT,
    null,
  ],
};

/** A case with its server, and what has to come of it. */
interface Tried {
  readonly row: Omit<Case, "sound" | "address" | "events">;
  readonly expected: Omit<Outcome, "heard">;
  readonly sound: Record<string, unknown>;
  listen(): Promise<RawListener>;
}

function byPeer(one: Offence): Tried {
  const { offence, ours, theirs, options = {}, says, again, ends } = one;
  const { code, events, sound = {} } = one;
  return {
    row: { offence, ours: ours as Case["ours"], options },
    expected: {
      events: [
        ...["connect:delay", "connect", ...events],
        ...ends ? [again ? AGAIN : "close"] : [],
      ],
      code,
      givenUp: ends && !again ? [code] : [],
    },
    sound,
    async listen() {
      const peer = await RawPeer.listen(theirs);
      const listener = await listenFor(peer);
      const saying = async () => {
        await peer.connected();
        if (says instanceof Uint8Array) peer.write(says);
        else await says(peer);
      };
      // Some are cut off while they speak.
      saying().catch(() => {});
      const close = async () => {
        await listener.close();
        await peer.close();
      };
      return { address: listener.address, close };
    },
  };
}

function byHand([offence, [take, events, code]]: [
  string,
  typeof BY_HAND[string],
]): Tried {
  const options = {
    maxMessageSize: LIMIT,
    handshakeInterval: offence.startsWith("silence") ? 100 : 30_000,
    // Browsers make who tries in vain too often wait.
    reconnectInterval: 30_000,
  };
  return {
    row: { offence, ours: "PULL", options },
    expected: {
      events: ["connect:delay", ...events],
      code,
      givenUp: events.at(-1) === "close" ? [code] : [],
    },
    sound: {},
    listen: () => listenRaw(take),
  };
}

const TRIED = [
  ...OFFENCES.filter(greets).map(byPeer),
  ...Object.entries(BY_HAND).map(byHand),
];

for (const browser of BROWSERS) {
  test(...withPeer(
    browser,
    "whatever a server does wrong, a page's socket says so and lives on",
    () =>
      withSockets(async (keep) => {
        const listeners: RawListener[] = [];
        try {
          const cases: Case[] = [];
          for (const { row, expected, sound, listen } of TRIED) {
            const listener = await listen();
            listeners.push(listener);
            const push = keep(new Push(sound));
            await push.bind("ws://127.0.0.1:*");
            // Not all are asked for it.
            push.send(SOUND).catch(() => {});
            cases.push({
              ...row,
              address: listener.address,
              events: expected.events.length,
              sound: push.lastEndpoint!,
            });
          }
          const reply = keep(new Reply());
          await reply.bind("ws://127.0.0.1:*");
          reply.receive().then(() => reply.send(JSON.stringify(cases)));
          const said = await inBrowser(
            browser,
            new URL("offences_page.ts", import.meta.url),
            { cases: reply.lastEndpoint! },
          ) as Outcome[];
          const named = (outcomes: Outcome[]) =>
            Object.fromEntries(
              TRIED.map(({ row }, i) => [row.offence, outcomes[i]]),
            );
          assert.deepEqual(
            named(said),
            named(TRIED.map(({ row, expected }) => ({
              ...expected,
              heard: row.ours === "PULL" ? SOUND : null,
            }))),
          );
        } finally {
          for (const listener of listeners) await listener.close();
        }
      }),
  ));
}
