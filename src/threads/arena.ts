// One piece of memory for all links of a group, for threads whose words can't carry
// any: in browsers a BroadcastChannel loses messages with shared memory. A link has
// one of its equal slots, which is free again once both sides are done with it, or
// their threads have ended.
//
//   bell, which is rung for each side that is done | slots | bytes of a ring
//   who holds each side of each slot | the slots
//
// Side 1 takes a slot, also for side 0: no slot is taken whose side 0 is held, and
// side 0 is given by nobody but who holds side 1.

import type { Threads } from "../runtime/threads.ts";
import { linkBytes } from "./link.ts";
import type { GroupMemory, LinkMemories, LinkMemory } from "./link_memory.ts";

/** Links that a group of threads may have at a time. */
const MOST_LINKS = 256;
/** Bytes of each ring. Memory that was never used costs nothing but addresses. */
const RING_BYTES = 262144;

const BELL = 0;
const SLOTS = 1;
const RING = 2;
const HEADER_INTS = 3;
const HEADER_BYTES = 64;
/** Bytes that name who holds a side. */
const HOLDER_BYTES = 8;
const NOBODY = 0n;

/** Where the first slot begins. */
function slotsAt(slots: number): number {
  return HEADER_BYTES + 2 * HOLDER_BYTES * slots;
}

/** Memory for so many links, with rings of so many bytes, a power of two. */
export function arenaMemory(
  slots: number = MOST_LINKS,
  ringBytes: number = RING_BYTES,
): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(
    slotsAt(slots) + slots * linkBytes(ringBytes),
  );
  const header = new Int32Array(memory, 0, HEADER_INTS);
  header[SLOTS] = slots;
  header[RING] = ringBytes;
  return memory;
}

export class Arena implements LinkMemories {
  readonly #memory: SharedArrayBuffer;
  readonly #threads: Threads;
  readonly #ints: Int32Array<SharedArrayBuffer>;
  readonly #holders: BigUint64Array<SharedArrayBuffer>;
  readonly #slots: number;
  readonly #ringBytes: number;
  /** What the bell was before `take` looked. */
  #heard = 0;
  #forget: () => void = () => {};

  /** What `arenaMemory` made, in this thread or in another. */
  constructor(memory: SharedArrayBuffer, threads: Threads) {
    this.#memory = memory;
    this.#threads = threads;
    this.#ints = new Int32Array(memory, 0, HEADER_INTS);
    this.#slots = this.#ints[SLOTS];
    this.#ringBytes = this.#ints[RING];
    this.#holders = new BigUint64Array(memory, HEADER_BYTES, 2 * this.#slots);
  }

  take(_ringBytes: number, life: string): LinkMemory | null {
    this.#heard = Atomics.load(this.#ints, BELL);
    const holders = this.#holders;
    const ours = holderOf(this.#threads.life());
    for (let slot = 0; slot < this.#slots; slot++) {
      const side0 = 2 * slot;
      const side1 = side0 + 1;
      const held = () => Atomics.load(holders, side0) !== NOBODY;
      if (held()) continue;
      if (Atomics.compareExchange(holders, side1, NOBODY, ours) !== NOBODY) {
        continue;
      }
      // Another thread may have taken it, and be done with side 1 alone.
      if (held()) {
        this.#release(side1, ours);
        continue;
      }
      Atomics.store(holders, side0, holderOf(life));
      return this.find(slot);
    }
    return null;
  }

  find(key: unknown): LinkMemory {
    const ringBytes = this.#ringBytes;
    const start = slotsAt(this.#slots) + (key as number) * linkBytes(ringBytes);
    return { key, buffer: this.#memory, start, ringBytes };
  }

  free({ key }: LinkMemory, side: 0 | 1, life: string): void {
    this.#release(2 * (key as number) + side, holderOf(life));
  }

  /** Until then it looks whether threads end that hold something: their peers may have ended with them. */
  whenFree(fn: () => void): void {
    this.#forget();
    const lives = new Set(this.#holders);
    lives.delete(NOBODY);
    const cancels = [...lives].map((holder) =>
      this.#threads.whenEnded(`${holder - 1n}`, () => {
        for (let i = 0; i < this.#holders.length; i++) this.#release(i, holder);
      })
    );
    this.#forget = () => {
      for (const cancel of cancels) cancel();
      fn = () => {};
    };
    this.#threads.whenChanged(this.#ints, BELL, this.#heard, () => {
      const free = fn;
      this.#forget();
      free();
    });
  }

  close(): void {
    this.#forget();
  }

  #release(index: number, holder: bigint): void {
    const was = Atomics.compareExchange(this.#holders, index, holder, NOBODY);
    if (was !== holder) return;
    Atomics.add(this.#ints, BELL, 1);
    Atomics.notify(this.#ints, BELL);
  }
}

/** An arena, as contexts have it. */
export const ARENA: GroupMemory = {
  make: () => arenaMemory(),
  open: (memory, threads) => new Arena(memory, threads),
};

/** How the thread with a `life` is written down; 0 is nobody. */
function holderOf(life: string): bigint {
  return BigInt(life) + 1n;
}
