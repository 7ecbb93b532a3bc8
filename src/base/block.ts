// Blocks of memory that outgoing messages are encoded into, recycled within the
// thread. Sizes grow by four from 1 to 64 KiB, so that a quiet connection
// holds next to nothing and a busy one writes 64 KiB at a time.

type Bytes = Uint8Array<ArrayBuffer>;

/** The largest block; also how much is written at once. */
export const BLOCK_BYTES: number = 65536;

/** The number of sizes: 1, 4, 16 and 64 KiB. */
export const BLOCK_SIZES: number = 4;

const SMALLEST = 1024;
/** Bytes of spare blocks, at most: a thousand connections at full speed find theirs. */
const SPARE_BYTES = 67_108_864;
/** Spares that nobody needed while so many blocks were given back are let go. */
const PERIOD = 4096;

/** Blocks of one size that nobody has at the moment. */
class Spares {
  readonly length: number;
  readonly #blocks: Bytes[] = [];
  /** The fewest there were in this period. */
  #fewest = 0;

  constructor(length: number) {
    this.length = length;
  }

  take(): Bytes {
    const block = this.#blocks.pop();
    this.#fewest = Math.min(this.#fewest, this.#blocks.length);
    if (block === undefined) return new Uint8Array(this.length);
    held -= this.length;
    return block;
  }

  give(block: Bytes): void {
    if (held + this.length > SPARE_BYTES) return;
    held += this.length;
    this.#blocks.push(block);
  }

  periodOver(): void {
    held -= this.#fewest * this.length;
    this.#blocks.splice(0, this.#fewest);
    this.#fewest = this.#blocks.length;
  }
}

const spares = Array.from(
  { length: BLOCK_SIZES },
  (_, size) => new Spares(blockLength(size)),
);
/** Bytes of all spares. */
let held = 0;
/** Blocks that were given back in this period. */
let given = 0;

/** Bytes in a block of size class 0 to 3. */
export function blockLength(size: number): number {
  return SMALLEST << (2 * size);
}

/** Takes a block of size class 0 to 3. */
export function takeBlock(size: number): Bytes {
  return spares[size].take();
}

/** Gives a block back. */
export function giveBlock(block: Bytes): void {
  const over = ++given === PERIOD;
  if (over) given = 0;
  for (let size = 0; size < BLOCK_SIZES; size++) {
    const those = spares[size];
    if (over) those.periodOver();
    if (those.length === block.length) those.give(block);
  }
}
