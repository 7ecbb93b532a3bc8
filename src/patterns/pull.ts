// PULL (RFC 30): messages of the PUSHes in turn.

import type { Message } from "../base/message.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import {
  type Host,
  type Pattern,
  type SendResult,
  STATE,
} from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";

export class PullPattern implements Pattern {
  readonly mute = false;
  readonly oneAtATime = false;
  readonly #host: Host;
  readonly #queue = new FairQueue();

  constructor(host: Host) {
    this.#host = host;
  }

  attached(pipe: Pipe): void {
    this.#queue.add(pipe);
    if (pipe.inbound.count > 0) this.#host.readable();
  }

  reconnected(_pipe: Pipe): void {}

  hiccuped(_pipe: Pipe): void {}

  detached(pipe: Pipe): void {
    this.#queue.retire(pipe);
  }

  readable(pipe: Pipe): void {
    this.#queue.activate(pipe);
    this.#host.readable();
  }

  writable(_pipe: Pipe): void {}

  strained(): boolean {
    return false;
  }

  canSend(): boolean {
    return false;
  }

  canReceive(): boolean {
    return this.#queue.current() !== null;
  }

  trySend(_message: Message): SendResult {
    return STATE;
  }

  tryReceive(): Message | null {
    return this.#queue.take();
  }
}
