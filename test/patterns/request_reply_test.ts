import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplyPattern } from "../../src/patterns/reply.ts";
import { RequestPattern } from "../../src/patterns/request.ts";
import { NO_PEER, SENT, STATE } from "../../src/routing/pattern.ts";
import { bytes, texts } from "../support/bytes.ts";
import { CountingHost, FakePeer } from "../support/pipes.ts";

const STRICT = { correlate: false, relaxed: false, probeRouter: false };

function request(settings: Partial<typeof STRICT> = {}, firstId = 6) {
  return new RequestPattern(
    new CountingHost(),
    { ...STRICT, ...settings },
    firstId,
  );
}

test("REQ sends an empty frame before the body and takes it off the reply", () => {
  const socket = request();
  const peer = new FakePeer(socket);
  assert.equal(socket.trySend([bytes('"hi"')]), SENT);
  assert.equal(peer.got(), "0100" + "00026869");
  peer.sends("", '"yes"', "");
  assert.deepEqual(texts(socket.tryReceive()!), ["yes", ""]);
});

test("REQ sends and receives strictly by turns, to one peer after the other", () => {
  const socket = request();
  assert.equal(socket.trySend([bytes("01")]), NO_PEER);
  const [a, b] = [new FakePeer(socket), new FakePeer(socket)];
  assert.ok(socket.mute);
  socket.trySend([bytes("01")]);
  assert.ok(!socket.mute);
  assert.equal(socket.trySend([bytes("02")]), STATE);
  assert.ok(!socket.canSend());
  a.sends("", "0a");
  assert.ok(socket.canReceive());
  assert.ok(!socket.canSend());
  socket.tryReceive();
  assert.ok(socket.mute);
  socket.trySend([bytes("02")]);
  assert.deepEqual([a.got(), b.got()], ["0100000101", "0100000102"]);
});

test("REQ takes a reply from the peer it asked, once, and from no other", () => {
  const socket = request();
  const [a, b] = [new FakePeer(socket), new FakePeer(socket)];
  a.sends("", '"early"');
  socket.trySend([bytes("01")]);
  b.sends("", '"other"');
  assert.ok(!socket.canReceive());
  a.sends("", '"first"');
  a.sends("", '"second"');
  assert.deepEqual(texts(socket.tryReceive()!), ["first"]);
  assert.ok(!socket.canReceive());
});

test("REQ parts with a peer whose reply has no empty frame", () => {
  const socket = request();
  const peer = new FakePeer(socket);
  socket.trySend([bytes("01")]);
  peer.sends('"bare"', '"reply"');
  assert.equal(peer.faults[0].code, "EPROTO");
  assert.ok(!socket.canReceive());
});

test("REQ with correlate numbers its requests and takes the reply of that number", () => {
  const socket = request({ correlate: true, relaxed: true });
  const peer = new FakePeer(socket);
  socket.trySend([bytes('"a"')]);
  assert.equal(peer.got(), "010400000007" + "0100" + "000161");
  socket.trySend([bytes('"b"')]);
  assert.equal(peer.got(), "010400000008" + "0100" + "000162");
  peer.sends("00000007", "", '"late"');
  peer.sends("", '"unnumbered"');
  assert.ok(!socket.canReceive());
  peer.sends("00000008", "", '"B"');
  assert.deepEqual(texts(socket.tryReceive()!), ["B"]);
});

test("REQ that gives up a round drops the connection its reply would come by", () => {
  const socket = request();
  const peer = new FakePeer(socket);
  socket.trySend([bytes("01")]);
  peer.got();
  socket.abandon();
  assert.equal(peer.faults[0].blame, "caller");
  assert.equal(socket.trySend([bytes("02")]), SENT);
});

test("REQ that gives up a round before it left takes the request back", () => {
  const socket = request();
  const peer = new FakePeer(socket);
  socket.trySend([bytes("01")]);
  socket.abandon();
  assert.deepEqual(peer.faults, []);
  assert.equal(peer.got(), "");
});

test("REP replies behind the envelope of the request", () => {
  const socket = new ReplyPattern(new CountingHost());
  const peer = new FakePeer(socket);
  peer.sends('"hop"', '"id"', "", '"q"', '"r"');
  assert.deepEqual(texts(socket.tryReceive()!), ["q", "r"]);
  assert.equal(socket.trySend([bytes('"a"')]), SENT);
  assert.equal(peer.got(), "0103686f70" + "01026964" + "0100" + "000161");
});

test("REP receives and sends strictly by turns", () => {
  const socket = new ReplyPattern(new CountingHost());
  const peer = new FakePeer(socket);
  assert.equal(socket.trySend([bytes("01")]), STATE);
  peer.sends("", "01");
  peer.sends("", "02");
  assert.ok(socket.canReceive());
  socket.tryReceive();
  assert.ok(socket.mute);
  assert.equal(socket.tryReceive(), null);
  assert.ok(!socket.canReceive());
  socket.trySend([bytes("0a")]);
  assert.ok(!socket.canSend());
  assert.ok(socket.canReceive());
});

test("REP takes requests of its peers in turn and answers who asked", () => {
  const socket = new ReplyPattern(new CountingHost());
  const peers = [new FakePeer(socket), new FakePeer(socket)];
  peers.forEach((peer, i) => {
    peer.sends("", `0${i}`);
    peer.sends("", `0${i}`);
  });
  const order: number[] = [];
  for (let round = 0; round < 4; round++) {
    const [body] = socket.tryReceive()!;
    order.push(body[0]);
    socket.trySend([body]);
  }
  assert.equal(order[0] + order[1], 1);
  assert.deepEqual(peers.map((peer) => peer.got()), [
    "0100000100".repeat(2),
    "0100000101".repeat(2),
  ]);
});

test("REP passes over a request without an empty frame before its body", () => {
  const socket = new ReplyPattern(new CountingHost());
  const peer = new FakePeer(socket);
  peer.sends('"no"', '"delimiter"');
  peer.sends('"only an envelope"', "");
  peer.sends("", '"good"');
  assert.deepEqual(texts(socket.tryReceive()!), ["good"]);
});

test("REP drops a reply whose asker has gone, and counts it", () => {
  const host = new CountingHost();
  const socket = new ReplyPattern(host);
  const peer = new FakePeer(socket);
  peer.sends("", "01");
  socket.tryReceive();
  peer.leaves();
  assert.equal(socket.trySend([bytes("02")]), SENT);
  assert.equal(host.drops, 1);
  assert.equal(peer.got(), "");
});

test("REP sends no reply by another connection than the request came by", () => {
  const host = new CountingHost();
  const socket = new ReplyPattern(host);
  const peer = new FakePeer(socket);
  peer.sends("", "01");
  peer.sends("", "02");
  socket.tryReceive();
  socket.trySend([bytes("0a")]);
  peer.hiccup();
  assert.equal(peer.got(), "", "the reply that waited");
  socket.tryReceive();
  socket.trySend([bytes("0b")]);
  assert.equal(peer.got(), "", "the reply to a request that waited");
  assert.equal(host.drops, 1);
  peer.sends("", "03");
  socket.tryReceive();
  socket.trySend([bytes("0c")]);
  assert.equal(peer.got(), "010000010c");
});
