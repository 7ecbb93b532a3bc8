import assert from "node:assert/strict";
import { test } from "node:test";
import { script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

test("the demo runs with no permission but the network, and its figures are right", async () => {
  const demo = script("../examples/demo.ts", [], {
    permissions: ["--allow-net"],
  });
  try {
    const code = await within("the demo ends", demo.exit, 30_000);
    const said = demo.output();
    assert.equal(code, 0, demo.errors());
    assert.equal(demo.errors(), "");
    assert.match(
      said,
      /sent 5,242,880 bytes, received 5,242,880, the same byte for byte, \d+ ms/,
    );
    const counts = [
      ...said.matchAll(/sent 50, matched (\d+), received (\d+)/g),
    ];
    assert.equal(counts.length, 2);
    for (const [, matched, received] of counts) assert.equal(received, matched);
    const lines = [...said.matchAll(/ got (.*)\n/g)].map((found) => found[1]);
    assert.equal(lines[0], lines[1]);
    assert.match(lines[0], /^(1 \d(, |$))+$/);
    assert.match(said, /in all: Anna.* 800, Ben.* 1,300, Cleo.* 800\n/);
  } finally {
    await demo.kill();
  }
});
