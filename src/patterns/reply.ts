// REP (RFC 28): request, reply, request, reply. Requests come from the peers in
// turn; what stands before a request's body, up to the first empty frame, is
// its envelope, and the reply goes back behind it. A reply whose asker has gone
// or is full is dropped.

import { EMPTY, type Message } from "../base/message.ts";
import { type SendResult, SENT, STATE } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { ReceivingPattern } from "./receiving.ts";

const DELIMITER: Message = [EMPTY];

export class ReplyPattern extends ReceivingPattern {
  /** Who waits for a reply; set between a receive and a send. */
  #asker: Pipe | null = null;
  #envelope: Message = DELIMITER;
  /** Whether the connection its request came by is no more. */
  #gone = false;
  #taking = false;
  /** Who was nearly full when it was replied to, last. */
  #strained: Pipe | null = null;
  /** Up to which request, of all that a peer ever sent, they came by a connection that is no more. */
  readonly #stale = new Map<Pipe, number>();

  /** Whether a reply has to be sent first. */
  override get mute(): boolean {
    return this.#asker !== null;
  }

  /**
   * A reply goes to who asked or nowhere: sent by the next connection, it could
   * be taken for the reply to another request.
   */
  override hiccuped(pipe: Pipe): void {
    pipe.log!.clear();
    const { come, gone } = pipe.inbound;
    // The end of a connection may show while a message of its is being taken.
    if (come > gone || this.#taking) this.#stale.set(pipe, come);
    else this.#stale.delete(pipe);
    if (pipe === this.#asker) this.#gone = true;
  }

  override detached(pipe: Pipe): void {
    this.#stale.delete(pipe);
    super.detached(pipe);
  }

  override strained(): boolean {
    return this.#strained?.strained ?? false;
  }

  override canSend(): boolean {
    return this.#asker !== null;
  }

  override canReceive(): boolean {
    if (this.#asker !== null) return false;
    for (;;) {
      const pipe = this.queue.current();
      if (pipe === null) return false;
      if (!pipe.inbound.peek()) continue;
      if (pipe.inbound.hasDelimiter()) return true;
      pipe.inbound.drop();
      this.queue.advance(pipe);
    }
  }

  override trySend(message: Message): SendResult {
    const asker = this.#asker;
    if (asker === null) return STATE;
    this.#asker = null;
    if (this.#gone || !asker.open) this.host.dropped();
    else if (!asker.send(message, 0, this.#envelope)) asker.drops++;
    else if (asker.strained) {
      this.#strained = asker;
      this.host.pressed();
    }
    this.#envelope = DELIMITER;
    return SENT;
  }

  override tryReceive(): Message | null {
    if (this.#asker !== null) return null;
    for (;;) {
      this.#taking = true;
      const message = this.queue.take();
      this.#taking = false;
      if (message === null) return null;
      const asker = this.queue.last!;
      const stale = this.#stale.size > 0 && this.#isStale(asker);
      const end = delimiterAt(message);
      if (end < 0) continue;
      this.#asker = asker;
      this.#gone = stale;
      if (end === 0) {
        message.shift();
        return message;
      }
      this.#envelope = message.slice(0, end + 1);
      return message.slice(end + 1);
    }
  }

  /** Whether the request that was taken last came by a connection that is no more. */
  #isStale(asker: Pipe): boolean {
    const last = this.#stale.get(asker);
    if (last === undefined) return false;
    const { gone } = asker.inbound;
    if (gone >= last) this.#stale.delete(asker);
    return gone <= last;
  }
}

/** Where the empty frame before the body stands, or -1. */
function delimiterAt(message: Message): number {
  for (let i = 0; i < message.length - 1; i++) {
    if (message[i].length === 0) return i;
  }
  return -1;
}
