// A connection to what does not speak ZeroMQ (STREAM): each piece that arrives is
// a message, and the bodies of messages go out as they are.

import type { Fault } from "../base/fault.ts";
import {
  CLOSED,
  type Inbox,
  NOBODY,
  ON,
  PAUSED,
  type Verdict,
  type Wishes,
} from "../zmtp/connection.ts";
import { type Outbox, TranscodedOutbox } from "../zmtp/transcoding.ts";

export class RawConnection {
  fault: Fault | null = null;
  readonly peer = NOBODY;
  readonly deadline = Infinity;
  readonly #wishes: Wishes;
  #inbox: Inbox | null = null;
  #outbox: Outbox | null = null;
  #open = true;
  #waiting: Uint8Array[] = [];

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
    this.#outbox ??= new TranscodedOutbox(outbox, noHeader);
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

  get heldBytes(): number {
    return this.#waiting.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Bytes that are received are part of messages. */
  get keepsInput(): boolean {
    return true;
  }

  bodyTarget(): null {
    return null;
  }

  bodyFilled(_length: number, now: number): Verdict {
    return this.resume(now);
  }

  nextWrite(): Uint8Array | null {
    return this.#open && this.#outbox !== null ? this.#outbox.next() : null;
  }

  wrote(length: number): void {
    this.#outbox!.took(length);
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
}

/** Bodies go out without anything around them. */
function noHeader(_into: Uint8Array, at: number): number {
  return at;
}
