import assert from "node:assert/strict";
import { test } from "node:test";
import {
  headerLength,
  LONG,
  MORE,
  readSize,
  writeHeader,
  writeSize,
} from "../../src/base/frame.ts";
import { hex } from "../support/bytes.ts";

test("a header of up to 255 bytes of body is two bytes, of more nine", () => {
  const into = new Uint8Array(9);
  assert.equal(writeHeader(into, 0, MORE, 255), 2);
  assert.equal(hex(into.subarray(0, 2)), "01ff");
  assert.equal(writeHeader(into, 0, 0, 256), 9);
  assert.equal(hex(into), "020000000000000100");
  assert.equal(into[0], LONG);
  assert.equal(headerLength(255), 2);
  assert.equal(headerLength(256), 9);
});

test("sizes of any number of bits are written and read back", () => {
  const into = new Uint8Array(8);
  const edges = [30, 31, 32, 33].flatMap((bits) =>
    [-1, 0, 1].map((more) => 2 ** bits + more)
  );
  for (const size of [0, 1, 255, 256, ...edges, 2 ** 32 + 5, 2 ** 53 - 1]) {
    writeSize(into, 0, size);
    assert.equal(readSize(into, 0), size);
  }
});

test("a size with its top bit set reads as larger than anything that can be held", () => {
  const from = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  assert.ok(readSize(from, 0) > Number.MAX_SAFE_INTEGER);
});
