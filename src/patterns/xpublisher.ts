// XPUB (RFC 29): a publisher that hears what its peers ask for, as messages of one
// frame: a byte 1 or 0 and the topic. In `manual` mode those messages are all
// that comes of it, and the application decides what the peer gets that it heard ask last.
//
// What peers ask for acts at once, read or not. What waits to be read is bounded:
// past the bound peers are not read on until the application has caught up.

import { COPIED_BYTES, type Message } from "../base/message.ts";
import {
  headerLength,
  LONGEST_HEADER,
  MORE,
  OPENING,
  writeHeader,
} from "../base/frame.ts";
import { InboundQueue } from "../routing/inbound_queue.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriberTrie } from "../routing/subscriber_trie.ts";
import { PublisherPattern, type PublishSettings } from "./publisher.ts";

/** The options that an XPublisher looks at. */
export interface XPublishSettings extends PublishSettings {
  readonly verbosity: "allSubs" | "allSubsUnsubs" | null;
  readonly manual: boolean;
  readonly manualLastValue: boolean;
  readonly welcomeMessage: Uint8Array | null;
}

const SUBSCRIBED = 1;
const UNSUBSCRIBED = 0;
/** What may wait to be read. */
const MOST_WAITING = 1 << 20;
const MOST_BYTES = 1 << 26;
const BLOCK = 16384;

export class XPublisherPattern extends PublisherPattern<XPublishSettings> {
  /** What peers asked for themselves, in manual mode. */
  readonly #words = new SubscriberTrie();
  readonly #waiting = new InboundQueue(0, false);
  /** Whom the messages that wait came from, and how many came before the first of these. */
  #senders: (Pipe | null)[] = [];
  #sendersFrom = 0;
  readonly #unread = new Set<Pipe>();
  #block: Uint8Array = new Uint8Array(0);
  #blockAt = 0;
  /** Whose message was received last, and whose that asks for something, or no more. */
  #last: Pipe | null = null;
  #asker: Pipe | null = null;
  /** Who gets the next message alone (`manualLastValue`). */
  #only: Pipe | null = null;

  override get mute(): boolean {
    return false;
  }

  override get origin(): Pipe | null {
    return this.#last;
  }

  override get kept(): InboundQueue {
    return this.#waiting;
  }

  /** Gives the peer that was heard to ask last a prefix (manual mode). */
  subscribe(prefix: Uint8Array): void {
    if (this.#asker === null || !this.#asker.open) return;
    this.trie.add(prefix, this.#asker);
    if (this.settings.manualLastValue) this.#only = this.#asker;
    this.relieve(this.#asker);
  }

  /** Takes a prefix from the peer that was heard to ask last (manual mode). */
  unsubscribe(prefix: Uint8Array): void {
    if (this.#asker === null) return;
    this.trie.remove(prefix, this.#asker);
    this.relieve(this.#asker);
  }

  override reconnected(pipe: Pipe): void {
    super.reconnected(pipe);
    const { welcomeMessage } = this.settings;
    if (welcomeMessage !== null) pipe.control(OPENING, welcomeMessage);
  }

  override detached(pipe: Pipe): void {
    this.#unread.delete(pipe);
    super.detached(pipe);
    if (this.#last === pipe) this.#last = null;
    if (this.#asker === pipe) this.#asker = null;
    if (this.#waiting.count > 0) this.host.readable();
  }

  override canReceive(): boolean {
    return this.#waiting.count > 0;
  }

  override tryReceive(): Message | null {
    const message = this.#waiting.take();
    if (message === null) return null;
    const taken = this.#waiting.gone - this.#sendersFrom;
    this.#last = this.#senders[taken - 1];
    this.#senders[taken - 1] = null;
    if (taken > 1024 && taken * 2 > this.#senders.length) {
      this.#senders = this.#senders.slice(taken);
      this.#sendersFrom += taken;
    }
    if (this.#last !== null && !this.#last.open) this.#last = null;
    const [{ length, 0: first }] = message;
    if (length > 0 && first <= SUBSCRIBED) this.#asker = this.#last;
    if (this.#unread.size > 0 && !this.#overfull(2)) {
      for (const pipe of [...this.#unread]) {
        this.#unread.delete(pipe);
        this.readable(pipe);
      }
    }
    return message;
  }

  protected override get selective(): boolean {
    return this.settings.manualLastValue;
  }

  protected override match(topic: Uint8Array): number {
    const found = this.trie.match(topic);
    const only = this.#only;
    if (only === null) return found;
    if (!this.trie.matched(only)) return 0;
    this.trie.matches[0] = only;
    return 1;
  }

  protected override sent(): void {
    this.#only = null;
  }

  protected override attentive(pipe: Pipe): boolean {
    if (!this.#overfull(1)) return true;
    if (pipe.open) this.#unread.add(pipe);
    return !pipe.open;
  }

  protected override forget(pipe: Pipe): void {
    const tell = (topic: Uint8Array) => this.#note(UNSUBSCRIBED, topic, null);
    // Each one's words were reported, so each one's are taken back.
    this.#words.removeAll(pipe, tell, true);
    const all = this.settings.verbosity === "allSubsUnsubs";
    this.trie.removeAll(pipe, this.#manual ? null : tell, all);
    if (this.#only === pipe) this.#only = null;
  }

  protected override asked(prefix: Uint8Array, pipe: Pipe): void {
    const manual = this.#manual;
    const first = (manual ? this.#words : this.trie).add(prefix, pipe);
    if (manual || first || this.settings.verbosity !== null) {
      this.#noteOnce(SUBSCRIBED, prefix, pipe);
    }
  }

  protected override askedBy(pipe: Pipe): number {
    return this.#manual ? this.#words.countOf(pipe) : super.askedBy(pipe);
  }

  protected override unasked(prefix: Uint8Array, pipe: Pipe): void {
    const manual = this.#manual;
    const trie = manual ? this.#words : this.trie;
    const last = trie.remove(prefix, pipe) || !trie.has(prefix);
    if (manual || last || this.settings.verbosity === "allSubsUnsubs") {
      this.#noteOnce(UNSUBSCRIBED, prefix, pipe);
    }
  }

  protected override told(message: Message, pipe: Pipe): void {
    const last = message.length - 1;
    for (let i = 0; i <= last; i++) {
      const frame = message[i];
      const flags = i < last ? MORE : 0;
      if (frame.length > COPIED_BYTES) this.#waiting.push(frame, flags);
      else this.#keep(-1, frame, flags);
    }
    this.#senders.push(pipe);
    this.host.readable();
  }

  get #manual(): boolean {
    return this.settings.manual || this.settings.manualLastValue;
  }

  #overfull(share: number): boolean {
    return this.#waiting.count * share >= MOST_WAITING ||
      this.#waiting.held * share >= MOST_BYTES;
  }

  /** Tells what a peer asks for, unless it is told with the message that it stands in. */
  #noteOnce(kind: number, topic: Uint8Array, pipe: Pipe): void {
    if (this.within) return;
    this.#note(kind, topic, pipe);
    this.host.readable();
  }

  #note(kind: number, topic: Uint8Array, pipe: Pipe | null): void {
    this.#keep(kind, topic, 0);
    this.#senders.push(pipe);
  }

  /** Copies a frame, behind a byte for its kind if it has one, in its wire form. */
  #keep(kind: number, body: Uint8Array, flags: number): void {
    const length = body.length + (kind < 0 ? 0 : 1);
    const need = headerLength(length) + length;
    if (this.#block.length - this.#blockAt < need) {
      this.#block = new Uint8Array(Math.max(BLOCK, need + LONGEST_HEADER));
      this.#blockAt = 0;
    }
    const block = this.#block;
    const start = this.#blockAt;
    let at = writeHeader(block, start, flags, length);
    if (kind >= 0) block[at++] = kind;
    block.set(body, at);
    this.#blockAt = at + body.length;
    const whole = flags === 0 ? 1 : 0;
    this.#waiting.pushRun(block, start, this.#blockAt, whole, this.#blockAt);
  }
}
