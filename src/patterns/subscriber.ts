// SUB (RFC 29): what it asked for by prefix, from every publisher in turn. It
// counts its subscriptions and tells them to each publisher, again after every
// reconnect; it filters what arrives too, so that a publisher that sends too
// much does no harm.

import { CANCEL, SUBSCRIBE } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import type { FairQueue } from "../routing/fair_queue.ts";
import type { Host } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriptionTrie } from "../routing/subscription_trie.ts";
import { ReceivingPattern } from "./receiving.ts";

/** The options that a subscriber looks at. */
export interface SubscribeSettings {
  readonly invertMatching: boolean;
}

export class SubscriberPattern extends ReceivingPattern {
  protected readonly pipes = new Set<Pipe>();
  protected readonly trie = new SubscriptionTrie();
  readonly #settings: SubscribeSettings;

  constructor(host: Host, settings: SubscribeSettings) {
    super(host);
    this.#settings = settings;
  }

  /** How many different prefixes it asks for. */
  get topics(): number {
    return this.trie.size;
  }

  /** Asks for every message that begins with `prefix`. */
  subscribe(prefix: Uint8Array): void {
    this.trie.add(prefix);
    for (const pipe of this.pipes) pipe.control(SUBSCRIBE, prefix);
  }

  /** Takes one such wish back; one that was never made is no matter. */
  unsubscribe(prefix: Uint8Array): void {
    if (!this.trie.remove(prefix)) return;
    for (const pipe of this.pipes) pipe.control(CANCEL, prefix);
  }

  override attached(pipe: Pipe): void {
    this.pipes.add(pipe);
    super.attached(pipe);
  }

  override reconnected(pipe: Pipe): void {
    for (const prefix of this.trie.prefixes()) pipe.control(SUBSCRIBE, prefix);
  }

  override detached(pipe: Pipe): void {
    this.pipes.delete(pipe);
    super.detached(pipe);
  }

  override canReceive(): boolean {
    const inverted = this.#settings.invertMatching;
    if (this.#unfiltered) return this.queue.current() !== null;
    for (;;) {
      const pipe = this.queue.current();
      if (pipe === null) return false;
      const inbound = pipe.inbound;
      inbound.peek();
      const { buffer, start, end } = inbound;
      if (this.trie.matches(buffer, start, end) !== inverted) return true;
      inbound.drop();
      this.queue.advance(pipe);
    }
  }

  override tryReceive(): Message | null {
    return this.#unfiltered || this.canReceive() ? this.queue.take() : null;
  }

  override get unsifted(): FairQueue | null {
    return this.#unfiltered ? this.queue : null;
  }

  /** Whether every message is asked for. */
  get #unfiltered(): boolean {
    return this.trie.all && !this.#settings.invertMatching;
  }
}
