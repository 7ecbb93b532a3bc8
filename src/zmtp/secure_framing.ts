// Traffic that a mechanism hides (CURVE): MESSAGE frames come in and are turned
// into the frames they hide, many in one piece of memory; frames that go out are
// hidden a block at a time.

import { Fault } from "../base/fault.ts";
import { bodyLength, headLength, LONGEST_HEADER } from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";
import { Cipher, hiddenLength } from "../mechanisms/cipher.ts";
import { FrameRow, giveBack } from "../mechanisms/frame_row.ts";
import { BROKEN, FrameReader, NEED, RUN } from "./frame_reader.ts";
import type { Reserve } from "./reserve.ts";
import type { Outbox } from "./transcoding.ts";

/** Turns what is hidden into frames in clear, piece by piece. */
export class SecureDecoder {
  /** What was wrong with the stream; it stays, and nothing more is decoded. */
  fault: Fault | null = null;
  readonly #cipher: Cipher;
  readonly #reader: FrameReader;

  constructor(cipher: Cipher, limit: number, reserve: Reserve) {
    this.#cipher = cipher;
    const most = limit + Cipher.around;
    this.#reader = new FrameReader(most, most, reserve);
  }

  /** The next piece of the stream, of which nothing is kept; what comes before a fault is decoded. */
  decode(chunk: Uint8Array): Uint8Array {
    const reader = this.#reader;
    const cipher = this.#cipher;
    const made = new FrameRow(reader.begunBytes + chunk.length);
    reader.feed(chunk);
    while (this.fault === null) {
      const found = reader.scan(Infinity);
      if (found === NEED) break;
      const { buffer, start, end } = reader;
      if (found === RUN) {
        this.fault = cipher.showAll(buffer, start, end, made);
      } else if (found === BROKEN) this.fault = reader.fault;
      else if (buffer === chunk || reader.pendingBytes >= end - start) {
        this.fault = cipher.show(buffer, start, end, made);
      } else {
        // What straddles chunks, always the first of what a chunk completes, was put
        // together in memory of its own. It stays there, unless as much follows.
        const shown = cipher.showInPlace(buffer, start, end);
        if (shown instanceof Fault) this.fault = shown;
        else made.begin(shown);
      }
    }
    return made.written;
  }

  /** Memory for a large MESSAGE, or the rest of one, or `null`. */
  target(): Uint8Array | null {
    return this.#reader.target() ?? this.#reader.frameTarget();
  }

  /** So many bytes were read into what `target` gave: what comes of them. */
  filled(length: number): Uint8Array {
    return this.decode(this.#reader.filled(length));
  }

  /** Gives back what was reserved. */
  close(): void {
    this.#reader.close();
    this.#cipher.wipe();
  }
}

/** A log of encoded messages on its way out, hidden. */
export class SecureOutbox implements Outbox {
  readonly midFrame = false;
  readonly #outbox: Outbox;
  readonly #cipher: Cipher;
  /** The frames that are being written, as they were; none of a large one. */
  #frames: Uint8Array = EMPTY;
  /** The header of a large frame that is written next. */
  #head: Uint8Array | null = null;
  /** Bytes of the log and bytes in hidden form, and how many of both are taken. */
  #given = 0;
  #told = 0;
  #hidden: Uint8Array = EMPTY;
  #written = 0;

  constructor(outbox: Outbox, cipher: Cipher) {
    this.#outbox = outbox;
    this.#cipher = cipher;
  }

  get waitingBytes(): number {
    return this.#outbox.waitingBytes;
  }

  get ripe(): boolean {
    return this.#outbox.ripe;
  }

  get midMessage(): boolean {
    return this.#outbox.midMessage;
  }

  next(): Uint8Array | null {
    if (this.#head !== null) return this.#large(this.#head);
    const block = this.#outbox.next();
    if (block === null) return null;
    if (!this.#outbox.midFrame) return this.#small(block);
    // A large body is a block of its own behind the one that ends with its header.
    const from = block.length - LONGEST_HEADER;
    this.#head = block.slice(from);
    return from === 0
      ? this.#large(this.#head)
      : this.#small(block.subarray(0, from));
  }

  took(length: number): void {
    this.#written += length;
    const all = this.#written === this.#hidden.length;
    const at = all ? this.#given : originOf(this.#frames, this.#written);
    const more = at - this.#told;
    this.#told = at;
    if (all) {
      giveBack(this.#hidden);
      this.#hidden = EMPTY;
    }
    if (more > 0) this.#outbox.took(more);
  }

  #small(frames: Uint8Array): Uint8Array {
    return this.#begin(frames, frames.length, this.#cipher.hide(frames));
  }

  /** One frame whose header, which is still with the log, counts as taken. */
  #large(head: Uint8Array): Uint8Array {
    this.#head = null;
    this.#outbox.took(head.length);
    const body = this.#outbox.next()!;
    const hidden = this.#cipher.hideFrame(head[0], body);
    return this.#begin(EMPTY, body.length, hidden);
  }

  #begin(frames: Uint8Array, given: number, hidden: Uint8Array): Uint8Array {
    this.#frames = frames;
    this.#given = given;
    this.#told = 0;
    this.#hidden = hidden;
    this.#written = 0;
    return hidden;
  }
}

/** How traffic is hidden. */
export interface SecureFraming {
  decoder(cipher: Cipher, limit: number, reserve: Reserve): SecureDecoder;
  outbox(outbox: Outbox, cipher: Cipher): SecureOutbox;
}

export const SECURE_FRAMING: SecureFraming = {
  decoder: (cipher, limit, reserve) =>
    new SecureDecoder(cipher, limit, reserve),
  outbox: (outbox, cipher) => new SecureOutbox(outbox, cipher),
};

/** The place in frames of a place, not the last, in what hides them. */
function originOf(frames: Uint8Array, place: number): number {
  let at = 0;
  let end = 0;
  while (at < frames.length) {
    const length = bodyLength(frames, at);
    const whole = headLength(frames, at) + length;
    const hidden = hiddenLength(length);
    if (place < end + hidden) return at + Math.min(place - end, whole - 1);
    at += whole;
    end += hidden;
  }
  return at;
}
