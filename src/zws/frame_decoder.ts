// Frames of a WebSocket made over into those of ZMTP (RFC 45, RFC 6455), piece by
// piece. Messages in fragments are put together first: a frame of ZMTP says its
// length in front. Control frames go to whoever is to answer them.

import { EMPTY } from "../base/message.ts";
import { Fault } from "../base/fault.ts";
import { roomFor } from "../base/bytes.ts";
import { frameFlags, readSize, writeHeader } from "../base/frame.ts";
import { applyMask } from "./frame_writer.ts";
import { BINARY, CLOSE, CONTINUATION, PING, PONG } from "./opcodes.ts";

const FIN = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const CONTROL = 8;
const LONGEST_CONTROL = 125;
const LONGEST_HEAD = 14;
/** Pieces of one message in fragments: many tiny ones would cost more than they hold. */
const MOST_PIECES = 65536;
/** More than a header of ZMTP. */
const ROOM = 16;

export class FrameDecoder {
  /** What was wrong; it stays, and nothing more is decoded. */
  fault: Fault | null = null;
  readonly #masked: boolean;
  /** Bytes in the largest message. */
  limit: number;
  /** Whether the limit may be raised by what was decoded, before it is held against a message. */
  mayGrow = false;
  /** Whether it has stopped before a message that is larger: `goOn` follows. */
  stalled = false;
  #rest: Uint8Array = EMPTY;
  readonly #control: (opcode: number, data: Uint8Array) => void;
  readonly #head = new Uint8Array(LONGEST_HEAD);
  #headLength = 0;
  // The frame that is arriving.
  #opcode = 0;
  #final = true;
  #mask = 0;
  #place = 0;
  /** Bytes of it that are still to come, its flags among them. */
  #left = 0;
  #begun = false;
  /** Whether its flags were read. */
  #flagged = false;
  /** A message in fragments. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #fragmented = false;
  /** A control frame, which may stand between fragments. */
  #controlData: Uint8Array = EMPTY;
  #controlAt = 0;
  /** Whether the peer has said goodbye: nothing that comes behind that counts. */
  #closed = false;
  /** What is made of the piece at hand. */
  #made: Uint8Array = EMPTY;
  #end = 0;

  /**
   * Frames have to be masked, or must not be; messages hold at most `limit` bytes.
   * Control frames are given to `control`.
   */
  constructor(
    masked: boolean,
    limit: number,
    control: (opcode: number, data: Uint8Array) => void,
  ) {
    this.#masked = masked;
    this.limit = limit;
    this.#control = control;
  }

  /** The next piece; what comes before a fault is decoded. The bytes are unmasked in place. */
  decode(chunk: Uint8Array): Uint8Array {
    this.#made = new Uint8Array(chunk.length + ROOM);
    this.#end = 0;
    let at = 0;
    while (
      !this.stalled && !this.#closed && this.fault === null &&
      (at < chunk.length || this.#complete)
    ) {
      if (!this.#begun) {
        this.#head[this.#headLength++] = chunk[at++];
        this.#readHead();
        continue;
      }
      const count = Math.min(this.#left, chunk.length - at);
      if (count === 0 && this.#left > 0) break;
      const body = chunk.subarray(at, at + count);
      if (this.#masked) {
        applyMask(chunk, at, at + count, this.#mask, this.#place);
        this.#place = this.#place + count & 3;
      }
      at += count;
      this.#take(body);
    }
    this.#rest = this.stalled ? chunk.subarray(at) : EMPTY;
    const made = this.#made.subarray(0, this.#end);
    this.#made = EMPTY;
    return made;
  }

  /** Goes on where it has stopped, with the limit as it is now. */
  goOn(): Uint8Array {
    this.stalled = false;
    this.mayGrow = false;
    this.#checkLength();
    return this.decode(this.#rest);
  }

  /** Whether a frame without a body waits to be finished. */
  get #complete(): boolean {
    return this.#begun && this.#left === 0;
  }

  #readHead(): void {
    const head = this.#head;
    const length = this.#headLength;
    if (length < 2) return;
    const masked = (head[1] & MASKED) !== 0;
    const short = head[1] & 127;
    const sizeBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    if (length === 2 && this.#isWrong(head[0], short, masked)) return;
    if (length < 2 + sizeBytes + (masked ? 4 : 0)) return;
    this.#left = sizeBytes === 0
      ? short
      : sizeBytes === 2
      ? head[2] << 8 | head[3]
      : readSize(head, 2);
    const at = 2 + sizeBytes;
    this.#mask = masked
      ? head[at] << 24 | head[at + 1] << 16 | head[at + 2] << 8 | head[at + 3]
      : 0;
    this.#place = 0;
    this.#opcode = head[0] & OPCODE;
    this.#final = (head[0] & FIN) !== 0;
    this.#headLength = 0;
    if (sizeBytes === 8 && head[2] > 0x7f) {
      this.#fail("peer", "ERR_WS_UNSPECIFIED", "a length has 63 bits");
    } else this.#begin();
  }

  /** Whether the first two bytes break a rule. */
  #isWrong(first: number, length: number, masked: boolean): boolean {
    const opcode = first & OPCODE;
    const control = opcode >= CONTROL;
    const rule = (first & RESERVED) !== 0
      ? "no extension was agreed on"
      : masked !== this.#masked
      ? this.#masked
        ? "a client masks what it sends"
        : "a server does not mask what it sends"
      : control && ((first & FIN) === 0 || length > LONGEST_CONTROL)
      ? "a control frame is one, of at most 125 bytes"
      : ![CONTINUATION, BINARY, CLOSE, PING, PONG].includes(opcode)
      ? "messages are binary"
      : (opcode === CONTINUATION) !== this.#fragmented && !control
      ? "fragments of a message follow one another"
      : null;
    if (rule !== null) this.#fail("peer", "ERR_WS_UNSPECIFIED", rule);
    return rule !== null;
  }

  #begin(): void {
    this.#begun = true;
    if (this.#opcode >= CONTROL) {
      this.#controlData = new Uint8Array(this.#left);
      this.#controlAt = 0;
      return;
    }
    this.#flagged = false;
    if (this.#pieceBytes + this.#left - 1 > this.limit && this.mayGrow) {
      this.stalled = true;
    } else this.#checkLength();
  }

  /** Looks at the length of the message that has begun. */
  #checkLength(): void {
    const whole = this.#pieceBytes + this.#left - 1;
    if (whole > this.limit) {
      this.#fail(
        "limit",
        "EMSGSIZE",
        `a frame holds at most ${this.limit} bytes here, not ${whole}`,
      );
    } else if (!this.#final || this.#fragmented) this.#fragmented = true;
    else if (this.#left === 0) this.#empty();
  }

  /** Takes a part of the body of the frame that is arriving. */
  #take(body: Uint8Array): void {
    this.#left -= body.length;
    const done = this.#left === 0;
    if (done) this.#begun = false;
    if (this.#opcode >= CONTROL) {
      this.#controlData.set(body, this.#controlAt);
      this.#controlAt += body.length;
      if (!done) return;
      this.#closed = this.#opcode === CLOSE;
      this.#control(this.#opcode, this.#controlData);
    } else if (this.#fragmented) {
      this.#collect(body, done && this.#final);
    } else if (!this.#flagged) {
      // With the flags the header is known.
      this.#flagged = true;
      this.#header(body[0], this.#left + body.length - 1);
      this.#append(body.subarray(1));
    } else {
      this.#append(body);
    }
  }

  /** Takes a part of a fragment; the message is made at its end. */
  #collect(body: Uint8Array, last: boolean): void {
    if (body.length > 0) this.#pieces.push(body.slice());
    this.#pieceBytes += body.length;
    if (this.#pieces.length > MOST_PIECES) {
      this.#fail("limit", "EMSGSIZE", "a message has too many fragments");
    }
    if (!last || this.fault !== null) return;
    const pieces = this.#pieces;
    const length = this.#pieceBytes;
    this.#fragmented = false;
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (length === 0) {
      this.#empty();
      return;
    }
    this.#header(pieces[0][0], length - 1);
    pieces[0] = pieces[0].subarray(1);
    for (const piece of pieces) this.#append(piece);
  }

  #header(zws: number, length: number): void {
    this.#made = roomFor(this.#made, this.#end + ROOM);
    this.#end = writeHeader(this.#made, this.#end, frameFlags(zws), length);
  }

  #append(bytes: Uint8Array): void {
    this.#made = roomFor(this.#made, this.#end + bytes.length);
    this.#made.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #empty(): void {
    this.#fail("peer", "ERR_WS_UNSPECIFIED", "a message begins with its flags");
  }

  #fail(blame: "peer" | "limit", code: string, rule: string): void {
    this.fault = new Fault(blame, code, rule);
  }
}
