// A queue of bytes that lies in a file for the most part. What is pushed is gathered
// in blocks and written one after another; what is pulled was read ahead. The file is a
// ring as large as the limit. Bytes that nobody has written yet are pulled without.
//
//   pushed ──> block ──> waiting ──> file ──> read ahead ──> pulled
//                │           (nothing in the file)    ^
//                └─────────────────────────────────────┘

import type { SwapFile } from "../runtime/swap_store.ts";

/** How many blocks may wait to be written, for a disk that is slower mutes; and are kept to be filled again. */
const MOST_BLOCKS = 8;
/** Milliseconds until what failed is tried again. */
const AGAIN_MS = 1000;

/** What a queue asks of those around it. */
export interface SwapSide {
  open(): Promise<SwapFile>;
  /** Calls `fn` after so many milliseconds. */
  later(milliseconds: number, fn: () => void): void;
  /** There is something to pull, where there was nothing. */
  ready(): void;
  /** There is room, where there was none. */
  room(): void;
  /** The file can't be made, written or read; it is tried again. */
  failed(error: Error): void;
}

export class SwapQueue {
  /** Bytes that are in it. */
  bytes = 0;
  readonly #size: number;
  /** How much is written, or read, in one go. */
  readonly #blockBytes: number;
  readonly #side: SwapSide;
  #file: SwapFile | null = null;
  /** Where the bytes in the file begin, and how many there are. */
  #at = 0;
  #stored = 0;
  #ahead: Uint8Array[] = [];
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Blocks that were written, to be filled again. */
  #spare: Uint8Array[] = [];
  #block: Uint8Array | null = null;
  #filled = 0;
  #writing = false;
  #reading = false;
  #broken = false;
  /** Whether it is a while until it is tried again to write. */
  #resting = false;
  #unreadable = false;
  /** Whether somebody met it full, or empty. */
  #muted = false;
  #starved = false;
  /** Counts the times it was emptied for good: what is under way belongs to one of them. */
  #life = 0;

  /** A queue of at most so many bytes. */
  constructor(size: number, blockBytes: number, side: SwapSide) {
    this.#size = size;
    this.#blockBytes = blockBytes;
    this.#side = side;
  }

  /** Bytes that are in the file. */
  get stored(): number {
    return this.#stored;
  }

  /** Whether it is so full, or the disk so far behind, that who sends should give way. */
  get strained(): boolean {
    const most = this.#mostWaiting;
    const left = Math.min(most, this.#size / 2);
    return this.bytes > this.#size - left || this.#waitingBytes >= most / 2;
  }

  /** Whether so many bytes can't be added now; `room` follows. */
  full(bytes: number): boolean {
    const full = this.#isFull(bytes);
    if (full) this.#muted = true;
    return full;
  }

  #isFull(bytes: number): boolean {
    return this.#broken || this.#unreadable ||
      this.bytes + bytes > this.#size ||
      this.#waitingBytes >= this.#mostWaiting;
  }

  get #mostWaiting(): number {
    return MOST_BLOCKS * this.#blockBytes;
  }

  /** Tells of room once there is a good deal of it. */
  #ease(): void {
    if (!this.#muted || this.strained || this.#isFull(this.#size / 4)) return;
    this.#muted = false;
    this.#side.room();
  }

  /** Adds bytes, which are copied. */
  push(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    let from = 0;
    while (from < bytes.length) {
      const block = this.#block ??= this.#spare.pop() ??
        new Uint8Array(this.#blockBytes);
      const count = Math.min(bytes.length - from, block.length - this.#filled);
      block.set(bytes.subarray(from, from + count), this.#filled);
      this.#filled += count;
      from += count;
      if (this.#filled === block.length) this.#seal();
    }
    this.#write();
    if (this.#starved && this.#stored === 0 && !this.#writing) this.#wake();
  }

  /** The oldest bytes, some of them; null if they have to be read first: `ready` follows. */
  pull(): Uint8Array | null {
    const found = this.#take();
    if (found === null) {
      this.#starved = this.bytes > 0;
      this.#read();
      return null;
    }
    this.bytes -= found.length;
    this.#read();
    this.#ease();
    return found;
  }

  /** Forgets everything, and the file. */
  clear(): void {
    this.#life++;
    this.#file?.remove();
    this.#file = null;
    this.bytes = 0;
    this.#at = 0;
    this.#stored = 0;
    this.#ahead = [];
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#block = null;
    this.#filled = 0;
    this.#spare = [];
    this.#writing = false;
    this.#reading = false;
    this.#broken = false;
    this.#resting = false;
    this.#unreadable = false;
    this.#muted = false;
    this.#starved = false;
  }

  #take(): Uint8Array | null {
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) return ahead;
    if (this.#reading || this.#stored > 0 || this.#writing) return null;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      this.#waitingBytes -= waiting.length;
      if (this.#waiting.length === 0) this.#broken = false;
      return waiting;
    }
    const block = this.#block;
    if (block === null) return null;
    const filled = block.subarray(0, this.#filled);
    this.#block = null;
    this.#filled = 0;
    return filled;
  }

  #seal(): void {
    const block = this.#block!.subarray(0, this.#filled);
    this.#block = null;
    this.#filled = 0;
    this.#waiting.push(block);
    this.#waitingBytes += block.length;
  }

  #wake(): void {
    this.#starved = false;
    this.#side.ready();
  }

  async #write(): Promise<void> {
    if (this.#writing || this.#resting || this.#waiting.length === 0) return;
    this.#writing = true;
    const life = this.#life;
    // What is more than the file has room for waits: a message may end past the limit.
    while (this.#waiting.length > 0 && this.#fits(this.#waiting[0])) {
      const block = this.#waiting[0];
      try {
        const file = this.#file ?? await this.#side.open();
        if (life !== this.#life) {
          // Only a file that was just made is nobody's; to remove one twice is no matter.
          file.remove();
          return;
        }
        this.#file = file;
        await this.#put(block);
      } catch (error) {
        if (life === this.#life) this.#failed(error as Error);
        return;
      }
      if (life !== this.#life) return;
      this.#waiting.shift();
      this.#waitingBytes -= block.length;
      this.#stored += block.length;
      const whole = block.length === this.#blockBytes;
      if (whole && this.#spare.length < MOST_BLOCKS) this.#spare.push(block);
      this.#ease();
      if (this.#starved) this.#read();
    }
    this.#writing = false;
  }

  #fits(block: Uint8Array): boolean {
    return this.#stored + block.length <= this.#size;
  }

  async #put(block: Uint8Array): Promise<void> {
    const from = (this.#at + this.#stored) % this.#size;
    const first = Math.min(block.length, this.#size - from);
    await this.#file!.write(block.subarray(0, first), from);
    if (first < block.length) await this.#file!.write(block.subarray(first), 0);
  }

  /** Reads ahead: one block at most. */
  async #read(): Promise<void> {
    if (this.#reading || this.#stored === 0 || this.#ahead.length > 0) return;
    this.#reading = true;
    const life = this.#life;
    const left = this.#size - this.#at;
    const count = Math.min(this.#stored, this.#blockBytes, left);
    const bytes = new Uint8Array(count);
    try {
      await this.#file!.read(bytes, this.#at);
    } catch (error) {
      if (life !== this.#life) return;
      this.#reading = false;
      this.#unreadable = true;
      this.#side.failed(error as Error);
      this.#side.later(AGAIN_MS, () => {
        if (life === this.#life) this.#read();
      });
      return;
    }
    if (life !== this.#life) return;
    this.#reading = false;
    this.#unreadable = false;
    this.#at = (this.#at + count) % this.#size;
    this.#stored -= count;
    this.#ahead.push(bytes);
    this.#write();
    if (this.#starved) this.#wake();
  }

  /** What could not be written stays in memory, and no more is taken until it could, or was pulled. */
  #failed(error: Error): void {
    this.#writing = false;
    this.#broken = true;
    this.#resting = true;
    this.#side.failed(error);
    const life = this.#life;
    this.#side.later(AGAIN_MS, () => {
      if (life !== this.#life) return;
      this.#broken = false;
      this.#resting = false;
      this.#write();
      this.#ease();
    });
    if (this.#starved && this.#stored === 0) this.#wake();
  }
}
