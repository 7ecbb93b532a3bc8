// XSUB (RFC 29): a subscriber that subscribes by sending frames, a byte 1 or 0 and
// the topic, takes everything that comes, and may send other messages upstream.

import { CANCEL } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
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

  constructor(host: Host, settings: XSubscribeSettings) {
    super(host, settings);
    this.#settings = settings;
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
        if (rest === null) this.subscribe(prefix);
        else this.trie.add(prefix);
        rest?.push(frame);
      } else if (
        this.trie.remove(prefix) || this.#settings.verboseUnsubscribe
      ) {
        if (rest === null) {
          for (const pipe of this.pipes) pipe.control(CANCEL, prefix);
        }
        rest?.push(frame);
      }
    }
    if (rest !== null) {
      for (const pipe of this.pipes) {
        if (!pipe.send(rest, 0, null)) pipe.drops++;
      }
    }
    return SENT;
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
