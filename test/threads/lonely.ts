// A thread as an arena sees it, whose others end when a test says so.

import type { Threads } from "../../src/runtime/threads.ts";

/** What a thread with a `life` has, in which words go nowhere. */
export interface Lonely extends Threads {
  /** The thread with this life has ended. */
  ended(life: string): void;
  /** How many ends are waited for. */
  readonly watched: number;
}

/** Makes one. */
export function lonely(life: string): Lonely {
  const watching = new Set<{ of: string; fn: () => void }>();
  return {
    together: false,
    lossy: false,
    group: () => ({ post: () => {}, close: () => {} }),
    whenChanged: (ints, index, value, fn) => {
      const { async, value: changed } = Atomics.waitAsync(ints, index, value);
      if (async) changed.then(fn);
      else queueMicrotask(fn);
    },
    life: () => life,
    whenEnded: (of, fn) => {
      const watch = { of, fn };
      watching.add(watch);
      return () => watching.delete(watch);
    },
    ended: (life) => {
      for (const { of, fn } of [...watching]) if (of === life) fn();
    },
    get watched() {
      return watching.size;
    },
  };
}
