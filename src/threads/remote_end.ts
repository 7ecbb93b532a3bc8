// A socket of another thread, as a member of this thread's inproc: what the socket
// here sends it goes into the link, and what comes out of the link goes to the
// socket here. Both queues of a local connection stand before it, so high-water
// marks hold on each side; between them is what the ring holds.

import {
  CANCEL,
  headerLength,
  MORE,
  OPENING,
  SUBSCRIBE,
  writeHeader,
} from "../base/frame.ts";
import { EMPTY, type Message } from "../base/message.ts";
import type { OptionValues } from "../base/option_types.ts";
import type { Pipe } from "../routing/pipe.ts";
import { StandIn } from "../routing/stand_in.ts";
import type { InprocMember } from "../transports/inproc.ts";
import { FRAME, FrameReader } from "../zmtp/frame_reader.ts";
import type { Reserve } from "../zmtp/reserve.ts";
import type { Link } from "./link.ts";

/** What the other thread says of its socket. */
export interface RemoteSocket {
  readonly type: string;
  readonly routingId: Uint8Array;
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
  readonly conflate: boolean;
}

/** What goes before messages. */
const KINDS = SUBSCRIBE | CANCEL | OPENING;
/** Small frames are put together up to this many bytes before they go into the ring. */
const BATCH_BYTES = 16384;

/** Keeps the thread alive while what was accepted has not gone over. */
export interface Hold {
  hold(): void;
  release(): void;
  /** Holds for so long; the result releases before, and `over` is called at the end. */
  stay(milliseconds: number, over: () => void): () => void;
}

export class RemoteEnd extends StandIn implements InprocMember {
  readonly options: OptionValues;
  readonly routingId: Uint8Array;
  readonly type: string;
  readonly #link: Link;
  readonly #reader: FrameReader;
  readonly #hold: Hold;
  readonly #over: (lost: boolean) => void;
  #pipe: Pipe | null = null;
  /** What goes into the ring, and how much of it has. */
  #batch: Uint8Array = EMPTY;
  #written = 0;
  /** Large frames that follow the batch. */
  #queue: Uint8Array[] = [];
  #frames: Uint8Array[] = [];
  /** What the socket here had no room for. */
  #held: Message | null = null;
  /** Whether the socket here has gone: what comes for it is thrown away. */
  #parted = false;
  /** Whether the other side's thread has ended. */
  #orphaned = false;
  #closed = false;

  /** `over` is called once: when the other side, or its thread, is lost, or this one has parted. */
  constructor(
    socket: RemoteSocket,
    link: Link,
    reserve: Reserve,
    hold: Hold,
    over: (lost: boolean) => void,
  ) {
    super();
    const { sendHighWaterMark, receiveHighWaterMark, conflate } = socket;
    // The rest of the other side's marks bounds its own queues.
    this.options = {
      sendHighWaterMark: Math.min(1, sendHighWaterMark),
      receiveHighWaterMark: Math.min(1, receiveHighWaterMark),
      sendBytesLimit: 0,
      receiveBytesLimit: 0,
      conflate,
    } as OptionValues;
    this.routingId = socket.routingId;
    this.type = socket.type;
    this.#link = link;
    this.#reader = new FrameReader(Infinity, 0, reserve);
    this.#hold = hold;
    this.#over = over;
  }

  /** The pipe is whole: begins to move messages. */
  start(): void {
    this.#link.listen(() => this.#move());
  }

  /** The other side's thread has ended; what it had written still comes. */
  lose(): void {
    this.#orphaned = true;
    this.#pull();
  }

  /** Ends it at once. */
  end(): void {
    if (!this.#closed) this.#close(true);
  }

  /** Whether its socket has gone, and what that had sent not yet. */
  get busy(): boolean {
    return this.#parted && !this.#closed;
  }

  // InprocMember.

  attach(pipe: Pipe): void {
    pipe.pattern = this;
    this.#pipe = pipe;
  }

  /** The socket here has parted: what it sent still goes. */
  detach(pipe: Pipe): void {
    pipe.open = false;
    if (this.#parted || this.#closed) return;
    this.#parted = true;
    this.#hold.hold();
    this.#move();
  }

  // Pattern: what the pipe tells.

  override readable(): void {
    this.#push();
  }

  override writable(): void {
    this.#pull();
  }

  #move(): void {
    this.#pull();
    this.#push();
  }

  /** From the queue here into the ring. */
  #push(): void {
    if (this.#closed || this.#pipe === null) return;
    let moved = false;
    for (;;) {
      if (this.#written === this.#batch.length && !this.#nextBatch()) break;
      const count = this.#link.out.write(this.#batch, this.#written);
      this.#written += count;
      moved ||= count > 0;
      if (this.#written < this.#batch.length) break;
    }
    const done = this.#parted && this.#written === this.#batch.length;
    if (done) {
      this.#link.out.end();
      this.#close(false);
    }
    if (moved || done) this.#link.ring();
  }

  #nextBatch(): boolean {
    const queue = this.#queue;
    this.#written = 0;
    this.#batch = EMPTY;
    if (queue.length === 0) this.#encodeMore(queue);
    if (queue.length === 0) return false;
    this.#batch = queue.shift()!;
    return true;
  }

  /** Encodes some messages: small frames together, large ones by themselves. */
  #encodeMore(into: Uint8Array[]): void {
    const { inbound } = this.#pipe!;
    let batch = new Uint8Array(0);
    let at = 0;
    while (at < BATCH_BYTES && into.length === 0) {
      const message = inbound.take();
      if (message === null) break;
      const kind = inbound.flags & ~MORE;
      const last = message.length - 1;
      for (let i = 0; i <= last; i++) {
        const frame = message[i];
        const small = frame.length <= BATCH_BYTES;
        const need = headerLength(frame.length) + (small ? frame.length : 0);
        if (batch.length < at + need) {
          const larger = new Uint8Array(
            Math.max(2 * batch.length, at + need, 512),
          );
          larger.set(batch);
          batch = larger;
        }
        at = writeHeader(
          batch,
          at,
          kind | (i < last ? MORE : 0),
          frame.length,
        );
        if (small) {
          batch.set(frame, at);
          at += frame.length;
        } else {
          into.push(batch.subarray(0, at), frame);
          batch = new Uint8Array(0);
          at = 0;
        }
      }
    }
    if (at > 0) into.push(batch.subarray(0, at));
  }

  /** From the ring to the socket here. */
  #pull(): void {
    if (this.#closed) return;
    let moved = false;
    if (this.#parted) this.#held = null;
    for (;;) {
      if (this.#held !== null) {
        if (!this.#pipe!.send(this.#held, 0, null)) break;
        this.#held = null;
      }
      if (!this.#parted && this.#deliver()) continue;
      const chunk = this.#link.in.read();
      if (chunk === null) break;
      moved = true;
      if (!this.#parted) this.#reader.feed(chunk);
    }
    if (moved) this.#link.ring();
    const { over, empty } = this.#link.in;
    if (this.#held === null && (over || this.#orphaned && empty)) this.end();
  }

  /** Takes one frame that has come; false if there is none. */
  #deliver(): boolean {
    const reader = this.#reader;
    if (reader.next() !== FRAME) return false;
    const { buffer, start, end, flags } = reader;
    const frame = start === 0 && end === buffer.length
      ? buffer
      : buffer.subarray(start, end);
    const kind = flags & KINDS;
    if (kind !== 0) {
      this.#pipe!.control(kind, frame);
      return true;
    }
    this.#frames.push(frame);
    if ((flags & MORE) === 0) {
      this.#held = this.#frames;
      this.#frames = [];
    }
    return true;
  }

  #close(lost: boolean): void {
    this.#closed = true;
    if (this.#parted) this.#hold.release();
    this.#link.close();
    this.#reader.close();
    this.#queue = [];
    this.#held = null;
    this.#over(lost);
  }
}
