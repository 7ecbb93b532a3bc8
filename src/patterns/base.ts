// What socket types have in common: the answer to what doesn't concern them.

import type { Message } from "../base/message.ts";
import type { FairQueue } from "../routing/fair_queue.ts";
import type { InboundQueue } from "../routing/inbound_queue.ts";
import {
  type Host,
  type Pattern,
  type SendResult,
  STATE,
} from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";

export abstract class BasePattern implements Pattern {
  protected readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  get mute(): boolean {
    return false;
  }

  get oneAtATime(): boolean {
    return false;
  }

  get addressed(): boolean {
    return false;
  }

  get origin(): Pipe | null {
    return null;
  }

  get unsifted(): FairQueue | null {
    return null;
  }

  get left(): readonly Pipe[] {
    return [];
  }

  get kept(): InboundQueue | null {
    return null;
  }

  attached(_pipe: Pipe): void {}

  reconnected(_pipe: Pipe): void {}

  hiccuped(_pipe: Pipe): void {}

  detached(_pipe: Pipe): void {}

  ended(_pipe: Pipe): void {}

  /** What a peer sends to a socket that doesn't receive is nobody's. */
  readable(pipe: Pipe): void {
    pipe.inbound.clear();
  }

  writable(_pipe: Pipe): void {}

  /** One that is slow holds up no others that are sent to by name. */
  ahead(): void {
    if (!this.addressed) this.host.ahead();
  }

  caughtUp(): void {
    this.host.caughtUp();
  }

  configured(): void {}

  strained(): boolean {
    return false;
  }

  canSend(): boolean {
    return false;
  }

  canReceive(): boolean {
    return false;
  }

  trySend(_message: Message): SendResult {
    return STATE;
  }

  tryReceive(): Message | null {
    return null;
  }
}
