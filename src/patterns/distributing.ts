// The sending half of sockets that give a message to all who asked (PUB, XPUB, RADIO):
// nobody who is slow holds up the others, and who is back says anew what it asks for.

import { Fault } from "../base/fault.ts";
import { Distributor } from "../routing/distributor.ts";
import type { Host } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { BasePattern } from "./base.ts";

export abstract class DistributingPattern extends BasePattern {
  protected readonly distributor: Distributor;
  /** Peers that are back and have said nothing yet: what they asked for before holds until then. */
  readonly #back = new Set<Pipe>();

  constructor(host: Host) {
    super(host);
    this.distributor = new Distributor(host);
  }

  override get mute(): boolean {
    return true;
  }

  override reconnected(pipe: Pipe): void {
    if (pipe.reconnects > 0) this.#back.add(pipe);
  }

  override detached(pipe: Pipe): void {
    this.#back.delete(pipe);
  }

  override writable(_pipe: Pipe): void {
    this.host.writable();
  }

  /** Who is slow holds up nobody else. */
  override ahead(): void {}

  override strained(): boolean {
    return this.distributor.strained();
  }

  /** A peer says something; true if it begins anew with it. */
  protected saysAnew(pipe: Pipe): boolean {
    return this.#back.delete(pipe);
  }
}

/** Why a peer that subscribed, or joined, too often is cut off. */
export function tooManySubscriptions(most: number): Fault {
  return new Fault(
    "limit",
    "ENOSPC",
    `a peer has at most ${most} subscriptions here (maxSubscriptions)`,
  );
}
