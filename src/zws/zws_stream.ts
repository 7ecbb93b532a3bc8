// A WebSocket seen as a stream of ZMTP (RFC 45): what is behind it is the same
// connection that tcp has. The greeting, which ZWS has no words for, is played to
// that connection as the subprotocol tells it; without a mechanism, so are the
// commands of the handshake, and each side just says its routing id.
//
//   tcp bytes <──> upgrade, then frames of a WebSocket <──> frames of ZMTP 3.0

import { framed } from "../base/command.ts";
import { concat } from "../base/bytes.ts";
import { bodyLength, headLength } from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";
import { FrameDecoder } from "./frame_decoder.ts";
import { CLOSE, PING, PONG } from "./opcodes.ts";
import { FrameWriter } from "./frame_writer.ts";
import { greetingOf, readyOf } from "./played.ts";
import { PlayedStream, type ZwsSettings } from "./played_stream.ts";
import { mechanismNamed } from "./subprotocol.ts";
import type { Upgrade } from "./upgrade.ts";

const READ_BYTES = 65536;
/** What a peer may say at once before its handshake is through. */
const STRANGERS_BYTES = 8192;
/** What all read into whose runtime hands over what was read at once. */
let common: Uint8Array | null = null;
/** How long to wait for a peer that said goodbye to close, in milliseconds. */
const CLOSE_MS = 2000;
/** Status 1000: nothing is wrong. */
const GOING_AWAY = Uint8Array.of(1000 >> 8, 1000 & 255);
export class ZwsStream extends PlayedStream {
  readonly #upgrade: Upgrade;
  readonly #writer: FrameWriter;
  readonly #decoder: FrameDecoder;
  /** Read into again and again, where runtimes do: what comes is copied while it is decoded. */
  #target: Uint8Array = EMPTY;
  /** What was to be written before the upgrade was through. */
  readonly #early: Uint8Array[] = [];
  #closeSaid = false;
  /** The last ping that was not answered. */
  #ping: Uint8Array | null = null;
  #established = false;
  /** The peer's name, without a mechanism, as far as it is there. */
  #name: Uint8Array = EMPTY;
  /** What the peer's CLOSE said, once it has said goodbye. */
  #goodbye: Uint8Array | null = null;
  /** Whether nothing more is written. */
  #leaves = false;
  /** Whether a control frame has come that the connection hasn't been told of. */
  #alive = false;

  /** `random` gives masks; it is there on the side that connects. */
  constructor(
    settings: ZwsSettings,
    upgrade: Upgrade,
    random: (() => number) | null,
  ) {
    super(settings);
    this.#upgrade = upgrade;
    this.#writer = new FrameWriter(random);
    this.#decoder = new FrameDecoder(
      random === null,
      STRANGERS_BYTES,
      (opcode, data) => this.#control(opcode, data),
    );
    this.#decoder.mayGrow = true;
  }

  /** Messages of any size may come. */
  established(): void {
    const { maxMessageSize } = this.settings;
    this.#established = true;
    this.#decoder.limit = maxMessageSize < 0 ? Infinity : maxMessageSize;
    this.#decoder.mayGrow = false;
  }

  override end(limit: number): void {
    this.#leaves = true;
    if (this.#upgrade.done && this.fault === null) this.#sayClose(GOING_AWAY);
    super.end(limit);
  }

  protected begun(): void {
    const word = this.#upgrade.begin();
    if (word !== null) this.send(word, 0);
    this.handler!.opened(this);
  }

  readTarget(atOnce = false): Uint8Array {
    const length = this.#established ? READ_BYTES : STRANGERS_BYTES;
    if (this.#target.length !== length) {
      this.#target = atOnce
        ? (common ??= new Uint8Array(READ_BYTES)).subarray(0, length)
        : new Uint8Array(length);
    }
    return this.#target;
  }

  data(bytes: Uint8Array): void {
    if (this.fault !== null || this.ending !== null) return;
    if (this.#upgrade.done) {
      this.#decode(bytes);
      return;
    }
    const word = this.#upgrade.receive(bytes);
    if (word !== null) this.send(word, 0);
    const { done, fault } = this.#upgrade;
    if (done) this.#begin();
    else if (fault !== null && word === null) this.fail(fault);
    else if (fault !== null) {
      this.fault = fault;
      this.ending = CLOSE_MS;
      this.endIfDone();
    }
  }

  protected writeFrames(frames: Uint8Array, credit: number): void {
    if (!this.#upgrade.done) {
      this.#early.push(frames.slice());
      this.handler!.sent(credit);
      return;
    }
    // Nothing follows the message at hand once the peer has said goodbye.
    if (this.#goodbye !== null && !this.#writer.midBody) return;
    let given = frames;
    if (this.played && !this.readySent) {
      // Our own READY: what is said instead is our name.
      this.readySent = true;
      const { routingId } = this.settings;
      const ready = headLength(frames, 0) + bodyLength(frames, 0);
      given = concat(framed(routingId, 0), frames.subarray(ready));
    }
    this.send(this.#writer.write(given), credit);
    this.#answerPing();
  }

  /** A goodbye is answered behind the message at hand, unless that goes no further. */
  protected override endIfDone(): void {
    if (this.#goodbye !== null && !this.#leaves) {
      if (this.#writer.midBody) return;
      this.#sayClose(this.#goodbye);
    }
    super.endIfDone();
  }

  protected override idle(): void {
    this.#answerPing();
    this.endIfDone();
  }

  /** The upgrade is through: plays the peer's greeting, then goes on. */
  #begin(): void {
    const mechanism = mechanismNamed(this.#upgrade.protocol);
    this.played = mechanism === null;
    this.handler!.data(greetingOf(mechanism ?? "NULL"));
    const early = this.#early.splice(0);
    for (const bytes of early) this.writeFrames(bytes, 0);
    const { rest } = this.#upgrade;
    if (rest.length > 0) this.#decode(rest);
  }

  #decode(bytes: Uint8Array): void {
    const frames = this.#decoder.decode(bytes);
    // A sign of life that says nothing, which no mechanism has to hide.
    if (this.#alive && this.#established && frames.length === 0) {
      this.handler!.data(EMPTY);
    }
    this.#alive = false;
    if (frames.length > 0) this.#give(frames);
    while (this.#decoder.stalled && this.fault === null) {
      const more = this.#decoder.goOn();
      if (more.length > 0) this.#give(more);
    }
    const { fault } = this.#decoder;
    if (fault !== null) this.fail(fault);
  }

  #give(frames: Uint8Array): void {
    if (!this.played || this.readyHeard) {
      this.handler!.data(frames);
      return;
    }
    const known = concat(this.#name, frames);
    const whole = known.length >= headLength(known, 0) + bodyLength(known, 0);
    this.#name = whole ? EMPTY : known;
    if (whole) this.handler!.data(this.#playReady(known));
  }

  /** The first message without a mechanism is the peer's name: makes a READY of it. */
  #playReady(frames: Uint8Array): Uint8Array {
    this.readyHeard = true;
    const body = headLength(frames, 0);
    const end = body + bodyLength(frames, 0);
    const name = frames.slice(body, end);
    const ready = readyOf(this.settings.socketType, name);
    return concat(ready, frames.subarray(end));
  }

  #control(opcode: number, data: Uint8Array): void {
    if (opcode === PING) {
      this.#ping = data;
      this.#answerPing();
    } else if (opcode === CLOSE) {
      this.#goodbye = data;
      this.ending ??= CLOSE_MS;
      this.endIfDone();
    }
    // A PONG is a sign of life, as everything is that comes.
    this.#alive = true;
  }

  /** Answers the last ping, once nothing else is on its way: a flood of them has one answer. */
  #answerPing(): void {
    const data = this.#ping;
    const busy = this.busy || this.#writer.midBody;
    if (data === null || busy || !this.#upgrade.done) return;
    this.#ping = null;
    this.send(this.#writer.control(PONG, data), 0);
  }

  #sayClose(data: Uint8Array): void {
    if (this.#closeSaid || this.#writer.midBody) return;
    this.#closeSaid = true;
    this.send(this.#writer.control(CLOSE, data), 0);
  }
}
