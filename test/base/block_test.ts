// Blocks of memory that go round: made once for all who write in turns, and let go
// when fewer do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { blockLength, giveBlock, takeBlock } from "../../src/base/block.ts";

type Block = ReturnType<typeof takeBlock>;

function taken(count: number, size: number): Block[] {
  return Array.from({ length: count }, () => takeBlock(size));
}

/** How many of those that are taken now were there before. */
function again(blocks: readonly Block[], size: number): number {
  const before = new Set(blocks);
  const now = taken(blocks.length, size);
  now.forEach(giveBlock);
  return now.filter((block) => before.has(block)).length;
}

for (const size of [0, 1, 2]) {
  test(`a thousand connections that write in turns find their blocks of ${blockLength(size)} bytes`, () => {
    const blocks = taken(1000, size);
    assert.ok(blocks.every((block) => block.length === blockLength(size)));
    for (let turn = 0; turn < 50; turn++) {
      blocks.forEach(giveBlock);
      assert.equal(again(blocks, size), 1000);
      taken(1000, size);
    }
    blocks.forEach(giveBlock);
  });
}

test("spares are of no more than 64 MiB, however many blocks are given back at once", () => {
  const blocks = taken(2000, 3);
  blocks.forEach(giveBlock);
  const kept = again(blocks, 3);
  assert.ok(kept > 512 && kept <= 1024, `${kept} of ${blocks.length}`);
});

test("spares that nobody needs any more are let go, whatever blocks go round", () => {
  const blocks = taken(100, 3);
  blocks.forEach(giveBlock);
  assert.equal(again(blocks, 3), 100);
  for (let i = 0; i < 20_000; i++) giveBlock(takeBlock(0));
  assert.equal(again(blocks, 3), 0);
});
