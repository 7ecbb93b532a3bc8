// One connection of ZMTP, without its I/O (RFC 23 and 37; RFC 15 and 13 with older
// peers): bytes of the peer and the time go in, what to write and the next deadline
// come out, and wishes go up on edges. Messages go to an inbox and come from an
// outbox that the owner gives once the handshake is through.
//
//   greeting ──> handshake ──> traffic ──> closed
//       ├──> identity (1.0, 2.0) ──^ ^         ^
//       └────────────┴───────────────┴─────────┘   (a fault, or the stream ended)

import { commandBody, framed, isCommand } from "../base/command.ts";
import { Fault, type Telling } from "../base/fault.ts";
import { CANCEL, COMMAND, MORE, OPENING, SUBSCRIBE } from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";
import { parseProperties, valuesOf } from "../base/metadata.ts";
import type { LegacyPeers } from "../base/option_types.ts";
import { SOCKET_TYPES, type SocketType } from "../base/socket_type.ts";
import { latin1 } from "../base/utf8.ts";
import type { Cipher } from "../mechanisms/cipher.ts";
import {
  type Credentials,
  FAILED,
  type Mechanism,
  READY,
  refusalStatus,
  WAITING,
} from "../mechanisms/mechanism.ts";
import { BROKEN, FRAME, FrameReader, NEED, RUN } from "./frame_reader.ts";
import { Greeting } from "./greeting.ts";
import { Heartbeat, type HeartbeatSettings } from "./heartbeat.ts";
import { LegacyDecoder, writeLegacyHeader } from "./legacy_framing.ts";
import type { Reserve } from "./reserve.ts";
import type { SecureDecoder, SecureFraming } from "./secure_framing.ts";
import { type Outbox, transcoded, TranscodedOutbox } from "./transcoding.ts";

/** Go on reading. */
export const ON = 0;
/** Read no more until `resume`: nobody takes what came. */
export const PAUSED = 1;
/** It is over. */
export const CLOSED = 2;

/** What the connection wants after input. */
export type Verdict = 0 | 1 | 2;

/** What a peer said of itself in the handshake. */
export interface Peer {
  readonly socketType: string;
  readonly routingId: Uint8Array;
  /** 1 for ZMTP 3.1; 0 for 3.0 and before, where subscriptions are messages. */
  readonly minor: number;
  readonly mechanism: string;
  /** All that it said of itself, encoded. */
  readonly properties: Uint8Array;
}

/** Where messages go. */
export interface Inbox {
  /** How many more messages it takes. */
  readonly space: number;
  /** Set when it had none: it is to ask for more once it has. */
  starved: boolean;
  /** Whether a message has begun to come in and is not whole. */
  readonly midMessage: boolean;
  /** Frames in their wire form: so many whole messages, the last ending at `whole`. */
  pushRun(
    buffer: Uint8Array,
    start: number,
    end: number,
    messages: number,
    whole: number,
  ): void;
  /** A frame that has memory of its own. */
  push(frame: Uint8Array, flags: number): void;
  /** The message that has begun will never be whole. */
  rollback(): void;
}

/** What can be given an inbox and an outbox. */
export interface Joinable {
  readonly peer: Peer;
  join(inbox: Inbox, outbox: Outbox): void;
}

/** Raised on edges; the owner acts. */
export interface Wishes {
  /** The handshake is through: give an inbox and an outbox by `join`. */
  connectionReady(connection: Joinable): void;
  /** There is something to write, and there was nothing. */
  connectionWantsWrite(): void;
  /** It is over because of `fault`. */
  connectionWantsClose(): void;
  /** The deadline moved. */
  connectionWantsTimer(): void;
  /** Somebody has to decide whether the peer may come in: `decide` follows, later or at once. */
  connectionAsks(credentials: Credentials): void;
  /** It is over because of `fault`, once what is to be written is. */
  connectionWantsEnd(): void;
}

/** What a connection is told of its socket. */
export interface ConnectionSettings {
  readonly socketType: SocketType;
  /** Whether peers may subscribe here, or join. */
  readonly topics: boolean;
  /** Whether it deals in groups (RADIO, DISH), and not in topics. */
  readonly groups: boolean;
  /** Milliseconds for greeting and handshake; 0 for no limit. */
  readonly handshakeInterval: number;
  /** Bytes in the largest frame, commands included; -1 for no limit. */
  readonly maxMessageSize: number;
  /** Frames of a message that the peer sends. */
  readonly maxMessageParts: number;
  readonly heartbeat: HeartbeatSettings;
  /** Whether this is the server's end of the mechanism. */
  readonly server: boolean;
  /** Our own name, which peers before 3.0 are told without a handshake. */
  readonly routingId: Uint8Array;
  /** Which peers before 3.0 are served. */
  readonly legacyPeers: LegacyPeers;
}

type State =
  | "greeting"
  | "identity"
  | "handshake"
  | "refused"
  | "traffic"
  | "closed";

/** The longest command of a handshake: what a stranger can make us hold. */
const HANDSHAKE_BYTES = 8192;
/** The longest command in traffic: a topic of a megabyte. */
const COMMAND_BYTES = 1048576;
/** Subscriptions that may come between the frames of one message. */
const MOST_HELD = 1024;
const LARGEST_ROUTING_ID = 255;
const LARGEST_PING_CONTEXT = 16;
const TTL_BYTES = 2;
/** Nothing is known of the other end. */
export const NOBODY: Peer = {
  socketType: "",
  routingId: EMPTY,
  minor: 1,
  mechanism: "",
  properties: EMPTY,
};

export class Connection {
  /** Why it ended; it stays. */
  fault: Fault | null = null;
  /** The other end, once the handshake is through. */
  peer: Peer = NOBODY;

  readonly #settings: ConnectionSettings;
  readonly #wishes: Wishes;
  /** What is said before traffic; both are gone once that begins. */
  #mechanism: Mechanism | null;
  #greeting: Greeting | null;
  /** What is spoken: ZMTP 3.x, 2.0 or 1.0. */
  #version: 1 | 2 | 3 = 3;
  readonly #reader: FrameReader;
  readonly #reserve: Reserve;
  readonly #heartbeat: Heartbeat;
  #state: State = "greeting";
  #handshakeEnds: number;
  #inbox: Inbox | null = null;
  #outbox: Outbox | null = null;
  /** Subscriptions that came between the frames of a message, to follow it. */
  #held: { topic: Uint8Array; kind: number }[] | null = null;
  /** What makes frames of ours of those of a peer of 1.0. */
  #legacy: LegacyDecoder | null = null;
  /** What makes frames of what is hidden, and how traffic is hidden. */
  #hidden: SecureDecoder | null = null;
  readonly #framing: SecureFraming | null;
  /** What hides traffic, and what is still to be said in clear before. */
  #cipher: Cipher | null = null;
  #plain: Uint8Array | null = null;
  /** Whether the peer was told that it is let in. */
  #welcomed = false;
  /** Whether it was asked who decides about the peer. */
  #asked = false;

  /** Greeting and commands that wait to be written; they go before messages. */
  #control: Uint8Array[] = [];
  #writingMessages = false;
  #pingDue = false;
  /** The context of the last PING that was not answered yet. */
  #pong: Uint8Array | null = null;

  /** `framing` hides traffic, for a mechanism that gives it a cipher. */
  constructor(
    settings: ConnectionSettings,
    mechanism: Mechanism,
    reserve: Reserve,
    wishes: Wishes,
    now: number,
    framing: SecureFraming | null,
  ) {
    this.#settings = settings;
    this.#framing = framing;
    this.#mechanism = mechanism;
    this.#wishes = wishes;
    this.#greeting = new Greeting({
      mechanism: mechanism.name,
      server: settings.server,
      socketType: SOCKET_TYPES[settings.socketType].id,
      routingIdLength: settings.routingId.length,
      legacyPeers: settings.legacyPeers,
    });
    this.#heartbeat = new Heartbeat(settings.heartbeat);
    this.#reserve = reserve;
    const limit = this.#limit();
    this.#reader = new FrameReader(
      Math.min(limit, HANDSHAKE_BYTES),
      Math.min(limit, HANDSHAKE_BYTES),
      reserve,
    );
    this.#handshakeEnds = settings.handshakeInterval > 0
      ? now + settings.handshakeInterval
      : Infinity;
    this.#control.push(this.#greeting.next()!);
  }

  /** Whether messages flow. */
  get established(): boolean {
    return this.#state === "traffic";
  }

  /** When `advance` is due. */
  get deadline(): number {
    if (this.#state === "traffic") return this.#heartbeat.deadline;
    return this.#state === "closed" ? Infinity : this.#handshakeEnds;
  }

  /** Joins the connection to a pipe; within `connectionReady`, or later. */
  join(inbox: Inbox, outbox: Outbox): void {
    if (this.#state !== "traffic") {
      throw new Error("a connection is joined once it is established");
    }
    this.#inbox = inbox;
    this.#outbox ??= this.#version === 1
      ? new TranscodedOutbox(outbox, writeLegacyHeader)
      : this.#cipher !== null
      ? this.#framing!.outbox(outbox, this.#cipher)
      : outbox;
  }

  /** Takes bytes of the peer; they are the connection's from here. */
  receive(chunk: Uint8Array, now: number): Verdict {
    if (this.#state === "closed" || this.#state === "refused") return CLOSED;
    let at = 0;
    if (this.#state === "greeting") {
      const greeting = this.#greeting!;
      at = greeting.receive(chunk, 0);
      const { fault } = greeting;
      if (fault !== null && fault.blame !== "mismatch") {
        return this.#fail(fault);
      }
      const reply = greeting.next();
      if (reply !== null) this.#sendAsIs(reply);
      if (fault !== null) {
        // Who hears what we are knows why, and gives up.
        this.#part(fault);
        return CLOSED;
      }
      if (!greeting.done) return ON;
      this.#version = greeting.version;
      if (greeting.version === 3) {
        this.#state = "handshake";
        this.#sendHandshake(this.#mechanism!);
      } else {
        this.#state = "identity";
        this.#sendIdentity(greeting);
      }
    }
    const decoder = this.#legacy ?? this.#hidden;
    if (decoder === null) this.#reader.feed(chunk, at);
    else this.#reader.feed(decoder.decode(chunk.subarray(at)));
    this.#heartbeat.heard();
    return this.#decode(now);
  }

  /** The peer may come in, or `fault` says why not; `resume` follows. */
  decide(fault: Fault | null): void {
    if (this.#state !== "handshake") return;
    const mechanism = this.#mechanism!;
    mechanism.decide(fault);
    this.#sendHandshake(mechanism);
    if (mechanism.state !== FAILED) return;
    const why = mechanism.fault!;
    if (refusalStatus(why) === null) this.#fail(why);
    else this.#part(why);
  }

  /** Goes on at the byte where decoding stopped. */
  resume(now: number): Verdict {
    if (this.#state === "closed" || this.#state === "refused") return CLOSED;
    this.#heartbeat.resume();
    return this.#decode(now);
  }

  /** Bytes that came and wait for room for what they hold. */
  get heldBytes(): number {
    return this.#reader.pendingBytes;
  }

  /** Memory for a large body, or the rest of one, or `null`. */
  bodyTarget(): Uint8Array | null {
    if (this.#legacy !== null) return null;
    const hidden = this.#hidden;
    if (hidden === null) {
      return this.#reader.target() ?? this.#reader.frameTarget();
    }
    return this.#reader.pending ? null : hidden.target();
  }

  /** Whether bytes that are received may be part of messages; else they may be changed. */
  get keepsInput(): boolean {
    return this.#hidden === null;
  }

  /** So many bytes were read into what `bodyTarget` gave. */
  bodyFilled(length: number, now: number): Verdict {
    if (this.#state === "closed" || this.#state === "refused") return CLOSED;
    const hidden = this.#hidden;
    this.#reader.feed((hidden ?? this.#reader).filled(length));
    this.#heartbeat.heard();
    return this.#decode(now);
  }

  /** The next bytes to write, or `null`; they stay as they are until `wrote` covers them. */
  nextWrite(): Uint8Array | null {
    const outbox = this.#outbox;
    this.#welcomed = this.#state === "traffic";
    if (this.#plain !== null) {
      const plain = this.#plain;
      this.#plain = null;
      this.#writingMessages = false;
      return plain;
    }
    if (outbox === null || !outbox.midFrame) {
      const control = this.#takeControl(outbox === null || !outbox.midMessage);
      if (control !== null) {
        this.#writingMessages = false;
        return this.#cipher === null ? control : this.#cipher.hide(control);
      }
    }
    if (this.#state !== "traffic") return null;
    this.#writingMessages = true;
    return this.#outbox!.next(true);
  }

  /** Whether `nextWrite` would give something. */
  get wantsToWrite(): boolean {
    return this.#control.length > 0 || this.#plain !== null ||
      this.#pingDue || this.#pong !== null ||
      (this.#state === "traffic" && this.#outbox!.waitingBytes > 0);
  }

  /** Whether it should be written at once, and not at the end of the turn. */
  get writeIsRipe(): boolean {
    return this.#state === "traffic" && this.#outbox!.ripe;
  }

  /** The kernel has taken so many bytes more. */
  wrote(length: number): void {
    if (this.#writingMessages) this.#outbox!.took(length);
  }

  /** Sends an opening, a subscription or its end, in the words of the peer's version. */
  control(kind: number, topic: Uint8Array): void {
    if (this.#state !== "traffic") return;
    if (kind === OPENING) {
      this.#send(framed(topic, 0));
    } else if (this.#settings.groups) {
      if (this.#version === 1) return;
      const name = kind === SUBSCRIBE ? "JOIN" : "LEAVE";
      this.#send(framed(commandBody(name, topic)));
    } else if (this.peer.minor === 0) {
      const body = new Uint8Array(1 + topic.length);
      body[0] = kind === SUBSCRIBE ? 1 : 0;
      body.set(topic, 1);
      this.#send(framed(body, 0));
    } else {
      const name = kind === SUBSCRIBE ? "SUBSCRIBE" : "CANCEL";
      this.#send(framed(commandBody(name, topic)));
    }
  }

  /** Does what is due. */
  advance(now: number): void {
    if (this.#state === "traffic") {
      if (this.#heartbeat.expired(now)) {
        this.#fail(
          new Fault("timeout", "ETIMEDOUT", "the peer was silent for too long"),
        );
      } else if (this.#heartbeat.takePing(now)) {
        this.#pingDue = true;
        this.#wishes.connectionWantsWrite();
      }
    } else if (this.#state === "refused") {
      if (now < this.#handshakeEnds) return;
      this.#close();
      this.#wishes.connectionWantsClose();
    } else if (this.#state !== "closed" && now >= this.#handshakeEnds) {
      this.#fail(
        new Fault("timeout", "ETIMEDOUT", "the handshake took too long"),
      );
    }
  }

  /** Ends it because a rule of the socket type was broken. */
  refuse(fault: Fault): void {
    if (this.#state !== "closed") this.#fail(fault);
  }

  /** The stream is over. */
  ended(): void {
    this.#close();
  }

  #limit(): number {
    const limit = this.#settings.maxMessageSize;
    return limit < 0 ? Infinity : limit;
  }

  #decode(now: number): Verdict {
    if (this.#state !== "traffic") {
      const verdict = this.#state === "handshake"
        ? this.#shakeHands(now)
        : this.#readIdentity(now);
      if (!this.established) return verdict;
    }
    const reader = this.#reader;
    const inbox = this.#inbox!;
    for (;;) {
      if (this.#held !== null && !inbox.midMessage) this.#release(inbox);
      const space = inbox.space;
      if (space <= 0) break;
      const found = reader.scan(space);
      if (found === RUN) {
        const { buffer, start, end, messages, whole } = reader;
        inbox.pushRun(buffer, start, end, messages, whole);
      } else if (found === NEED) {
        return this.#needsMore();
      } else if (found === BROKEN) {
        return this.#fail(reader.fault!);
      } else if ((reader.flags & COMMAND) !== 0) {
        this.#command(inbox, now);
        if (!this.established) return CLOSED;
      } else {
        const { buffer, start, end, flags } = reader;
        const own = start === 0 ? buffer : buffer.subarray(start, end);
        inbox.push(own, flags & MORE);
      }
    }
    inbox.starved = true;
    this.#heartbeat.pause();
    return PAUSED;
  }

  #shakeHands(now: number): Verdict {
    const reader = this.#reader;
    const mechanism = this.#mechanism!;
    while (mechanism.state !== READY) {
      if (mechanism.state === WAITING && !this.#asked) {
        this.#asked = true;
        this.#wishes.connectionAsks(mechanism.credentials!);
        if (this.#state !== "handshake") return CLOSED;
        continue;
      }
      const found = reader.next();
      if (found === NEED) return ON;
      if (found !== FRAME) return this.#fail(reader.fault!);
      if ((reader.flags & COMMAND) === 0) {
        return this.#fail(
          new Fault(
            "peer",
            "ERR_ZMTP_UNEXPECTED_COMMAND",
            "messages come after the handshake",
          ),
        );
      }
      mechanism.receive(reader.buffer.slice(reader.start, reader.end));
      if (mechanism.state === FAILED) return this.#fail(mechanism.fault!);
      this.#sendHandshake(mechanism);
    }
    const fault = this.#meet(mechanism);
    if (fault === null) return this.#begin(now);
    // Who hears what we are gives up; else it would come again and again.
    if (fault.blame === "mismatch") this.#part(fault);
    else this.#fail(fault);
    return CLOSED;
  }

  /** Ends it, once the peer had the time to read what it is still told. */
  #part(fault: Fault): void {
    if (!this.#speaks) {
      this.#fail(fault);
      return;
    }
    this.fault = fault;
    this.#state = "refused";
    this.#wishes.connectionWantsEnd();
  }

  /** The first frame of a peer before 3.0 is its name, and no more is said. */
  #readIdentity(now: number): Verdict {
    const reader = this.#reader;
    const found = reader.next();
    if (found === NEED) return this.#needsMore();
    if (found !== FRAME) return this.#fail(reader.fault!);
    const routingId = reader.buffer.slice(reader.start, reader.end);
    if (routingId.length > LARGEST_ROUTING_ID) {
      return this.#fail(
        badMetadata("peer", "a routing id has at most 255 bytes"),
      );
    }
    this.peer = { ...NOBODY, routingId, minor: 0, mechanism: "NULL" };
    const { unversioned } = this.#greeting!;
    const verdict = this.#begin(now);
    // Peers from before versions may not pass subscriptions on: they get all.
    const { topics, groups } = this.#settings;
    if (verdict === ON && unversioned && topics && !groups) {
      this.#inbox!.push(EMPTY, SUBSCRIBE);
    }
    return verdict;
  }

  /** Messages flow from here on. */
  #begin(now: number): Verdict {
    const reader = this.#reader;
    if (this.#mechanism!.cipher !== null && reader.midFrame) {
      // The rest of it would be taken for what is hidden.
      return this.#fail(
        new Fault(
          "peer",
          "ERR_ZMTP_UNSPECIFIED",
          "a peer sends nothing while it is decided about",
        ),
      );
    }
    this.#state = "traffic";
    this.#cipher = this.#mechanism!.cipher;
    this.#mechanism = null;
    this.#greeting = null;
    if (this.#cipher !== null) this.#hide(this.#cipher);
    reader.limit = this.#limit();
    reader.commandLimit = Math.min(this.#limit(), COMMAND_BYTES);
    reader.partLimit = this.#settings.maxMessageParts;
    if (this.#version === 3) this.#heartbeat.begin(now);
    this.#wishes.connectionReady(this);
    this.#wishes.connectionWantsTimer();
    return this.#inbox === null ? CLOSED : ON;
  }

  /** What comes from here on is hidden, also what is there already. */
  #hide(cipher: Cipher): void {
    this.#plain = this.#takeControl(true);
    const limit = this.#limit();
    const decoder = this.#framing!.decoder(cipher, limit, this.#reserve);
    this.#hidden = decoder;
    for (const rest of this.#reader.takeBack()) {
      this.#reader.feed(decoder.decode(rest));
    }
  }

  /** Everything that came is decoded, up to where it was wrong. */
  #needsMore(): Verdict {
    const fault = (this.#legacy ?? this.#hidden)?.fault ?? null;
    return fault === null ? ON : this.#fail(fault);
  }

  /** Looks at the peer's properties: whether it may talk to us, and its name. */
  #meet(mechanism: Mechanism): Fault | null {
    const encoded = mechanism.properties;
    const client = mechanism.name !== "NULL" && !this.#settings.server;
    const telling = client ? "handshake" : "never";
    const properties = parseProperties(encoded, 0, encoded.length);
    if (properties === null) {
      return badMetadata(
        "peer",
        "properties fill the command exactly",
        telling,
      );
    }
    const types = valuesOf(properties, "Socket-Type")
      .map((value) => latin1(value, 0, Math.min(value.length, 20)));
    const ours = this.#settings.socketType;
    if (types.length === 0) {
      return badMetadata("peer", "a peer says its Socket-Type", telling);
    }
    for (const type of types) {
      if (!SOCKET_TYPES[ours].peers.includes(type)) {
        const given = type.replace(/[^ -~]/g, "?");
        const rule = `a ${ours} does not talk to a ${given}`;
        return badMetadata("mismatch", rule, telling);
      }
    }
    const routingId = valuesOf(properties, "Identity")[0] ?? EMPTY;
    if (routingId.length > LARGEST_ROUTING_ID) {
      return badMetadata("peer", "a routing id has at most 255 bytes", telling);
    }
    this.peer = {
      socketType: types[0],
      routingId,
      minor: this.#greeting!.minor,
      mechanism: mechanism.name,
      properties: encoded,
    };
    return null;
  }

  /** A command in traffic. Unknown and misplaced ones are ignored, as libzmq does. */
  #command(inbox: Inbox, now: number): void {
    const { buffer, start, end } = this.#reader;
    if (isCommand("PING", buffer, start, end)) {
      if (this.#version < 3) return;
      this.#pinged(buffer, start + 1 + "PING".length, end, now);
    } else if (this.#settings.topics) {
      const { groups } = this.#settings;
      const [begin, cease] = groups
        ? ["JOIN", "LEAVE"]
        : ["SUBSCRIBE", "CANCEL"];
      const subscribe = isCommand(begin, buffer, start, end);
      if (!subscribe && !isCommand(cease, buffer, start, end)) return;
      const topic = buffer.subarray(start + 1 + buffer[start], end);
      const kind = subscribe ? SUBSCRIBE : CANCEL;
      if (!inbox.midMessage) inbox.push(topic, kind);
      else if ((this.#held ??= []).length < MOST_HELD) {
        this.#held.push({ topic, kind });
      } else {
        this.#fail(
          new Fault(
            "limit",
            "ENOBUFS",
            `between the frames of a message come at most ${MOST_HELD} subscriptions`,
          ),
        );
      }
    }
  }

  #release(inbox: Inbox): void {
    for (const { topic, kind } of this.#held!) inbox.push(topic, kind);
    this.#held = null;
  }

  /** Answers a PING with its context; of several before the next write, the last. */
  #pinged(buffer: Uint8Array, at: number, end: number, now: number): void {
    const context = at + TTL_BYTES;
    if (context > end) return;
    const ttl = buffer[at] << 8 | buffer[at + 1];
    if (ttl > 0) {
      this.#heartbeat.pinged(ttl, now);
      this.#wishes.connectionWantsTimer();
    }
    const answered = this.#pong !== null;
    this.#pong = context === end
      ? EMPTY
      : buffer.slice(context, Math.min(end, context + LARGEST_PING_CONTEXT));
    if (!answered) this.#wishes.connectionWantsWrite();
  }

  /** Tells a peer before 3.0 our name; one without versions has had its length. */
  #sendIdentity({ unversioned, frames, version }: Greeting): void {
    const { routingId } = this.#settings;
    if (version === 1) {
      this.#legacy = new LegacyDecoder();
      this.#reader.feed(this.#legacy.decode(frames));
    }
    if (!unversioned) this.#send(framed(routingId, 0));
    else if (routingId.length > 0) this.#sendAsIs(routingId);
  }

  #sendHandshake(mechanism: Mechanism): void {
    for (;;) {
      const body = mechanism.next();
      if (body === null) return;
      this.#send(framed(body));
    }
  }

  /** Heartbeats that are due; they may go between the frames of a message. */
  #takeHeartbeats(): Uint8Array[] {
    const due: Uint8Array[] = [];
    if (this.#pingDue) {
      this.#pingDue = false;
      const ttl = this.#heartbeat.ttl;
      const data = Uint8Array.of(ttl >>> 8, ttl);
      due.push(framed(commandBody("PING", data)));
    }
    if (this.#pong !== null) {
      due.push(framed(commandBody("PONG", this.#pong)));
      this.#pong = null;
    }
    return due;
  }

  /** Sends frames that go before messages. */
  #send(frames: Uint8Array): void {
    this.#sendAsIs(
      this.#legacy !== null ? transcoded(frames, writeLegacyHeader) : frames,
    );
  }

  #sendAsIs(bytes: Uint8Array): void {
    this.#control.push(bytes);
    if (this.#control.length === 1) this.#wishes.connectionWantsWrite();
  }

  /** What goes before messages, or only heartbeats if a message has begun. */
  #takeControl(all: boolean): Uint8Array | null {
    const due = this.#pingDue || this.#pong !== null;
    if (!due && (!all || this.#control.length === 0)) return null;
    const parts = due ? this.#takeHeartbeats() : [];
    if (all) {
      parts.unshift(...this.#control);
      this.#control = [];
    }
    if (parts.length === 1) return parts[0];
    let length = 0;
    for (const part of parts) length += part.length;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** Whether it has something to say before messages. */
  get #speaks(): boolean {
    return this.#control.length > 0 || this.#plain !== null;
  }

  #fail(fault: Fault): 2 {
    // Who was let in hears of it, or takes the end for that of a handshake.
    if (this.#state === "traffic" && !this.#welcomed && this.#speaks) {
      this.#part(fault);
      return CLOSED;
    }
    this.fault = fault;
    this.#close();
    this.#wishes.connectionWantsClose();
    return CLOSED;
  }

  #close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#reader.close();
    this.#hidden?.close();
    this.#mechanism?.wipe();
    this.#inbox?.rollback();
    this.#control = [];
    this.#held = null;
    this.#pingDue = false;
    this.#pong = null;
  }
}

function badMetadata(
  blame: "peer" | "mismatch",
  rule: string,
  telling: Telling = "never",
): Fault {
  const code = "ERR_ZMTP_INVALID_METADATA";
  return new Fault(blame, code, rule, undefined, telling);
}
