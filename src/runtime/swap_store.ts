// Files that queues spill into, at the boundary to the world. Errors carry a POSIX `code`.

/** One file, which only its owner may read. */
export interface SwapFile {
  /** Writes all of the bytes at a place. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Fills the bytes from a place. */
  read(into: Uint8Array, at: number): Promise<void>;
  /** Removes it, once what is under way is done. */
  remove(): void;
}

/** What gives files. */
export interface SwapStore {
  /** How much is best written, or read, in one go. */
  readonly blockBytes: number;
  /** Throws if files can't be made in a folder; null is the system's for such things. */
  check(folder: string | null): void;
  /** Makes a file in a folder, and sweeps those that a crash has left there. */
  open(folder: string | null): Promise<SwapFile>;
}
