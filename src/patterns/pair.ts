// PAIR (RFC 31) and CHANNEL (RFC 52): one peer, both ways. Another one that comes
// is turned away until the first has gone.

import { Fault } from "../base/fault.ts";
import type { Message } from "../base/message.ts";
import type { FairQueue } from "../routing/fair_queue.ts";
import { FULL, NO_PEER, type SendResult, SENT } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { ReceivingPattern } from "./receiving.ts";

export class PairPattern extends ReceivingPattern {
  #peer: Pipe | null = null;

  override attached(pipe: Pipe): void {
    if (this.#peer !== null) return;
    this.#peer = pipe;
    super.attached(pipe);
    this.host.writable();
  }

  override reconnected(pipe: Pipe): void {
    this.attached(pipe);
    if (pipe === this.#peer) return;
    pipe.refuse(
      new Fault(
        "mismatch",
        "EBUSY",
        "a PAIR or CHANNEL has one peer at a time",
      ),
    );
  }

  override detached(pipe: Pipe): void {
    if (pipe !== this.#peer) return;
    this.#peer = null;
    super.detached(pipe);
  }

  override writable(_pipe: Pipe): void {
    this.host.writable();
  }

  override get unsifted(): FairQueue {
    return this.queue;
  }

  override canSend(): boolean {
    return this.#peer !== null && this.#peer.ready();
  }

  override trySend(message: Message): SendResult {
    if (this.#peer === null) return NO_PEER;
    return this.#peer.send(message, 0, null) ? SENT : FULL;
  }
}
