// Random pipelines that CURVE hides: the same invariants hold, above all that what
// the kernel has not taken outlives the connection. Fewer than in clear, since each
// handshake takes the time of a thousand messages.

import { test } from "node:test";
import { pipeline } from "./pipeline.ts";
import { Scene } from "./scene.ts";

/** Every eighth world is exact about what has left. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80];

test("random worlds hold their invariants behind CURVE", async () => {
  for (const seed of SEEDS) {
    const scene = new Scene(seed);
    try {
      await pipeline(scene, seed % 3 === 0, true);
      await scene.end();
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
});
