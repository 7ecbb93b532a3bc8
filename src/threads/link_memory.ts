// Where the links between threads have their memory: each its own, which goes along
// with the offer of the link, or a place in an arena (arena.ts).

import type { Threads } from "../runtime/threads.ts";
import { linkBytes, ringBytesOf } from "./link.ts";

/** The memory of one link. */
export interface LinkMemory {
  /** What the other thread finds it by; it can be posted in the group. */
  readonly key: unknown;
  readonly buffer: SharedArrayBuffer;
  /** Where in the buffer it begins. */
  readonly start: number;
  /** Bytes of each of its two rings, a power of two. */
  readonly ringBytes: number;
}

/** Where the links of one context have their memory. */
export interface LinkMemories {
  /**
   * Memory for a link of the thread with this `life` to this one; both sides hold
   * it from now on. `null` if there is none.
   */
  take(ringBytes: number, life: string): LinkMemory | null;
  /** The memory that another thread took for a link to this one. */
  find(key: unknown): LinkMemory;
  /** A side, which the thread with this `life` held, is done with it. */
  free(memory: LinkMemory, side: 0 | 1, life: string): void;
  /** Calls `fn` once, when there may be memory again after `take` had none. */
  whenFree(fn: () => void): void;
  close(): void;
}

/** Memory that all threads of a group are given when they join. */
export interface GroupMemory {
  make(): SharedArrayBuffer;
  open(memory: SharedArrayBuffer, threads: Threads): LinkMemories;
}

/** Each link has its own. */
export class OwnMemories implements LinkMemories {
  take(ringBytes: number): LinkMemory {
    return this.find(new SharedArrayBuffer(linkBytes(ringBytes)));
  }

  find(key: unknown): LinkMemory {
    const buffer = key as SharedArrayBuffer;
    const ringBytes = ringBytesOf(buffer.byteLength);
    return { key, buffer, start: 0, ringBytes };
  }

  free(): void {}

  whenFree(): void {}

  close(): void {}
}
