// What certificates need of a file system. An adapter gives it, beside the one
// that sockets use, so that programs without certificate files don't carry it.

/** Files that hold certificates. Each call may throw the runtime's error, with a `code`. */
export interface KeyFiles {
  /** The text of a file. */
  read(path: string): string;
  /** Puts a file in place, whole or not at all; a private one for its owner's eyes only. */
  write(path: string, text: string, owned: boolean): void;
  /** The names of the files of a folder, in order. */
  names(folder: string): string[];
  /** A number that is another once a file is written, or something put into a folder or taken out. */
  changed(path: string): number;
  /** A clock that only goes on, in milliseconds. */
  now(): number;
}
