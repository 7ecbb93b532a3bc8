// One connection over inproc between two threads: two rings in shared memory, and a
// bell for each side. It is rung only for who has said that it waits: for something to
// read, or for room.
//
//   header (integers): bell of each side | what each waits for | ring of each
//   direction | messages that each side has taken | which offer of its memory it is,
//   and how that was answered | bytes of both

import type { Threads } from "../runtime/threads.ts";
import type { LinkMemory } from "./link_memory.ts";
import { Ring, RING_INTS } from "./ring.ts";

/** Bytes of each ring of a link, unless who connects asks for less. */
export const RING_BYTES = 524288;
const BELL = 0;
const WAITS = 2;
const RINGS = 4;
const TAKEN = RINGS + 2 * RING_INTS;
const OFFER = TAKEN + 2;
const HEADER_INTS = OFFER + 1;
const HEADER_BYTES = 64;

/** How the offer of a link was answered. */
export type Answer = "open" | "taken" | "declined";
// The same in the lowest bits of what stands at `OFFER`; above it is the offer's number.
const ANSWERS: readonly Answer[] = ["open", "taken", "declined"];
const ANSWER_BITS = 2;
const ANSWER_MASK = (1 << ANSWER_BITS) - 1;

// What a side waits for.
const NOTHING = 0;
/** Something to read. */
export const INPUT = 1;
/** Room to write. */
export const ROOM = 2;

/** Instead of a count: whoever takes messages counts no more, and takes all. */
const ALL = -2147483648;

/** Times in a row that a side which was rung meanwhile goes on before others have their turn. */
const ROUNDS = 16;

/** Bytes of a link with rings of so many bytes. */
export function linkBytes(ringBytes: number): number {
  return HEADER_BYTES + 2 * ringBytes;
}

/** Bytes of each ring of a link that has so many. */
export function ringBytesOf(bytes: number): number {
  return (bytes - HEADER_BYTES) / 2;
}

export class Link {
  readonly out: Ring;
  readonly in: Ring;
  readonly #ints: Int32Array<SharedArrayBuffer>;
  readonly #threads: Threads;
  /** 0 for who connected. */
  readonly side: 0 | 1;
  readonly #theirs: 0 | 1;
  #rung: () => void = () => {};
  #open = true;

  constructor(memory: LinkMemory, side: 0 | 1, threads: Threads) {
    const { buffer, start, ringBytes } = memory;
    this.#ints = new Int32Array(buffer, start, HEADER_INTS);
    this.#threads = threads;
    this.side = side;
    this.#theirs = side === 0 ? 1 : 0;
    const ring = (direction: number) =>
      new Ring(
        this.#ints,
        RINGS + direction * RING_INTS,
        new Uint8Array(
          buffer,
          start + HEADER_BYTES + direction * ringBytes,
          ringBytes,
        ),
      );
    this.out = ring(this.side);
    this.in = ring(this.#theirs);
  }

  /** Calls `rung` now and whenever the other side rings. */
  listen(rung: () => void): void {
    this.#rung = rung;
    this.#wait();
  }

  /**
   * Begins anew, whatever its memory was before, and is offered to whoever is side 0;
   * the result says to them which offer of this memory it is.
   */
  offer(): number {
    const number = (Atomics.load(this.#ints, OFFER) >>> ANSWER_BITS) + 1;
    this.#ints.fill(0, 0, OFFER);
    Atomics.store(this.#ints, OFFER, number << ANSWER_BITS);
    return number;
  }

  /** Answers that offer; false if that was done, or the memory is another link's by now. */
  answer(offer: number, answer: Answer): boolean {
    const open = offer << ANSWER_BITS;
    const answered = open | ANSWERS.indexOf(answer);
    return Atomics.compareExchange(this.#ints, OFFER, open, answered) === open;
  }

  /** How its offer was answered. */
  get answered(): Answer {
    return ANSWERS[Atomics.load(this.#ints, OFFER) & ANSWER_MASK];
  }

  /** How many messages the other side has taken, of 32 bits; `null` if it takes all. */
  get taken(): number | null {
    const count = Atomics.load(this.#ints, TAKEN + this.#theirs);
    return count === ALL ? null : count;
  }

  /** Says how many messages this side has taken, or that it takes all. */
  took(count: number | null): void {
    const said = count === null ? ALL : count | 0;
    Atomics.store(this.#ints, TAKEN + this.side, said);
  }

  /**
   * Says what this side waits for, of which `hasRoom` knows whether there is room; false
   * if it is there, so that it need not wait.
   */
  awaits(what: number, hasRoom: () => boolean): boolean {
    const waits = WAITS + this.side;
    Atomics.store(this.#ints, waits, what);
    // Who writes or reads from here on sees that; what was before is seen here.
    const there = (what & INPUT) !== 0 && (!this.in.empty || this.in.over) ||
      (what & ROOM) !== 0 && hasRoom();
    if (there) Atomics.store(this.#ints, waits, NOTHING);
    return !there;
  }

  /** Something was written, or read: rings if the other side waits for that. */
  tell(what: number): void {
    const waits = WAITS + this.#theirs;
    if ((Atomics.load(this.#ints, waits) & what) === 0) return;
    if (Atomics.exchange(this.#ints, waits, NOTHING) !== NOTHING) {
      this.#strike(this.#theirs);
    }
  }

  /** Writes no more, which the other side is told, and whether it shall connect anew. */
  end(renew = false): void {
    this.out.end(renew);
    this.#strike(this.#theirs);
  }

  /** Listens no more. */
  close(): void {
    this.#open = false;
    // Who waits for the bell would keep the program alive.
    this.#strike(this.side);
  }

  #strike(side: 0 | 1): void {
    Atomics.add(this.#ints, BELL + side, 1);
    Atomics.notify(this.#ints, BELL + side);
  }

  #wait(): void {
    const bell = BELL + this.side;
    let heard = 0;
    for (let round = 0; round < ROUNDS; round++) {
      if (!this.#open) return;
      heard = Atomics.load(this.#ints, bell);
      this.#rung();
      if (Atomics.load(this.#ints, bell) === heard) break;
    }
    if (!this.#open) return;
    this.#threads.whenChanged(this.#ints, bell, heard, () => this.#wait());
  }
}
