// An incoming queue that spills: what is past its bounds goes to a file, and comes back
// in order as the application takes what is in memory. Whole messages only are written.

import {
  headerLength,
  LONGEST_HEADER,
  MORE,
  writeHeader,
} from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { InboundQueue } from "../routing/inbound_queue.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { FrameCopies } from "../runtime/frame_copies.ts";
import type { Reserve } from "../zmtp/reserve.ts";
import { type RunSink, RunSorter } from "../zmtp/run_sorter.ts";
import type { SwapQueue } from "./swap_queue.ts";

export class SwappingInbox extends InboundQueue implements RunSink {
  readonly queue: SwapQueue;
  /** Called when it has to do with files, and when it has no more. */
  begins: () => void = () => {};
  over: () => void = () => {};
  readonly #sorter: RunSorter;
  #pipe: Pipe | null = null;
  /** Pieces of a message that is not whole, and is not in memory's queue. */
  #pieces: Uint8Array[] = [];
  #refilling = false;
  #swapped = 0;

  constructor(
    hwm: number,
    copies: FrameCopies | null,
    queue: SwapQueue,
    reserve: Reserve,
  ) {
    super(hwm, false, copies);
    this.queue = queue;
    this.#sorter = new RunSorter(this, reserve);
  }

  /** Messages that are not in memory. */
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
    if (this.count > 0) pipe.pattern?.readable(pipe);
  }

  /** There is room for more. */
  room(): void {
    if (!this.starved) return;
    this.starved = false;
    this.producer?.resume();
  }

  override get midMessage(): boolean {
    return this.#pieces.length > 0 || super.midMessage;
  }

  override get space(): number {
    if (!this.#spills) return super.space;
    return this.queue.full(1) ? 0 : Infinity;
  }

  override get full(): boolean {
    return this.#spills && this.queue.full(1);
  }

  override pushRun(
    buffer: Uint8Array,
    start: number,
    end: number,
    messages: number,
    whole: number,
  ): void {
    if (!this.#spills) {
      super.pushRun(buffer, start, end, messages, whole);
      return;
    }
    let from = start;
    if (messages > 0) {
      this.#flush();
      this.queue.push(buffer.subarray(start, whole));
      this.#spilled(messages);
      from = whole;
    }
    if (from < end) this.#pieces.push(buffer.subarray(from, end));
  }

  override push(frame: Uint8Array, flags: number): void {
    if (!this.#spills || (flags & ~MORE) !== 0) {
      super.push(frame, flags);
      return;
    }
    const head = new Uint8Array(LONGEST_HEADER);
    writeHeader(head, 0, flags, frame.length);
    this.#pieces.push(head.subarray(0, headerLength(frame.length)), frame);
    if ((flags & MORE) !== 0) return;
    this.#flush();
    this.#spilled(1);
  }

  override rollback(): void {
    this.#pieces = [];
    super.rollback();
  }

  override take(): Message | null {
    const message = super.take();
    if (this.#swapped > 0) this.#refill();
    return message;
  }

  override takeMany(messages: Message[], most: number): boolean {
    const took = super.takeMany(messages, most);
    if (this.#swapped > 0) this.#refill();
    return took;
  }

  override drop(): void {
    super.drop();
    if (this.#swapped > 0) this.#refill();
  }

  override clear(): void {
    this.#swapped = 0;
    this.#pieces = [];
    this.queue.clear();
    this.#sorter.clear();
    if (this.#pipe !== null) this.#pipe.expecting = false;
    super.clear();
  }

  // RunSink: what comes back.

  run(bytes: Uint8Array, start: number, end: number, messages: number): void {
    this.#back(messages);
    super.pushRun(bytes, start, end, messages, end);
  }

  message(frames: Message): void {
    this.#back(1);
    const last = frames.length - 1;
    frames.forEach((frame, i) => super.push(frame, i < last ? MORE : 0));
  }

  /** Whether what comes is not for memory's queue: a message that has begun there ends there. */
  get #spills(): boolean {
    if (super.midMessage) return false;
    return this.#swapped > 0 || this.#pieces.length > 0 || super.full;
  }

  #flush(): void {
    for (const piece of this.#pieces) this.queue.push(piece);
    this.#pieces = [];
  }

  /** Its peer has gone: what was spilled, if all of it is back, needs no file. */
  override parted(): void {
    if (this.#swapped > 0) return;
    this.queue.clear();
    this.over();
  }

  #spilled(messages: number): void {
    if (this.#swapped === 0) this.begins();
    this.#swapped += messages;
    if (this.#pipe !== null) this.#pipe.expecting = true;
    // What was full when it began may have been emptied since: nobody else asks for it.
    this.#refill();
  }

  /** Messages are back, and are about to be counted among those that came. */
  #back(messages: number): void {
    this.#swapped -= messages;
    const pipe = this.#pipe;
    if (this.#swapped > 0 || pipe === null) return;
    pipe.expecting = false;
    if (pipe.open) return;
    this.queue.clear();
    this.over();
  }

  #refill(): void {
    if (this.#refilling) return;
    this.#refilling = true;
    while (this.#swapped > 0 && super.relaxed) {
      const bytes = this.queue.pull();
      if (bytes === null) break;
      this.#sorter.feed(bytes);
    }
    this.#refilling = false;
  }
}
