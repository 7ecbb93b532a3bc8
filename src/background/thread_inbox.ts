// Where a connection puts what it has received, in a background thread: whole messages
// go straight into the link's ring. There is room for as many as the receiving mark
// lets the application have waiting.

import { COMMAND, LONGEST_HEADER, MORE, writeHeader } from "../base/frame.ts";
import { InboundQueue } from "../routing/inbound_queue.ts";
import {
  BYTES_MARK,
  CONSUMED,
  CONSUMED_BYTES,
  type Link,
  MARK,
  POSTED_BYTES,
  STARVED,
} from "./link.ts";

/** A piece of a message that is not whole yet. */
interface Piece {
  readonly bytes: Uint8Array;
  /** Flags of a body that is posted; -1 for frames in their wire form. */
  readonly flags: number;
}

export class ThreadInbox extends InboundQueue {
  readonly #conflates: boolean;
  #link: Link | null = null;
  /** Messages that went to the application. */
  #passed = 0;
  /** Bytes of them, as the application counts them. */
  #bytes = 0;
  #pieces: Piece[] = [];

  constructor(conflates: boolean) {
    super(0, conflates);
    this.#conflates = conflates;
  }

  /** Goes to the application by a link, with what has come already. */
  join(link: Link): void {
    this.#link = link;
    if (this.#conflates) {
      this.#handOn();
      return;
    }
    for (let message = this.take(); message !== null; message = this.take()) {
      const kind = this.flags & ~MORE;
      const last = message.length - 1;
      message.forEach((frame, i) => this.push(frame, i < last ? MORE : kind));
    }
  }

  /** Nothing more comes: what is kept goes to the application. */
  finish(): void {
    if (this.#conflates && this.count > 0) this.#passNewest();
  }

  /** There may be room again. */
  refresh(): void {
    if (this.#conflates) {
      this.#handOn();
      return;
    }
    if (!this.starved || this.space <= 0) return;
    Atomics.store(this.#link!.ints, STARVED, 0);
    this.starved = false;
    this.producer?.resume();
  }

  override get midMessage(): boolean {
    if (this.#link === null || this.#conflates) return super.midMessage;
    return this.#pieces.length > 0;
  }

  override get space(): number {
    const link = this.#link;
    if (link === null || this.#conflates) return super.space;
    const { ints } = link;
    const mark = Atomics.load(ints, MARK);
    const bytes = Atomics.load(ints, BYTES_MARK);
    if (mark === 0 && bytes === 0) return Infinity;
    // It is asked for before it is looked up: what comes between rings.
    Atomics.store(ints, STARVED, 1);
    const waiting = (this.#passed - Atomics.load(ints, CONSUMED)) | 0;
    if (bytes !== 0 && waiting > 0) {
      const held = (this.#bytes - Atomics.load(ints, CONSUMED_BYTES)) | 0;
      if (held >= bytes) return 0;
    }
    return mark === 0 ? Infinity : mark - waiting;
  }

  override get full(): boolean {
    return this.space <= 0;
  }

  override setHighWaterMark(): void {
    // The application's mark is the one that counts.
  }

  override pushRun(
    buffer: Uint8Array,
    start: number,
    end: number,
    messages: number,
    whole: number,
  ): void {
    const link = this.#link;
    if (link === null || this.#conflates) {
      super.pushRun(buffer, start, end, messages, whole);
      this.#handOn();
      return;
    }
    let from = start;
    if (messages > 0) {
      this.#flush();
      link.write(buffer, start, whole);
      this.#bytes = (this.#bytes + whole - start) | 0;
      this.#pass(messages);
      from = whole;
    }
    if (from < end) this.#keep(buffer.subarray(from, end), -1);
  }

  override push(frame: Uint8Array, flags: number): void {
    const link = this.#link;
    if (link === null || this.#conflates) {
      super.push(frame, flags);
      this.#handOn();
      return;
    }
    if ((flags & ~MORE) !== 0) {
      link.frame(COMMAND | flags, frame);
      this.#bytes = (this.#bytes + frame.length) | 0;
      this.#pass(1);
      return;
    }
    this.#write(frame, flags);
    if ((flags & MORE) !== 0) return;
    this.#flush();
    this.#pass(1);
  }

  override rollback(): void {
    if (this.#link === null || this.#conflates) super.rollback();
    this.#pieces = [];
  }

  /** Gives the newest message to the application, if it has seen the one before; else it will say so. */
  #handOn(): void {
    if (this.#link === null || this.count === 0) return;
    const { ints } = this.#link;
    // It is asked for before it is looked up: what comes between rings.
    Atomics.store(ints, STARVED, 1);
    if (this.#passed === Atomics.load(ints, CONSUMED)) this.#passNewest();
  }

  #passNewest(): void {
    Atomics.store(this.#link!.ints, STARVED, 0);
    const message = this.take()!;
    const last = message.length - 1;
    message.forEach((frame, i) => this.#write(frame, i < last ? MORE : 0));
    this.#flush();
    this.#pass(1);
  }

  /** Puts a frame behind the others of its message. */
  #write(frame: Uint8Array, flags: number): void {
    if (frame.length >= POSTED_BYTES) this.#keep(frame, flags);
    else {
      const head = new Uint8Array(LONGEST_HEADER);
      const length = writeHeader(head, 0, flags, frame.length);
      this.#keep(head.subarray(0, length), -1);
      this.#keep(frame, -1);
    }
  }

  #keep(bytes: Uint8Array, flags: number): void {
    this.#pieces.push({ bytes, flags });
  }

  #flush(): void {
    const link = this.#link!;
    for (const { bytes, flags } of this.#pieces) {
      this.#bytes = (this.#bytes + bytes.length) | 0;
      if (flags < 0) link.write(bytes, 0, bytes.length);
      else link.moveBody(movable(bytes), flags);
    }
    this.#pieces = [];
  }

  #pass(messages: number): void {
    this.#passed = (this.#passed + messages) | 0;
    this.#link!.signal();
  }
}

/** A body whose memory holds nothing else. */
function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length
    ? bytes as Uint8Array<ArrayBuffer>
    : new Uint8Array(bytes);
}
