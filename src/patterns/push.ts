// PUSH (RFC 30): messages to the PULLs in turn; waits while all are full or
// there is none.

import type { Message } from "../base/message.ts";
import { LoadBalancer } from "../routing/load_balancer.ts";
import type { Host, Pattern, SendResult } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";

export class PushPattern implements Pattern {
  readonly mute = true;
  readonly oneAtATime = false;
  readonly #host: Host;
  readonly #balancer = new LoadBalancer();

  constructor(host: Host) {
    this.#host = host;
  }

  attached(pipe: Pipe): void {
    this.#balancer.add(pipe);
    this.#host.writable();
  }

  reconnected(_pipe: Pipe): void {}

  hiccuped(_pipe: Pipe): void {}

  detached(pipe: Pipe): void {
    this.#balancer.remove(pipe);
  }

  readable(pipe: Pipe): void {
    pipe.inbound.clear();
  }

  writable(pipe: Pipe): void {
    this.#balancer.activate(pipe);
    this.#host.writable();
  }

  strained(): boolean {
    return false;
  }

  canSend(): boolean {
    return this.#balancer.ready();
  }

  canReceive(): boolean {
    return false;
  }

  trySend(message: Message): SendResult {
    return this.#balancer.send(message, null);
  }

  tryReceive(): Message | null {
    return null;
  }
}
