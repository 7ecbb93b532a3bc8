import assert from "node:assert/strict";
import { test } from "node:test";
import { Heartbeat } from "../../src/zmtp/heartbeat.ts";

const settings = (interval: number, timeout: number, timeToLive = 0) =>
  new Heartbeat({ interval, timeout, timeToLive });

test("PINGs are due at each interval, from the end of the handshake on", () => {
  const beat = settings(100, 250, 1500);
  assert.equal(beat.deadline, Infinity);
  beat.begin(0);
  assert.equal(beat.deadline, 100);
  assert.ok(!beat.takePing(99));
  assert.ok(beat.takePing(100));
  assert.ok(beat.takePing(200));
  assert.equal(beat.ttl, 15);
});

test("a silent peer is given up when the time after the first PING is over", () => {
  // As seen of libzmq: interval 100, timeout 250, closed at 350.
  const beat = settings(100, 250);
  beat.begin(0);
  for (const now of [100, 200, 300]) {
    assert.ok(!beat.expired(now));
    beat.takePing(now);
  }
  assert.ok(!beat.expired(349));
  assert.ok(beat.expired(350));
});

test("any sign of life counts, and the next PING begins anew", () => {
  const beat = settings(100, 100);
  beat.begin(0);
  beat.takePing(100);
  beat.heard();
  assert.ok(!beat.expired(200));
  beat.takePing(200);
  assert.ok(beat.expired(300));
});

test("a peer's time to live holds until it is heard again, without PINGs of our own too", () => {
  const beat = settings(0, 0);
  beat.begin(0);
  beat.pinged(5, 1000);
  assert.equal(beat.deadline, 1500);
  assert.ok(beat.expired(1500));
  beat.heard();
  assert.ok(!beat.expired(9999));
  beat.pinged(1000, 0);
  assert.ok(!beat.expired(99999));
  assert.ok(beat.expired(100000));
});

test("a timeout of 0 gives nobody up", () => {
  const beat = settings(100, 0);
  beat.begin(0);
  beat.takePing(100);
  assert.ok(!beat.expired(1e9));
});

test("while we don't read, the silence is ours", () => {
  const beat = settings(100, 100);
  beat.begin(0);
  beat.takePing(100);
  beat.pinged(5, 100);
  beat.pause();
  beat.takePing(200);
  beat.pinged(5, 200);
  assert.ok(!beat.expired(1e6));
  beat.resume();
  beat.takePing(300);
  assert.ok(beat.expired(400));
});

test("a time to live that libzmq would overflow on is never sent", () => {
  assert.equal(settings(100, 100, 6553500).ttl, 655);
});
