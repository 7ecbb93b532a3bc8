// A link between two threads: how it is offered, again and again in the same memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Link } from "../../src/threads/link.ts";
import { OwnMemories } from "../../src/threads/link_memory.ts";
import { lonely } from "./lonely.ts";

const threads = lonely("1");

function pair() {
  const memory = new OwnMemories().take(4096);
  return [new Link(memory, 0, threads), new Link(memory, 1, threads)];
}

test("an offer is answered once, and who made it sees how", () => {
  for (const answer of ["taken", "declined"] as const) {
    const [connects, binds] = pair();
    const offer = binds.offer();
    assert.equal(binds.answered, "open");
    assert.equal(connects.answer(offer, answer), true);
    assert.equal(binds.answered, answer);
    assert.equal(connects.answer(offer, "taken"), false);
    assert.equal(connects.answer(offer, "declined"), false);
    assert.equal(binds.answered, answer);
  }
});

test("what was offered in the same memory before is no offer of it any more", () => {
  const [connects, binds] = pair();
  const offers = [binds.offer(), binds.offer(), binds.offer()];
  assert.equal(connects.answer(offers[0], "declined"), false);
  assert.equal(connects.answer(offers[1], "taken"), false);
  assert.equal(binds.answered, "open");
  assert.equal(connects.answer(offers[2], "taken"), true);
});

test("nothing is left in a link that is offered of what its memory was before", () => {
  const [connects, binds] = pair();
  binds.offer();
  connects.out.write(new Uint8Array(100), 0, 100);
  connects.took(7);
  connects.end();
  binds.end();
  binds.offer();
  assert.equal(connects.taken, 0);
  assert.equal(binds.taken, 0);
  for (const { in: ring } of [connects, binds]) {
    assert.equal(ring.empty, true);
    assert.equal(ring.over, false);
  }
});
