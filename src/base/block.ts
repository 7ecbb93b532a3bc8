// Blocks of memory that outgoing messages are encoded into, recycled within the
// thread. Sizes grow by four from 1 to 64 KiB, so that a quiet connection
// holds next to nothing and a busy one writes 64 KiB at a time.

type Bytes = Uint8Array<ArrayBuffer>;

/** The largest block; also how much is written at once. */
export const BLOCK_BYTES: number = 65536;

/** The number of sizes: 1, 4, 16 and 64 KiB. */
export const BLOCK_SIZES: number = 4;

const SMALLEST = 1024;
/** Spare blocks kept for each size: at most 2 MiB of the largest. */
const SPARES = 128;

const spares: Bytes[][] = [[], [], [], []];

/** Bytes in a block of size class 0 to 3. */
export function blockLength(size: number): number {
  return SMALLEST << (2 * size);
}

/** Takes a block of size class 0 to 3. */
export function takeBlock(size: number): Bytes {
  return spares[size].pop() ?? new Uint8Array(blockLength(size));
}

/** Gives a block back. */
export function giveBlock(block: Bytes): void {
  for (let size = 0; size < BLOCK_SIZES; size++) {
    if (block.length === blockLength(size)) {
      if (spares[size].length < SPARES) spares[size].push(block);
      return;
    }
  }
}
