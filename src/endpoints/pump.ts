// Moves bytes between one connection and one stream, and decides when to write:
// the first message of a turn perhaps at once (eager.ts); after that a full block, a
// full queue, or the end of the turn. The end of a write is no reason to write less
// than a block: where writes complete within the turn, that would make a system call
// of every few messages.

import { Slab } from "../base/slab.ts";
import type { ByteStream, StreamHandler } from "../runtime/adapter.ts";
import { type Connection, PAUSED, type Verdict } from "../zmtp/connection.ts";
import { Eager } from "./eager.ts";
import type { RawConnection } from "./raw_connection.ts";
import type { Reactor } from "./reactor.ts";
import type { Flushable } from "./turn.ts";

/** What bytes go through: ZMTP, or nothing of the kind. */
export type AnyConnection = Connection | RawConnection;

/** What a pump tells its session. */
export interface PumpOwner {
  /** The stream is there: makes the connection. */
  opened(stream: ByteStream): AnyConnection;
  /** Something was decoded. */
  received(): void;
  /** The kernel took bytes. */
  taken(): void;
  /** Nothing is left to write. */
  drained(): void;
  /** The stream is over. */
  closed(error: Error | undefined): void;
  /** The stream was over before all that came was decoded; now it is. */
  inputDone(): void;
}

/**
 * How much a stream is given at once: what the kernel leaves of it some runtimes copy,
 * and TLS has all of it twice.
 */
const MOST_AT_ONCE = 1_048_576;
/** Sizes of reads where we say what memory is read into. */
const SMALLEST_READ = 1024;
const LARGEST_READ = 65536;
/** What all who say little read into, where what was read is handed over at once. */
const COMMON = new Uint8Array(SMALLEST_READ);
/** Reads in a row that used little of their memory, before it gets smaller. */
const SMALL_READS = 4;
/** What one kept message of a small read pins at most; memory of its own is dear. */
const LARGEST_SLAB = 1024;
/** Small reads of a connection before they share memory: who says little holds none. */
const FEW_READS = 64;

export class Pump implements StreamHandler, Flushable {
  readonly #reactor: Reactor;
  readonly #owner: PumpOwner;
  #stream: ByteStream | null = null;
  #connection: AnyConnection | null = null;

  #inFlight = 0;
  /** What of it the stream was not given yet, and how much that is. */
  #rest: Uint8Array | null = null;
  #left = 0;
  #writing = false;
  #enqueued = false;
  readonly #eager: Eager;

  #receiving = false;
  #writeAfter = false;
  #paused = false;
  #streamPaused = false;
  #over = false;
  #target: Uint8Array | null = null;
  #intoBody = false;
  #readSize = SMALLEST_READ;
  #smallReads = 0;
  #fewReads = 0;
  #slab: Slab | null = null;

  constructor(reactor: Reactor, owner: PumpOwner) {
    this.#reactor = reactor;
    this.#owner = owner;
    this.#eager = new Eager(reactor.turn);
  }

  /** Whether bytes that came wait until there is room for what they hold. */
  get held(): boolean {
    return this.#paused;
  }

  /** Something waits to be written, and nothing did. */
  wantsWrite(): void {
    if (this.#receiving) {
      this.#writeAfter = true;
      return;
    }
    if (this.#inFlight > 0 || this.#connection === null) return;
    if (this.#eager.take()) this.write();
    else this.#enqueue();
  }

  turnEnded(): void {
    this.#enqueued = false;
    this.write();
  }

  /** Writes what there is, as far as the stream takes it. */
  write(): void {
    const stream = this.#stream;
    if (stream === null || this.#writing || this.#inFlight > this.#left) return;
    this.#writing = true;
    let total = 0;
    let empty = false;
    while (this.#inFlight === this.#left) {
      const bytes = this.#next();
      if (bytes === null) {
        empty = true;
        break;
      }
      total += bytes.length;
      stream.write(bytes);
    }
    this.#writing = false;
    this.#eager.wrote(total);
    if (empty) this.#owner.drained();
  }

  /** There is room for what the connection held back. */
  resume(): void {
    if (!this.#paused || this.#connection === null) return;
    this.#after(this.#connection.resume(this.#reactor.now()), false);
  }

  /** What the connection waited for is there. */
  goOn(): void {
    if (this.#connection === null) return;
    this.#after(this.#connection.resume(this.#reactor.now()), false);
    this.write();
  }

  opened(stream: ByteStream): void {
    this.#reactor.turn.entered();
    this.#stream = stream;
    this.#connection = this.#owner.opened(stream);
    this.write();
  }

  readTarget(atOnce = false): Uint8Array {
    const body = this.#connection?.bodyTarget() ?? null;
    this.#intoBody = body !== null;
    if (body !== null) {
      this.#target = null;
      return body;
    }
    if (atOnce && this.#readSize === SMALLEST_READ) {
      return this.#target = COMMON;
    }
    return this.#target ??= new Uint8Array(this.#readSize);
  }

  data(bytes: Uint8Array): void {
    const connection = this.#connection;
    if (connection === null) return;
    this.#reactor.turn.entered();
    const now = this.#reactor.now();
    const held = this.#paused;
    this.#receiving = true;
    const verdict = this.#intoBody
      ? connection.bodyFilled(bytes.length, now)
      : connection.receive(this.#own(bytes), now);
    this.#receiving = false;
    this.#after(verdict, held);
    if (this.#writeAfter) {
      this.#writeAfter = false;
      this.write();
    }
  }

  sent(bytes: number): void {
    this.#inFlight -= bytes;
    const connection = this.#connection!;
    connection.wrote(bytes);
    this.#owner.taken();
    if (this.#inFlight > this.#left || this.#writing) return;
    if (this.#left > 0 || connection.writeIsRipe) this.write();
    else if (connection.wantsToWrite) this.#enqueue();
    else this.#owner.drained();
  }

  closed(error?: Error): void {
    this.#reactor.turn.entered();
    this.#over = true;
    this.#stream = null;
    this.#target = null;
    this.#rest = null;
    this.#left = 0;
    this.#owner.closed(error);
  }

  /** What the stream is given next, of much a piece. */
  #next(): Uint8Array | null {
    let bytes = this.#rest;
    if (bytes === null) {
      bytes = this.#connection!.nextWrite();
      if (bytes === null) return null;
      this.#inFlight = bytes.length;
      if (bytes.length <= MOST_AT_ONCE) return bytes;
    } else if (bytes.length < this.#left) {
      // Its memory was given away meanwhile; see OutboundLog.next.
      bytes = new Uint8Array(this.#left);
    }
    const piece = bytes.subarray(0, MOST_AT_ONCE);
    this.#left = bytes.length - piece.length;
    this.#rest = this.#left > 0 ? bytes.subarray(piece.length) : null;
    return piece;
  }

  #after(verdict: Verdict, held: boolean): void {
    if (verdict === PAUSED) {
      this.#paused = true;
      // The chunk that fills the queue is kept; the stream is stopped when a
      // second one comes before anybody has asked for a message, or at once if
      // the runtime reads larger pieces than most.
      const stop = held || this.#connection!.heldBytes > LARGEST_READ;
      if (stop && !this.#streamPaused) {
        this.#streamPaused = true;
        this.#stream?.pause();
      }
    } else {
      this.#paused = false;
      if (this.#streamPaused) {
        this.#streamPaused = false;
        this.#stream?.resume();
      }
    }
    this.#owner.received();
    if (this.#over && !this.#paused) this.#owner.inputDone();
  }

  #enqueue(): void {
    if (this.#enqueued) return;
    this.#enqueued = true;
    this.#reactor.turn.enqueue(this);
  }

  /**
   * Bytes that may be kept. Memory of ours is read into again while reads are
   * small, so those are copied; larger reads get memory that is never reused, unless
   * the connection keeps nothing of them.
   */
  #own(bytes: Uint8Array): Uint8Array {
    const target = this.#target;
    const length = bytes.length;
    if (target === null) {
      const small = length <= this.#reactor.adapter.copyReads;
      return small && this.#connection!.keepsInput && !this.#few()
        ? this.#shared(bytes)
        : bytes;
    }
    const size = target.length;
    const common = target === COMMON;
    if (common) this.#target = null;
    if (length === size) {
      this.#readSize = Math.min(size * 4, LARGEST_READ);
      this.#smallReads = 0;
    } else if (length < size >> 3 && ++this.#smallReads >= SMALL_READS) {
      this.#readSize = Math.max(size >> 2, SMALLEST_READ);
      this.#smallReads = 0;
    }
    if (!this.#connection!.keepsInput) {
      if (this.#readSize !== size) this.#target = null;
      return bytes;
    }
    if (common || length < size >> 1 && size <= SMALLEST_READ) {
      return this.#few() ? bytes.slice() : this.#shared(bytes);
    }
    this.#target = null;
    return bytes;
  }

  /** Whether a small read is one of the first. */
  #few(): boolean {
    return this.#fewReads < FEW_READS && ++this.#fewReads > 0;
  }

  #shared(bytes: Uint8Array): Uint8Array {
    return (this.#slab ??= new Slab(LARGEST_SLAB)).copy(bytes);
  }
}
