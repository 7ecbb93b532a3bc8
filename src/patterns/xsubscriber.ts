// XSUB (RFC 29): a subscriber that subscribes by sending frames, a byte 1 or 0 and
// the topic, takes everything that comes, and may send other messages upstream.

import { CANCEL, SUBSCRIBE } from "../base/frame.ts";
import type { Frame, Message } from "../base/message.ts";
import type { FairQueue } from "../routing/fair_queue.ts";
import { type Host, type SendResult, SENT } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { SubscriberPattern, type SubscribeSettings } from "./subscriber.ts";

/** The options that an XSubscriber looks at. */
export interface XSubscribeSettings extends SubscribeSettings {
  readonly onlyFirstSubscribe: boolean;
  readonly verboseUnsubscribe: boolean;
}

export class XSubscriberPattern extends SubscriberPattern {
  readonly #settings: XSubscribeSettings;
  /** Those that there is a connection to now. */
  readonly #connected = new Set<Pipe>();

  constructor(host: Host, settings: XSubscribeSettings) {
    super(host, settings);
    this.#settings = settings;
  }

  override reconnected(pipe: Pipe): void {
    this.#connected.add(pipe);
    super.reconnected(pipe);
  }

  override hiccuped(pipe: Pipe): void {
    this.#connected.delete(pipe);
    super.hiccuped(pipe);
  }

  override detached(pipe: Pipe): void {
    this.#connected.delete(pipe);
    super.detached(pipe);
  }

  override writable(_pipe: Pipe): void {
    this.host.writable();
  }

  override canSend(): boolean {
    return true;
  }

  override trySend(message: Message): SendResult {
    let rest: Message | null = null;
    let subscribing = true;
    for (let i = 0; i < message.length; i++) {
      const frame = message[i];
      const first = frame.length > 0 ? frame[0] : 2;
      if (i === 0 && first > 1) {
        subscribing = !this.#settings.onlyFirstSubscribe;
      }
      const prefix = subscribing && first < 2 ? frame.subarray(1) : null;
      // A message that something else begins stays whole, and asks as it is.
      if (prefix === null) (rest ??= []).push(frame);
      else if (first === 1) {
        this.trie.add(prefix);
        if (rest === null) this.#tell(SUBSCRIBE, frame);
        else rest.push(frame);
      } else if (
        this.trie.remove(prefix) || this.#settings.verboseUnsubscribe
      ) {
        if (rest === null) this.#tell(CANCEL, frame);
        else rest.push(frame);
      }
    }
    if (rest !== null) {
      for (const pipe of this.pipes) {
        if (!pipe.send(rest, 0, null)) pipe.drops++;
      }
    }
    return SENT;
  }

  /** Asks, or asks no more, behind what waits to be sent: as a frame then, which says the same. */
  #tell(kind: number, frame: Frame): void {
    for (const pipe of this.pipes) {
      const { log } = pipe;
      const waits = log !== null && this.#connected.has(pipe) &&
        log.count + log.away > 0;
      if (!waits || !pipe.send([frame], 0, null)) {
        pipe.control(kind, frame.subarray(1));
      }
    }
  }

  override canReceive(): boolean {
    return this.queue.current() !== null;
  }

  override tryReceive(): Message | null {
    return this.queue.take();
  }

  override get unsifted(): FairQueue {
    return this.queue;
  }
}
