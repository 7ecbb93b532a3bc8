// The outgoing queue of a pipe that leads over a wire: a log of encoded frames,
// not a ring of messages. A message is encoded when it is sent, so its small
// frames may be changed at once, nothing of the user's is pinned, and what goes
// to the stream is one block of many messages. Only a large body is kept by
// reference, as a segment of its own.
//
//   handed ──> sealed ──> sealed ──> open
//   (with the stream)                (messages are appended here)
//
// A message counts against the high-water mark until the kernel has accepted
// its last byte. When a connection dies, what was handed over is gone, and so
// is the rest of a message of which a part was; whole messages stay.

import {
  BLOCK_BYTES,
  BLOCK_SIZES,
  blockLength,
  giveBlock,
  takeBlock,
} from "../base/block.ts";
import {
  copyInto,
  LONG,
  LONGEST_HEADER,
  MORE,
  readSize,
  SHORT_BODY,
  writeHeader,
} from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import type { Pipe } from "./pipe.ts";

/** Bodies above this many bytes are not copied into a block. */
export const BY_REFERENCE: number = 16384;

/**
 * A header alone would wake the peer for nothing: what it is written with of its body,
 * all of a body with which that is less than so many bytes, and else its front.
 */
const MOST_JOINED = 49_152;
const FRONT = 16_384;
/** Where as much stands before its body, it is written as it is. */
const ENOUGH = 4096;

/** A run of encoded bytes that is written in one go. */
class Segment {
  readonly bytes: Uint8Array;
  /** What the kernel has not taken begins here. */
  at: number;
  /** Where it began. */
  from: number;
  end: number;
  /** Messages whose last byte lies in it. */
  messages = 0;
  /** Bytes at its front that belong to a message begun in an earlier segment. */
  lead: number;
  /** Whether it ends with a header whose body is the next segment. */
  readonly headed: boolean;
  /** The block to recycle once it is taken. */
  block: Bytes | null = null;
  /** Whether the kernel has taken it, or it was thrown away. */
  done = false;
  /** Whether its messages were given up after they had been handed over. */
  forsaken = false;
  next: Segment | null = null;

  constructor(
    bytes: Uint8Array,
    from: number,
    end: number,
    lead: number,
    headed: boolean,
  ) {
    this.bytes = bytes;
    this.at = from;
    this.from = from;
    this.end = end;
    this.lead = lead;
    this.headed = headed;
  }
}

/** Somebody who waits for the kernel to have taken a message. */
interface Waiter {
  /** The number of that message, counted from the log's beginning. */
  readonly upTo: number;
  readonly done: (taken: boolean) => void;
}

type Bytes = Uint8Array<ArrayBuffer>;

const NO_BLOCK: Bytes = new Uint8Array(0);

/** Rests that used little of the block, before the next one is smaller. */
const RESTS = 16;

/** The lead of a run begun in the middle of a message, until its end is known. */
const UNKNOWN = -1;

export class OutboundLog {
  /** Messages whose bytes the kernel has not taken. */
  count = 0;
  /** Messages that the kernel has taken, ever. */
  taken = 0;
  /** Bytes that the kernel has taken, ever. */
  takenBytes = 0;
  /** Messages that were lost with a connection or thrown away, ever. */
  lost = 0;
  /** Messages that a background thread has taken, and the kernel not yet. */
  away = 0;
  /** Whether the pump knows that something waits. */
  armed = false;
  /** Whether the bytes handed over last end in the middle of a frame. */
  midFrame = false;
  /** Whether they end in the middle of a message. */
  midMessage = false;

  #hwm = 0;
  #low = 0;
  #limit = 0;
  readonly #newest: boolean;

  #handed: Segment | null = null;
  #first: Segment | null = null;
  #last: Segment | null = null;
  #sealedBytes = 0;

  // The open run is #block from #from to #at.
  #block: Bytes = NO_BLOCK;
  #size = 0;
  #from = 0;
  #at = 0;
  #messages = 0;
  #lead = 0;
  #midMessage = false;
  /** The latest segment that lies in the open block. */
  #tenant: Segment | null = null;
  /** Whether the open block must not be recycled. */
  #spoiled = false;
  /** Rests in a row that had used little of the block. */
  #restedSmall = 0;

  readonly #waiters: Waiter[] = [];

  /** A log of at most `hwm` messages (0: no bound), or of just the newest one. */
  constructor(hwm: number, newest: boolean) {
    this.#newest = newest;
    this.setHighWaterMark(hwm);
  }

  get highWaterMark(): number {
    return this.#hwm;
  }

  /** Changes the bound; messages that wait stay. */
  setHighWaterMark(hwm: number): void {
    this.#hwm = this.#newest ? 0 : hwm;
    this.#low = this.#hwm === 0 ? Infinity : this.#hwm >> 1;
  }

  /** Bounds the bytes, too; 0 doesn't. */
  setBytesLimit(bytes: number): void {
    this.#limit = bytes;
  }

  /** Whether no message more may be added. */
  get full(): boolean {
    return this.#hwm !== 0 && this.count + this.away >= this.#hwm ||
      this.#limit !== 0 && this.#heavy(this.#limit);
  }

  /** Whether few enough messages wait for a muted sender to go on. */
  get relaxed(): boolean {
    return this.count + this.away <= this.#low &&
      (this.#limit === 0 || !this.#heavy(this.#limit / 2 + 1));
  }

  /** Whether so many bytes wait; a message alone may have as many as it will. */
  #heavy(bytes: number): boolean {
    return this.count + this.away > 0 && this.heldBytes >= bytes;
  }

  /** Messages that wait in a file, and their bytes; `count` includes them. */
  get swapped(): number {
    return 0;
  }

  get swappedBytes(): number {
    return 0;
  }

  /** It is the log of a pipe. */
  serve(_pipe: Pipe): void {}

  /** Bytes that the kernel has not taken. */
  get heldBytes(): number {
    const handed = this.#handed;
    return this.waitingBytes + (handed === null ? 0 : handed.end - handed.at);
  }

  /** Bytes that have not been handed over. */
  get waitingBytes(): number {
    return this.#sealedBytes + this.#at - this.#from;
  }

  /** Whether what waits is worth a write of its own: a full block or a large body. */
  get ripe(): boolean {
    return this.#first !== null;
  }

  /** Adds a message: an envelope before it, without its first `skip` frames. */
  append(message: Message, skip: number, envelope: Message | null): void {
    if (this.#newest) this.#forgetWaiting();
    if (envelope !== null) {
      for (let i = 0; i < envelope.length; i++) this.#frame(envelope[i], MORE);
    }
    const last = message.length - 1;
    for (let i = skip; i < last; i++) this.#frame(message[i], MORE);
    this.#frame(message[last], 0);
    this.#messageEnds();
  }

  /** Adds one message that is encoded already and holds no large body. */
  appendEncoded(encoded: Uint8Array): void {
    if (this.#newest) this.#forgetWaiting();
    const length = encoded.length;
    if (this.#block.length - this.#at < length) {
      if (length > BLOCK_BYTES) {
        this.#seal(false);
        this.#add(new Segment(encoded.slice(), 0, length, 0, false));
        this.#last!.messages = 1;
        this.count++;
        return;
      }
      this.#nextBlock(length);
    }
    this.#block.set(encoded, this.#at);
    this.#at += length;
    this.#messageEnds();
  }

  /** Adds whole messages that are encoded already; the bytes are the log's from here. */
  appendRun(
    bytes: Uint8Array,
    start: number,
    end: number,
    messages: number,
  ): void {
    if (this.#newest) {
      this.#forgetWaiting();
      for (; messages > 1; messages--) {
        start = messageEnd(bytes, start, end);
        this.lost++;
      }
    }
    const length = end - start;
    if (length > BY_REFERENCE) {
      this.#seal(false);
      const segment = new Segment(bytes, start, end, 0, false);
      segment.messages = messages;
      this.#add(segment);
    } else {
      if (this.#block.length - this.#at < length) this.#nextBlock(length);
      this.#block.set(bytes.subarray(start, end), this.#at);
      this.#at += length;
      this.#messages += messages;
    }
    this.count += messages;
  }

  /**
   * The next bytes for the stream, or `null`; they stay as they are until taken.
   * `joined` has a header followed by its body, or by the front of it.
   */
  next(joined = false): Uint8Array | null {
    if (this.#first === null) this.#seal(false);
    let segment = this.#first;
    if (segment === null) return null;
    if (joined && segment.headed) segment = this.#joined(segment);
    this.#first = segment.next;
    if (this.#first === null) this.#last = null;
    segment.next = null;
    this.#handed = segment;
    this.midFrame = segment.headed;
    const next = this.#first;
    this.midMessage = next === null ? this.#lead !== 0 : next.lead > 0;
    const length = segment.end - segment.at;
    this.#sealedBytes -= length;
    const { bytes } = segment;
    // Whoever sent it has given the memory away meanwhile; the peer was told the length.
    if (bytes.length < segment.end) return new Uint8Array(length);
    return new Uint8Array(bytes.buffer, bytes.byteOffset + segment.at, length);
  }

  /** The kernel has taken so many bytes more of what was handed over. */
  took(length: number): void {
    const segment = this.#handed!;
    this.takenBytes += length;
    segment.at += length;
    if (segment.at < segment.end) return;
    this.#handed = null;
    this.#finish(segment, true);
    if (this.#first === null && this.#at === this.#from) this.#rest();
    if (this.#waiters.length > 0) this.#tell(true);
  }

  /** So many of the messages that a background thread took are left there, and so many were lost since. */
  settle(away: number, lost: number): void {
    this.away = away + lost;
    if (this.#waiters.length > 0) this.#tell(true);
    if (lost === 0) return;
    this.away = away;
    this.taken -= lost;
    this.lost += lost;
    this.#tell(false);
  }

  /**
   * The connection died. What was handed over is gone: all of it, or with
   * `exact` just the messages of which the kernel took a byte. The rest of a
   * message that was begun goes too; whole messages stay for the next one.
   */
  disconnected(exact: boolean): void {
    this.armed = false;
    this.midFrame = false;
    this.midMessage = false;
    const handed = this.#handed;
    this.#handed = null;
    if (handed !== null) {
      this.#spoil(handed);
      if (exact && !handed.forsaken && this.#salvage(handed)) return;
      this.#finish(handed, false);
    }
    this.#dropBegun();
    this.#tell(false);
  }

  /**
   * Throws away what was not handed over, and says how many messages that was.
   * What was handed over still leaves, but waits for no other connection.
   */
  clear(): number {
    const before = this.lost;
    if (this.#handed !== null) this.#handed.forsaken = true;
    this.#forgetWaiting();
    this.#tell(false);
    return this.lost - before;
  }

  /** Calls `done` once the kernel has taken what was added so far, or it is lost. */
  whenTaken(done: (taken: boolean) => void): void {
    if (this.count + this.away === 0) done(true);
    else {
      this.#waiters.push({ upTo: this.taken + this.lost + this.count, done });
    }
  }

  #frame(body: Uint8Array, flags: number): void {
    const length = body.length;
    if (length > BY_REFERENCE) {
      this.#refer(body, flags);
      return;
    }
    if (this.#block.length - this.#at < length + LONGEST_HEADER) {
      this.#nextBlock(length + LONGEST_HEADER);
    }
    const block = this.#block;
    let at = this.#at;
    if (length <= SHORT_BODY) {
      block[at] = flags;
      block[at + 1] = length;
      at += 2;
    } else {
      at = writeHeader(block, at, flags, length);
    }
    copyInto(block, at, body);
    this.#at = at + length;
    this.#midMessage = true;
  }

  #refer(body: Uint8Array, flags: number): void {
    if (this.#block.length - this.#at < LONGEST_HEADER) {
      this.#nextBlock(LONGEST_HEADER);
    }
    this.#at = writeHeader(this.#block, this.#at, flags, body.length);
    this.#midMessage = true;
    this.#seal(true);
    this.#add(new Segment(body, 0, body.length, body.length, false));
  }

  /** A segment that ends with a header, with what follows; a copy, but for large bodies. */
  #joined(head: Segment): Segment {
    const body = head.next!;
    const before = head.end - head.at;
    const left = body.end - body.at;
    // What its sender has given away can't be copied.
    if (before > ENOUGH || body.bytes.length < body.end) return head;
    const count = before + left <= MOST_JOINED ? left : Math.min(left, FRONT);
    const block = takeBlock(BLOCK_SIZES - 1);
    const end = before + count;
    block.set(head.bytes.subarray(head.at, head.end));
    block.set(body.bytes.subarray(body.at, body.at + count), before);
    const goesOn = head.lead === head.end - head.from;
    const lead = goesOn ? end : head.lead;
    const segment = new Segment(block, 0, end, lead, count < left);
    segment.block = block;
    segment.messages = head.messages;
    if (count === left) {
      segment.messages += body.messages;
      segment.next = body.next;
    } else {
      body.at += count;
      body.from = body.at;
      body.lead -= count;
      segment.next = body;
    }
    head.done = true;
    if (head.block !== null) giveBlock(head.block);
    return segment;
  }

  #messageEnds(): void {
    this.#midMessage = false;
    this.count++;
    if (this.#lead === UNKNOWN) {
      this.#lead = this.#at - this.#from;
      if (this.#lead === 0) {
        this.#last!.messages++;
        return;
      }
    }
    this.#messages++;
  }

  /** Makes a segment of the open run. */
  #seal(headed: boolean): void {
    const length = this.#at - this.#from;
    if (length > 0) {
      const lead = this.#lead === UNKNOWN ? length : this.#lead;
      const segment = new Segment(
        this.#block,
        this.#from,
        this.#at,
        lead,
        headed,
      );
      segment.messages = this.#messages;
      this.#add(segment);
      this.#tenant = segment;
      this.#from = this.#at;
      this.#messages = 0;
    }
    this.#lead = this.#midMessage ? UNKNOWN : 0;
  }

  #add(segment: Segment): void {
    if (this.#last === null) this.#first = segment;
    else this.#last.next = segment;
    this.#last = segment;
    this.#sealedBytes += segment.end - segment.at;
  }

  /** Makes room for so many bytes: in a larger block, or in the next one. */
  #nextBlock(need: number): void {
    const old = this.#block;
    const from = this.#from;
    const length = this.#at - from;
    if (old !== NO_BLOCK) {
      if (this.#size < BLOCK_SIZES - 1) this.#size++;
      this.#restedSmall = 0;
    }
    while (blockLength(this.#size) < length + need) {
      if (this.#size === BLOCK_SIZES - 1) {
        this.#seal(false);
        this.#leaveBlock();
        this.#block = takeBlock(this.#size);
        this.#from = 0;
        this.#at = 0;
        return;
      }
      this.#size++;
    }
    // What was begun moves along, so that it is still written in one go.
    const block = takeBlock(this.#size);
    if (length > 0) block.set(old.subarray(from, from + length));
    this.#leaveBlock();
    this.#block = block;
    this.#from = 0;
    this.#at = length;
  }

  /** The open block goes back once its last segment is taken. */
  #leaveBlock(): void {
    const block = this.#block;
    if (block === NO_BLOCK) return;
    if (!this.#spoiled) {
      if (this.#tenant === null || this.#tenant.done) giveBlock(block);
      else this.#tenant.block = block;
    }
    this.#block = NO_BLOCK;
    this.#tenant = null;
    this.#spoiled = false;
  }

  /** A dying stream may still read what it was handed: that is never recycled. */
  #spoil(handed: Segment): void {
    handed.block = null;
    if (handed.bytes === this.#block) this.#spoiled = true;
  }

  /** Nothing waits: holds no memory until the next message. */
  #rest(): void {
    const block = this.#block;
    if (block === NO_BLOCK) return;
    if (this.#size > 0 && this.#at < block.length >> 3) {
      if (++this.#restedSmall === RESTS) {
        this.#restedSmall = 0;
        this.#size--;
      }
    } else {
      this.#restedSmall = 0;
    }
    this.#leaveBlock();
    this.#from = 0;
    this.#at = 0;
  }

  #finish(segment: Segment, taken: boolean): void {
    segment.done = true;
    if (segment.block !== null) giveBlock(segment.block);
    this.count -= segment.messages;
    if (taken) this.taken += segment.messages;
    else this.lost += segment.messages;
  }

  /** Keeps the whole messages of a segment that the kernel had not got to. */
  #salvage(handed: Segment): boolean {
    let at = handed.from + handed.lead;
    let taken = 0;
    let lost = 0;
    if (handed.lead > 0 && at < handed.end) {
      if (at <= handed.at) taken++;
      else lost++;
    }
    while (at < handed.at) {
      at = messageEnd(handed.bytes, at, handed.end);
      if (at <= handed.at) taken++;
      else lost++;
    }
    if (at >= handed.end) return false;
    handed.from = at;
    handed.at = at;
    handed.lead = 0;
    handed.messages -= taken + lost;
    handed.next = this.#first;
    this.#first = handed;
    if (this.#last === null) this.#last = handed;
    this.#sealedBytes += handed.end - at;
    this.count -= taken + lost;
    this.taken += taken;
    this.lost += lost;
    this.#tell(false);
    return true;
  }

  /** Drops the rest of a message of which a part was handed over. */
  #dropBegun(): void {
    let segment = this.#first;
    while (segment !== null && segment.lead > 0) {
      if (segment.lead < segment.end - segment.from) {
        this.#sealedBytes -= segment.lead;
        segment.from += segment.lead;
        segment.at = segment.from;
        segment.lead = 0;
        segment.messages--;
        this.count--;
        this.lost++;
        return;
      }
      this.#sealedBytes -= segment.end - segment.at;
      this.#finish(segment, false);
      segment = segment.next;
      this.#first = segment;
      if (segment === null) this.#last = null;
    }
    if (segment === null && this.#lead > 0) {
      this.#from += this.#lead;
      this.#lead = 0;
      this.#messages--;
      this.count--;
      this.lost++;
    }
  }

  /** Throws away the whole messages that wait; one that was begun goes on. */
  #forgetWaiting(): void {
    this.#seal(false);
    let segment = this.#first;
    this.#first = null;
    this.#last = null;
    this.#sealedBytes = 0;
    let begun = true;
    while (segment !== null) {
      const next = segment.next;
      segment.next = null;
      begun = begun && segment.lead > 0;
      if (begun) {
        if (segment.lead < segment.end - segment.from) {
          segment.end = segment.from + segment.lead;
          this.count -= segment.messages - 1;
          this.lost += segment.messages - 1;
          segment.messages = 1;
          begun = false;
        }
        this.#add(segment);
      } else {
        this.#finish(segment, false);
      }
      segment = next;
    }
  }

  #tell(taken: boolean): void {
    const settled = this.taken + this.lost - this.away;
    let told = 0;
    while (
      told < this.#waiters.length && this.#waiters[told].upTo <= settled
    ) told++;
    for (const waiter of this.#waiters.splice(0, told)) waiter.done(taken);
  }
}

/** Where the message that begins at `at` ends; past `end` if it goes on after that. */
function messageEnd(bytes: Uint8Array, at: number, end: number): number {
  for (;;) {
    const flags = bytes[at];
    at += (flags & LONG) === 0
      ? 2 + bytes[at + 1]
      : LONGEST_HEADER + readSize(bytes, at + 1);
    if ((flags & MORE) === 0) return at;
    if (at >= end) return Infinity;
  }
}
