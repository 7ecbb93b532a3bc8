// An outgoing queue that spills: what is past its bounds goes to a file, and comes back
// in order as the kernel takes what is in memory. Its own bounds are the file's size.

import { MORE, writeHeader } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { OutboundLog } from "../routing/outbound_log.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { Reserve } from "../zmtp/reserve.ts";
import { type RunSink, RunSorter } from "../zmtp/run_sorter.ts";
import type { SwapQueue } from "./swap_queue.ts";

/** What comes back is in memory up to so many bytes. */
const ENOUGH_BYTES = 524288;

export class SwappingLog extends OutboundLog implements RunSink {
  readonly queue: SwapQueue;
  readonly #sorter: RunSorter;
  #pipe: Pipe | null = null;
  readonly #scratch: Uint8Array = new Uint8Array(1024);
  #refilling = false;
  #swapped = 0;

  constructor(hwm: number, queue: SwapQueue, reserve: Reserve) {
    super(hwm, false);
    this.queue = queue;
    this.#sorter = new RunSorter(this, reserve);
  }

  /** Messages that are not in memory; `count` includes them. */
  override get swapped(): number {
    return this.#swapped;
  }

  override get swappedBytes(): number {
    return this.queue.bytes;
  }

  /** Belongs to a pipe, which is told of what comes back. */
  override serve(pipe: Pipe): void {
    this.#pipe = pipe;
  }

  /** There is something to bring back. */
  ready(): void {
    this.#refill();
    const pipe = this.#pipe!;
    if (this.waitingBytes === 0 || this.armed) return;
    this.armed = true;
    pipe.wire?.wantsWrite();
  }

  /** There is room for senders that wait. */
  room(): void {
    this.#pipe?.taken();
  }

  override get full(): boolean {
    return (this.#swapped > 0 || super.full) && this.queue.full(1);
  }

  override get relaxed(): boolean {
    return this.#swapped === 0 && !super.full ||
      !this.queue.strained && !this.queue.full(1);
  }

  override append(
    message: Message,
    skip: number,
    envelope: Message | null,
  ): void {
    if (this.#swapped === 0 && !super.full) {
      super.append(message, skip, envelope);
      return;
    }
    for (const frame of envelope ?? []) this.#spillFrame(frame, MORE);
    const last = message.length - 1;
    for (let i = skip; i <= last; i++) {
      this.#spillFrame(message[i], i < last ? MORE : 0);
    }
    this.#spilled();
  }

  override appendEncoded(encoded: Uint8Array): void {
    if (this.#swapped === 0 && !super.full) {
      super.appendEncoded(encoded);
      return;
    }
    this.queue.push(encoded);
    this.#spilled();
  }

  override next(): Uint8Array | null {
    if (this.#swapped > 0 && this.waitingBytes === 0) this.#refill();
    return super.next();
  }

  override took(length: number): void {
    super.took(length);
    if (this.#swapped > 0) this.#refill();
  }

  override clear(): number {
    const swapped = this.#swapped;
    this.#swapped = 0;
    this.count -= swapped;
    this.lost += swapped;
    this.queue.clear();
    this.#sorter.clear();
    return super.clear() + swapped;
  }

  // RunSink: what comes back.

  run(bytes: Uint8Array, start: number, end: number, messages: number): void {
    this.#swapped -= messages;
    this.count -= messages;
    this.appendRun(bytes, start, end, messages);
  }

  message(frames: Message): void {
    this.#swapped--;
    this.count--;
    super.append(frames, 0, null);
  }

  #spillFrame(frame: Uint8Array, flags: number): void {
    const { length } = frame;
    const scratch = this.#scratch;
    const at = writeHeader(scratch, 0, flags, length);
    if (at + length <= scratch.length) {
      scratch.set(frame, at);
      this.queue.push(scratch.subarray(0, at + length));
    } else {
      this.queue.push(scratch.subarray(0, at));
      this.queue.push(frame);
    }
  }

  #spilled(): void {
    this.#swapped++;
    this.count++;
  }

  #refill(): void {
    if (this.#refilling) return;
    this.#refilling = true;
    while (this.#swapped > 0 && this.waitingBytes < ENOUGH_BYTES) {
      const bytes = this.queue.pull();
      if (bytes === null) break;
      this.#sorter.feed(bytes);
    }
    this.#refilling = false;
  }
}
