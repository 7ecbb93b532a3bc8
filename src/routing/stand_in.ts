// What takes a pattern's place at a pipe whose socket is in another thread: it neither
// sends nor receives by itself, and nobody asks it to.

import type { Message } from "../base/message.ts";
import { type Pattern, type SendResult, STATE } from "./pattern.ts";

export abstract class StandIn implements Pattern {
  readonly mute = false;
  readonly oneAtATime = false;
  readonly addressed = false;
  readonly origin = null;
  readonly unsifted = null;
  readonly left = [];
  readonly kept = null;

  attached(): void {}
  reconnected(): void {}
  hiccuped(): void {}
  detached(): void {}
  ended(): void {}
  configured(): void {}
  readable(): void {}
  writable(): void {}
  ahead(): void {}
  caughtUp(): void {}

  canSend(): boolean {
    return false;
  }

  canReceive(): boolean {
    return false;
  }

  trySend(): SendResult {
    return STATE;
  }

  tryReceive(): Message | null {
    return null;
  }

  strained(): boolean {
    return false;
  }
}
