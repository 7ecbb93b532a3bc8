// How much memory peers may make us set aside for bodies that have not arrived.
// A large body is read into one array of its announced size; what all peers of
// a context have reserved that way counts against one cap. Past it, arrays grow
// as the bytes come.

export class Reserve {
  #left: number;

  /** A reserve of so many bytes. */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Sets memory aside, if there is as much. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  /** Gives it back. */
  give(bytes: number): void {
    this.#left += bytes;
  }
}
