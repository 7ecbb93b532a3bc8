// A connection to what does not speak ZeroMQ (STREAM): each piece that arrives is
// a message, and the bodies of messages go out as they are.

import type { Fault } from "../base/fault.ts";
import { LONG, LONGEST_HEADER, readSize } from "../base/frame.ts";
import {
  CLOSED,
  type Inbox,
  NOBODY,
  ON,
  type Outbox,
  PAUSED,
  type Verdict,
  type Wishes,
} from "../zmtp/connection.ts";
import { EMPTY } from "../base/message.ts";

export class RawConnection {
  fault: Fault | null = null;
  readonly peer = NOBODY;
  readonly deadline = Infinity;
  readonly #wishes: Wishes;
  #inbox: Inbox | null = null;
  #outbox: Outbox | null = null;
  #open = true;
  #waiting: Uint8Array[] = [];
  /** What was taken from the outbox: its length there, and what is left to write. */
  #taken = 0;
  #left = 0;
  /** Bytes of a body that go on in what the outbox gives next. */
  #body = 0;

  constructor(wishes: Wishes) {
    this.#wishes = wishes;
  }

  get established(): boolean {
    return this.#open && this.#inbox !== null;
  }

  get wantsToWrite(): boolean {
    return this.#open && this.#outbox !== null && this.#outbox.waitingBytes > 0;
  }

  get writeIsRipe(): boolean {
    return this.#open && this.#outbox !== null && this.#outbox.ripe;
  }

  /** There is nothing to shake hands about. */
  begin(): void {
    this.#wishes.connectionReady(this);
  }

  join(inbox: Inbox, outbox: Outbox): void {
    this.#inbox = inbox;
    this.#outbox = outbox;
  }

  receive(chunk: Uint8Array, now: number): Verdict {
    if (!this.#open) return CLOSED;
    this.#waiting.push(chunk);
    return this.resume(now);
  }

  resume(_now: number): Verdict {
    if (!this.#open) return CLOSED;
    const inbox = this.#inbox!;
    while (this.#waiting.length > 0) {
      if (inbox.space <= 0) {
        inbox.starved = true;
        return PAUSED;
      }
      inbox.push(this.#waiting.shift()!, 0);
    }
    return ON;
  }

  bodyTarget(): null {
    return null;
  }

  bodyFilled(_length: number, now: number): Verdict {
    return this.resume(now);
  }

  nextWrite(): Uint8Array | null {
    const outbox = this.#outbox;
    if (!this.#open || outbox === null) return null;
    for (;;) {
      const encoded = outbox.next();
      if (encoded === null) return null;
      const bytes = this.#bodies(encoded);
      if (bytes.length > 0) {
        this.#taken = encoded.length;
        this.#left = bytes.length;
        return bytes;
      }
      outbox.took(encoded.length);
    }
  }

  wrote(length: number): void {
    this.#left -= length;
    if (this.#left > 0) return;
    this.#outbox!.took(this.#taken);
  }

  control(): void {}

  advance(): void {}

  refuse(fault: Fault): void {
    if (!this.#open) return;
    this.fault = fault;
    this.ended();
    this.#wishes.connectionWantsClose();
  }

  ended(): void {
    this.#open = false;
    this.#waiting = [];
  }

  /** The bodies of some frames, without what is around them. */
  #bodies(encoded: Uint8Array): Uint8Array {
    if (this.#body >= encoded.length) {
      this.#body -= encoded.length;
      return encoded;
    }
    const bytes = new Uint8Array(encoded.length);
    let length = 0;
    let at = 0;
    while (at < encoded.length) {
      if (this.#body === 0) {
        const long = (encoded[at] & LONG) !== 0;
        this.#body = long ? readSize(encoded, at + 1) : encoded[at + 1];
        at += long ? LONGEST_HEADER : 2;
      }
      const end = Math.min(at + this.#body, encoded.length);
      bytes.set(encoded.subarray(at, end), length);
      length += end - at;
      this.#body -= end - at;
      at = end;
    }
    return length === 0 ? EMPTY : bytes.subarray(0, length);
  }
}
