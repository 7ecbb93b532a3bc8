// Signs that all threads of a group see at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Sign, signMemory, Signs } from "../../src/threads/signs.ts";

test("a sign is seen by all until it is taken down, by whomever", () => {
  const memory = signMemory();
  const [one, other] = [new Signs(memory), new Signs(memory)];
  assert.equal(one.any, false);
  const first = one.put()!;
  const second = other.put()!;
  assert.equal(other.any, true);
  other.remove(first);
  assert.equal(one.any, true);
  one.remove(second);
  assert.equal(one.any, false);
});

test("who takes a sign down that was taken down before harms nobody who has its place now", () => {
  const signs = new Signs(signMemory());
  const first = signs.put()!;
  signs.remove(first);
  const second = signs.put()!;
  assert.equal(second.place, first.place);
  signs.remove(first);
  assert.equal(signs.any, true);
  signs.remove(second);
  assert.equal(signs.any, false);
});

test("past the last place no sign is put up, and there is one still", () => {
  const signs = new Signs(signMemory());
  const put: Sign[] = [];
  for (let sign = signs.put(); sign !== null; sign = signs.put()) {
    put.push(sign);
  }
  assert.equal(new Set(put.map(({ place }) => place)).size, put.length);
  assert.equal(signs.any, true);
  for (const sign of put) signs.remove(sign);
  assert.equal(signs.any, false);
});
