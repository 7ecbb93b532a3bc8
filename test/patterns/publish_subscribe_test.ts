import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCEL, SUBSCRIBE } from "../../src/base/frame.ts";
import { PublisherPattern } from "../../src/patterns/publisher.ts";
import { RadioPattern } from "../../src/patterns/radio.ts";
import { SubscriberPattern } from "../../src/patterns/subscriber.ts";
import { FULL, SENT, STATE } from "../../src/routing/pattern.ts";
import { bytes, texts } from "../support/bytes.ts";
import { CountingHost, FakePeer } from "../support/pipes.ts";

const SETTINGS = {
  noDrop: false,
  invertMatching: false,
  onlyFirstSubscribe: false,
  maxSubscriptions: Infinity,
  maxSubscriptionLength: Infinity,
};

test("PUB sends to those who asked for a prefix of the first frame", () => {
  const publisher = new PublisherPattern(new CountingHost(), SETTINGS);
  const [a, b] = [new FakePeer(publisher), new FakePeer(publisher)];
  a.arrives([bytes('"ab"')], SUBSCRIBE);
  b.arrives([bytes('"a"')], SUBSCRIBE);
  for (const topic of ['"abc"', '"ax"', '"x"']) {
    assert.equal(publisher.trySend([bytes(topic), bytes('"ab"')]), SENT);
  }
  assert.equal(a.got(), "0103616263" + "00026162");
  assert.equal(b.got(), "0103616263" + "00026162" + "01026178" + "00026162");
});

test("PUB takes a wish back that was taken back once, however often it was made", () => {
  const publisher = new PublisherPattern(new CountingHost(), SETTINGS);
  const peer = new FakePeer(publisher);
  peer.arrives([bytes('"a"')], SUBSCRIBE);
  peer.arrives([bytes('"a"')], SUBSCRIBE);
  peer.arrives([bytes('"a"')], CANCEL);
  publisher.trySend([bytes('"a"')]);
  assert.equal(peer.got(), "");
});

test("PUB takes subscriptions in the form of older peers, and no other message", () => {
  const publisher = new PublisherPattern(new CountingHost(), SETTINGS);
  const peer = new FakePeer(publisher);
  peer.sends('01 "a"');
  peer.sends('02 "b"');
  peer.sends("");
  publisher.trySend([bytes('"a"')]);
  publisher.trySend([bytes('"b"')]);
  assert.equal(peer.got(), "000161");
  peer.sends('00 "a"');
  publisher.trySend([bytes('"a"')]);
  assert.equal(peer.got(), "");
  assert.equal(publisher.tryReceive(), null);
  assert.ok(!publisher.canReceive());
});

test("PUB drops for who is full alone, and counts it", () => {
  const publisher = new PublisherPattern(new CountingHost(), SETTINGS);
  const [slow, fast] = [new FakePeer(publisher, 1), new FakePeer(publisher)];
  for (const peer of [slow, fast]) peer.arrives([bytes("")], SUBSCRIBE);
  for (let i = 0; i < 3; i++) publisher.trySend([bytes("07")]);
  assert.deepEqual([slow.pipe.drops, fast.pipe.drops], [2, 0]);
  assert.equal(fast.got(), "000107".repeat(3));
});

test("PUB asks its sender to give way while a peer is nearly full", () => {
  const host = new CountingHost();
  const publisher = new PublisherPattern(host, SETTINGS);
  const peer = new FakePeer(publisher, 10);
  peer.arrives([bytes("")], SUBSCRIBE);
  for (let i = 0; i < 5; i++) publisher.trySend([bytes("07")]);
  assert.ok(!publisher.strained());
  publisher.trySend([bytes("07")]);
  assert.equal(host.presses, 1);
  assert.ok(publisher.strained());
  peer.got();
  assert.ok(!publisher.strained());
});

test("PUB forgets what a peer that has gone had asked for", () => {
  const publisher = new PublisherPattern(new CountingHost(), SETTINGS);
  const peer = new FakePeer(publisher);
  peer.arrives([bytes("")], SUBSCRIBE);
  peer.leaves();
  publisher.trySend([bytes("07")]);
  assert.equal(peer.got(), "");
});

test("SUB tells every publisher each wish, its last taking back, and what is left after a reconnect", () => {
  const subscriber = new SubscriberPattern(new CountingHost(), SETTINGS);
  subscriber.subscribe(bytes('"a"'));
  const peer = new FakePeer(subscriber);
  subscriber.subscribe(bytes('"a"'));
  subscriber.subscribe(bytes('"b"'));
  subscriber.unsubscribe(bytes('"a"'));
  assert.deepEqual(
    peer.controls.splice(0),
    ["a", "a", "b"].map((topic) => `${SUBSCRIBE}:${topic}`),
  );
  subscriber.unsubscribe(bytes('"a"'));
  subscriber.unsubscribe(bytes('"never asked"'));
  assert.deepEqual(peer.controls.splice(0), [`${CANCEL}:a`]);
  peer.hiccup();
  subscriber.reconnected(peer.pipe);
  assert.deepEqual(peer.controls.splice(0), [`${SUBSCRIBE}:b`]);
});

test("SUB passes over what it did not ask for", () => {
  const subscriber = new SubscriberPattern(new CountingHost(), SETTINGS);
  subscriber.subscribe(bytes('"a"'));
  const peer = new FakePeer(subscriber);
  peer.sends('"b"');
  assert.ok(!subscriber.canReceive());
  peer.sends('"b"', '"a"');
  peer.sends('"ab"', '"c"');
  assert.ok(subscriber.canReceive());
  assert.deepEqual(texts(subscriber.tryReceive()!), ["ab", "c"]);
  assert.equal(subscriber.tryReceive(), null);
});

test("SUB sends nothing", () => {
  const subscriber = new SubscriberPattern(new CountingHost(), SETTINGS);
  new FakePeer(subscriber);
  assert.ok(!subscriber.canSend());
  assert.equal(subscriber.trySend([bytes("01")]), STATE);
});

test("SUB that asks for everything can receive what is there, and nothing else", () => {
  const subscriber = new SubscriberPattern(new CountingHost(), {
    invertMatching: false,
  });
  subscriber.subscribe(bytes(""));
  const peer = new FakePeer(subscriber);
  assert.ok(!subscriber.canReceive());
  peer.sends('"x"');
  assert.ok(subscriber.canReceive());
  assert.deepEqual(texts(subscriber.tryReceive()!), ["x"]);
  assert.ok(!subscriber.canReceive());
});

test("RADIO sends nothing to a member that has gone, and doesn't wait for it", () => {
  const radio = new RadioPattern(new CountingHost(), {
    noDrop: true,
    maxSubscriptions: Infinity,
  });
  const [gone, other] = [new FakePeer(radio, 1), new FakePeer(radio)];
  for (const peer of [gone, other]) peer.arrives([bytes('"g"')], SUBSCRIBE);
  assert.equal(radio.trySend([bytes('"g"'), bytes("01")]), SENT);
  assert.equal(radio.trySend([bytes('"g"'), bytes("02")]), FULL);
  radio.detached(gone.pipe);
  assert.equal(radio.trySend([bytes('"g"'), bytes("02")]), SENT);
  assert.equal(gone.got(), "010167" + "000101");
  assert.equal(other.got(), "010167" + "000101" + "010167" + "000102");
});
