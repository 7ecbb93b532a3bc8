// Thousands of random worlds. A seed that fails is printed with the command
// that replays it; SIMULATION_SEEDS=1000000 is the long run.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { FEWEST_EVENTS } from "./scene.ts";
import { KINDS, play } from "./worlds.ts";

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 4400);
const ONLY = process.env.SIMULATION_SEED;
const PARTS = 8;

/** Plays a world and says how to play it again if it fails. */
async function replayable(seed: number): Promise<string> {
  try {
    const { kind, events } = await play(seed);
    assert.ok(events >= FEWEST_EVENTS, `only ${events} events`);
    return kind;
  } catch (error) {
    const replay =
      `SIMULATION_SEED=${seed} deno test -A test/simulation/worlds_test.ts`;
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${replay}`, {
      cause: error,
    });
  }
}

for (let part = 0; part < PARTS; part++) {
  test(`random worlds hold their invariants, part ${part + 1} of ${PARTS}`, async () => {
    if (ONLY !== undefined) {
      if (part === 0) await replayable(Number(ONLY));
      return;
    }
    const kinds = new Set<string>();
    for (let seed = 1 + part; seed <= SEEDS; seed += PARTS) {
      kinds.add(await replayable(seed));
    }
    assert.equal(kinds.size, KINDS);
  });
}

test("a world is the same each time it is made from its seed", async () => {
  for (let seed = 1; seed <= 19; seed++) {
    assert.deepEqual(await play(seed), await play(seed));
  }
});
