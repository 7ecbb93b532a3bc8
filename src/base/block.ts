// Blocks of memory that outgoing messages are encoded into, recycled within the
// thread. Sizes grow by four from 1 to 64 KiB, so that a quiet connection
// holds next to nothing and a busy one writes 64 KiB at a time.

type Bytes = Uint8Array<ArrayBuffer>;

/** The largest block; also how much is written at once. */
export const BLOCK_BYTES: number = 65536;

/** The number of sizes: 1, 4, 16 and 64 KiB. */
export const BLOCK_SIZES: number = 4;

const SMALLEST = 1024;
/** Bytes of spare blocks that are kept of each size, so that a thousand connections find theirs. */
const SPARE_BYTES = 16_777_216;
/** Spares that nobody needed while so many blocks were given back are let go. */
const PERIOD = 16_384;

/** Blocks of one size that nobody has at the moment. */
class Spares {
  readonly length: number;
  readonly #blocks: Bytes[] = [];
  /** Blocks that were given back in this period, and the fewest spares in it. */
  #given = 0;
  #fewest = 0;

  constructor(length: number) {
    this.length = length;
  }

  take(): Bytes {
    const block = this.#blocks.pop();
    const left = this.#blocks.length;
    if (left < this.#fewest) this.#fewest = left;
    return block ?? new Uint8Array(this.length);
  }

  give(block: Bytes): void {
    const blocks = this.#blocks;
    if (++this.#given === PERIOD) {
      blocks.splice(0, this.#fewest);
      this.#given = 0;
      this.#fewest = blocks.length;
    }
    if (blocks.length * this.length < SPARE_BYTES) blocks.push(block);
  }
}

const spares = [0, 1, 2, 3].map((size) => new Spares(blockLength(size)));

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
  for (let size = 0; size < BLOCK_SIZES; size++) {
    if (spares[size].length === block.length) spares[size].give(block);
  }
}
