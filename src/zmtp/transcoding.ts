// A log of encoded messages on its way to a peer that wants other headers around
// its frames (ZMTP 1.0), or none (STREAM): blocks are made over as they leave, and
// what the kernel took of one is told in the log's own bytes.

import { roomFor } from "../base/bytes.ts";
import { bodyLength, headLength, LONGEST_HEADER } from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";

/** Where messages come from, encoded. */
export interface Outbox {
  /** Bytes that were not handed over. */
  readonly waitingBytes: number;
  /** Whether what waits is worth a write of its own. */
  readonly ripe: boolean;
  /** Whether the bytes handed over last end in the middle of a frame. */
  readonly midFrame: boolean;
  /** Whether they end in the middle of a message. */
  readonly midMessage: boolean;
  /** The next bytes; `joined` has no header written alone. */
  next(joined?: boolean): Uint8Array | null;
  took(length: number): void;
}

/** Writes the header of a frame at `at` and returns where its body begins. */
export type WriteHeader = (
  into: Uint8Array,
  at: number,
  flags: number,
  body: number,
) => number;

/** Bytes by which a header can be longer than in the log. */
const LONGER = 8;

export class TranscodedOutbox implements Outbox {
  readonly #outbox: Outbox;
  readonly #writeHeader: WriteHeader;
  /** The block that is being written, as it was and as it is made over. */
  #given: Uint8Array = EMPTY;
  #made: Uint8Array = EMPTY;
  /** How much of it is written, and how much of it the log was told of. */
  #written = 0;
  #told = 0;
  /** Bytes of a body that go on at the beginning of this block, and of the next. */
  #ahead = 0;
  #after = 0;

  constructor(outbox: Outbox, writeHeader: WriteHeader) {
    this.#outbox = outbox;
    this.#writeHeader = writeHeader;
  }

  get waitingBytes(): number {
    return this.#outbox.waitingBytes;
  }

  get ripe(): boolean {
    return this.#outbox.ripe;
  }

  get midFrame(): boolean {
    return this.#outbox.midFrame;
  }

  get midMessage(): boolean {
    return this.#outbox.midMessage;
  }

  next(): Uint8Array | null {
    for (;;) {
      const given = this.#outbox.next();
      if (given === null) return null;
      this.#ahead = this.#after;
      const made = this.#makeOver(given);
      if (made.length > 0) {
        this.#given = given;
        this.#made = made;
        this.#written = 0;
        this.#told = 0;
        return made;
      }
      this.#outbox.took(given.length);
    }
  }

  took(length: number): void {
    this.#written += length;
    const at = this.#written === this.#made.length
      ? this.#given.length
      : this.#originOf(this.#written);
    const more = at - this.#told;
    this.#told = at;
    if (more > 0) this.#outbox.took(more);
  }

  #makeOver(given: Uint8Array): Uint8Array {
    if (this.#ahead >= given.length) {
      this.#after = this.#ahead - given.length;
      return given;
    }
    let made: Uint8Array = new Uint8Array(given.length + LONGER);
    let at = this.#ahead;
    let end = at;
    made.set(given.subarray(0, at));
    this.#after = 0;
    while (at < given.length) {
      const length = bodyLength(given, at);
      const head = headLength(given, at);
      const body = Math.min(length, given.length - at - head);
      made = roomFor(made, end + LONGEST_HEADER + LONGER + body);
      end = this.#writeHeader(made, end, given[at], length);
      made.set(given.subarray(at + head, at + head + body), end);
      at += head + body;
      end += body;
      this.#after = length - body;
    }
    return made.subarray(0, end);
  }

  /** The place in the block as it was of a place, not the last, in it as it is. */
  #originOf(place: number): number {
    const given = this.#given;
    let at = Math.min(this.#ahead, given.length);
    let end = at;
    if (place < end) return place;
    const scratch = new Uint8Array(LONGEST_HEADER + LONGER);
    while (at < given.length && place > end) {
      const head = headLength(given, at);
      const length = bodyLength(given, at);
      const body = Math.min(length, given.length - at - head);
      const whole = this.#writeHeader(scratch, 0, given[at], length) + body;
      if (place < end + whole) {
        return at + Math.min(place - end, head + body - 1);
      }
      at += head + body;
      end += whole;
    }
    return Math.min(at, given.length - 1);
  }
}

/** Whole frames with other headers around them. */
export function transcoded(
  frames: Uint8Array,
  writeHeader: WriteHeader,
): Uint8Array {
  let given: Uint8Array | null = frames;
  const outbox = new TranscodedOutbox({
    waitingBytes: 0,
    ripe: false,
    midFrame: false,
    midMessage: false,
    next: () => {
      const all = given;
      given = null;
      return all;
    },
    took: () => {},
  }, writeHeader);
  return outbox.next() ?? EMPTY;
}
