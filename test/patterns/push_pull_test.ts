import assert from "node:assert/strict";
import { test } from "node:test";
import { PushPattern } from "../../src/patterns/push.ts";
import { PullPattern } from "../../src/patterns/pull.ts";
import { FULL, NO_PEER, SENT, STATE } from "../../src/routing/pattern.ts";
import { bytes, texts } from "../support/bytes.ts";
import { CountingHost, FakePeer } from "../support/pipes.ts";

test("PUSH gives each message to one PULL, in turn", () => {
  const push = new PushPattern(new CountingHost());
  const peers = [new FakePeer(push), new FakePeer(push)];
  for (const body of ["01", "02", "03", "04"]) {
    assert.equal(push.trySend([bytes(body)]), SENT);
  }
  assert.deepEqual(peers.map((peer) => peer.got()), [
    "000101000103",
    "000102000104",
  ]);
});

test("PUSH takes no message without a PULL or with all of them full", () => {
  const host = new CountingHost();
  const push = new PushPattern(host);
  assert.equal(push.trySend([bytes("01")]), NO_PEER);
  const peer = new FakePeer(push, 1);
  assert.equal(host.writes, 1);
  assert.equal(push.trySend([bytes("01")]), SENT);
  assert.equal(push.trySend([bytes("02")]), FULL);
  assert.ok(!push.canSend());
  peer.got();
  assert.equal(host.writes, 2, "it says when there is room");
  assert.equal(push.trySend([bytes("02")]), SENT);
  peer.leaves();
  assert.equal(push.trySend([bytes("03")]), NO_PEER);
});

test("PUSH throws away what a peer sends it, and receives nothing", () => {
  const push = new PushPattern(new CountingHost());
  const peer = new FakePeer(push);
  peer.sends("01");
  assert.equal(peer.pipe.inbound.count, 0);
  assert.equal(push.tryReceive(), null);
  assert.ok(!push.canReceive());
  assert.ok(push.mute);
});

test("PULL takes the messages of its peers in turn, whole", () => {
  const host = new CountingHost();
  const pull = new PullPattern(host);
  const [a, b] = [new FakePeer(pull), new FakePeer(pull)];
  a.sends('"a1"', "");
  a.sends('"a2"');
  b.sends('"b1"');
  assert.ok(host.reads >= 2);
  const got = [1, 2, 3].map(() => texts(pull.tryReceive()!).join(","));
  assert.deepEqual(got.toSorted(), ["a1,", "a2", "b1"]);
  assert.notDeepEqual(got, ["a1,", "a2", "b1"]);
  assert.equal(pull.tryReceive(), null);
});

test("PULL still reads what a peer sent before it went", () => {
  const pull = new PullPattern(new CountingHost());
  const peer = new FakePeer(pull);
  peer.sends('"last"');
  peer.leaves();
  assert.ok(pull.canReceive());
  assert.deepEqual(texts(pull.tryReceive()!), ["last"]);
  assert.ok(!pull.canReceive());
});

test("PULL sends nothing", () => {
  const pull = new PullPattern(new CountingHost());
  new FakePeer(pull);
  assert.ok(!pull.canSend());
  assert.equal(pull.trySend([bytes("01")]), STATE);
});
