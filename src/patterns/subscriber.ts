// SUB (RFC 29): what it asked for by prefix, from every publisher in turn. It
// counts its subscriptions and tells them to each publisher, again after every
// reconnect; it filters what arrives too, so that a publisher that sends too
// much does no harm.

import { CANCEL, SUBSCRIBE } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import {
  type Host,
  type Pattern,
  type SendResult,
  STATE,
} from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriptionTrie } from "../routing/subscription_trie.ts";

export class SubscriberPattern implements Pattern {
  readonly mute = false;
  readonly oneAtATime = false;
  readonly #host: Host;
  readonly #queue = new FairQueue();
  readonly #pipes = new Set<Pipe>();
  readonly #trie = new SubscriptionTrie();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Asks for every message that begins with `prefix`. */
  subscribe(prefix: Uint8Array): void {
    this.#trie.add(prefix);
    for (const pipe of this.#pipes) pipe.control(SUBSCRIBE, prefix);
  }

  /** Takes one such wish back; one that was never made is no matter. */
  unsubscribe(prefix: Uint8Array): void {
    if (!this.#trie.remove(prefix)) return;
    for (const pipe of this.#pipes) pipe.control(CANCEL, prefix);
  }

  attached(pipe: Pipe): void {
    this.#pipes.add(pipe);
    this.#queue.add(pipe);
  }

  reconnected(pipe: Pipe): void {
    for (const prefix of this.#trie.prefixes()) pipe.control(SUBSCRIBE, prefix);
  }

  hiccuped(_pipe: Pipe): void {}

  detached(pipe: Pipe): void {
    this.#pipes.delete(pipe);
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
    for (;;) {
      const pipe = this.#queue.current();
      if (pipe === null) return false;
      const inbound = pipe.inbound;
      inbound.peek();
      if (this.#trie.matches(inbound.buffer, inbound.start, inbound.end)) {
        return true;
      }
      inbound.drop();
      this.#queue.advance(pipe);
    }
  }

  trySend(_message: Message): SendResult {
    return STATE;
  }

  tryReceive(): Message | null {
    return this.canReceive() ? this.#queue.take() : null;
  }
}
