// Frames in their wire form, in pieces of any length, as whole messages: those that lie
// in a row as runs, those that straddle pieces one by one.

import { LONG, LONGEST_HEADER, MORE, readSize } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { FRAME, FrameReader, RUN } from "./frame_reader.ts";
import type { Reserve } from "./reserve.ts";

/** Where messages go. */
export interface RunSink {
  /** So many whole messages that lie in memory which is the sink's from here. */
  run(bytes: Uint8Array, start: number, end: number, messages: number): void;
  /** One message. */
  message(frames: Message): void;
}

export class RunSorter {
  readonly #sink: RunSink;
  readonly #reserve: Reserve;
  /** There once pieces are fed. */
  #reader: FrameReader | null = null;
  /** Frames of a message that is not whole yet. */
  #frames: Message = [];

  constructor(sink: RunSink, reserve: Reserve) {
    this.#sink = sink;
    this.#reserve = reserve;
  }

  /** Takes a piece, which is the sink's from here. */
  feed(bytes: Uint8Array): void {
    const reader = this.#reader ??= new FrameReader(
      Infinity,
      Infinity,
      this.#reserve,
    );
    reader.feed(bytes);
    for (;;) {
      const found = reader.scan(Infinity);
      if (found === RUN) {
        const { buffer, start, end, messages, whole } = reader;
        this.run(buffer, start, end, messages, whole);
      } else if (found === FRAME) {
        const { buffer, start, end, flags } = reader;
        this.frame(buffer.subarray(start, end), flags);
      } else return;
    }
  }

  /** Takes frames that lie in a row: so many whole messages, the last ending at `whole`. */
  run(
    bytes: Uint8Array,
    start: number,
    end: number,
    messages: number,
    whole: number,
  ): void {
    let at = start;
    let left = messages;
    if (this.#frames.length > 0 && left > 0) {
      at = this.#read(bytes, at, end, true);
      left--;
    }
    if (left > 0) {
      this.#sink.run(bytes, at, whole, left);
      at = whole;
    }
    this.#read(bytes, at, end, false);
  }

  /** Takes one frame. */
  frame(frame: Uint8Array, flags: number): void {
    this.#frames.push(frame);
    if ((flags & MORE) !== 0) return;
    const message = this.#frames;
    this.#frames = [];
    this.#sink.message(message);
  }

  /** Forgets what is not whole. */
  clear(): void {
    this.#reader?.close();
    this.#frames = [];
  }

  #read(bytes: Uint8Array, from: number, end: number, one: boolean): number {
    let at = from;
    while (at < end) {
      const flags = bytes[at];
      const long = (flags & LONG) !== 0;
      const body = at + (long ? LONGEST_HEADER : 2);
      at = body + (long ? readSize(bytes, at + 1) : bytes[at + 1]);
      this.frame(bytes.subarray(body, at), flags);
      if (one && (flags & MORE) === 0) break;
    }
    return at;
  }
}
