// Frames out of a stream of bytes (ZMTP 2.0 and up, RFC 15, 23, 37). Chunks go
// in; `next` finds one frame at a time, or `scan` as many messages as lie in a
// row, and leaves where in fields, so that decoding makes nothing and can stop
// at any message. Frames that lie in one chunk stay there; one that straddles
// chunks is put together in memory of its own.

import { Fault } from "../base/fault.ts";
import {
  COMMAND,
  LONG,
  LONGEST_HEADER,
  MORE,
  readSize,
} from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";
import type { Reserve } from "./reserve.ts";

/** There is no whole frame. */
export const NEED = 0;
/** A frame lies in `buffer` from `start` to `end`. */
export const FRAME = 1;
/** The stream is broken for good: see `fault`. */
export const BROKEN = 2;
/** Frames of messages lie in `buffer` from `start` to `end`. */
export const RUN = 3;

/** A body is trusted to be as long as it says once this much of it has come. */
const TRUSTED_BYTES = 1048576;
/** What is set aside for a body of a peer that has not yet sent a large one. */
const FIRST_BYTES = 65536;
/** The longest body there can be, whatever the limit: what one array can hold. */
const LARGEST_BODY = 4294967294;
/** Below this a body's rest is not worth a read of its own. */
const SMALLEST_TARGET = 2048;
/** Bodies from this on that are all alike are worth reads that end with a frame, */
const SHORTEST_WHOLE = 8192;
/** of so many frames as have room in so many bytes: most reads of a runtime are no longer. */
const LONGEST_WHOLE = 66_000;

export class FrameReader {
  buffer: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  flags = 0;
  /** How many messages a run completes, and where the last of them ends. */
  messages = 0;
  whole = 0;
  fault: Fault | null = null;
  /** Bytes in the largest body of a message frame. */
  limit: number;
  /** Bytes in the largest body of a command. */
  commandLimit: number;
  /** Frames of a message. */
  partLimit = Infinity;
  /** Frames of the message that has begun. */
  #parts = 0;

  readonly #reserve: Reserve;
  #chunk: Uint8Array = EMPTY;
  /** How long the chunk was: it is shorter once its buffer was transferred away. */
  #fed = 0;
  #at = 0;
  readonly #later: Uint8Array[] = [];

  // A frame that straddles chunks: first its header, then its body.
  #header: Uint8Array | null = null;
  #headerLength = 0;
  #body: Uint8Array | null = null;
  #filled = 0;
  #length = 0;
  #bodyFlags = 0;
  #reserved = 0;
  /** The longest body that came as announced. */
  #proven = 0;
  /** The body of the last long frame, 0 if others came after it. */
  #last = 0;
  /** Whether the one before was as long. */
  #alike = false;
  /** Memory that others like these are read into, headers and all. */
  #ahead: Uint8Array | null = null;

  constructor(limit: number, commandLimit: number, reserve: Reserve) {
    this.limit = limit;
    this.commandLimit = commandLimit;
    this.#reserve = reserve;
  }

  /** Whether bytes are waiting to be decoded. */
  get pending(): boolean {
    return this.#at < this.#chunk.length || this.#later.length > 0;
  }

  /** How many bytes are waiting to be decoded. */
  get pendingBytes(): number {
    let bytes = this.#chunk.length - this.#at;
    for (const chunk of this.#later) bytes += chunk.length;
    return bytes;
  }

  /** Takes the bytes back that wait to be decoded, behind the last frame. */
  takeBack(): Uint8Array[] {
    const rest = [this.#chunk.subarray(this.#at), ...this.#later];
    this.#chunk = EMPTY;
    this.#fed = 0;
    this.#at = 0;
    this.#later.length = 0;
    return rest;
  }

  /** Bytes of a body that has begun to arrive. */
  get begunBytes(): number {
    return this.#body === null ? 0 : this.#filled;
  }

  /** Whether a frame has begun to arrive. */
  get midFrame(): boolean {
    return this.#headerLength > 0 || this.#body !== null;
  }

  /** Adds bytes, from `at` on; they are the reader's from here. */
  feed(chunk: Uint8Array, at = 0): void {
    if (at >= chunk.length) return;
    if (this.pending) {
      this.#later.push(at === 0 ? chunk : chunk.subarray(at));
      return;
    }
    this.#chunk = chunk;
    this.#fed = chunk.length;
    this.#at = at;
  }

  /** Finds frames that complete at most so many messages, or what `next` finds. */
  scan(most: number): 0 | 1 | 2 | 3 {
    const chunk = this.#chunk;
    const from = this.#at;
    const last = chunk.length - 2;
    if (from > last || this.#headerLength > 0 || this.#body !== null) {
      return this.#straddled();
    }
    const limit = this.limit;
    let at = from;
    const mostParts = this.partLimit;
    let messages = 0;
    let whole = from;
    let parts = this.#parts;
    let longEnd = 0;
    while (messages < most && at <= last) {
      const flags = chunk[at];
      let length = chunk[at + 1];
      let end = at + 2 + length;
      if ((flags & (LONG | COMMAND)) !== 0) {
        if ((flags & COMMAND) !== 0) break;
        if (at + LONGEST_HEADER > chunk.length) break;
        length = readSize(chunk, at + 1);
        end = at + LONGEST_HEADER + length;
        if (end > chunk.length || length > limit) break;
        this.#note(length);
        longEnd = end;
      } else if (end > chunk.length || length > limit) break;
      if ((flags & MORE) === 0) {
        messages++;
        whole = end;
        parts = 0;
      } else if (++parts >= mostParts) break;
      at = end;
    }
    if (at === from) return this.next();
    if (longEnd !== at) this.#note(0);
    this.#at = at;
    this.#parts = parts;
    this.buffer = chunk;
    this.start = from;
    this.end = at;
    this.messages = messages;
    this.whole = whole;
    return RUN;
  }

  /** Finds the next frame. */
  next(): 0 | 1 | 2 {
    const chunk = this.#chunk;
    const at = this.#at;
    const left = chunk.length - at;
    if (left < 2 || this.#headerLength > 0 || this.#body !== null) {
      return this.#straddled();
    }
    const flags = chunk[at];
    let body = at + 2;
    let length = chunk[at + 1];
    if ((flags & LONG) !== 0) {
      if (left < LONGEST_HEADER) return this.#straddled();
      body = at + LONGEST_HEADER;
      length = readSize(chunk, at + 1);
    }
    if (length > ((flags & COMMAND) === 0 ? this.limit : this.commandLimit)) {
      return this.#tooLong(flags, length);
    }
    if (this.#endless(flags)) return this.#tooMany();
    const end = body + length;
    if (end > chunk.length) {
      this.#at = body;
      const begun = this.#begin(flags, length);
      return begun === NEED ? this.#straddled() : begun;
    }
    this.#note(length);
    this.buffer = chunk;
    this.start = body;
    this.end = end;
    this.flags = flags;
    this.#at = end;
    this.#countPart(flags);
    return FRAME;
  }

  /** Memory for the rest of a large body to be read into directly, or `null`. */
  target(): Uint8Array | null {
    const body = this.#body;
    if (body === null || this.pending) return null;
    const left = body.length - this.#filled;
    // What ends with a frame lets the next ones be read whole.
    const ends = left > 0 && this.#length === this.#last &&
      worthReadingWhole(this.#length);
    return left >= SMALLEST_TARGET || ends ? body.subarray(this.#filled) : null;
  }

  /**
   * Memory for frames that may be like the last ones, so that they stay where they
   * were read; `null` if that is not worth a read.
   */
  frameTarget(): Uint8Array | null {
    if (this.pending || this.midFrame || !this.#alike) return null;
    if (!worthReadingWhole(this.#last)) return null;
    const size = LONGEST_HEADER + this.#last;
    return this.#ahead ??= new Uint8Array(
      size * Math.floor(LONGEST_WHOLE / size),
    );
  }

  /** So many bytes were read into what either of them gave; what of them is to be fed. */
  filled(length: number): Uint8Array {
    const ahead = this.#ahead;
    if (ahead === null) {
      this.#filled += length;
      return EMPTY;
    }
    this.#ahead = null;
    const end = LONGEST_HEADER + this.#last;
    // Whole frames, and part of one, are like any chunk, unless it is the only one.
    const like = length >= LONGEST_HEADER &&
      (length < end || end === ahead.length) &&
      (ahead[0] & ~MORE) === LONG &&
      readSize(ahead, 1) === this.#last && this.#last <= this.limit &&
      !this.#endless(ahead[0]);
    if (!like) return ahead.subarray(0, length);
    this.#bodyFlags = ahead[0];
    this.#length = this.#last;
    this.#body = ahead.subarray(LONGEST_HEADER, end);
    this.#filled = length - LONGEST_HEADER;
    return EMPTY;
  }

  /** Forgets everything; what was reserved goes back. */
  close(): void {
    this.#reserve.give(this.#reserved);
    this.#reserved = 0;
    this.#body = null;
    this.#ahead = null;
    this.#headerLength = 0;
    this.#chunk = EMPTY;
    this.#fed = 0;
    this.#at = 0;
    this.#later.length = 0;
  }

  #straddled(): 0 | 1 | 2 {
    if (this.fault !== null) return BROKEN;
    for (;;) {
      if (this.#body !== null) {
        const done = this.#fill();
        if (done !== NEED) return done;
      } else if (this.#headerLength > 0 || this.#chunk.length - this.#at > 0) {
        const result = this.#readHeader();
        if (result !== NEED) return result;
        if (this.#body !== null) continue;
      }
      if (this.#chunk.length < this.#fed) return this.#detached();
      const chunk = this.#later.shift();
      this.#chunk = chunk ?? EMPTY;
      this.#fed = this.#chunk.length;
      this.#at = 0;
      if (chunk === undefined) {
        // What was decoded is no longer held here.
        this.buffer = EMPTY;
        return NEED;
      }
      if (chunk.length === 0) return this.#detached();
      if (this.#headerLength === 0 && this.#body === null) return this.next();
    }
  }

  #readHeader(): 0 | 1 | 2 {
    const header = this.#header ??= new Uint8Array(LONGEST_HEADER);
    while (this.#at < this.#chunk.length) {
      header[this.#headerLength++] = this.#chunk[this.#at++];
      const long = (header[0] & LONG) !== 0;
      if (this.#headerLength < (long ? LONGEST_HEADER : 2)) continue;
      const length = long ? readSize(header, 1) : header[1];
      this.#header = null;
      this.#headerLength = 0;
      const limit = (header[0] & COMMAND) === 0
        ? this.limit
        : this.commandLimit;
      if (length > limit) return this.#tooLong(header[0], length);
      if (this.#endless(header[0])) return this.#tooMany();
      return this.#begin(header[0], length);
    }
    return NEED;
  }

  /** Begins a body that may not lie in the chunk as a whole. */
  #begin(flags: number, length: number): 0 | 1 | 2 {
    if (length > LARGEST_BODY) return this.#tooLong(flags, length);
    this.#bodyFlags = flags;
    this.#length = length;
    this.#filled = 0;
    try {
      const first = Math.max(
        FIRST_BYTES,
        Math.min(this.#proven, TRUSTED_BYTES),
      );
      this.#body = new Uint8Array(Math.min(length, first));
    } catch (error) {
      return this.#outOfMemory(error);
    }
    return this.#fill();
  }

  #fill(): 0 | 1 | 2 {
    for (;;) {
      const body = this.#body!;
      const room = body.length - this.#filled;
      const left = Math.max(0, this.#chunk.length - this.#at);
      const count = Math.min(room, left);
      if (count > 0) {
        body.set(
          this.#chunk.subarray(this.#at, this.#at + count),
          this.#filled,
        );
        this.#filled += count;
        this.#at += count;
      }
      if (this.#filled === this.#length) {
        this.#deliver(body);
        return FRAME;
      }
      if (this.#filled < body.length) return NEED;
      try {
        this.#grow(body);
      } catch (error) {
        return this.#outOfMemory(error);
      }
    }
  }

  #grow(body: Uint8Array): void {
    const larger = new Uint8Array(this.#nextLength(body.length));
    larger.set(body);
    this.#body = larger;
  }

  /** How much to set aside next for a body of which so much has come. */
  #nextLength(filled: number): number {
    if (filled < TRUSTED_BYTES) {
      return Math.min(this.#length, filled * 4, TRUSTED_BYTES);
    }
    if (this.#reserved === 0 && this.#reserve.take(this.#length)) {
      this.#reserved = this.#length;
      return this.#length;
    }
    return Math.min(this.#length, filled * 2);
  }

  #deliver(body: Uint8Array): void {
    if (this.#length > this.#proven) this.#proven = this.#length;
    this.#note(this.#length);
    this.#reserve.give(this.#reserved);
    this.#reserved = 0;
    this.#body = null;
    this.buffer = body;
    this.start = 0;
    this.end = this.#length;
    this.flags = this.#bodyFlags;
    this.#countPart(this.flags);
  }

  /** Whether a frame makes its message one of too many. */
  #endless(flags: number): boolean {
    return (flags & (MORE | COMMAND)) === MORE &&
      this.#parts + 1 >= this.partLimit;
  }

  /** Makes note of the body of the last frame. */
  #note(length: number): void {
    this.#alike = length === this.#last;
    this.#last = length;
  }

  #countPart(flags: number): void {
    if ((flags & COMMAND) !== 0) return;
    this.#parts = (flags & MORE) === 0 ? 0 : this.#parts + 1;
  }

  #tooMany(): 2 {
    this.fault = new Fault(
      "limit",
      "E2BIG",
      `a message has at most ${this.partLimit} frames here (maxMessageParts)`,
    );
    return BROKEN;
  }

  #tooLong(flags: number, length: number): 2 {
    const what = (flags & COMMAND) === 0 ? "frame" : "command";
    const limit = (flags & COMMAND) === 0
      ? Math.min(this.limit, LARGEST_BODY)
      : this.commandLimit;
    this.fault = new Fault(
      "limit",
      "EMSGSIZE",
      `a ${what} holds at most ${limit} bytes here, not ${length}`,
    );
    return BROKEN;
  }

  #detached(): 2 {
    this.fault = new Fault(
      "caller",
      "EFAULT",
      "the buffer of a received frame was transferred away with bytes that had not been decoded",
    );
    return BROKEN;
  }

  #outOfMemory(cause: unknown): 2 {
    this.fault = new Fault(
      "limit",
      "ENOMEM",
      `there is no memory for a frame of ${this.#length} bytes`,
      cause,
    );
    return BROKEN;
  }
}

/** Whether frames with such a body are worth a read that ends with one. */
function worthReadingWhole(length: number): boolean {
  return length >= SHORTEST_WHOLE && length + LONGEST_HEADER <= LONGEST_WHOLE;
}
