// A short run of the fuzzer, the same each time, and that it can find something.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SOCKET_TYPES } from "../../src/base/socket_type.ts";
import { corpus } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";
import { record } from "./sockets.ts";
import { targets } from "./targets.ts";

test("each recorded conversation is heard as it was said", async () => {
  for (const target of await targets()) {
    const listener = target.listen();
    for (const piece of target.said) {
      listener.hear(piece.slice());
      await listener.settled?.();
    }
    assert.deepEqual(listener.finish(), target.messages, target.name);
    target.atRest();
  }
});

test("what is recorded today is what the corpus says", async () => {
  for (const { scene, recording } of corpus()) {
    assert.deepEqual(await record(scene), recording);
  }
});

test("the corpus has every type that has streams, each mechanism at either end, and both transports", () => {
  const all = corpus();
  for (const [type, { peers, receives }] of Object.entries(SOCKET_TYPES)) {
    const heard = all.filter(({ scene }) => scene.heard === type);
    if (peers.length === 0) assert.equal(heard.length, 0);
    else assert.ok(heard.length >= 10, type);
    for (const { recording } of heard) {
      assert.equal(recording.messages.length > 0, receives, recording.name);
    }
  }
});

test("twelve thousand changed conversations throw nothing, hold little and forge nothing", async () => {
  const { inputs, refused, passed } = await fuzz(
    11,
    (count) => count === 12_000,
  );
  assert.equal(inputs, 12_000);
  assert.ok(refused > 2000 && passed > 1000, `${refused} refused`);
});
