// A pipe that two threads share: the socket's end is with the application, and the
// connection's with a background thread. Frames go through rings in memory that both
// see, in their wire form. What no ring is made for, a large body or a word about the
// pipe itself, is posted, and a command without a body stands for it in the ring.
//
//   integers: something to read, once for either side | messages the kernel took |
//   at how many the application wants to know, and whether it does | messages the
//   application took | whether the thread waits for room | the receiving mark |
//   messages that were lost with a connection | messages that were dropped |
//   bytes that the thread has no more | bytes that the application took | how many
//   of those may wait

import { COMMAND, LONGEST_HEADER, writeHeader } from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";
import type { OptionValues } from "../base/option_types.ts";
import { FRAME, FrameReader, NEED, RUN } from "../zmtp/frame_reader.ts";
import type { Reserve } from "../zmtp/reserve.ts";
import { ChainReader, ChainWriter, ringMemory } from "./ring_chain.ts";
import type { Side, ThreadPort } from "./thread_port.ts";

/** Integers of a link. */
const READABLE = 0;
export const DONE = 2;
export const WAKE_AT = 3;
export const WAKE = 4;
export const CONSUMED = 5;
export const STARVED = 6;
export const MARK = 7;
export const LOST = 8;
export const DROPS = 9;
export const DONE_BYTES = 10;
export const CONSUMED_BYTES = 11;
export const BYTES_MARK = 12;
const INTS = 13;

/** Something was enclosed: it is the next of `enclosures`. */
export const ENCLOSED = 4;

/** Bodies from this many bytes on are posted: moved to the other thread, or copied once. */
export const POSTED_BYTES = 65536;

/** What both ends of a link share; either side may make it. */
export interface LinkMemory {
  readonly number: number;
  readonly ints: SharedArrayBuffer;
  /** What is written to each side. */
  readonly rings: readonly [SharedArrayBuffer, SharedArrayBuffer];
}

/** A large body: a buffer, since views are posted slowly by Deno. */
export interface PostedBody {
  readonly body: ArrayBuffer;
  readonly flags: number;
}

/** Memory for a link of a socket with such bounds to what it receives. */
export function linkMemory(
  number: number,
  { receiveHighWaterMark, receiveBytesLimit }: OptionValues,
): LinkMemory {
  const ints = new SharedArrayBuffer(4 * INTS);
  const bounds = new Int32Array(ints);
  bounds[MARK] = receiveHighWaterMark;
  bounds[BYTES_MARK] = bytesMark(receiveBytesLimit);
  return { number, ints, rings: [ringMemory(), ringMemory()] };
}

/** A limit in bytes, as an integer of a link: what is larger is none. */
export function bytesMark(limit: number): number {
  return limit > 0x7fffffff ? 0 : limit;
}

export class Link {
  readonly number: number;
  readonly ints: Int32Array<SharedArrayBuffer>;
  readonly reader: FrameReader;
  /** What was posted and not yet met in the ring. */
  readonly enclosures: unknown[] = [];
  /** What is done when there is something to read. */
  act: () => void = () => {};
  readonly #port: ThreadPort;
  readonly #side: Side;
  readonly #out: ChainWriter;
  readonly #in: ChainReader;
  /** Whether what stands for an enclosure was read, and it has not come. */
  #awaits = false;
  #head: Uint8Array = new Uint8Array(LONGEST_HEADER);

  constructor(memory: LinkMemory, port: ThreadPort, reserve: Reserve) {
    const { number, ints, rings } = memory;
    this.number = number;
    this.ints = new Int32Array(ints);
    this.#port = port;
    this.#side = port.side;
    this.#out = new ChainWriter(
      rings[1 - port.side],
      (memory) => port.say({ link: number, memory }),
    );
    this.#in = new ChainReader(rings[port.side]);
    this.reader = new FrameReader(Infinity, Infinity, reserve);
  }

  /** Begins: `act` is called when there is something to read. */
  begin(act: () => void): void {
    this.act = act;
    this.#port.add(this);
  }

  /** Ends it. */
  end(): void {
    this.act = () => {};
    this.#port.remove(this);
    this.reader.close();
  }

  /** Does what is to be done; what comes meanwhile rings anew. */
  run(): void {
    Atomics.store(this.ints, READABLE + this.#side, 0);
    this.act();
  }

  /** Marks that there is something to read for the other side; false if that was so. */
  mark(): boolean {
    return Atomics.exchange(this.ints, READABLE + 1 - this.#side, 1) === 0;
  }

  /** Tells the other side that there is something to read. */
  signal(): void {
    this.#port.strike(this);
  }

  /** The ring that follows. */
  follow(memory: SharedArrayBuffer): void {
    this.#in.follow(memory);
  }

  /** The ring that is written to. */
  get out(): ChainWriter {
    return this.#out;
  }

  /** Writes whole frames. */
  write(frames: Uint8Array, from: number, end: number): void {
    this.#out.write(frames, from, end);
  }

  /** Writes one frame. */
  frame(flags: number, body: Uint8Array): void {
    const head = this.#head;
    this.#out.write(head, 0, writeHeader(head, 0, flags, body.length));
    if (body.length > 0) this.#out.write(body, 0, body.length);
  }

  /** Encloses something between frames. */
  enclose(enclosed: unknown, transfer?: ArrayBuffer[]): void {
    this.#port.say({ link: this.number, enclosed }, transfer);
    this.frame(COMMAND, EMPTY);
  }

  /** Encloses a body, which is the other thread's from here. */
  moveBody(body: Uint8Array<ArrayBuffer>, flags: number): void {
    const posted: PostedBody = { body: body.buffer, flags };
    this.enclose(posted, [body.buffer]);
  }

  /** Finds what is next: a run or a frame in `reader`, what was enclosed, or that there is nothing. */
  next(): typeof NEED | typeof FRAME | typeof RUN | typeof ENCLOSED {
    const { reader } = this;
    for (;;) {
      if (this.#awaits) {
        if (this.enclosures.length === 0) return NEED;
        this.#awaits = false;
        return ENCLOSED;
      }
      const found = reader.scan(Infinity);
      if (found === RUN) return RUN;
      if (found === FRAME) {
        const enclosed = reader.flags === COMMAND &&
          reader.start === reader.end;
        if (!enclosed) return FRAME;
        this.#awaits = true;
        continue;
      }
      const bytes = this.#in.read();
      if (bytes === null) return NEED;
      reader.feed(bytes);
    }
  }
}
