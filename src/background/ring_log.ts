// The outgoing queue of a pipe whose connection is kept by a background thread: what is
// added is in the ring at once, in its wire form, where the thread sees it whatever the
// application does next. It counts as away until the kernel has it.

import { copyInto, headerLength, MORE, writeHeader } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { OutboundLog } from "../routing/outbound_log.ts";
import { DONE_BYTES, type Link, POSTED_BYTES } from "./link.ts";

/** Messages that may be on their way where only the newest counts; the thread keeps that. */
const CONFLATED = 64;

export class RingLog extends OutboundLog {
  readonly #link: Link;
  readonly #newest: boolean;
  #scratch: Uint8Array = new Uint8Array(256);
  /** The newest message, where only that counts and many are on their way; and who waits for it. */
  #kept: Message | null = null;
  #waiting: ((taken: boolean) => void)[] = [];

  /** A log of at most `hwm` messages (0: no bound), or of just the newest one. */
  constructor(link: Link, hwm: number, newest: boolean) {
    super(hwm, newest);
    this.#link = link;
    this.#newest = newest;
  }

  override append(
    message: Message,
    skip: number,
    envelope: Message | null,
  ): void {
    if (this.#newest && this.away >= CONFLATED) {
      this.#keep(message, skip, envelope);
      return;
    }
    let length = 0;
    if (envelope !== null) length = lengthOf(envelope, 0);
    length += lengthOf(message, skip);
    if (length >= POSTED_BYTES) this.#large(message, skip, envelope);
    else this.#small(message, skip, envelope, length);
    this.#added(length);
  }

  override get heldBytes(): number {
    const done = Atomics.load(this.#link.ints, DONE_BYTES);
    return ((this.takenBytes | 0) - done) | 0;
  }

  override appendEncoded(encoded: Uint8Array): void {
    this.#link.write(encoded, 0, encoded.length);
    this.#added(encoded.length);
  }

  override settle(away: number, lost: number): void {
    // Where only the newest counts, what is lost is older than what was taken.
    if (this.#newest && lost > 0) super.settle(this.away - lost, lost);
    super.settle(away, this.#newest ? 0 : lost);
    const kept = this.#kept;
    if (kept === null || this.away >= CONFLATED) return;
    this.#kept = null;
    this.append(kept, 0, null);
    for (const done of this.#waiting.splice(0)) this.whenTaken(done);
  }

  override whenTaken(done: (taken: boolean) => void): void {
    if (this.#kept === null) super.whenTaken(done);
    else this.#waiting.push(done);
  }

  override clear(): number {
    const kept = this.#forget() ? 1 : 0;
    return super.clear() + kept;
  }

  /** What was kept goes nowhere; false if nothing was. */
  #forget(): boolean {
    if (this.#kept === null) return false;
    this.#kept = null;
    for (const done of this.#waiting.splice(0)) done(false);
    return true;
  }

  #added(length: number): void {
    this.taken++;
    this.takenBytes += length;
    this.away++;
    this.#link.signal();
  }

  #small(
    message: Message,
    skip: number,
    envelope: Message | null,
    length: number,
  ): void {
    const { out } = this.#link;
    const place = out.place(length);
    if (place >= 0) {
      encode(out.bytes, place, message, skip, envelope);
      out.placed(length);
      return;
    }
    if (this.#scratch.length < length) {
      this.#scratch = new Uint8Array(2 * length);
    }
    encode(this.#scratch, 0, message, skip, envelope);
    out.write(this.#scratch, 0, length);
  }

  /** Frame by frame: large bodies are copied once, and then posted. */
  #large(message: Message, skip: number, envelope: Message | null): void {
    for (const frame of envelope ?? []) this.#frame(frame, MORE);
    const last = message.length - 1;
    for (let i = skip; i <= last; i++) {
      this.#frame(message[i], i < last ? MORE : 0);
    }
  }

  #frame(frame: Uint8Array, flags: number): void {
    if (frame.length < POSTED_BYTES) this.#link.frame(flags, frame);
    else this.#link.moveBody(new Uint8Array(frame), flags);
  }

  #keep(message: Message, skip: number, envelope: Message | null): void {
    this.#forget();
    this.#kept = [...envelope ?? [], ...message.slice(skip)]
      .map((frame) => frame.slice());
  }
}

/** Bytes of frames in their wire form. */
function lengthOf(message: Message, skip: number): number {
  let length = 0;
  for (let i = skip; i < message.length; i++) {
    const body = message[i].length;
    length += headerLength(body) + body;
  }
  return length;
}

function encode(
  into: Uint8Array,
  from: number,
  message: Message,
  skip: number,
  envelope: Message | null,
): void {
  let at = from;
  if (envelope !== null) {
    for (let i = 0; i < envelope.length; i++) {
      at = put(into, at, envelope[i], MORE);
    }
  }
  const last = message.length - 1;
  for (let i = skip; i <= last; i++) {
    at = put(into, at, message[i], i < last ? MORE : 0);
  }
}

function put(
  into: Uint8Array,
  at: number,
  body: Uint8Array,
  flags: number,
): number {
  const start = writeHeader(into, at, flags, body.length);
  copyInto(into, start, body);
  return start + body.length;
}
