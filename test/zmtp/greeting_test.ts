import assert from "node:assert/strict";
import { test } from "node:test";
import { Greeting } from "../../src/zmtp/greeting.ts";
import { bytes, concat, hex } from "../support/bytes.ts";
import { chunkings } from "../support/chunkings.ts";
import { greeting } from "../support/zmtp.ts";

/** All that may be sent now. */
function sent(greeting: Greeting): string {
  return hex(greeting.next() ?? new Uint8Array(0));
}

test("the greeting goes out in three stages, each when the one before was answered", () => {
  const ours = new Greeting("NULL", false);
  const theirs = greeting();
  assert.equal(sent(ours), hex(bytes("ff 00x7 01 7f")));
  assert.equal(sent(ours), "");
  ours.receive(theirs.subarray(0, 9), 0);
  assert.equal(sent(ours), "");
  ours.receive(theirs.subarray(9, 10), 0);
  assert.equal(sent(ours), "03");
  ours.receive(theirs.subarray(10, 11), 0);
  assert.equal(sent(ours), hex(bytes('01 "NULL" 00x16 00 00x31')));
  assert.ok(!ours.done);
  ours.receive(theirs.subarray(11), 0);
  assert.ok(ours.done);
  assert.equal(ours.minor, 1);
});

test("all stages together are the greeting of RFC 37", () => {
  const ours = new Greeting("CURVE", true);
  ours.receive(greeting("CURVE"), 0);
  const all = ours.next()!;
  assert.equal(
    hex(all),
    hex(bytes('ff 00x7 01 7f 0301 "CURVE" 00x15 01 00x31')),
  );
});

test("bytes after the greeting are left to whoever comes next", () => {
  for (const [name, chunks] of chunkings(concat(greeting(), bytes("aabbcc")))) {
    const ours = new Greeting("NULL", false);
    let left = 0;
    for (const chunk of chunks) {
      const taken = ours.done ? 0 : ours.receive(chunk, 0);
      left += chunk.length - taken;
    }
    assert.ok(ours.done, name);
    assert.equal(left, 3, name);
  }
});

test("a peer of 3.0 is told from 3.1, and anything newer counts as 3.1", () => {
  for (
    const [major, minor, expected] of [[3, 0, 0], [3, 1, 1], [3, 7, 1], [
      4,
      0,
      1,
    ], [2, 0, 1]]
  ) {
    const ours = new Greeting("NULL", false);
    ours.receive(greeting("NULL", minor, major), 0);
    assert.ok(ours.done);
    assert.equal(ours.minor, expected, `${major}.${minor}`);
  }
});

test("padding, role and filler of the peer don't matter", () => {
  const theirs = greeting();
  theirs.fill(0xaa, 1, 9);
  theirs.fill(0x55, 32);
  const ours = new Greeting("NULL", false);
  ours.receive(theirs, 0);
  assert.ok(ours.done);
});

test("another mechanism is a mismatch that names both", () => {
  const ours = new Greeting("NULL", false);
  ours.receive(greeting("PLAIN"), 0);
  assert.equal(ours.fault?.code, "ERR_ZMTP_MECHANISM_MISMATCH");
  assert.equal(ours.fault?.blame, "mismatch");
  assert.match(ours.fault!.rule, /NULL here, PLAIN there/);
});

test("a first byte other than ff is refused at once", () => {
  const ours = new Greeting("NULL", false);
  assert.equal(ours.receive(new TextEncoder().encode("GET / HTTP/1.1"), 0), 1);
  assert.equal(ours.fault?.blame, "peer");
  assert.equal(ours.receive(greeting(), 0), 0);
});

test("a signature without its end and an old revision are refused", () => {
  const unsigned = greeting();
  unsigned[9] = 0x7e;
  for (
    const wrong of [unsigned, greeting("NULL", 0, 1), greeting("NULL", 0, 0)]
  ) {
    const ours = new Greeting("NULL", false);
    ours.receive(wrong, 0);
    assert.ok(ours.fault !== null);
    assert.ok(!ours.done);
  }
});
