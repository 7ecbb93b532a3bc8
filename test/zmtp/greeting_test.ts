import assert from "node:assert/strict";
import { test } from "node:test";
import { Greeting, type GreetingSettings } from "../../src/zmtp/greeting.ts";
import { bytes, concat, hex } from "../support/bytes.ts";
import { chunkings } from "../support/chunkings.ts";
import { greeting } from "../support/zmtp.ts";

/** The greeting of this side. */
function ours(
  mechanism = "NULL",
  own: Partial<GreetingSettings> = {},
): Greeting {
  return new Greeting({
    mechanism,
    server: false,
    socketType: 5,
    routingIdLength: 0,
    legacyPeers: "2.0",
    ...own,
  });
}

/** All that may be sent now. */
function sent(greeting: Greeting): string {
  return hex(greeting.next() ?? new Uint8Array(0));
}

test("the greeting goes out in three stages, each when the one before was answered", () => {
  const our = ours();
  const theirs = greeting();
  assert.equal(sent(our), hex(bytes("ff 00x7 01 7f")));
  assert.equal(sent(our), "");
  our.receive(theirs.subarray(0, 9), 0);
  assert.equal(sent(our), "");
  our.receive(theirs.subarray(9, 10), 0);
  assert.equal(sent(our), "03");
  our.receive(theirs.subarray(10, 11), 0);
  assert.equal(sent(our), hex(bytes('01 "NULL" 00x16 00 00x31')));
  assert.ok(!our.done);
  our.receive(theirs.subarray(11), 0);
  assert.ok(our.done);
  assert.equal(our.minor, 1);
});

test("all stages together are the greeting of RFC 37", () => {
  const our = ours("CURVE", { server: true });
  our.receive(greeting("CURVE"), 0);
  const all = our.next()!;
  assert.equal(
    hex(all),
    hex(bytes('ff 00x7 01 7f 0301 "CURVE" 00x15 01 00x31')),
  );
});

test("bytes after the greeting are left to whoever comes next", () => {
  for (const [name, chunks] of chunkings(concat(greeting(), bytes("aabbcc")))) {
    const our = ours();
    let left = 0;
    for (const chunk of chunks) {
      const taken = our.done ? 0 : our.receive(chunk, 0);
      left += chunk.length - taken;
    }
    assert.ok(our.done, name);
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
    const our = ours();
    our.receive(greeting("NULL", minor, major), 0);
    assert.ok(our.done);
    assert.equal(our.minor, expected, `${major}.${minor}`);
  }
});

test("padding, role and filler of the peer don't matter", () => {
  const theirs = greeting();
  theirs.fill(0xaa, 1, 9);
  theirs.fill(0x55, 32);
  const our = ours();
  our.receive(theirs, 0);
  assert.ok(our.done);
});

test("another mechanism is a mismatch that names both", () => {
  const our = ours();
  our.receive(greeting("PLAIN"), 0);
  assert.equal(our.fault?.code, "ERR_ZMTP_MECHANISM_MISMATCH");
  assert.equal(our.fault?.blame, "mismatch");
  assert.match(our.fault!.rule, /NULL here, PLAIN there/);
});

test("a first byte other than ff is refused at once", () => {
  const our = ours();
  assert.equal(our.receive(new TextEncoder().encode("GET / HTTP/1.1"), 0), 1);
  assert.equal(our.fault?.blame, "peer");
  assert.equal(our.receive(greeting(), 0), 0);
});

test("peers before 3.0 are refused as legacyPeers says", () => {
  const unsigned = greeting();
  unsigned[9] = 0x7e;
  for (
    const [peer, version, served] of [
      [unsigned, 1, ["1.0"]],
      [bytes("01 00"), 1, ["1.0"]],
      [greeting("NULL", 0, 0), 1, ["1.0"]],
      [greeting("NULL", 0, 1), 2, ["1.0", "2.0"]],
    ] as const
  ) {
    for (const legacyPeers of ["none", "2.0", "1.0"] as const) {
      const our = ours("NULL", { legacyPeers });
      our.receive(peer, 0);
      const expected = (served as readonly string[]).includes(legacyPeers);
      assert.equal(our.done, expected, `${hex(peer)} ${legacyPeers}`);
      assert.equal(our.fault === null, expected);
      if (expected) assert.equal(our.version, version);
    }
  }
});

test("a peer before 3.0 can't be served with a mechanism", () => {
  for (const peer of [bytes("01 00"), greeting("NULL", 0, 1)]) {
    const our = ours("PLAIN", { legacyPeers: "1.0" });
    our.receive(peer, 0);
    assert.equal(our.fault?.code, "ERR_ZMTP_MECHANISM_MISMATCH");
    assert.ok(!our.done);
  }
});

test("a peer of 2.0 or 1.0 is told our socket type once it has said its revision", () => {
  for (const revision of ["00", "01"]) {
    const our = ours("NULL", { legacyPeers: "1.0", routingIdLength: 2 });
    assert.equal(sent(our), hex(bytes("ff 00x7 03 7f")));
    our.receive(bytes("ff 00x7 01 7f"), 0);
    assert.equal(sent(our), "03");
    our.receive(bytes(revision), 0);
    assert.equal(sent(our), "05");
    assert.ok(!our.done);
    assert.equal(our.receive(bytes("05 00 00"), 0), 1);
    assert.ok(our.done);
    assert.ok(!our.unversioned);
  }
});

test("what a peer without versions sent is frames", () => {
  for (const peer of ["01", "ff 00x7 03 00"]) {
    const our = ours("NULL", { legacyPeers: "1.0" });
    for (const byte of bytes(peer)) our.receive(Uint8Array.of(byte), 0);
    assert.ok(our.unversioned);
    assert.equal(hex(our.frames), hex(bytes(peer)));
    assert.equal(our.receive(bytes("00"), 0), 0);
  }
});
