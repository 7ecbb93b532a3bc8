// The ways to cut bytes into chunks that every decoder has to give the same
// answer for: whole, byte by byte, and at random places.

import { generator } from "../../adapters/simulated/random.ts";

/** Names and cuts of `bytes`; random ones differ by seed. */
export function* chunkings(
  bytes: Uint8Array,
  seeds = 20,
): Generator<[string, Uint8Array[]]> {
  yield ["whole", [bytes.slice()]];
  yield ["byte by byte", cut(bytes, () => 1)];
  for (let seed = 1; seed <= seeds; seed++) {
    const random = generator(seed);
    const most = 1 + Math.floor(random() * bytes.length);
    yield [
      `cut at random with seed ${seed}`,
      cut(bytes, () => 1 + Math.floor(random() * most)),
    ];
  }
}

function cut(bytes: Uint8Array, length: () => number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + length());
    chunks.push(bytes.slice(at, end));
    at = end;
  }
  return chunks;
}
