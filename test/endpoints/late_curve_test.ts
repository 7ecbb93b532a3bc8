// CURVE is loaded by the first bind or connect that needs it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

test("CURVE is loaded when it is first needed, and an endpoint that it can't be had for ends", async () => {
  const child = script("endpoints/late_curve_program.ts");
  try {
    const code = await within("it ends", child.exit, 30_000);
    assert.equal(code, 0, child.errors());
    assert.deepEqual(child.output().trim().split(/\r?\n/), [
      "in clear: not loaded",
      "bind: EIO, true",
      "connect: EIO",
      "it is over: 0 peers, not loaded",
      "while it loads: not loaded",
      "a bind that was closed: EBADF, loaded",
      "a message: hidden",
    ]);
  } finally {
    await child.kill();
  }
});
