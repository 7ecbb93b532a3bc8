// The smallest surface that is awaited once a message, around what the bare loop
// does: nothing is in it but a block that fills, a chunk with a cursor, and promises.

import {
  LONG,
  longLength,
  NOTHING,
  Parser,
  writeHeader,
  writeMessage,
} from "./bare_frames.ts";
import { BLOCK, type Intake, LARGE, type Wire } from "./bare_wires.ts";

/** What is resolved already, for all who need not wait. */
const DONE = Promise.resolve();

/** Sends: many in a block, or a large one behind its header. */
export class Sender {
  readonly #wire: Wire;
  /** Whether what was written is read where it lies, so that each block is new. */
  readonly #kept: boolean;
  #block = new Uint8Array(BLOCK);
  #at = 0;

  constructor(wire: Wire, kept = false) {
    this.#wire = wire;
    this.#kept = kept;
  }

  /** Resolves at once while the block has room, or else when it was written. */
  send(body: Uint8Array): Promise<void> {
    const end = this.#at + body.length + 9;
    if (end > BLOCK || body.length >= LARGE) return this.#written(body);
    this.#at = writeMessage(this.#block, this.#at, body);
    return DONE;
  }

  /** The same of many. */
  async sendMany(bodies: readonly Uint8Array[]): Promise<void> {
    for (const body of bodies) {
      const sent = this.send(body);
      if (sent !== DONE) await sent;
    }
  }

  /** Writes what is in the block, and ends. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#wire.end();
  }

  async #written(body: Uint8Array): Promise<void> {
    await this.#flush();
    if (body.length < LARGE) {
      this.#at = writeMessage(this.#block, 0, body);
      return;
    }
    const head = this.#block.subarray(
      0,
      writeHeader(this.#block, 0, body.length),
    );
    await this.#wire.write(head);
    await this.#wire.write(body);
  }

  async #flush(): Promise<void> {
    if (this.#at === 0) return;
    await this.#wire.write(this.#block.subarray(0, this.#at));
    this.#at = 0;
    if (this.#kept) this.#block = new Uint8Array(BLOCK);
  }
}

type Taken = IteratorResult<[Uint8Array]>;

/** Receives: a message is parsed when it is asked for. */
export class Messages implements Intake, AsyncIterator<[Uint8Array]> {
  /** Has what two chunks share. */
  readonly #parser = new Parser((message) => this.#whole = message);
  #whole: Uint8Array | null = null;
  #chunk: Uint8Array = NOTHING;
  #buffer: ArrayBufferLike = NOTHING.buffer;
  #offset = 0;
  #at = 0;
  /** Chunks of those who don't wait until one was taken. */
  readonly #later: Uint8Array[] = [];
  #waiting: ((taken: Taken) => void) | null = null;
  #emptied = () => {};

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Taken> {
    const message = this.#parse();
    if (message !== null) {
      return Promise.resolve({ value: [message], done: false });
    }
    this.#emptied();
    return new Promise((resolve) => this.#waiting = resolve);
  }

  /** What is there, and at least one. */
  async nextMany(most: number): Promise<[Uint8Array][]> {
    const all: [Uint8Array][] = [(await this.next()).value];
    while (all.length < most) {
      const message = this.#parse();
      if (message === null) break;
      all.push([message]);
    }
    return all;
  }

  get missing(): Uint8Array | null {
    return this.#parser.missing;
  }

  filled(length: number): void {
    this.#parser.filled(length);
    this.#wake();
  }

  feed(chunk: Uint8Array): Promise<void> | void {
    this.#later.push(chunk);
    this.#wake();
    // Who waits still needs more.
    if (this.#waiting !== null) return;
    return new Promise((resolve) => this.#emptied = resolve);
  }

  #wake(): void {
    if (this.#waiting === null) return;
    const message = this.#parse();
    if (message === null) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting({ value: [message], done: false });
  }

  #parse(): Uint8Array | null {
    const chunk = this.#chunk;
    const at = this.#at;
    const left = chunk.length - at;
    if (left > 1) {
      const long = (chunk[at] & LONG) !== 0;
      const header = long ? 9 : 2;
      if (left >= header) {
        const length = long ? longLength(chunk, at + 1) : chunk[at + 1];
        if (left - header >= length) {
          this.#at = at + header + length;
          return new Uint8Array(
            this.#buffer,
            this.#offset + at + header,
            length,
          );
        }
      }
    }
    return this.#across();
  }

  /** The message that begins in one chunk and ends in another, or the next one's first. */
  #across(): Uint8Array | null {
    if (this.#at < this.#chunk.length) {
      this.#parser.feed(this.#chunk.subarray(this.#at));
      this.#at = this.#chunk.length;
    }
    if (this.#whole === null) {
      const chunk = this.#later.shift();
      if (chunk === undefined) return null;
      this.#chunk = chunk;
      this.#buffer = chunk.buffer;
      this.#offset = chunk.byteOffset;
      this.#at = this.#parser.rest(chunk);
    }
    const whole = this.#whole;
    this.#whole = null;
    return whole ?? this.#parse();
  }
}
