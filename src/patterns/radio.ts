// RADIO (RFC 48): each message to every peer that has joined its group. Groups
// are met exactly, not by prefix, and a message is a group and one frame. Never
// waits: a peer that is full loses the message (or, with `noDrop`, the sender
// waits).

import { Fault } from "../base/fault.ts";
import { CANCEL, SUBSCRIBE } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { latin1 } from "../base/utf8.ts";
import { FULL, type Host, type SendResult, SENT } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { DistributingPattern, tooManySubscriptions } from "./distributing.ts";

/** The longest name of a group, in bytes (ZMQ_GROUP_MAX_LENGTH). */
export const LONGEST_GROUP = 255;

/** The options that a radio looks at. */
export interface RadioSettings {
  readonly noDrop: boolean;
  /** How many groups one peer may be in. */
  readonly maxSubscriptions: number;
}

export class RadioPattern extends DistributingPattern {
  readonly #settings: RadioSettings;
  /** Who is in a group, and how often they joined it. */
  readonly #groups = new Map<string, Map<Pipe, number>>();
  readonly #joined = new Map<Pipe, Set<string>>();
  /** Peers that pick for themselves (udp). */
  readonly #unfiltered = new Set<Pipe>();
  readonly #matches: Pipe[] = [];

  constructor(host: Host, settings: RadioSettings) {
    super(host);
    this.#settings = settings;
  }

  override configured(): void {
    this.host.writable();
  }

  override attached(pipe: Pipe): void {
    this.#joined.set(pipe, new Set());
    if (pipe.unfiltered) this.#unfiltered.add(pipe);
    this.readable(pipe);
  }

  override detached(pipe: Pipe): void {
    super.detached(pipe);
    this.#matches.length = 0;
    this.#forget(pipe);
    this.#joined.delete(pipe);
    this.#unfiltered.delete(pipe);
    this.host.writable();
  }

  override readable(pipe: Pipe): void {
    const { inbound } = pipe;
    for (;;) {
      const message = inbound.take();
      if (message === null) break;
      // It says anew which groups it is in.
      if (this.saysAnew(pipe)) this.#forget(pipe);
      const kind = inbound.flags;
      if ((kind & (SUBSCRIBE | CANCEL)) === 0) continue;
      if (message[0].length > LONGEST_GROUP) {
        pipe.refuse(
          new Fault(
            "peer",
            "EPROTO",
            "the name of a group has at most 255 bytes",
          ),
        );
        return;
      }
      const group = latin1(message[0], 0, message[0].length);
      if ((kind & SUBSCRIBE) !== 0) this.#join(group, pipe);
      else this.#leave(group, pipe);
    }
    // What waited for it may concern it no more.
    if (this.#settings.noDrop) this.host.writable();
  }

  override canSend(): boolean {
    return true;
  }

  override trySend(message: Message): SendResult {
    const members = this.#groups.get(latin1(message[0], 0, message[0].length));
    let found = 0;
    if (members !== undefined) {
      for (const pipe of members.keys()) this.#matches[found++] = pipe;
    }
    for (const pipe of this.#unfiltered) this.#matches[found++] = pipe;
    if (
      this.#settings.noDrop && !this.distributor.ready(this.#matches, found)
    ) {
      return FULL;
    }
    this.distributor.send(this.#matches, found, message);
    return SENT;
  }

  #join(group: string, pipe: Pipe): void {
    const groups = this.#joined.get(pipe)!;
    const { maxSubscriptions } = this.#settings;
    if (groups.size >= maxSubscriptions && !groups.has(group)) {
      pipe.refuse(tooManySubscriptions(maxSubscriptions));
      return;
    }
    let members = this.#groups.get(group);
    if (members === undefined) this.#groups.set(group, members = new Map());
    members.set(pipe, (members.get(pipe) ?? 0) + 1);
    groups.add(group);
  }

  #leave(group: string, pipe: Pipe): void {
    const times = this.#groups.get(group)?.get(pipe);
    if (times === undefined) return;
    if (times > 1) this.#groups.get(group)!.set(pipe, times - 1);
    else {
      this.#joined.get(pipe)!.delete(group);
      this.#remove(group, pipe);
    }
  }

  #forget(pipe: Pipe): void {
    const groups = this.#joined.get(pipe);
    for (const group of groups ?? []) this.#remove(group, pipe);
    groups?.clear();
  }

  #remove(group: string, pipe: Pipe): void {
    const members = this.#groups.get(group)!;
    members.delete(pipe);
    if (members.size === 0) this.#groups.delete(group);
  }
}
