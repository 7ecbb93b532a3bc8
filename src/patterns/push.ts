// PUSH (RFC 30) and SCATTER (RFC 49): messages to the peers in turn; waits while
// all are full or there is none.

import type { Message } from "../base/message.ts";
import { LoadBalancer } from "../routing/load_balancer.ts";
import type { SendResult } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { BasePattern } from "./base.ts";

export class PushPattern extends BasePattern {
  readonly #balancer = new LoadBalancer();

  override get mute(): boolean {
    return true;
  }

  override attached(pipe: Pipe): void {
    this.#balancer.add(pipe);
    this.host.writable();
  }

  override detached(pipe: Pipe): void {
    this.#balancer.remove(pipe);
  }

  override writable(pipe: Pipe): void {
    this.#balancer.activate(pipe);
    this.host.writable();
  }

  override canSend(): boolean {
    return this.#balancer.ready();
  }

  override trySend(message: Message): SendResult {
    return this.#balancer.send(message, null);
  }
}
