import assert from "node:assert/strict";
import { test } from "node:test";
import { script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

test("once sockets are disposed of, or their context is terminated, no timer of them is left", async () => {
  const child = script("sockets/leftovers_program.ts");
  const left = JSON.parse(await within("it tells", child.line()));
  assert.equal(await within("it ends", child.exit), 0, child.errors());
  for (const [what, timers] of Object.entries(left)) {
    assert.equal(timers, 0, `${timers} are left: ${what}`);
  }
});
