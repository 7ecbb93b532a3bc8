// What hides traffic once a handshake is through: frames of ZMTP go in and come
// out, in clear on one side and as MESSAGE commands of CURVE (RFC 26) on the other.
//
//   MESSAGE in a message frame: 07 "MESSAGE" | nonce (8) | box of flags (1) and body

import { Fault } from "../base/fault.ts";
import { roomFor } from "../base/bytes.ts";
import {
  bareFlags,
  bodyLength,
  headerLength,
  headLength,
  LONGEST_HEADER,
  readUint32,
  writeHeader,
  writeUint32,
} from "../base/frame.ts";
import { isCommand } from "../base/command.ts";
import { open, plainRoom, seal, TAG } from "../crypto/secretbox.ts";

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

  /** Keys are of streams; counters are the last nonces that were used. */
  constructor(
    out: Int32Array,
    incoming: Int32Array,
    sent: number,
    heard: number,
  ) {
    this.#out = out;
    this.#in = incoming;
    this.#sent = sent;
    this.#heard = heard;
  }

  /** Hides whole frames. */
  hide(frames: Uint8Array): Uint8Array {
    let made: Uint8Array = new Uint8Array(roughly(frames));
    let at = 0;
    let end = 0;
    while (at < frames.length) {
      const flags = frames[at];
      const length = bodyLength(frames, at);
      const body = at + headLength(frames, at);
      made = roomFor(made, end + LONGEST_HEADER + AROUND + length);
      end = this.#put(made, end, flags, frames, body, length);
      at = body + length;
    }
    return made.subarray(0, end);
  }

  /** Hides a frame whose body lies apart from its header. */
  hideFrame(flags: number, body: Uint8Array): Uint8Array {
    const { length } = body;
    const made = new Uint8Array(hiddenLength(length));
    this.#put(made, 0, flags, body, 0, length);
    return made;
  }

  #put(
    made: Uint8Array,
    at: number,
    flags: number,
    frames: Uint8Array,
    body: number,
    length: number,
  ): number {
    const start = writeHeader(made, at, 0, AROUND + length);
    made[start] = NAME.length;
    for (let i = 0; i < NAME.length; i++) {
      made[start + 1 + i] = NAME.charCodeAt(i);
    }
    const nonce = ++this.#sent;
    writeUint32(made, start + NONCE_AT, Math.floor(nonce / 4294967296));
    writeUint32(made, start + NONCE_AT + 4, nonce >>> 0);
    const plain = plainRoom(1 + length);
    plain[0] = bareFlags(flags);
    plain.set(frames.subarray(body, body + length), 1);
    seal(this.#out, made, start + NONCE_AT, 1 + length, made, start + BOX_AT);
    return start + AROUND + length;
  }

  /** Shows what a MESSAGE hides, until the next call: its flags, then its body; or what is wrong with it. */
  show(body: Uint8Array, start: number, end: number): Uint8Array | Fault {
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
    const plain = open(
      this.#in,
      body,
      start + NONCE_AT,
      body,
      start + BOX_AT,
      end,
    );
    return plain ?? unreadable(
      "ERR_ZMTP_CRYPTOGRAPHIC",
      "a box was not made with the key of this connection",
    );
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
