// PUB (RFC 29): each message to every peer that asked for a prefix of its first
// frame. Never waits: a peer that is full loses the message, and that is counted
// (with `noDrop` the sender waits instead). Peers ask by SUBSCRIBE and CANCEL, or
// in the form of ZMTP 3.0 and before: frames that begin with a byte 1 or 0.

import { Fault } from "../base/fault.ts";
import { CANCEL, SUBSCRIBE } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { FULL, type Host, type SendResult, SENT } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriberTrie } from "../routing/subscriber_trie.ts";
import { DistributingPattern, tooManySubscriptions } from "./distributing.ts";

/** The options that a publisher looks at. */
export interface PublishSettings {
  readonly noDrop: boolean;
  readonly invertMatching: boolean;
  readonly onlyFirstSubscribe: boolean;
  /** What one peer may ask for: how many prefixes, and bytes in each. */
  readonly maxSubscriptions: number;
  readonly maxSubscriptionLength: number;
}

export class PublisherPattern<S extends PublishSettings = PublishSettings>
  extends DistributingPattern {
  protected readonly trie = new SubscriberTrie();
  protected readonly settings: S;
  readonly #pipes = new Set<Pipe>();
  readonly #others: Pipe[] = [];
  /** Whether sending takes more than a look at the subscriptions. */
  #careful = false;
  /** Whose queue made a sender wait. */
  #blocking: Pipe | null = null;

  constructor(host: Host, settings: S) {
    super(host);
    this.settings = settings;
  }

  /** How many different prefixes are asked for. */
  get topics(): number {
    return this.trie.size;
  }

  override configured(): void {
    const { noDrop, invertMatching } = this.settings;
    this.#careful = noDrop || invertMatching || this.selective;
    this.host.writable();
  }

  override attached(pipe: Pipe): void {
    this.#pipes.add(pipe);
    this.readable(pipe);
  }

  override detached(pipe: Pipe): void {
    super.detached(pipe);
    this.#pipes.delete(pipe);
    this.#others.length = 0;
    this.forget(pipe);
    this.relieve(pipe);
  }

  override readable(pipe: Pipe): void {
    const inbound = pipe.inbound;
    while (this.attentive(pipe)) {
      const message = inbound.take();
      if (message === null) break;
      // It says anew what it asks for.
      if (this.saysAnew(pipe)) this.forget(pipe);
      const kind = inbound.flags;
      if ((kind & SUBSCRIBE) !== 0) this.#asks(message[0], pipe);
      else if ((kind & CANCEL) !== 0) this.unasked(message[0], pipe);
      else this.#legacy(message, pipe);
    }
    this.relieve(pipe);
  }

  override canSend(): boolean {
    const blocking = this.#blocking;
    return blocking === null || !this.settings.noDrop || blocking.ready();
  }

  override trySend(message: Message): SendResult {
    if (this.#careful) return this.#sendCarefully(message);
    const found = this.trie.match(message[0]);
    if (found > 0) this.distributor.send(this.trie.matches, found, message);
    return SENT;
  }

  /** Whether `match` finds others than those who asked. */
  protected get selective(): boolean {
    return false;
  }

  /** A peer asks for something else now: if it made a sender wait, that looks again. */
  protected relieve(pipe: Pipe): void {
    if (this.#blocking !== pipe) return;
    this.#blocking = null;
    this.host.writable();
  }

  /** Finds who gets a message that begins with these bytes. */
  protected match(topic: Uint8Array): number {
    return this.trie.match(topic);
  }

  /** Whether more can be read of a peer now. */
  protected attentive(_pipe: Pipe): boolean {
    return true;
  }

  /** A peer asks for a prefix. */
  protected asked(prefix: Uint8Array, pipe: Pipe): void {
    this.trie.add(prefix, pipe);
  }

  /** How many prefixes a peer asks for. */
  protected askedBy(pipe: Pipe): number {
    return this.trie.countOf(pipe);
  }

  /** A peer asks for nothing of what it asked for. */
  protected forget(pipe: Pipe): void {
    this.trie.removeAll(pipe);
  }

  /** A peer asks for it no more. */
  protected unasked(prefix: Uint8Array, pipe: Pipe): void {
    this.trie.remove(prefix, pipe);
  }

  /** A peer sends what is no subscription. */
  protected told(_message: Message, _pipe: Pipe): void {}

  #sendCarefully(message: Message): SendResult {
    let found = this.match(message[0]);
    let pipes = this.trie.matches;
    if (this.settings.invertMatching) {
      pipes = this.#others;
      found = 0;
      for (const pipe of this.#pipes) {
        if (!this.trie.matched(pipe)) pipes[found++] = pipe;
      }
    }
    if (this.settings.noDrop) {
      this.#blocking = this.distributor.blocking(pipes, found);
      if (this.#blocking !== null) return FULL;
    }
    this.sent();
    if (found > 0) this.distributor.send(pipes, found, message);
    return SENT;
  }

  /** A peer asks for a prefix, and is cut off if that is too much. */
  #asks(prefix: Uint8Array, pipe: Pipe): void {
    const { maxSubscriptions, maxSubscriptionLength } = this.settings;
    if (prefix.length > maxSubscriptionLength) {
      pipe.refuse(
        new Fault(
          "limit",
          "ENAMETOOLONG",
          `a subscription has at most ${maxSubscriptionLength} bytes here (maxSubscriptionLength), not ${prefix.length}`,
        ),
      );
      return;
    }
    this.asked(prefix, pipe);
    if (this.askedBy(pipe) > maxSubscriptions) {
      pipe.refuse(tooManySubscriptions(maxSubscriptions));
    }
  }

  /** Whether what a peer asks for just now stands within a message that is told. */
  protected within = false;

  /** A message is on its way. */
  protected sent(): void {}

  #legacy(message: Message, pipe: Pipe): void {
    let rest: Message | null = null;
    let subscribing = !this.settings.onlyFirstSubscribe;
    for (let i = 0; i < message.length; i++) {
      const frame = message[i];
      const first = frame.length > 0 ? frame[0] : 2;
      if (i === 0 && first < 2) subscribing = true;
      const asks = subscribing && first < 2;
      // What is told stays whole, and then tells what was asked for within it.
      if (!asks || rest !== null) (rest ??= []).push(frame);
      this.within = rest !== null;
      if (!asks) continue;
      if (first === 1) this.#asks(frame.subarray(1), pipe);
      else this.unasked(frame.subarray(1), pipe);
    }
    this.within = false;
    if (rest !== null) this.told(rest, pipe);
  }
}
