// What a peer sent and nobody has asked for yet: a ring of runs of the memory
// it arrived in. A run is many frames in their wire form (base/frame.ts), so a
// message costs nothing until the application asks for it; then its header is
// read and its body becomes a view. A frame that has memory of its own is an
// entry of its own. Frames of a message that is still arriving stand behind the
// whole ones and don't count. Small frames of a sender within the process, which are
// copied, are written into runs of the queue's own.
//
// The high-water mark bounds the whole messages; a producer that met a full
// queue is told once there is room for about half of it (libzmq's low-water
// mark).

import {
  bodyLength,
  copyInto,
  headLength,
  LONG,
  LONGEST_HEADER,
  MORE,
  readSize,
  SHORT_BODY,
  writeHeader,
} from "../base/frame.ts";
import { COPIED_BYTES, EMPTY, type Message } from "../base/message.ts";
import { SLAB_BYTES, SMALLEST_SLAB } from "../base/slab.ts";
import type { FrameCopies } from "../runtime/frame_copies.ts";
import type { Pipe } from "./pipe.ts";

const SMALLEST = 4;

// Numbers of an entry: where it begins, where it ends, and its kind, which is
// the flags of a frame of its own, or RUN.
const STRIDE = 3;
const END = 1;
const KIND = 2;
const RUN = 0x80;
/** The entry begins in the middle of a message. */
const CONTINUED = 0x40;

/** Somebody who fills a queue. */
export interface Producer {
  /** There is room again. */
  resume(): void;
}

export class InboundQueue {
  /** Whole messages waiting. */
  count = 0;
  /** Messages that were added, ever, and bytes, which over a wire include what is around the frames. */
  total = 0;
  bytes = 0;
  /** Whether a producer waits to be told of room. */
  starved = false;
  /** Told when it was starved and may go on. */
  producer: Producer | null = null;
  /** The frame that `peek` found; `flags` are those of the last one seen. */
  buffer: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  flags = 0;

  /** Bytes in memory that is held. */
  held = 0;

  #hwm = 0;
  #low = 0;
  #limit = 0;
  #newest: boolean;
  #buffers: (Uint8Array | null)[] = [];
  #spans: Uint32Array = NO_SPANS;
  #mask = -1;
  #head = 0;
  #entries = 0;
  /** Entries that hold whole messages, and where the last one's whole messages end. */
  #wholeEntries = 0;
  #wholeEnd = 0;
  #midMessage = false;
  // The oldest entry, while it is a run that was begun: what is left of it.
  #run: Uint8Array = EMPTY;
  #memory: ArrayBufferLike = EMPTY.buffer;
  #offset = 0;
  #runAt = 0;
  #runEnd = 0;

  // Small frames of a sender within the process, in their wire form: a slab that is
  // written from front to back, and whether the newest entry is a run that ends there.
  #slab: Uint8Array = EMPTY;
  #slabSize = SMALLEST_SLAB;
  #slabAt = 0;
  #slabOpen = false;

  /** How frames of a run that are shorter are copied out of it, and not viewed in it. */
  readonly #copies: FrameCopies;
  readonly #copyBelow: number;

  /** A queue of at most `hwm` messages (0: no bound), or of just the newest one. */
  constructor(
    hwm: number,
    newest: boolean,
    copies: FrameCopies | null = null,
  ) {
    this.#newest = newest;
    this.#copies = copies ?? NO_COPIES;
    this.#copyBelow = this.#copies.below;
    this.setHighWaterMark(hwm);
  }

  get highWaterMark(): number {
    return this.#hwm;
  }

  /** Changes the bound; messages that wait stay. */
  setHighWaterMark(hwm: number): void {
    this.#hwm = this.#newest ? 0 : hwm;
    this.#low = this.#hwm === 0 ? Infinity : this.#hwm >> 1;
    if (this.starved && !this.full) this.#signal();
  }

  /** Bounds the bytes, too; 0 doesn't. */
  setBytesLimit(bytes: number): void {
    this.#limit = bytes;
    if (this.starved && !this.full) this.#signal();
  }

  /** From now on keeps only the newest message. */
  keepNewest(): void {
    this.#newest = true;
    this.setHighWaterMark(0);
    this.#makeWay();
  }

  /** Messages that came, ever. */
  get come(): number {
    return this.total + this.swapped;
  }

  /** Messages that went, ever: taken, dropped, or lost with their memory. */
  get gone(): number {
    return this.total - this.count;
  }

  /** Messages that wait in a file, and their bytes. */
  get swapped(): number {
    return 0;
  }

  get swappedBytes(): number {
    return 0;
  }

  /** It is the queue of a pipe. */
  serve(_pipe: Pipe): void {}

  /** The peer has gone. */
  parted(): void {}

  /** Whether a message has begun to come in and is not whole. */
  get midMessage(): boolean {
    return this.#midMessage;
  }

  /** How many more messages may be added. */
  get space(): number {
    if (this.#limit !== 0 && this.#heavy(this.#limit)) return 0;
    return this.#hwm === 0 ? Infinity : this.#hwm - this.count;
  }

  /** Whether a producer has to wait. */
  get full(): boolean {
    return this.#hwm !== 0 && this.count >= this.#hwm ||
      this.#limit !== 0 && this.#heavy(this.#limit);
  }

  /** Whether few enough messages wait for a muted producer to go on. */
  get relaxed(): boolean {
    return this.count <= this.#low &&
      (this.#limit === 0 || !this.#heavy(this.#limit / 2 + 1));
  }

  /** Whether so many bytes wait; a message alone may have as many as it will. */
  #heavy(bytes: number): boolean {
    return this.held >= bytes && this.count > 0;
  }

  /**
   * Adds the frames that lie in `buffer` from `start` to `end`: so many whole
   * messages, of which the last ends at `whole`.
   */
  pushRun(
    buffer: Uint8Array,
    start: number,
    end: number,
    messages: number,
    whole: number,
  ): void {
    this.#add(buffer, start, end, RUN);
    this.bytes += end - start;
    if (messages > 0) {
      this.total += messages;
      this.count += messages;
      this.#wholeEntries = this.#entries;
      this.#wholeEnd = whole;
      if (this.#newest) this.#makeWay();
    }
    this.#midMessage = messages === 0 || whole < end;
  }

  /**
   * Adds a borrowed frame: a small one is copied, as the sender may change it once
   * its call has returned, and a large one is shared.
   */
  pushBorrowed(frame: Uint8Array, flags: number): void {
    const { length } = frame;
    const slab = this.#slab;
    const start = this.#slabAt;
    const room = slab.length - start;
    if (!this.#slabOpen || length > SHORT_BODY || room < length + 2) {
      this.#pushCopied(frame, flags);
      return;
    }
    slab[start] = flags;
    slab[start + 1] = length;
    copyInto(slab, start + 2, frame);
    this.bytes += length;
    this.#extend(start + 2 + length);
    this.#frameEnds(flags);
  }

  /** The same where it may be long, or goes to a new run or slab. */
  #pushCopied(frame: Uint8Array, flags: number): void {
    const { length } = frame;
    if (length > COPIED_BYTES) {
      this.push(frame, flags);
      return;
    }
    if (this.#slab.length - this.#slabAt < length + LONGEST_HEADER) {
      this.#nextSlab(length + LONGEST_HEADER);
    }
    const slab = this.#slab;
    const start = this.#slabAt;
    if (!this.#slabOpen) {
      this.#add(slab, start, start, RUN);
      this.#slabOpen = true;
    }
    const body = writeHeader(slab, start, flags, length);
    copyInto(slab, body, frame);
    this.bytes += length;
    this.#extend(body + length);
    this.#frameEnds(flags);
  }

  /** The newest run, which ends where the slab was written to, is longer now. */
  #extend(end: number): void {
    this.held += end - this.#slabAt;
    this.#slabAt = end;
    if (this.#entries === 1 && this.#run === this.#slab) this.#runEnd = end;
  }

  /** The newest run is no longer now: its end is put down, or it goes, if it was read to it. */
  #closeRun(): void {
    if (!this.#slabOpen) return;
    this.#slabOpen = false;
    const last = (this.#head + this.#entries - 1) & this.#mask;
    this.#spans[last * STRIDE + END] = this.#slabAt;
    const begun = this.#entries === 1 && this.#run === this.#slab;
    if (begun && this.#runAt === this.#runEnd) this.#shift();
  }

  #nextSlab(need: number): void {
    this.#closeRun();
    while (this.#slabSize < need) this.#slabSize *= 4;
    this.#slab = new Uint8Array(this.#slabSize);
    if (this.#slabSize < SLAB_BYTES) this.#slabSize *= 4;
    this.#slabAt = 0;
  }

  /** Adds a frame that has memory of its own. */
  push(frame: Uint8Array, flags: number): void {
    this.#add(frame, 0, frame.length, flags);
    this.bytes += frame.length;
    this.#frameEnds(flags);
  }

  /** The newest entry ends with a whole frame, and with the message if no more is to come. */
  #frameEnds(flags: number): void {
    this.#midMessage = (flags & MORE) !== 0;
    if (this.#midMessage) return;
    this.total++;
    this.count++;
    this.#wholeEntries = this.#entries;
    this.#wholeEnd = this.#slabAt;
    if (this.#newest) this.#makeWay();
  }

  /** Adds a message of one frame before all others. */
  pushFirst(frame: Uint8Array): void {
    this.#closeRun();
    if (this.#runAt < this.#runEnd) {
      // What was read of the oldest run is no part of it any more.
      this.#cutRun();
      this.#leaveRun();
    }
    if (this.#entries > this.#mask) this.#grow();
    this.#head = (this.#head - 1) & this.#mask;
    this.#entries++;
    this.#wholeEntries++;
    if (this.#wholeEntries === 1) this.#wholeEnd = frame.length;
    const span = this.#head * STRIDE;
    this.#buffers[this.#head] = frame;
    this.#spans[span] = 0;
    this.#spans[span + END] = frame.length;
    this.#spans[span + KIND] = 0;
    this.held += frame.length;
    this.bytes += frame.length;
    this.total++;
    this.count++;
    if (this.#newest) this.#makeWay();
  }

  /** Forgets the frames of a message that will never be whole. */
  rollback(): void {
    if (!this.#midMessage) return;
    this.#midMessage = false;
    this.#closeRun();
    while (this.#entries > this.#wholeEntries) {
      this.#entries--;
      const gone = (this.#head + this.#entries) & this.#mask;
      this.#buffers[gone] = null;
      this.held -= this.#lengthOf(gone);
    }
    if (this.#entries === 0) return;
    const last = (this.#head + this.#entries - 1) & this.#mask;
    const span = last * STRIDE;
    if ((this.#spans[span + KIND] & RUN) === 0) return;
    this.held -= this.#spans[span + END] - this.#wholeEnd;
    this.#spans[span + END] = this.#wholeEnd;
    const begun = last === this.#head && this.#runAt < this.#runEnd;
    if (!begun) return;
    this.#runEnd = this.#wholeEnd;
    if (this.#runAt === this.#runEnd) this.#shift();
  }

  /** Takes the oldest message, or `null` if there is none. */
  take(): Message | null {
    while (this.count > 0) {
      const first = this.#takeFrame();
      if (first === null) continue;
      const message: Message = [first];
      if ((this.flags & MORE) !== 0 && !this.#takeRest(message)) continue;
      this.#gone();
      return message;
    }
    return null;
  }

  /**
   * Adds the oldest messages to `messages` until there are `most`, as far as they are
   * of one frame and lie in a run that was begun; false if there is none.
   */
  takeMany(messages: Message[], most: number): boolean {
    const run = this.#run;
    const memory = this.#memory;
    const offset = this.#offset;
    const last = Math.min(this.#runEnd, run.length);
    const room = Math.min(most - messages.length, this.count);
    let at = this.#runAt;
    let taken = 0;
    while (taken < room && at < last) {
      const flags = run[at];
      if ((flags & MORE) !== 0) break;
      let length = run[at + 1];
      let body = at + 2;
      if ((flags & LONG) !== 0) {
        length = readSize(run, at + 1);
        body = at + LONGEST_HEADER;
      }
      const end = body + length;
      if (!(end <= last)) break;
      messages.push([
        length < this.#copyBelow
          ? this.#copies.copy(run, body, end)
          : new Uint8Array(memory, offset + body, length),
      ]);
      taken++;
      at = end;
    }
    if (taken === 0) return false;
    this.flags = 0;
    this.#runAt = at;
    if (at === this.#runEnd) this.#runOver();
    this.count -= taken - 1;
    this.#gone();
    return true;
  }

  /**
   * Takes the oldest messages if they lie in a run, up to about so many bytes of them, and
   * so many messages: `buffer` has their frames from `start` to `end`.
   */
  takeRun(most: number, mostMessages = Infinity): boolean {
    if (this.count === 0) return false;
    if (this.#runAt === this.#runEnd && !this.#load()) return false;
    const run = this.#run;
    const from = this.#runAt;
    const last = Math.min(this.#runEnd, run.length, from + most);
    let at = from;
    let whole = from;
    let messages = 0;
    const enough = Math.min(this.count, mostMessages);
    while (at < last && messages < enough) {
      const flags = run[at];
      at += (flags & LONG) === 0
        ? 2 + run[at + 1]
        : LONGEST_HEADER + readSize(run, at + 1);
      if ((flags & MORE) !== 0) continue;
      if (at > run.length) break;
      messages++;
      whole = at;
    }
    if (messages === 0) return false;
    this.buffer = run;
    this.start = from;
    this.end = whole;
    this.#runAt = whole;
    if (whole === this.#runEnd) this.#runOver();
    this.count -= messages - 1;
    this.#gone();
    return true;
  }

  /** Shows the first frame of the oldest message in `buffer`, `start`, `end`, `flags`. */
  peek(): boolean {
    while (this.count > 0) {
      if (this.#look()) return true;
      this.#lose();
    }
    return false;
  }

  /** Whether the oldest message, which `peek` found, has an empty frame before its last one. */
  hasDelimiter(): boolean {
    this.#closeRun();
    for (let i = 0; i < this.#entries; i++) {
      const entry = (this.#head + i) & this.#mask;
      const buffer = this.#buffers[entry]!;
      const span = entry * STRIDE;
      const kind = this.#spans[span + KIND];
      if ((kind & RUN) === 0) {
        if ((kind & MORE) === 0) return false;
        if (buffer.length === 0) return true;
        continue;
      }
      const begun = i === 0 && this.#runAt < this.#runEnd;
      let at = begun ? this.#runAt : this.#spans[span];
      const end = Math.min(this.#spans[span + END], buffer.length);
      while (at < end) {
        if ((buffer[at] & MORE) === 0) return false;
        const length = bodyLength(buffer, at);
        if (length === 0) return true;
        at += headLength(buffer, at) + length;
      }
    }
    return false;
  }

  /** Drops the oldest message. */
  drop(): void {
    while (this.count > 0) {
      if (!this.#look()) {
        this.#lose();
        return;
      }
      this.#skip();
      if ((this.flags & MORE) === 0) {
        this.#gone();
        return;
      }
    }
  }

  /** Drops everything. */
  clear(): void {
    this.rollback();
    while (this.count > 0) this.drop();
  }

  #takeFrame(): Uint8Array | null {
    let at = this.#runAt;
    if (at === this.#runEnd) return this.#takeFirst();
    const run = this.#run;
    const flags = run[at];
    let length = run[at + 1];
    at += 2;
    if ((flags & LONG) !== 0) {
      length = readSize(run, at - 1);
      at += LONGEST_HEADER - 2;
    }
    const end = at + length;
    if (!(end <= run.length)) {
      this.#lose();
      return null;
    }
    this.flags = flags & MORE;
    this.#runAt = end;
    const frame = length < this.#copyBelow
      ? this.#copies.copy(run, at, end)
      : new Uint8Array(this.#memory, this.#offset + at, length);
    if (end === this.#runEnd) this.#runOver();
    return frame;
  }

  /** The first frame of the oldest entry, which nobody has begun to read. */
  #takeFirst(): Uint8Array | null {
    if (this.#load()) return this.#takeFrame();
    const own = this.#buffers[this.#head]!;
    this.flags = this.#spans[this.#head * STRIDE + KIND] & ~CONTINUED;
    this.#shift();
    return own;
  }

  /** Begins with the oldest entry; false if it is no run. */
  #load(): boolean {
    const head = this.#head;
    const span = head * STRIDE;
    if ((this.#spans[span + KIND] & RUN) === 0) return false;
    const run = this.#buffers[head]!;
    this.#run = run;
    this.#memory = run.buffer;
    this.#offset = run.byteOffset;
    this.#runAt = this.#spans[span];
    const open = this.#slabOpen && this.#entries === 1;
    this.#runEnd = open ? this.#slabAt : this.#spans[span + END];
    return true;
  }

  /** Takes the frames after the first, whose flags stay. */
  #takeRest(message: Message): boolean {
    const { flags } = this;
    do {
      const frame = this.#takeFrame();
      if (frame === null) return false;
      message.push(frame);
    } while ((this.flags & MORE) !== 0);
    this.flags = flags;
    return true;
  }

  /** Finds the next frame without taking it; false if its memory is gone. */
  #look(): boolean {
    if (this.#runAt === this.#runEnd && !this.#load()) {
      this.buffer = this.#buffers[this.#head]!;
      this.flags = this.#spans[this.#head * STRIDE + KIND] & ~CONTINUED;
      this.start = 0;
      this.end = this.buffer.length;
      return true;
    }
    const run = this.#run;
    const at = this.#runAt;
    const flags = run[at];
    this.buffer = run;
    this.flags = flags & MORE;
    if ((flags & LONG) === 0) {
      this.start = at + 2;
      this.end = this.start + run[at + 1];
    } else {
      this.start = at + LONGEST_HEADER;
      this.end = this.start + readSize(run, at + 1);
    }
    return this.end <= run.length;
  }

  /** Goes past the frame that `#look` found. */
  #skip(): void {
    if (this.#runAt === this.#runEnd) {
      this.#shift();
      return;
    }
    this.#runAt = this.end;
    if (this.end === this.#runEnd) this.#runOver();
  }

  /** All that there is of the oldest run was read; more may come if it is the newest too. */
  #runOver(): void {
    if (!this.#slabOpen || this.#entries > 1) {
      this.#shift();
      return;
    }
    this.#cutRun();
  }

  /** The oldest run begins where it was read to. */
  #cutRun(): void {
    const span = this.#head * STRIDE;
    this.held -= this.#runAt - this.#spans[span];
    this.#spans[span] = this.#runAt;
  }

  /** No run is begun. */
  #leaveRun(): void {
    this.#run = EMPTY;
    this.#memory = EMPTY.buffer;
    this.#runAt = 0;
    this.#runEnd = 0;
  }

  /** A message is gone. */
  #gone(): void {
    this.count--;
    if (this.starved) this.#ease();
  }

  #ease(): void {
    if (this.relaxed) this.#signal();
  }

  #signal(): void {
    this.starved = false;
    this.producer?.resume();
  }

  #shift(): void {
    const head = this.#head;
    this.held -= this.#lengthOf(head);
    this.#buffers[head] = null;
    this.#head = (head + 1) & this.#mask;
    this.#entries--;
    this.#wholeEntries--;
    this.#leaveRun();
  }

  /**
   * The memory of the oldest run was transferred away, and its messages with
   * it: goes on at the next message that begins in other memory.
   */
  #lose(): void {
    this.#closeRun();
    do {
      this.#shift();
    } while (
      this.#entries > 0 &&
      (this.#spans[this.#head * STRIDE + KIND] & CONTINUED) !== 0
    );
    if (this.#wholeEntries < 0) this.#wholeEntries = 0;
    if (this.#entries === 0) this.#midMessage = false;
    this.count = this.#countWhole() + 1;
    this.#gone();
  }

  /** Counts the whole messages by their frames. */
  #countWhole(): number {
    let messages = 0;
    for (let i = 0; i < this.#wholeEntries; i++) {
      const entry = (this.#head + i) & this.#mask;
      const buffer = this.#buffers[entry]!;
      const span = entry * STRIDE;
      const kind = this.#spans[span + KIND];
      if ((kind & RUN) === 0) {
        if ((kind & MORE) === 0) messages++;
        continue;
      }
      let at = this.#spans[span];
      const end = Math.min(this.#spans[span + END], buffer.length);
      while (at < end) {
        const flags = buffer[at];
        at += (flags & LONG) === 0
          ? 2 + buffer[at + 1]
          : LONGEST_HEADER + readSize(buffer, at + 1);
        if ((flags & MORE) === 0) messages++;
      }
    }
    return messages;
  }

  /** Conflation: drops all but the newest. */
  #makeWay(): void {
    while (this.count > 1) this.drop();
  }

  #lengthOf(entry: number): number {
    const span = entry * STRIDE;
    return this.#spans[span + END] - this.#spans[span];
  }

  #add(buffer: Uint8Array, start: number, end: number, kind: number): void {
    this.#closeRun();
    if (this.#entries > this.#mask) this.#grow();
    const at = (this.#head + this.#entries) & this.#mask;
    const span = at * STRIDE;
    this.#buffers[at] = buffer;
    this.#spans[span] = start;
    this.#spans[span + END] = end;
    this.#spans[span + KIND] = this.#midMessage ? kind | CONTINUED : kind;
    this.held += end - start;
    this.#entries++;
  }

  #grow(): void {
    const capacity = Math.max(SMALLEST, (this.#mask + 1) * 2);
    const buffers: (Uint8Array | null)[] = new Array(capacity).fill(null);
    const spans = new Uint32Array(capacity * STRIDE);
    for (let i = 0; i < this.#entries; i++) {
      const from = (this.#head + i) & this.#mask;
      buffers[i] = this.#buffers[from];
      for (let n = 0; n < STRIDE; n++) {
        spans[i * STRIDE + n] = this.#spans[from * STRIDE + n];
      }
    }
    this.#buffers = buffers;
    this.#spans = spans;
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}

const NO_SPANS = new Uint32Array(0);
const NO_COPIES: FrameCopies = {
  below: 0,
  copy: (from, start, end) => from.slice(start, end),
};
