// Peers before ZMTP 3.0, by the transcripts of libzmq 4.3.5 talking to such.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SUBSCRIBE } from "../../src/base/frame.ts";
import { OutboundLog } from "../../src/routing/outbound_log.ts";
import { CLOSED } from "../../src/zmtp/connection.ts";
import {
  LegacyDecoder,
  writeLegacyHeader,
} from "../../src/zmtp/legacy_framing.ts";
import { TranscodedOutbox } from "../../src/zmtp/transcoding.ts";
import { bytes, concat, hex, texts } from "../support/bytes.ts";
import { chunkings } from "../support/chunkings.ts";
import { Bench } from "../support/pair.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { frame, legacyFrame, message } from "../support/zmtp.ts";

const text = (value: string) => new TextEncoder().encode(value);
const OLD = { legacyPeers: "1.0" } as const;

/** What each version's peer says first: up to its type, its name, a message. */
const PEERS = {
  "2.0": {
    greeting: ["ff 00x7 01 7f", "01", "05"],
    name: "00 00",
    message: "00 03 616263",
  },
  "1.0": {
    greeting: ["ff 00x7 01 7f", "00", "05"],
    name: "01 00",
    message: "04 00 616263",
  },
  "1.0 without versions": {
    greeting: [],
    name: "01 00",
    message: "04 00 616263",
  },
} as const;

test("a peer of 2.0 meets what libzmq says, stage by stage", () => {
  const dealer = new Bench("DEALER", { identity: "ab" });
  assert.equal(hex(dealer.written()), hex(bytes("ff 00x7 03 7f")));
  dealer.receive(bytes("ff 00x7 01 7f"));
  assert.equal(hex(dealer.written()), "03");
  dealer.receive(bytes("01"));
  assert.equal(hex(dealer.written()), "05");
  dealer.receive(bytes("05"));
  assert.equal(hex(dealer.written()), hex(bytes("00 02 6162")));
  assert.equal(dealer.ready, 0);
  dealer.receive(bytes("00 00 00 03 616263"));
  assert.equal(dealer.ready, 1);
  assert.deepEqual(texts(dealer.inbox.take()!), ["abc"]);
  dealer.outbox.append([text("hey")], 0, null);
  assert.equal(hex(dealer.written()), hex(bytes("00 03 686579")));
});

test("a peer of 1.0 that says so meets frames of 1.0", () => {
  const dealer = new Bench("DEALER", { identity: "ab", ...OLD });
  dealer.written();
  dealer.receive(bytes("ff 00x7 01 7f 00 05"));
  assert.equal(hex(dealer.written()), hex(bytes("03 05 03 00 6162")));
  dealer.receive(bytes("01 00 04 00 616263"));
  assert.deepEqual(texts(dealer.inbox.take()!), ["abc"]);
  dealer.outbox.append([text("hey")], 0, null);
  assert.equal(hex(dealer.written()), hex(bytes("04 00 686579")));
});

test("a peer without versions reads our signature as the length of our name", () => {
  const dealer = new Bench("DEALER", { identity: "ab", ...OLD });
  assert.equal(hex(dealer.written()), hex(bytes("ff 00x7 03 7f")));
  dealer.receive(bytes("01"));
  assert.equal(hex(dealer.written()), "6162");
  dealer.receive(bytes("00"));
  assert.equal(dealer.ready, 1);
  dealer.outbox.append([text("x"), text("yy")], 0, null);
  assert.equal(hex(dealer.written()), hex(bytes("02 01 78 03 00 7979")));
});

test("an anonymous socket has nothing to add to its signature", () => {
  const push = new Bench("PUSH", OLD);
  push.written();
  push.receive(bytes("01 00"));
  assert.equal(hex(push.written()), "");
  assert.equal(push.ready, 1);
});

for (const [version, peer] of Object.entries(PEERS)) {
  test(`the name of a peer of ${version} is no message, however the bytes are cut`, () => {
    const name = version === "2.0" ? frame(0, "me") : legacyFrame(0, "me");
    const all = concat(
      ...peer.greeting.map((part) => bytes(part)),
      name,
      bytes(peer.message),
      bytes(peer.message),
    );
    for (const [cut, chunks] of chunkings(all)) {
      const router = new Bench("ROUTER", OLD);
      for (const chunk of chunks) router.receive(chunk);
      assert.equal(hex(router.connection.peer.routingId), hex(text("me")), cut);
      assert.equal(router.connection.peer.mechanism, "NULL");
      assert.deepEqual(texts(router.inbox.take()!), ["abc"], cut);
      assert.deepEqual(texts(router.inbox.take()!), ["abc"], cut);
      assert.equal(router.inbox.take(), null);
    }
  });

  test(`a peer of ${version} has until the end of its name, and no longer`, () => {
    const slow = new Bench("PULL", { ...OLD, handshakeInterval: 1000 });
    for (const part of peer.greeting) slow.receive(bytes(part));
    slow.receive(bytes(peer.name).subarray(0, 1));
    assert.equal(slow.connection.deadline, 1000);
    slow.connection.advance(1000);
    assert.equal(slow.fault, "ETIMEDOUT");
  });

  test(`a peer of ${version} is sent no heartbeats`, () => {
    const pull = new Bench("PULL", {
      ...OLD,
      heartbeat: { interval: 10, timeout: 10, timeToLive: 0 },
    });
    for (const part of peer.greeting) pull.receive(bytes(part));
    pull.receive(bytes(peer.name));
    pull.written();
    assert.equal(pull.connection.deadline, Infinity);
    pull.connection.advance(1e6);
    assert.equal(pull.written().length, 0);
  });

  test(`subscriptions to a peer of ${version} are messages`, () => {
    const sub = new Bench("SUB", OLD);
    for (const part of peer.greeting) sub.receive(bytes(part));
    sub.receive(bytes(peer.name));
    sub.written();
    sub.connection.control(SUBSCRIBE, text("AB"));
    const expected = version === "2.0" ? "00 03 01 4142" : "04 00 01 4142";
    assert.equal(hex(sub.written()), hex(bytes(expected)));
  });

  test(`subscriptions of a peer of ${version} are heard, and without versions it gets all`, () => {
    const pub = new Bench("PUB", OLD);
    for (const part of peer.greeting) pub.receive(bytes(part));
    const subscription = version === "2.0"
      ? frame(0, "\u0001A")
      : legacyFrame(0, "\u0001A");
    pub.receive(concat(bytes(peer.name), subscription));
    if (version === "1.0 without versions") {
      assert.deepEqual(texts(pub.inbox.take()!), [""]);
      assert.equal(pub.inbox.flags, SUBSCRIBE);
    }
    assert.deepEqual(texts(pub.inbox.take()!), ["\u0001A"]);
    assert.equal(pub.inbox.take(), null);
  });
}

test("a name of more than 255 bytes is refused", () => {
  const router = new Bench("ROUTER", OLD);
  router.receive(legacyFrame(0, "x".repeat(256)));
  assert.equal(router.fault, "ERR_ZMTP_INVALID_METADATA");
});

test("a frame too large for the limit is refused at 1.0 too", () => {
  const pull = new Bench("PULL", { ...OLD, maxMessageSize: 10 });
  pull.receive(bytes("01 00 03 00 6162"));
  assert.equal(pull.receive(legacyFrame(0, "x".repeat(11))), CLOSED);
  assert.equal(pull.fault, "EMSGSIZE");
  assert.deepEqual(texts(pull.inbox.take()!), ["ab"]);
});

test("a frame of 1.0 without flags is broken, and what came before it is not lost", () => {
  for (const broken of ["00 00", "ff 00x8 00", "ff ffx8 00"]) {
    const pull = new Bench("PULL", OLD);
    pull.receive(concat(bytes("01 00 03 00 6162"), bytes(broken)));
    assert.equal(pull.fault, "ERR_ZMTP_UNSPECIFIED", broken);
    assert.deepEqual(texts(pull.inbox.take()!), ["ab"]);
  }
});

test("frames of 1.0 have the lengths that libzmq gives them, and any legal one is read", () => {
  const header = (length: number, flags = 0) => {
    const into = new Uint8Array(16);
    return hex(into.subarray(0, writeLegacyHeader(into, 0, flags, length)));
  };
  assert.equal(header(0), "0100");
  assert.equal(header(5), "0600");
  assert.equal(header(253), "fe00");
  assert.equal(header(254), hex(bytes("ff 00x7 ff 00")));
  assert.equal(header(1, 1), "0201");
  const read = (piece: string) => hex(new LegacyDecoder().decode(bytes(piece)));
  assert.equal(read("ff 00x7 02 00 61"), hex(bytes("02 00x7 01 61")));
  assert.equal(read("02 ff 61"), "010161");
});

test("messages of every size come through frames of 1.0 whole", () => {
  const sizes = [0, 1, 253, 254, 255, 256, 16384, 16385, 70000, 200000];
  for (const chunk of [1000, 65536, Infinity]) {
    const push = new Bench("PUSH", OLD);
    const pull = new Bench("PULL", OLD);
    push.receive(bytes("01 00"));
    pull.receive(bytes("01 00"));
    push.written();
    for (const size of sizes) {
      push.outbox.append(
        [new Uint8Array(size).fill(size), new Uint8Array(3).fill(7)],
        0,
        null,
      );
    }
    const all = push.written();
    for (let at = 0; at < all.length; at += Math.min(chunk, all.length)) {
      pull.receive(all.subarray(at, at + chunk));
    }
    for (const size of sizes) {
      const [body, last] = pull.inbox.take()!;
      assert.equal(body.length, size);
      assert.ok(body.every((byte) => byte === (size & 255)));
      assert.equal(hex(last), "070707");
    }
  }
});

test("of a block made over for an old peer, a cut loses just the messages of which a byte had left", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const chance = generator(seed);
    const below = (most: number) => Math.floor(chance() * most);
    const log = new OutboundLog(0, false);
    const outbox = new TranscodedOutbox(log, writeLegacyHeader);
    const bodies: number[] = [];
    for (let i = 0; i < 20; i++) {
      const size = [below(10), below(600), 17000 + below(99)][below(3)];
      bodies.push(size);
      log.append([new Uint8Array(size)], 0, null);
    }
    // Where each message ends on the wire.
    const ends: number[] = [];
    let end = 0;
    for (const size of bodies) {
      end += size + (size <= 253 ? 2 : 10);
      ends.push(end);
    }
    const cut = below(end);
    let left = 0;
    while (left < cut) {
      const block = outbox.next()!;
      let at = 0;
      while (at < block.length && left < cut) {
        const count = Math.min(block.length - at, cut - left, 1 + below(9000));
        outbox.took(count);
        at += count;
        left += count;
      }
    }
    log.disconnected(true);
    const untouched = bodies.filter((size, i) => {
      const begins = ends[i] - size - (size <= 253 ? 2 : 10);
      return begins >= cut;
    });
    assert.equal(log.count, untouched.length, `seed ${seed}`);
    const again = new TranscodedOutbox(log, writeLegacyHeader);
    let length = 0;
    for (;;) {
      const block = again.next();
      if (block === null) break;
      length += block.length;
      again.took(block.length);
    }
    const whole = untouched.reduce(
      (sum, size) => sum + size + (size <= 253 ? 2 : 10),
      0,
    );
    assert.equal(length, whole, `seed ${seed}`);
  }
});

test("a peer of 3.0 is told in frames of its own", () => {
  const push = new Bench("PUSH", OLD);
  push.receive(concat(
    bytes('ff 00x7 01 7f 03 00 "NULL" 00x16 00 00x31'),
    bytes('04 1a 05 "READY" 0b "Socket-Type" 00000004 "PULL"'),
  ));
  push.written();
  push.outbox.append([text("a"), text("b")], 0, null);
  assert.equal(hex(push.written()), hex(message("a", "b")));
});
