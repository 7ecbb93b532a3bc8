// What hides traffic once a handshake is through: frames of ZMTP go in and come
// out, in clear on one side and as MESSAGE commands of CURVE (RFC 26) on the other.
//
//   MESSAGE in a message frame: 07 "MESSAGE" | nonce (8) | box of flags (1) and body

import { Fault } from "../base/fault.ts";
import {
  bareFlags,
  bodyLength,
  frameFlags,
  headerLength,
  headLength,
  readUint32,
  writeHeader,
  writeUint32,
} from "../base/frame.ts";
import { isCommand } from "../base/command.ts";
import { open, plainRoom, seal, TAG } from "../crypto/secretbox.ts";
import { type FrameRow, LentRow } from "./frame_row.ts";
import { MessageEngine, messageEngine } from "./message_engine.ts";

const NAME = "MESSAGE";
const NONCE_AT = 1 + NAME.length;
const BOX_AT = NONCE_AT + 8;
/** Bytes around a body. */
const AROUND = BOX_AT + TAG + 1;

/** The keys and counters of both directions. */
export class Cipher {
  /** Bytes that a frame grows by. */
  static readonly around: number = AROUND;
  readonly #out: Int32Array;
  readonly #in: Int32Array;
  #sent: number;
  #heard: number;
  readonly #engine: MessageEngine | null;

  /**
   * Keys are of streams; counters are the last nonces that were used. What there
   * is an engine for, it does, and the rest is done here; it comes to the same.
   */
  constructor(
    out: Int32Array,
    incoming: Int32Array,
    sent: number,
    heard: number,
    engine: MessageEngine | null = messageEngine(),
  ) {
    this.#out = out;
    this.#in = incoming;
    this.#sent = sent;
    this.#heard = heard;
    this.#engine = engine;
  }

  /** Hides whole frames; `giveBack` may take the memory that they are hidden in. */
  hide(frames: Uint8Array): Uint8Array {
    const engine = this.#engine;
    const made = new LentRow(engine === null ? roughly(frames) : 0);
    let at = 0;
    while (at < frames.length) {
      const length = bodyLength(frames, at);
      if (engine !== null && length <= MessageEngine.longest) {
        const hidden = engine.hide(this.#out, this.#sent, frames, at);
        this.#sent = engine.nonce;
        engine.take(made);
        at += hidden;
        if (hidden > 0) continue;
      }
      const body = at + headLength(frames, at);
      this.#put(made, frames[at], frames.subarray(body, body + length));
      at = body + length;
    }
    return made.written;
  }

  /** Hides a frame whose body lies apart from its header, in memory of the same kind. */
  hideFrame(flags: number, body: Uint8Array): Uint8Array {
    const made = new LentRow(0);
    this.#put(made, flags, body);
    return made.written;
  }

  #put(made: FrameRow, flags: number, body: Uint8Array): void {
    const { length } = body;
    made.reserve(hiddenLength(length));
    const { bytes } = made;
    const start = writeHeader(bytes, made.end, 0, AROUND + length);
    bytes[start] = NAME.length;
    for (let i = 0; i < NAME.length; i++) {
      bytes[start + 1 + i] = NAME.charCodeAt(i);
    }
    const nonce = ++this.#sent;
    const nonceAt = start + NONCE_AT;
    writeUint32(bytes, nonceAt, Math.floor(nonce / 4294967296));
    writeUint32(bytes, nonceAt + 4, nonce >>> 0);
    const bare = bareFlags(flags);
    const box = start + BOX_AT;
    if (this.#engine !== null) {
      this.#engine.seal(this.#out, bytes, nonceAt, bare, body, box);
    } else {
      const plain = plainRoom(1 + length);
      plain[0] = bare;
      plain.set(body, 1);
      seal(this.#out, bytes, nonceAt, 1 + length, bytes, box);
    }
    made.end = start + AROUND + length;
  }

  /** Shows the frames that MESSAGEs hide, which lie from `at` to `end`, or those before a fault. */
  showAll(
    frames: Uint8Array,
    at: number,
    end: number,
    made: FrameRow,
  ): Fault | null {
    const engine = this.#engine;
    while (at < end) {
      const length = bodyLength(frames, at);
      if (engine !== null && length <= MessageEngine.longest) {
        const shown = engine.show(this.#in, this.#heard, frames, at, end);
        this.#heard = engine.nonce;
        engine.take(made);
        at += shown;
        if (shown > 0) continue;
      }
      const body = at + headLength(frames, at);
      at = body + length;
      const fault = this.show(frames, body, at, made);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** Adds to a row the frame that one MESSAGE hides; or tells what is wrong with it. */
  show(
    body: Uint8Array,
    start: number,
    end: number,
    made: FrameRow,
  ): Fault | null {
    const length = end - start - AROUND;
    const head = headerLength(length);
    if (length >= 0) made.reserve(head + length);
    const at = made.end + head;
    const fault = this.#open(body, start, end, made.bytes, at);
    if (fault === null) made.end = at + length;
    return fault;
  }

  /** Shows the frame that one MESSAGE hides where the MESSAGE lies. */
  showInPlace(
    body: Uint8Array,
    start: number,
    end: number,
  ): Uint8Array | Fault {
    const at = start + AROUND;
    return this.#open(body, start, end, body, at) ??
      body.subarray(at - headerLength(end - at), end);
  }

  /** Opens a MESSAGE: writes the body that it hides to a place, and its header before that. */
  #open(
    message: Uint8Array,
    start: number,
    end: number,
    into: Uint8Array,
    at: number,
  ): Fault | null {
    const fault = this.#check(message, start, end);
    if (fault !== null) return fault;
    const bare = this.#openBox(message, start, end, into, at);
    if (bare < 0) {
      return unreadable(
        "ERR_ZMTP_CRYPTOGRAPHIC",
        "a box was not made with the key of this connection",
      );
    }
    const length = end - start - AROUND;
    writeHeader(into, at - headerLength(length), frameFlags(bare), length);
    return null;
  }

  /** What is wrong with a MESSAGE before its box is opened; its nonce counts as used. */
  #check(body: Uint8Array, start: number, end: number): Fault | null {
    if (!isCommand(NAME, body, start, end)) {
      return unreadable(
        end - start < 2 || body[start] >= end - start
          ? "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED"
          : "ERR_ZMTP_UNEXPECTED_COMMAND",
        "traffic of CURVE is MESSAGE commands",
      );
    }
    if (end - start < AROUND) {
      return unreadable(
        "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
        `a MESSAGE has at least ${AROUND} bytes`,
      );
    }
    const nonce = readUint32(body, start + NONCE_AT) * 4294967296 +
      readUint32(body, start + NONCE_AT + 4);
    if (!(nonce > this.#heard) || nonce > Number.MAX_SAFE_INTEGER) {
      return unreadable(
        "ERR_ZMTP_INVALID_SEQUENCE",
        "each nonce is greater than the one before",
      );
    }
    this.#heard = nonce;
    return null;
  }

  /** Opens a box: gives the bare flags, and writes the body; below 0 if it can't. */
  #openBox(
    body: Uint8Array,
    start: number,
    end: number,
    into: Uint8Array,
    at: number,
  ): number {
    const nonceAt = start + NONCE_AT;
    const box = start + BOX_AT;
    if (this.#engine !== null) {
      return this.#engine.open(this.#in, body, nonceAt, box, end, into, at);
    }
    const plain = open(this.#in, body, nonceAt, body, box, end);
    if (plain === null) return -1;
    into.set(plain.subarray(1), at);
    return plain[0];
  }

  /** Forgets the keys. */
  wipe(): void {
    this.#out.fill(0);
    this.#in.fill(0);
  }
}

/** Bytes of a frame that hides one with such a body. */
export function hiddenLength(body: number): number {
  return headerLength(AROUND + body) + AROUND + body;
}

/** Libzmq has an event for faults of hidden traffic, long after the handshake. */
function unreadable(code: string, rule: string): Fault {
  return new Fault("peer", code, rule, undefined, "always");
}

/** About how many bytes frames take once hidden. */
function roughly(frames: Uint8Array): number {
  return frames.length < 512
    ? frames.length * 8 + 128
    : frames.length * 2 + headerLength(512) + AROUND;
}
