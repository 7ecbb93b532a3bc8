// A short run of the fuzzer, the same each time, and that it can find something.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

test("each recorded conversation is heard as it was said", () => {
  for (const target of targets()) {
    const listener = target.listen();
    for (const piece of target.said) listener.hear(piece.slice());
    assert.deepEqual(listener.delivered(), target.messages, target.name);
    assert.ok(target.messages.length > 0, target.name);
  }
});

test("twelve thousand changed conversations throw nothing, hold little and forge nothing", () => {
  const { inputs, refused, passed } = fuzz(11, (count) => count === 12_000);
  assert.equal(inputs, 12_000);
  assert.ok(refused > 2000 && passed > 1000, `${refused} refused`);
});
