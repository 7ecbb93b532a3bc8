// DISH (RFC 48): messages of the groups it has joined, from every peer in turn. It
// tells its groups to each peer, again after every reconnect, and looks at what
// arrives too.

import { Fault } from "../base/fault.ts";
import { CANCEL, SUBSCRIBE } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { latin1 } from "../base/utf8.ts";
import type { Pipe } from "../routing/pipe.ts";
import { LONGEST_GROUP } from "./radio.ts";
import { ReceivingPattern } from "./receiving.ts";

export class DishPattern extends ReceivingPattern {
  readonly #pipes = new Set<Pipe>();
  readonly #groups = new Map<string, Uint8Array>();
  #next: Message | null = null;

  /** Joins a group; false if it is in it. */
  join(group: Uint8Array): boolean {
    const key = latin1(group, 0, group.length);
    if (this.#groups.has(key)) return false;
    this.#groups.set(key, group.slice());
    for (const pipe of this.#pipes) pipe.control(SUBSCRIBE, group);
    return true;
  }

  /** Leaves a group; false if it is not in it. */
  leave(group: Uint8Array): boolean {
    if (!this.#groups.delete(latin1(group, 0, group.length))) return false;
    for (const pipe of this.#pipes) pipe.control(CANCEL, group);
    return true;
  }

  override attached(pipe: Pipe): void {
    this.#pipes.add(pipe);
    super.attached(pipe);
  }

  override reconnected(pipe: Pipe): void {
    for (const group of this.#groups.values()) pipe.control(SUBSCRIBE, group);
  }

  override detached(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    super.detached(pipe);
  }

  override canReceive(): boolean {
    this.#next ??= this.#find();
    return this.#next !== null;
  }

  override tryReceive(): Message | null {
    const next = this.#next ?? this.#find();
    this.#next = null;
    return next;
  }

  #find(): Message | null {
    for (;;) {
      const message = this.queue.take();
      if (message === null) return null;
      if (message.length !== 2 || message[0].length > LONGEST_GROUP) {
        this.queue.last?.refuse(
          new Fault("peer", "EPROTO", "a RADIO sends a group and one frame"),
        );
        continue;
      }
      if (this.#groups.has(latin1(message[0], 0, message[0].length))) {
        return message;
      }
    }
  }
}
