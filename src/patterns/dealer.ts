// DEALER (RFC 28) and CLIENT (RFC 41): messages to the peers in turn, and from
// them in turn. What goes first on a new connection, and what is delivered when
// one breaks, can be set.

import { OPENING } from "../base/frame.ts";
import { EMPTY, type Message } from "../base/message.ts";
import type { FairQueue } from "../routing/fair_queue.ts";
import { LoadBalancer } from "../routing/load_balancer.ts";
import type { Host, SendResult } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { ReceivingPattern } from "./receiving.ts";

/** The options that decide what is sent or delivered on edges. */
export interface EdgeSettings {
  readonly probeRouter: boolean;
  readonly helloMessage: Uint8Array | null;
  readonly hiccupMessage: Uint8Array | null;
  readonly disconnectMessage: Uint8Array | null;
}

export class DealerPattern extends ReceivingPattern {
  readonly #settings: EdgeSettings;
  readonly #balancer = new LoadBalancer();

  constructor(host: Host, settings: EdgeSettings, single: boolean) {
    super(host, single);
    this.#settings = settings;
  }

  override attached(pipe: Pipe): void {
    this.#balancer.add(pipe);
    super.attached(pipe);
    this.host.writable();
  }

  override reconnected(pipe: Pipe): void {
    sendOpenings(pipe, this.#settings);
  }

  override hiccuped(pipe: Pipe): void {
    const { hiccupMessage } = this.#settings;
    if (hiccupMessage !== null) this.deliver(pipe, hiccupMessage.slice());
  }

  override detached(pipe: Pipe): void {
    this.#balancer.remove(pipe);
    super.detached(pipe);
  }

  override writable(pipe: Pipe): void {
    this.#balancer.activate(pipe);
    this.host.writable();
  }

  override get unsifted(): FairQueue {
    return this.queue;
  }

  override canSend(): boolean {
    return this.#balancer.ready();
  }

  override trySend(message: Message): SendResult {
    return this.#balancer.send(message, null);
  }
}

/** Sends what goes first on a new connection: a probe, a hello. */
export function sendOpenings(pipe: Pipe, settings: EdgeSettings): void {
  const openings: Uint8Array[] = [];
  if (settings.probeRouter) openings.push(EMPTY);
  if (settings.helloMessage !== null) openings.push(settings.helloMessage);
  // Within the process each goes before all that waits, the one before included.
  if (pipe.log === null) openings.reverse();
  for (const opening of openings) pipe.control(OPENING, opening);
}
