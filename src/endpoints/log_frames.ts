// The frames of an outgoing queue, one by one, for transports that don't send its
// blocks as they are. A frame counts as taken when it is handed out.

import { headerLength } from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";
import type { OutboundLog } from "../routing/outbound_log.ts";
import { FRAME, FrameReader } from "../zmtp/frame_reader.ts";
import type { Reserve } from "../zmtp/reserve.ts";

export class LogFrames {
  frame: Uint8Array = EMPTY;
  flags = 0;
  readonly #log: OutboundLog;
  readonly #reader: FrameReader;
  /** Bytes of the block at hand that the log was not told of. */
  #left = 0;

  constructor(log: OutboundLog, reserve: Reserve) {
    this.#log = log;
    this.#reader = new FrameReader(Infinity, 0, reserve);
  }

  /** Whether there is another; then it is in `frame` and `flags`. */
  next(): boolean {
    const reader = this.#reader;
    for (;;) {
      if (reader.next() === FRAME) {
        const length = reader.end - reader.start;
        this.frame = reader.buffer.subarray(reader.start, reader.end);
        this.flags = reader.flags;
        this.#take(headerLength(length) + length);
        return true;
      }
      this.#take(this.#left);
      const block = this.#log.next();
      if (block === null) return false;
      // The log uses its memory again: what stays here is a copy.
      this.#left = block.length;
      reader.feed(block.slice());
    }
  }

  /** Lets go of what was not handed out. */
  close(): void {
    this.#reader.close();
    this.#left = 0;
  }

  #take(length: number): void {
    const taken = Math.min(length, this.#left);
    this.#left -= taken;
    if (taken > 0) this.#log.took(taken);
  }
}
