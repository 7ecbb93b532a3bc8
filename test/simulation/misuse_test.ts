// What the simulated world says of what makes no sense.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SimulatedWorld } from "../../src/testing/testing.ts";

test("what makes no world is a TypeError that says what does", async () => {
  for (const seed of ["monday", NaN, -1, 0.5, 2 ** 32]) {
    assert.throws(() => new SimulatedWorld({ seed: seed as number }), {
      name: "TypeError",
      message: /^A seed is a whole number/,
    });
  }
  for (
    const options of [{ latncy: [1, 1] }, { latency: [2, 1] }, {
      window: [0, 0],
    }]
  ) {
    assert.throws(() => new SimulatedWorld(options as object), TypeError);
  }
  const world = new SimulatedWorld({ seed: 2 ** 32 - 1 });
  for (const time of ["5", NaN, -5, Infinity, undefined]) {
    await assert.rejects(world.run(time as number), TypeError);
  }
  assert.equal(world.now, 0);
  const here = world.host("here");
  const other = new SimulatedWorld().host("here");
  const name = "here" as unknown as typeof here;
  for (const wrong of [name, other]) {
    assert.throws(() => world.cut(wrong), TypeError);
    assert.throws(() => world.partition(here, wrong), TypeError);
    assert.throws(() => world.heal(wrong, here), TypeError);
  }
});
