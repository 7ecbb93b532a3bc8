import { SECURE_FRAMING } from "../../src/zmtp/secure_framing.ts";
// A connection by itself, with what it asks for written down, and two of them
// joined without a network.

import { EMPTY } from "../../src/base/message.ts";
import { encodeProperties } from "../../src/base/metadata.ts";
import type { SocketType } from "../../src/base/socket_type.ts";
import { encodeText } from "../../src/base/utf8.ts";
import type { Mechanism } from "../../src/mechanisms/mechanism.ts";
import { NullMechanism } from "../../src/mechanisms/null.ts";
import { InboundQueue } from "../../src/routing/inbound_queue.ts";
import { OutboundLog } from "../../src/routing/outbound_log.ts";
import {
  Connection,
  type ConnectionSettings,
} from "../../src/zmtp/connection.ts";
import { Reserve } from "../../src/zmtp/reserve.ts";
import { concat } from "./bytes.ts";

/** A connection with a pipe's queues, as a session would have it. */
export class Bench {
  readonly inbox: InboundQueue;
  readonly outbox: OutboundLog;
  readonly connection: Connection;
  ready = 0;
  closed = 0;
  /** How often it wanted to end once all is written. */
  ended = 0;

  constructor(
    socketType: SocketType,
    settings: Partial<ConnectionSettings> & {
      hwm?: number;
      identity?: string;
      mechanism?: Mechanism;
    } = {},
    now = 0,
  ) {
    this.inbox = new InboundQueue(settings.hwm ?? 1000, false);
    this.outbox = new OutboundLog(1000, false);
    const properties: [string, Uint8Array][] = [
      ["Socket-Type", encodeText(socketType)],
    ];
    if (socketType === "REQ" || socketType === "DEALER") {
      const { identity } = settings;
      properties.push(["Identity", identity ? encodeText(identity) : EMPTY]);
    }
    this.connection = new Connection(
      {
        socketType,
        topics: socketType === "PUB" || socketType === "XPUB" ||
          socketType === "RADIO",
        groups: socketType === "RADIO" || socketType === "DISH",
        handshakeInterval: 30000,
        maxMessageSize: -1,
        maxMessageParts: Infinity,
        heartbeat: { interval: 0, timeout: 0, timeToLive: 0 },
        server: false,
        routingId: encodeText(settings.identity ?? "").slice(),
        legacyPeers: "2.0",
        ...settings,
      },
      settings.mechanism ?? new NullMechanism(encodeProperties(properties)),
      new Reserve(1e12),
      {
        connectionReady: (connection) => {
          this.ready++;
          connection.join(this.inbox, this.outbox);
        },
        connectionWantsWrite: () => {},
        connectionWantsClose: () => this.closed++,
        connectionWantsTimer: () => {},
        connectionAsks: () => {},
        connectionWantsEnd: () => this.ended++,
      },
      now,
      SECURE_FRAMING,
    );
  }

  /** All that the connection has to write. */
  written(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (;;) {
      const bytes = this.connection.nextWrite();
      if (bytes === null) return concat(...parts);
      parts.push(bytes.slice());
      this.connection.wrote(bytes.length);
    }
  }

  /** Why it ended, by code. */
  get fault(): string | undefined {
    return this.connection.fault?.code;
  }

  /** Gives it bytes of the peer. */
  receive(bytes: Uint8Array, now = 0): number {
    return this.connection.receive(bytes.slice(), now);
  }
}

/** Moves bytes between two connections until both are quiet. */
export function exchange(a: Bench, b: Bench, chunk = Infinity): void {
  for (;;) {
    const fromA = a.written();
    const fromB = b.written();
    if (fromA.length + fromB.length === 0) return;
    for (const [bytes, to] of [[fromA, b], [fromB, a]] as const) {
      for (let at = 0; at < bytes.length; at += Math.min(chunk, bytes.length)) {
        to.receive(bytes.subarray(at, at + Math.min(chunk, bytes.length)));
      }
    }
  }
}
