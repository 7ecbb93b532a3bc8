// What is fuzzed: one side of a recorded conversation for each mechanism, version,
// transport and type of socket. Chance is seeded, so that what was recorded fits the
// side that hears it again, to the byte.

import { commandBody } from "../../src/base/command.ts";
import { Fault } from "../../src/base/fault.ts";
import { encodeProperties } from "../../src/base/metadata.ts";
import { SOCKET_TYPES, type SocketType } from "../../src/base/socket_type.ts";
import { encodeText } from "../../src/base/utf8.ts";
import { x25519Public } from "../../src/crypto/x25519.ts";
import { CurveClient, CurveServer } from "../../src/mechanisms/curve.ts";
import { CookieKey } from "../../src/mechanisms/curve_keys.ts";
import type { Credentials, Mechanism } from "../../src/mechanisms/mechanism.ts";
import { NullMechanism } from "../../src/mechanisms/null.ts";
import { PlainClient, PlainServer } from "../../src/mechanisms/plain.ts";
import { SECURE_FRAMING } from "../../src/zmtp/secure_framing.ts";
import { Connection } from "../../src/zmtp/connection.ts";
import { Reserve } from "../../src/zmtp/reserve.ts";
import { ServerUpgrade } from "../../src/zws/upgrade.ts";
import { ZwsStream } from "../../src/zws/zws_stream.ts";
import type { ByteStream } from "../../src/runtime/adapter.ts";
import { InboundQueue } from "../../src/routing/inbound_queue.ts";
import { OutboundLog } from "../../src/routing/outbound_log.ts";
import { Inflow } from "../../src/pgm/inflow.ts";
import {
  dataPacket,
  ODATA,
  parsePacket,
  spmPacket,
} from "../../src/pgm/packet.ts";
import { ReceiveWindow } from "../../src/pgm/receive_window.ts";
import { frame, request, zwsReady } from "../support/websocket.ts";
import { corpus } from "./corpus.ts";
import { Heard, promises, type Recording, type Scene } from "./sockets.ts";
import { chance, kept } from "./wire.ts";

/** One who hears a conversation. */
export interface Listener {
  /** Takes a piece; false once it has hung up. */
  hear(bytes: Uint8Array): boolean;
  /** Waits for decisions about it, if somebody makes them. */
  settled?(): Promise<void>;
  /** It is over; the messages that were delivered, as text. */
  finish(): string[];
  /** Bytes that it holds. */
  readonly held: number;
}

/** Something to fuzz. */
export interface Target {
  readonly name: string;
  /** What the other side says when nothing is wrong, piece by piece. */
  readonly said: readonly Uint8Array[];
  /** What is delivered then. */
  readonly messages: readonly string[];
  /** Whether nobody but the one who was recorded can make it deliver a message. */
  readonly sealed: boolean;
  /** Whether only who knows the password can. */
  readonly guarded: boolean;
  /** One who hears it from the beginning. */
  listen(): Listener;
  /** Throws if something of those who have gone is left. */
  atRest(): void;
}

const MESSAGES = ["first message", "x".repeat(300), "", "last"];
const LIMIT = 100_000;

const SECRETS = [1, 2].map((seed) => {
  const secret = new Uint8Array(32);
  chance(seed)(secret);
  return secret;
});
const [SERVER, CLIENT] = SECRETS.map((secretKey) => ({
  secretKey,
  publicKey: x25519Public(secretKey),
}));

type Make = (
  properties: Uint8Array,
  server: boolean,
  seed: number,
) => Mechanism;

const MECHANISMS: Record<string, Make> = {
  NULL: (properties) => new NullMechanism(properties),
  PLAIN: (properties, server) =>
    server
      ? new PlainServer(properties, true)
      : new PlainClient(properties, "admin", "secret"),
  CURVE: (properties, server, seed) => {
    const tools = { x25519: kept, entropy: chance(seed) };
    return server
      ? new CurveServer(
        properties,
        SERVER,
        new CookieKey(chance(99)),
        true,
        tools,
      )
      : new CurveClient(properties, CLIENT, SERVER.publicKey, tools);
  },
};

class Side {
  readonly inbox = new InboundQueue(0, false);
  readonly outbox = new OutboundLog(0, false);
  readonly connection: Connection;
  open = true;

  constructor(
    type: SocketType,
    mechanism: string,
    server: boolean,
    legacy: boolean,
  ) {
    const properties = encodeProperties([
      ["Socket-Type", encodeText(type)],
      ...SOCKET_TYPES[type].identifies
        ? [["Identity", new Uint8Array(0)]] as const
        : [],
    ]);
    const made = MECHANISMS[mechanism](properties, server, server ? 7 : 8);
    this.connection = new Connection(
      {
        socketType: type,
        topics: ["PUB", "XPUB", "RADIO"].includes(type),
        groups: type === "RADIO" || type === "DISH",
        handshakeInterval: 30_000,
        maxMessageSize: LIMIT,
        maxMessageParts: 65536,
        heartbeat: { interval: 0, timeout: 0, timeToLive: 0 },
        server,
        routingId: new Uint8Array(0),
        legacyPeers: legacy ? "1.0" : "none",
      },
      made,
      new Reserve(1e9),
      {
        connectionReady: (ready) => ready.join(this.inbox, this.outbox),
        connectionWantsWrite: () => {},
        connectionWantsClose: () => this.open = false,
        connectionWantsTimer: () => {},
        connectionAsks: (credentials) => this.#judge(credentials),
        connectionWantsEnd: () => this.open = false,
      },
      0,
      SECURE_FRAMING,
    );
  }

  /** All that it says now. */
  says(): Uint8Array[] {
    const said: Uint8Array[] = [];
    for (;;) {
      const bytes = this.connection.nextWrite();
      if (bytes === null) return said;
      said.push(bytes.slice());
      this.connection.wrote(bytes.length);
    }
  }

  #judge({ username, password, publicKey }: Credentials): void {
    const known = publicKey === null
      ? username === "admin" && password === "secret"
      : publicKey.every((byte, i) => byte === CLIENT.publicKey[i]);
    this.connection.decide(
      known ? null : new Fault("mismatch", "ERR_ZAP_STATUS_400", "a stranger"),
    );
  }
}

/** The conversation of two sockets; `heard` hears the other. */
function conversation(
  heard: SocketType,
  other: SocketType,
  mechanism: string,
  server: boolean,
): Target {
  const listening = () => new Side(heard, mechanism, server, true);
  const speaker = new Side(other, mechanism, !server, false);
  const first = listening();
  const said: Uint8Array[] = [];
  const exchange = () => {
    for (;;) {
      const words = speaker.says();
      said.push(...words);
      for (const word of words) first.connection.receive(word.slice(), 0);
      const answers = first.says();
      for (const word of answers) speaker.connection.receive(word, 0);
      if (words.length + answers.length === 0) return;
    }
  };
  exchange();
  for (const message of MESSAGES) {
    speaker.outbox.append([encodeText(message).slice()], 0, null);
    exchange();
  }
  return {
    name: `${mechanism}: ${heard} ${server ? "serves" : "asks"}`,
    said,
    messages: taken(first.inbox),
    sealed: mechanism === "CURVE",
    guarded: mechanism === "PLAIN" && server,
    atRest: () => {},
    listen: () => {
      const side = listening();
      side.says();
      return {
        hear: (bytes) => {
          side.connection.receive(bytes, 0);
          side.says();
          return side.open;
        },
        finish: () => taken(side.inbox),
        get held() {
          return side.connection.heldBytes;
        },
      };
    },
  };
}

function taken(inbox: InboundQueue): string[] {
  const all: string[] = [];
  for (;;) {
    const message = inbox.take();
    if (message === null) return all;
    all.push(message.map((part) => String.fromCharCode(...part)).join("|"));
  }
}

/** A client of a WebSocket, before a listener of ours. */
function webSocket(): Target {
  const said = [
    request(),
    zwsReady("PUSH", true),
    ...MESSAGES.map((message) =>
      frame(0x82, Uint8Array.of(0, ...encodeText(message)), true)
    ),
    frame(0x02, Uint8Array.of(0, 1, 2), true),
    frame(0x80, Uint8Array.of(3, 4), true),
    frame(0x89, Uint8Array.of(1), true),
    frame(0x88, Uint8Array.of(3, 232), true),
  ];
  const listen = (): Listener => {
    const side = new Side("PULL", "NULL", false, false);
    let open = true;
    const zws = new ZwsStream(
      {
        socketType: "PULL",
        routingId: new Uint8Array(0),
        maxMessageSize: LIMIT,
      },
      new ServerUpgrade("NULL"),
      null,
    );
    const flush = () => {
      for (const bytes of side.says()) zws.write(bytes);
    };
    const below: ByteStream = {
      exact: true,
      local: "",
      remote: "",
      write: (bytes) => zws.sent(bytes.length),
      pause: () => {},
      resume: () => {},
      end: () => open = false,
      abort: () => open = false,
      ref: () => {},
      unref: () => {},
    };
    zws.behind({
      opened: flush,
      data: (bytes) => {
        side.connection.receive(bytes, 0);
        if (side.connection.established) zws.established();
        flush();
      },
      sent: () => {},
      closed: () => {},
    });
    zws.opened(below);
    return {
      hear: (bytes) => {
        zws.data(bytes);
        return open && side.open;
      },
      finish: () => taken(side.inbox),
      get held() {
        return side.connection.heldBytes;
      },
    };
  };
  const listener = listen();
  for (const piece of said) listener.hear(piece.slice());
  return {
    name: "a WebSocket",
    said,
    messages: listener.finish(),
    sealed: false,
    guarded: false,
    listen,
    atRest: () => {},
  };
}

/** A source of multicast; its packets have sums that are made right again. */
function multicast(): Target {
  const tsi = { gsi: Uint8Array.of(1, 2, 3, 4, 5, 6), port: 9 };
  const tsdu = (text: string) =>
    Uint8Array.of(0, 0, text.length + 1, 0, ...encodeText(text));
  const said = [
    spmPacket(tsi, 5555, 0, 0, 0xffffffff, [10, 0, 0, 1], false),
    ...["a", "b", "c", "d"].map((text, i) =>
      dataPacket(ODATA, tsi, 5555, i, 0, tsdu(text))
    ),
    spmPacket(tsi, 5555, 1, 0, 3, [10, 0, 0, 1], true),
  ];
  const listen = (): Listener => {
    const inbox = new InboundQueue(0, false);
    const inflow = new Inflow(
      tsi,
      new ReceiveWindow(1024, new Reserve(1e9), () => 0.5),
      inbox,
      LIMIT,
      65536,
      new Reserve(1e9),
      0,
    );
    return {
      hear: (bytes) => {
        const packet = parsePacket(bytes);
        if (typeof packet !== "string") inflow.receive(packet, 0);
        inflow.asks(1000);
        return true;
      },
      finish: () => taken(inbox),
      held: 0,
    };
  };
  return {
    name: "epgm",
    said,
    messages: ["a", "b", "c", "d"],
    sealed: false,
    guarded: false,
    listen,
    atRest: () => {},
  };
}

/** A peer of ZMTP 2.0: its greeting, its name and messages. */
function legacy(): Target {
  const said = [
    Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f),
    Uint8Array.of(1, 8, 0, 0),
    Uint8Array.of(0, 1, 97, 0, 2, 98, 99, 1, 1, 100, 0, 1, 101),
  ];
  const listen = (): Listener => {
    const side = new Side("PULL", "NULL", false, true);
    side.says();
    return {
      hear: (bytes) => {
        side.connection.receive(bytes, 0);
        side.says();
        return side.open;
      },
      finish: () => taken(side.inbox),
      get held() {
        return side.connection.heldBytes;
      },
    };
  };
  const listener = listen();
  for (const piece of said) listener.hear(piece.slice());
  return {
    name: "ZMTP 2.0",
    said,
    messages: listener.finish(),
    sealed: false,
    guarded: false,
    listen,
    atRest: () => {},
  };
}

/** A socket that hears what was recorded. */
async function socket(scene: Scene, recording: Recording): Promise<Target> {
  const heard = new Heard(scene);
  await heard.listen();
  return {
    ...recording,
    sealed: scene.mechanism === "CURVE",
    // Over ws it is masked, so that nobody can tell whether it was said.
    guarded: scene.mechanism === "PLAIN" && scene.server &&
      scene.transport === "tcp",
    listen: () => {
      heard.begin();
      return {
        hear: (bytes) => heard.hear(bytes),
        ...heard.asks
          ? {
            settled: async () => {
              await promises();
              heard.wires.flush();
              heard.speak();
            },
          }
          : {},
        finish: () => heard.finish(),
        held: 0,
      };
    },
    atRest: () => heard.atRest(),
  };
}

/** Everything that is fuzzed: sockets, and below them connections by themselves. */
export async function targets(): Promise<Target[]> {
  const sockets = corpus().map(({ scene, recording }) =>
    socket(scene, recording)
  );
  return [...await Promise.all(sockets), ...parts()];
}

/** What can be fuzzed without a socket. */
function parts(): Target[] {
  const all: Target[] = [webSocket(), multicast(), legacy()];
  for (const mechanism of ["NULL", "PLAIN", "CURVE"]) {
    for (
      const [heard, other] of [
        ["PULL", "PUSH"],
        ["XPUB", "XSUB"],
        ["SUB", "PUB"],
        ["ROUTER", "DEALER"],
        ["REP", "REQ"],
        ["SERVER", "CLIENT"],
        ["DISH", "RADIO"],
      ] as const
    ) {
      for (const server of [true, false]) {
        if (mechanism === "NULL" && !server) continue;
        all.push(conversation(heard, other, mechanism, server));
      }
    }
  }
  return all;
}

/** A command that nobody expects, for mutations to put in. */
export const STRAY: Uint8Array = commandBody(
  "ERROR",
  Uint8Array.of(3, 52, 48, 48),
);
