// What a runtime offers to a context that keeps its connections in background threads.

/** A way to another thread: what is posted arrives in order, as a structured clone. */
export interface Channel {
  post(word: unknown, transfer?: ArrayBuffer[]): void;
  /** Calls `heard` for each word from now on. It does not keep the process alive. */
  listen(heard: (word: unknown) => void): void;
  /** The next word that has come, without a turn of the event loop; `undefined` if none has. */
  poll(): unknown;
}

/** A background thread, seen from the thread that started it. */
export interface IoThread {
  readonly channel: Channel;
  /** Ends it; resolves once it is over. */
  end(): Promise<void>;
}
