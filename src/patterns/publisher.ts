// PUB (RFC 29): each message to every peer that asked for a prefix of its first
// frame. Never waits: a peer that is full loses the message, and that is
// counted. Peers ask by SUBSCRIBE and CANCEL, or in the form of ZMTP 3.0 and
// before: messages that begin with a byte 1 or 0.

import { CANCEL, SUBSCRIBE } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { Distributor } from "../routing/distributor.ts";
import {
  type Host,
  type Pattern,
  type SendResult,
  SENT,
} from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriberTrie } from "../routing/subscriber_trie.ts";

export class PublisherPattern implements Pattern {
  readonly mute = true;
  readonly oneAtATime = false;
  readonly #trie = new SubscriberTrie();
  readonly #distributor: Distributor;

  constructor(host: Host) {
    this.#distributor = new Distributor(host);
  }

  attached(pipe: Pipe): void {
    this.readable(pipe);
  }

  reconnected(_pipe: Pipe): void {}

  hiccuped(_pipe: Pipe): void {}

  detached(pipe: Pipe): void {
    this.#trie.removeAll(pipe);
  }

  readable(pipe: Pipe): void {
    const inbound = pipe.inbound;
    for (;;) {
      const message = inbound.take();
      if (message === null) return;
      const kind = inbound.flags;
      if ((kind & SUBSCRIBE) !== 0) this.#trie.add(message[0], pipe);
      else if ((kind & CANCEL) !== 0) this.#trie.remove(message[0], pipe);
      else for (const frame of message) this.#legacy(frame, pipe);
    }
  }

  writable(_pipe: Pipe): void {}

  strained(): boolean {
    return this.#distributor.strained();
  }

  canSend(): boolean {
    return true;
  }

  canReceive(): boolean {
    return false;
  }

  trySend(message: Message): SendResult {
    const found = this.#trie.match(message[0]);
    if (found > 0) this.#distributor.send(this.#trie.matches, found, message);
    return SENT;
  }

  tryReceive(): Message | null {
    return null;
  }

  #legacy(frame: Uint8Array, pipe: Pipe): void {
    if (frame.length === 0) return;
    if (frame[0] === 1) this.#trie.add(frame.subarray(1), pipe);
    else if (frame[0] === 0) this.#trie.remove(frame.subarray(1), pipe);
  }
}
