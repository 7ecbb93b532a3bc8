// How much may be sent: a bucket that fills at a rate, and is emptied by what
// leaves. A packet may leave once the bucket holds as much.

/** Milliseconds of the rate that a bucket holds. */
const DEPTH_MS = 5;
/** Packets that it holds at least. */
const PACKETS = 2;
const FRACTION = 0.01;

export class TokenBucket {
  /** Bytes a millisecond. */
  readonly rate: number;
  readonly #depth: number;
  #tokens: number;
  #at: number;

  /** A full bucket of a rate in kilobits a second, for packets of at most so many bytes. */
  constructor(kilobits: number, packet: number, now: number) {
    this.rate = kilobits / 8;
    this.#depth = Math.max(this.rate * DEPTH_MS, packet * PACKETS);
    this.#tokens = this.#depth;
    this.#at = now;
  }

  /** Takes so many bytes, if they are there. */
  take(bytes: number, now: number): boolean {
    this.#fill(now);
    // Time is not exact: a fraction of a byte is no reason to wait.
    if (this.#tokens + FRACTION < Math.min(bytes, this.#depth)) return false;
    this.#tokens -= bytes;
    return true;
  }

  /** Gives bytes back that were not needed. */
  give(bytes: number): void {
    this.#tokens = Math.min(this.#depth, this.#tokens + bytes);
  }

  /** When so many bytes will be there. */
  when(bytes: number, now: number): number {
    this.#fill(now);
    const missing = Math.min(bytes, this.#depth) - this.#tokens;
    return missing <= 0 ? now : now + missing / this.rate;
  }

  #fill(now: number): void {
    const more = Math.max(0, now - this.#at) * this.rate;
    this.#tokens = Math.min(this.#depth, this.#tokens + more);
    this.#at = now;
  }
}
