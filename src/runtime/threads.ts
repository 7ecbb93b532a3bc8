// What a runtime offers to contexts in several threads of one process.

/** Threads, as far as they can hear of one another. */
export interface Threads {
  /** Whether the default contexts of all threads are one, as with zeromq.js. */
  readonly together: boolean;
  /** Whether a word to a group may be lost, as Deno loses some where many come at once. */
  readonly lossy: boolean;
  /** Joins those who know a name; what others post is heard. */
  group(name: string, heard: (message: unknown) => void): ThreadGroup;
  /** Calls `fn` once, soon after the number at `index`, in shared memory, is not `value` any more. */
  whenChanged(
    ints: Int32Array,
    index: number,
    value: number,
    fn: () => void,
  ): void;
  /** By what others can learn of this thread's end: a number below 2^64 - 1, of this thread alone, as text. */
  life(): string;
  /** Calls `fn` when the thread of a name ends; the result takes that back. */
  whenEnded(life: string, fn: () => void): () => void;
}

/** Those who know a name. It does not keep the process alive where that can be had. */
export interface ThreadGroup {
  /** Tells all others; shared memory stays shared, if it can be told of, and everything else is copied. */
  post(message: unknown): void;
  close(): void;
}
