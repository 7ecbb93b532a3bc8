// What a peer sent and nobody has asked for yet: a ring of spans of the memory
// it arrived in. A span becomes a view only when the application asks for it,
// since the view is the dearest part of decoding. Frames of a message that is
// still arriving are staged behind the whole ones. The high-water mark bounds
// the whole messages; a producer that met a full queue is told once there is
// room for about half of it (libzmq's low-water mark).

import { EMPTY, type Message } from "../base/message.ts";
import { MORE } from "../base/frame.ts";

/** The start of a span that stands for all of its buffer. */
const WHOLE = 0xffffffff;
const SMALLEST = 8;

/** Numbers of a span: start, end, flags. */
const STRIDE = 3;

export class InboundQueue {
  /** Whole messages waiting. */
  count = 0;
  /** Bytes of their frames, and of a message still arriving. */
  bytes = 0;
  /** Messages that waited in memory whose buffer the application transferred away. */
  lost = 0;
  /** Whether a producer waits to be told of room. */
  starved = false;
  /** Called when a starved producer may go on. */
  room: () => void = nothing;
  /** The span that `peek` found. */
  buffer: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  flags = 0;

  #hwm: number;
  #low = 0;
  #newest: boolean;
  #buffers: (Uint8Array | null)[] = [];
  #spans: Uint32Array = NO_SPANS;
  #mask = -1;
  #head = 0;
  #frames = 0;
  #partial = 0;

  /** A queue of at most `hwm` messages (0: no bound), or of just the newest one. */
  constructor(hwm: number, newest: boolean) {
    this.#newest = newest;
    this.#hwm = 0;
    this.setHighWaterMark(hwm);
  }

  get highWaterMark(): number {
    return this.#hwm;
  }

  /** Changes the bound; messages that wait stay. */
  setHighWaterMark(hwm: number): void {
    this.#hwm = this.#newest ? 0 : hwm;
    this.#low = this.#hwm >> 1;
    if (this.starved && !this.full) this.#signal();
  }

  /** From now on keeps only the newest message. */
  keepNewest(): void {
    this.#newest = true;
    this.setHighWaterMark(0);
    while (this.count > 1) this.drop();
  }

  /** Whether a producer has to wait. */
  get full(): boolean {
    return this.#hwm !== 0 && this.count >= this.#hwm;
  }

  /** Whether few enough messages wait for a muted producer to go on. */
  get relaxed(): boolean {
    return this.#hwm === 0 || this.count <= this.#low;
  }

  /** Whether a message has begun to arrive and isn't whole yet. */
  get midMessage(): boolean {
    return this.#partial > 0;
  }

  /** Adds a frame that lies in `buffer` from `start` to `end`. */
  push(buffer: Uint8Array, start: number, end: number, flags: number): void {
    if (this.#newest && this.count > 0) this.#makeWay();
    if (this.#frames > this.#mask) this.#grow();
    const at = (this.#head + this.#frames) & this.#mask;
    this.#buffers[at] = buffer;
    const span = at * STRIDE;
    const spans = this.#spans;
    spans[span] = start === 0 && end === buffer.length ? WHOLE : start;
    spans[span + 1] = end;
    spans[span + 2] = flags;
    this.#frames++;
    this.bytes += end - start;
    if ((flags & MORE) !== 0) {
      this.#partial++;
    } else {
      this.#partial = 0;
      this.count++;
    }
  }

  /** Adds a whole message of frames that live in memory of their own. */
  pushMessage(frames: Message): void {
    const last = frames.length - 1;
    for (let i = 0; i < last; i++) {
      this.push(frames[i], 0, frames[i].length, MORE);
    }
    this.push(frames[last], 0, frames[last].length, 0);
  }

  /** Forgets the frames of a message that will never be whole. */
  rollback(): void {
    while (this.#partial > 0) {
      this.#partial--;
      this.#frames--;
      const at = (this.#head + this.#frames) & this.#mask;
      this.#buffers[at] = null;
      this.bytes -= this.#length(at);
    }
  }

  /** Takes the oldest message, or `null` if there is none. */
  take(): Message | null {
    while (this.count > 0) {
      const at = this.#head;
      const flags = this.#spans[at * STRIDE + 2];
      const first = this.#view(at);
      let intact = first !== null;
      const message: Message = [first!];
      this.#shift();
      if ((flags & MORE) !== 0) {
        let more = true;
        while (more) {
          const next = this.#head;
          more = (this.#spans[next * STRIDE + 2] & MORE) !== 0;
          const frame = this.#view(next);
          if (frame === null) intact = false;
          message.push(frame!);
          this.#shift();
        }
      }
      this.#taken();
      if (intact) {
        this.flags = flags;
        return message;
      }
      this.lost++;
    }
    return null;
  }

  /** Shows the first frame of the oldest message in `buffer`, `start`, `end`, `flags`. */
  peek(): boolean {
    if (this.count === 0) return false;
    const at = this.#head;
    const span = at * STRIDE;
    const start = this.#spans[span];
    this.buffer = this.#buffers[at]!;
    this.start = start === WHOLE ? 0 : start;
    this.end = this.#spans[span + 1];
    this.flags = this.#spans[span + 2];
    return true;
  }

  /** Drops the oldest message. */
  drop(): void {
    if (this.count === 0) return;
    let more = true;
    while (more) {
      more = (this.#spans[this.#head * STRIDE + 2] & MORE) !== 0;
      this.#shift();
    }
    this.#taken();
  }

  /** Drops everything. */
  clear(): void {
    this.rollback();
    while (this.count > 0) this.drop();
  }

  #taken(): void {
    this.count--;
    if (this.starved && this.count <= this.#low) this.#signal();
  }

  #signal(): void {
    this.starved = false;
    this.room();
  }

  #shift(): void {
    const at = this.#head;
    this.bytes -= this.#length(at);
    this.#buffers[at] = null;
    this.#head = (at + 1) & this.#mask;
    this.#frames--;
  }

  #length(at: number): number {
    const start = this.#spans[at * STRIDE];
    const end = this.#spans[at * STRIDE + 1];
    return start === WHOLE ? end : end - start;
  }

  /** A view of a span, or null when the application transferred its buffer away. */
  #view(at: number): Uint8Array | null {
    const buffer = this.#buffers[at]!;
    const start = this.#spans[at * STRIDE];
    if (start === WHOLE) return buffer;
    const end = this.#spans[at * STRIDE + 1];
    if (end > buffer.length) return null;
    return new Uint8Array(
      buffer.buffer,
      buffer.byteOffset + start,
      end - start,
    );
  }

  /** Conflation: a whole message goes as soon as the next one begins to arrive. */
  #makeWay(): void {
    if (this.#partial > 0) return;
    while (this.count > 0) this.drop();
  }

  #grow(): void {
    const capacity = Math.max(SMALLEST, (this.#mask + 1) * 2);
    const buffers: (Uint8Array | null)[] = new Array(capacity).fill(null);
    const spans = new Uint32Array(capacity * STRIDE);
    for (let i = 0; i < this.#frames; i++) {
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

function nothing(): void {}
