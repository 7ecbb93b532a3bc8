// Traffic that a mechanism hides (CURVE): MESSAGE frames come in and are turned
// into the frames they hide, many in one piece of memory; frames that go out are
// hidden a block at a time.

import { Fault } from "../base/fault.ts";
import { headerLength, writeHeader } from "../base/frame.ts";
import { Cipher } from "../mechanisms/cipher.ts";
import { BROKEN, FRAME, FrameReader, NEED } from "./frame_reader.ts";
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

  /** The next piece of the stream; what comes before a fault is decoded. */
  decode(chunk: Uint8Array): Uint8Array {
    const reader = this.#reader;
    let made = new Uint8Array(chunk.length + 16);
    let end = 0;
    reader.feed(chunk);
    while (this.fault === null) {
      const found = reader.next();
      if (found === NEED) break;
      if (found === BROKEN) {
        this.fault = reader.fault;
        break;
      }
      if (found !== FRAME) continue;
      const shown = this.#cipher.show(reader.buffer, reader.start, reader.end);
      if (shown instanceof Fault) {
        this.fault = shown;
        break;
      }
      const length = shown.length - 1;
      const need = end + headerLength(length) + length;
      if (made.length < need) {
        const larger = new Uint8Array(Math.max(2 * made.length, need));
        larger.set(made.subarray(0, end));
        made = larger;
      }
      end = writeHeader(made, end, Cipher.flags(shown[0]), length);
      made.set(shown.subarray(1), end);
      end += length;
    }
    return made.subarray(0, end);
  }

  /** Gives back what was reserved. */
  close(): void {
    this.#reader.close();
    this.#cipher.wipe();
  }
}

/** A log of encoded messages on its way out, hidden. What is hidden counts as taken. */
export class SecureOutbox implements Outbox {
  readonly #outbox: Outbox;
  readonly #cipher: Cipher;
  readonly midFrame = false;

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
    const block = this.#outbox.next();
    if (block === null) return null;
    if (!this.#outbox.midFrame) return this.#hide(block, block);
    // A large body is a block of its own behind the one with its header.
    const head = block.slice();
    this.#outbox.took(block.length);
    const body = this.#outbox.next()!;
    const whole = new Uint8Array(head.length + body.length);
    whole.set(head);
    whole.set(body, head.length);
    return this.#hide(whole, body);
  }

  #hide(frames: Uint8Array, given: Uint8Array): Uint8Array {
    const hidden = this.#cipher.hide(frames);
    this.#outbox.took(given.length);
    return hidden;
  }

  took(): void {}
}
