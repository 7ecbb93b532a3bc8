import assert from "node:assert/strict";
import { test } from "node:test";
import { Slab, SLAB_BYTES } from "../../src/base/slab.ts";
import { transferAway } from "../support/transfer.ts";

test("what a slab hands out never overlaps", () => {
  const slab = new Slab();
  const pieces = Array.from({ length: 500 }, (_, i) => {
    const piece = slab.carve(1 + i % 97);
    piece.fill(i);
    return piece;
  });
  pieces.forEach((piece, i) => {
    assert.ok(piece.every((byte) => byte === i % 256));
  });
});

test("a kept piece pins no more than a slab", () => {
  const slab = new Slab();
  for (let i = 0; i < 1000; i++) {
    assert.ok(slab.carve(100).buffer.byteLength <= SLAB_BYTES);
  }
  assert.equal(slab.carve(5000).buffer.byteLength, 5000);
});

test("a slab goes on after the buffer of a piece was transferred away", () => {
  const slab = new Slab();
  const piece = slab.carve(10);
  transferAway(piece);
  assert.equal(piece.length, 0);
  const next = slab.carve(10);
  assert.equal(next.length, 10);
  next.fill(7);
  assert.equal(next[9], 7);
});
