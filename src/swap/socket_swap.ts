// The queues of one socket that spill into files.

import { eventErrorFrom } from "../endpoints/failure.ts";
import { type SocketSide, usualQueues } from "../endpoints/socket_side.ts";
import type { SocketSwap } from "../endpoints/swap.ts";
import { Timer } from "../endpoints/timers.ts";
import type { InboundQueue } from "../routing/inbound_queue.ts";
import type { OutboundLog } from "../routing/outbound_log.ts";
import type { SwapStore } from "../runtime/swap_store.ts";
import { SwapQueue, type SwapSide } from "./swap_queue.ts";
import { SwappingInbox } from "./swapping_inbox.ts";
import { SwappingLog } from "./swapping_log.ts";

export class FileSwap implements SocketSwap {
  readonly #store: SwapStore;
  readonly #socket: SocketSide;
  readonly #inboxes = new Set<SwappingInbox>();

  constructor(store: SwapStore, socket: SocketSide) {
    this.#store = store;
    this.#socket = socket;
  }

  queues(): [inbound: InboundQueue, log: OutboundLog] {
    const { options, reactor } = this.#socket;
    // One message, the newest, needs no file.
    if (options.conflate) return usualQueues(this.#socket);
    const inbound: SwappingInbox = new SwappingInbox(
      options.receiveHighWaterMark,
      reactor.adapter.frameCopies,
      this.#queue(() => inbound),
      reactor.reserve,
    );
    const log: SwappingLog = new SwappingLog(
      options.sendHighWaterMark,
      this.#queue(() => log),
      reactor.reserve,
    );
    inbound.setBytesLimit(options.receiveBytesLimit);
    log.setBytesLimit(options.sendBytesLimit);
    inbound.begins = () => this.#inboxes.add(inbound);
    inbound.over = () => this.#inboxes.delete(inbound);
    return [inbound, log];
  }

  close(): void {
    for (const inbox of this.#inboxes) inbox.clear();
    this.#inboxes.clear();
  }

  #queue(queue: () => { ready(): void; room(): void }): SwapQueue {
    const { swapDirectory, swapSize } = this.#socket.options;
    const { reactor } = this.#socket;
    const side: SwapSide = {
      open: () => this.#store.open(swapDirectory),
      later: (milliseconds, fn) =>
        reactor.timers.set(new Timer(fn), reactor.now() + milliseconds),
      ready: () => queue().ready(),
      room: () => queue().room(),
      failed: (error) =>
        this.#socket.emit({
          type: "swap:error",
          address: swapDirectory ?? "",
          error: eventErrorFrom(error),
        }),
    };
    return new SwapQueue(swapSize, this.#store.blockBytes, side);
  }
}
