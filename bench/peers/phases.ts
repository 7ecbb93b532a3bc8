// How messages are counted that may be lost on the way. The first byte of each says
// what it is for:
//
//     TUNING   sent now and then, until the receiver says that it hears
//     WARM     before the clock starts
//     TIMED    the clock starts at the first that comes, and each that comes counts
//     OVER     sent again and again, until one has come: the clock stops
//
// So the receiver knows where it is whatever is missing, and says "ready" once it
// hears. Over epgm it says so again for each CHUNK of bytes, and the sender is never
// more than two of them ahead: a flood, of which packets are lost and asked for again
// and again, would measure those waits. Over udp nothing holds the sender.

import process from "node:process";

export const TUNING = 0;
export const WARM = 1;
export const TIMED = 2;
export const OVER = 3;

/** Two of them fit the buffer of a socket as Linux gives it, which on Deno is what there is. */
const CHUNK = 49_152;
/** Between two messages of which one is enough. */
const PAUSE_MS = 2;

/** A body of a phase. */
export function bodyOf(phase: number, size: number): Uint8Array {
  return new Uint8Array(size).fill(phase, 0, 1);
}

/** How many messages a chunk has. */
export function chunkOf(size: number): number {
  return Math.max(1, Math.floor(CHUNK / size));
}

/** What the sender is told: "go", for each "ready" of the receiver. */
export class Credit {
  #left = 0;
  #wake = () => {};

  constructor() {
    process.stdin.on("data", (data) => {
      this.#left += `${data}`.split("\n").length - 1;
      this.#wake();
    });
  }

  /** Whether the receiver hears. */
  get given(): boolean {
    return this.#left > 0;
  }

  /** One more, for the second chunk. */
  add(): void {
    this.#left++;
  }

  /** Waits for a chunk's turn. */
  async take(): Promise<void> {
    while (this.#left === 0) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    this.#left--;
  }
}

/** Sends a message now and then, as long as that holds. */
export async function repeat(
  send: () => Promise<void>,
  holds: () => boolean,
): Promise<void> {
  while (holds()) {
    await send();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** What a receiver has heard. */
export class Heard {
  /** Messages that came while the clock ran. */
  timed = 0;
  began = 0n;
  readonly #chunk: number;
  #tuned = false;
  #got = 0;

  /** With a chunk of so many messages it paces the sender. */
  constructor(chunk = Infinity) {
    this.#chunk = chunk;
  }

  /** Takes a message in; true if it was the last. */
  take(phase: number): boolean {
    if (phase === TIMED) {
      if (this.timed++ === 0) this.began = process.hrtime.bigint();
    } else if (phase === TUNING && !this.#tuned) {
      this.#tuned = true;
      console.log("ready");
    }
    if (phase === WARM || phase === TIMED) {
      if (++this.#got % this.#chunk === 0) console.log("ready");
    }
    return phase === OVER;
  }
}
