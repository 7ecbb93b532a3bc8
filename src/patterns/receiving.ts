// The receiving half of sockets that receive from all their peers, from each in turn.

import type { Message } from "../base/message.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import type { Host } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { BasePattern } from "./base.ts";

export abstract class ReceivingPattern extends BasePattern {
  protected readonly queue: FairQueue;

  /** `single` says that a message is one frame, and any other is thrown away. */
  constructor(host: Host, single = false) {
    super(host);
    this.queue = new FairQueue(single);
  }

  override get origin(): Pipe | null {
    return this.queue.last;
  }

  override get left(): readonly Pipe[] {
    return this.queue.left;
  }

  override attached(pipe: Pipe): void {
    this.queue.add(pipe);
    if (pipe.inbound.count > 0) this.host.readable();
  }

  override detached(pipe: Pipe): void {
    this.queue.retire(pipe);
  }

  override readable(pipe: Pipe): void {
    this.queue.activate(pipe);
    this.host.readable();
  }

  override canReceive(): boolean {
    return this.queue.current() !== null;
  }

  override tryReceive(): Message | null {
    return this.queue.take();
  }

  /** Gives the application a message of one frame as if it came from a peer. */
  protected deliver(pipe: Pipe, body: Uint8Array): void {
    pipe.inbound.push(body, 0);
    this.queue.revive(pipe);
    this.host.readable();
  }
}
