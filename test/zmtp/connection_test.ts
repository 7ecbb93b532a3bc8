import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCEL, OPENING, SUBSCRIBE } from "../../src/base/frame.ts";
import { parseProperties } from "../../src/base/metadata.ts";
import { CLOSED, ON, PAUSED } from "../../src/zmtp/connection.ts";
import { bytes, concat, hex, texts } from "../support/bytes.ts";
import { chunkings } from "../support/chunkings.ts";
import { Bench, exchange } from "../support/pair.ts";
import { frame, greeting, message, property, ready } from "../support/zmtp.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** A connection of this type that has shaken hands with a peer. */
function established(
  type: ConstructorParameters<typeof Bench>[0],
  peer: string,
  settings: ConstructorParameters<typeof Bench>[1] = {},
  minor = 1,
): Bench {
  const bench = new Bench(type, settings);
  bench.receive(concat(greeting("NULL", minor), ready(peer)));
  bench.written();
  assert.equal(bench.ready, 1);
  return bench;
}

function take(bench: Bench): string[] | null {
  const message = bench.inbox.take();
  return message === null ? null : texts(message);
}

test("the handshake of each socket type is libzmq's to the byte", () => {
  const P = '05 "READY" 0b "Socket-Type"';
  const expected = {
    PUB: `04 19 ${P} 00000003 "PUB"`,
    SUB: `04 19 ${P} 00000003 "SUB"`,
    REP: `04 19 ${P} 00000003 "REP"`,
    PULL: `04 1a ${P} 00000004 "PULL"`,
    PUSH: `04 1a ${P} 00000004 "PUSH"`,
    REQ: `04 26 ${P} 00000003 "REQ" 08 "Identity" 00000000`,
  } as const;
  for (const [type, command] of Object.entries(expected)) {
    const bench = new Bench(type as keyof typeof expected);
    assert.equal(bench.written().length, 10);
    bench.receive(greeting());
    assert.equal(hex(bench.written().subarray(54)), hex(bytes(command)), type);
  }
});

test("two connections shake hands and pass messages, however the bytes are cut", () => {
  for (const chunk of [1, 7, 64, Infinity]) {
    const push = new Bench("PUSH");
    const pull = new Bench("PULL");
    exchange(push, pull, chunk);
    assert.equal(push.ready + pull.ready, 2);
    assert.equal(push.connection.peer.socketType, "PULL");
    assert.equal(pull.connection.peer.mechanism, "NULL");
    push.outbox.append([text("a"), text(""), text("x".repeat(300))], 0, null);
    push.outbox.append([text("b")], 0, null);
    exchange(push, pull, chunk);
    assert.deepEqual(take(pull), ["a", "", "x".repeat(300)]);
    assert.deepEqual(take(pull), ["b"]);
  }
});

test("no message leaves before the peer's READY has come", () => {
  const bench = new Bench("PUSH");
  bench.outbox.append([text("early")], 0, null);
  bench.receive(greeting());
  assert.ok(!hex(bench.written()).includes(hex(text("early"))));
  bench.receive(ready("PULL"));
  assert.equal(hex(bench.written()), hex(message("early")));
});

test("greeting, READY and messages may come in one piece or in any others", () => {
  const all = concat(
    greeting(),
    ready("PUSH"),
    message("a", "b"),
    frame(4, concat(bytes('04 "PING" 0000'))),
    message("c"),
  );
  for (const [name, chunks] of chunkings(all, 40)) {
    const bench = new Bench("PULL");
    for (const chunk of chunks) assert.equal(bench.receive(chunk), ON, name);
    assert.deepEqual(take(bench), ["a", "b"], name);
    assert.deepEqual(take(bench), ["c"], name);
  }
});

test("a full inbox stops decoding at that message, and nothing is lost or decoded twice", () => {
  const all = concat(...Array.from({ length: 50 }, (_, i) => message(`${i}`)));
  for (const [name, chunks] of chunkings(all, 20)) {
    const bench = established("PULL", "PUSH", { hwm: 4 });
    const seen: string[] = [];
    for (const chunk of chunks) {
      bench.receive(chunk);
      assert.ok(bench.inbox.count <= 4, name);
    }
    bench.inbox.producer = { resume: () => bench.connection.resume(0) };
    for (let m = take(bench); m !== null; m = take(bench)) seen.push(m[0]);
    assert.deepEqual(seen, Array.from({ length: 50 }, (_, i) => `${i}`), name);
  }
});

test("a full inbox is told of by the verdict", () => {
  const bench = established("PULL", "PUSH", { hwm: 2 });
  assert.equal(bench.receive(message("a")), ON);
  assert.equal(bench.receive(concat(message("b"), message("c"))), PAUSED);
  bench.inbox.take();
  assert.equal(bench.connection.resume(0), PAUSED);
  bench.inbox.take();
  bench.inbox.take();
  assert.equal(bench.connection.resume(0), ON);
});

test("a message that never becomes whole is not there", () => {
  const bench = established("PULL", "PUSH");
  bench.receive(concat(message("a"), frame(1, "b")));
  bench.connection.ended();
  assert.deepEqual(take(bench), ["a"]);
  assert.equal(take(bench), null);
});

test("subscriptions are commands to a 3.1 peer, messages to a 3.0 peer", () => {
  const newer = established("SUB", "PUB");
  newer.connection.control(SUBSCRIBE, text("AB"));
  newer.connection.control(CANCEL, text("AB"));
  assert.equal(
    hex(newer.written()),
    hex(bytes('04 0c 09 "SUBSCRIBE" "AB" 04 09 06 "CANCEL" "AB"')),
  );
  const older = established("SUB", "PUB", {}, 0);
  older.connection.control(SUBSCRIBE, text("AB"));
  older.connection.control(CANCEL, text("AB"));
  older.connection.control(SUBSCRIBE, new Uint8Array(255));
  assert.equal(
    hex(older.written()),
    hex(bytes('00 03 01 "AB" 00 03 00 "AB" 02 0000000000000100 01 00x255')),
  );
});

test("a publisher takes subscriptions as commands, others ignore them", () => {
  const subscribe = bytes('04 0c 09 "SUBSCRIBE" "AB"');
  const publisher = established("PUB", "SUB");
  publisher.receive(subscribe);
  assert.deepEqual(take(publisher), ["AB"]);
  assert.equal(publisher.inbox.flags, SUBSCRIBE);
  const puller = established("PULL", "PUSH");
  puller.receive(subscribe);
  assert.equal(take(puller), null);
  assert.ok(puller.connection.established);
});

test("a probe is an empty message before all others", () => {
  const bench = new Bench("REQ");
  bench.outbox.append([text("later")], 0, null);
  bench.receive(concat(greeting(), ready("ROUTER")));
  bench.connection.control(OPENING, new Uint8Array(0));
  const written = hex(bench.written());
  assert.ok(written.endsWith(hex(concat(bytes("00 00"), message("later")))));
});

test("a PING is answered with its context, cut to 16 bytes", () => {
  const bench = established("PULL", "PUSH");
  bench.receive(bytes('04 09 04 "PING" 000f "ab"'));
  assert.equal(hex(bench.written()), hex(bytes('04 07 04 "PONG" "ab"')));
  bench.receive(frame(4, concat(bytes('04 "PING" 0000'), new Uint8Array(57))));
  assert.equal(hex(bench.written()), hex(bytes('04 15 04 "PONG" 00x16')));
});

test("a flood of PINGs is answered once for each write, not once for each PING", () => {
  const bench = established("PULL", "PUSH");
  for (let i = 0; i < 10000; i++) bench.receive(bytes('04 07 04 "PING" 0000'));
  assert.equal(bench.written().length, 7);
});

test("unknown, empty, malformed and misplaced commands in traffic are ignored", () => {
  const bench = established("PULL", "PUSH");
  bench.receive(concat(
    bytes("04 00"),
    bytes('04 03 09 "ab"'),
    bytes('04 05 04 "PING"'),
    bytes('04 05 04 "ping"'),
    bytes('04 05 04 "PONG"'),
    ready("PUSH"),
    bytes('04 0a 05 "ERROR" 03 "400"'),
    message("still here"),
  ));
  assert.deepEqual(take(bench), ["still here"]);
  assert.equal(hex(bench.written()), "");
});

test("a command between the frames of a message leaves the message whole", () => {
  const bench = established("PULL", "PUSH");
  bench.receive(
    concat(frame(1, "a"), bytes('04 07 04 "PING" 0000'), frame(0, "b")),
  );
  assert.deepEqual(take(bench), ["a", "b"]);
});

test("our PINGs go between frames, never into a large body", () => {
  const bench = established("PUSH", "PULL", {
    heartbeat: { interval: 100, timeout: 100, timeToLive: 0 },
  });
  const large = new Uint8Array(100000).fill(1);
  bench.outbox.append([large, text("z")], 0, null);
  const front = bench.connection.nextWrite()!;
  assert.ok(front.length > 9);
  bench.connection.advance(100);
  bench.connection.wrote(front.length);
  const rest = bench.connection.nextWrite()!;
  assert.equal(front.length + rest.length, 9 + 100000);
  bench.connection.wrote(rest.length);
  assert.equal(
    hex(bench.connection.nextWrite()!),
    hex(bytes('04 07 04 "PING" 0000')),
  );
});

test("a peer that is silent after PINGs is given up, one that answers isn't", () => {
  const settings = {
    heartbeat: { interval: 100, timeout: 250, timeToLive: 0 },
  };
  const silent = established("PULL", "PUSH", settings);
  for (const now of [100, 200, 300]) silent.connection.advance(now);
  assert.equal(silent.fault, undefined);
  silent.connection.advance(350);
  assert.equal(silent.fault, "ETIMEDOUT");
  assert.equal(silent.closed, 1);
  const lively = established("PULL", "PUSH", settings);
  for (let now = 100; now < 5000; now += 100) {
    lively.connection.advance(now);
    lively.receive(bytes('04 05 04 "PONG"'), now);
  }
  assert.equal(lively.connection.fault, null);
});

test("the handshake has to be over in time", () => {
  const bench = new Bench("PULL", { handshakeInterval: 1000 });
  assert.equal(bench.connection.deadline, 1000);
  bench.receive(greeting());
  bench.connection.advance(999);
  assert.equal(bench.fault, undefined);
  bench.connection.advance(1000);
  assert.equal(bench.fault, "ETIMEDOUT");
  assert.equal(bench.connection.deadline, Infinity);
});

test("each way to break the handshake has its code", () => {
  const cases: [string, Uint8Array, string, string][] = [
    [
      "messages before READY",
      message("early"),
      "peer",
      "ERR_ZMTP_UNEXPECTED_COMMAND",
    ],
    [
      "another command",
      bytes('04 05 04 "PING"'),
      "peer",
      "ERR_ZMTP_UNEXPECTED_COMMAND",
    ],
    [
      "a command without a name",
      bytes("04 01 05"),
      "peer",
      "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    ],
    [
      "an ERROR without a reason",
      bytes('04 06 05 "ERROR"'),
      "peer",
      "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
    ],
    [
      "an ERROR",
      bytes('04 0a 05 "ERROR" 03 "400"'),
      "mismatch",
      "ERR_ZAP_STATUS_400",
    ],
    [
      "an ERROR in words",
      bytes('04 0c 05 "ERROR" 05 "never"'),
      "mismatch",
      "ECONNREFUSED",
    ],
    [
      "broken properties",
      bytes('04 08 05 "READY" 0b 41'),
      "peer",
      "ERR_ZMTP_INVALID_METADATA",
    ],
    [
      "no socket type",
      frame(4, concat(bytes('05 "READY"'), property("X-a", "b"))),
      "peer",
      "ERR_ZMTP_INVALID_METADATA",
    ],
    [
      "a type that doesn't fit",
      ready("PULL"),
      "mismatch",
      "ERR_ZMTP_INVALID_METADATA",
    ],
    ["an unknown type", ready("push"), "mismatch", "ERR_ZMTP_INVALID_METADATA"],
    [
      "two types, one wrong",
      ready("PUSH", property("socket-type", "REP")),
      "mismatch",
      "ERR_ZMTP_INVALID_METADATA",
    ],
    [
      "a routing id that is too long",
      ready("PUSH", property("Identity", "x".repeat(256))),
      "peer",
      "ERR_ZMTP_INVALID_METADATA",
    ],
    ["a READY of 100 kB", bytes("06 00000000000186a0"), "limit", "EMSGSIZE"],
  ];
  for (const [name, command, blame, code] of cases) {
    for (const [cut, chunks] of chunkings(concat(greeting(), command), 5)) {
      const bench = new Bench("PULL");
      let verdict = 0;
      for (const chunk of chunks) verdict = bench.receive(chunk);
      assert.equal(verdict, CLOSED, `${name}, ${cut}`);
      // A socket that doesn't fit is let to read what we are.
      const socket = blame === "mismatch" && code.endsWith("METADATA");
      const ended = socket ? [0, 1] : [1, 0];
      assert.deepEqual([bench.closed, bench.ended], ended, name);
      assert.equal(bench.connection.fault!.code, code, name);
      assert.equal(bench.connection.fault!.blame, blame, name);
      assert.equal(bench.ready, 0, name);
    }
  }
});

test("a peer whose type doesn't fit is told ours, though it said its own at once", () => {
  for (const [cut, chunks] of chunkings(concat(greeting(), ready("PULL")), 5)) {
    const bench = new Bench("PULL");
    for (const chunk of chunks) bench.receive(chunk);
    const said = bench.written();
    assert.deepEqual(said.slice(-ready("PULL").length), ready("PULL"), cut);
    assert.equal(bench.receive(message("x")), CLOSED);
    assert.equal(bench.ready, 0);
  }
});

test("a fault stays, and nothing more is taken; of another mechanism the greeting says which is ours", () => {
  const bench = new Bench("PULL");
  bench.receive(concat(greeting("PLAIN"), ready("PUSH")));
  const { fault } = bench.connection;
  assert.equal(fault?.code, "ERR_ZMTP_MECHANISM_MISMATCH");
  assert.equal(bench.receive(message("x")), CLOSED);
  assert.equal(bench.connection.fault, fault);
  assert.equal(hex(bench.written()), hex(greeting("NULL")));
});

test("maxMessageSize counts the handshake too, and each frame", () => {
  const strict = new Bench("PULL", { maxMessageSize: 10 });
  strict.receive(concat(greeting(), ready("PUSH")));
  assert.equal(strict.connection.fault?.code, "EMSGSIZE");
  const bench = established("PULL", "PUSH", { maxMessageSize: 100 });
  bench.receive(
    concat(message("x".repeat(100), "y".repeat(100)), message("z".repeat(101))),
  );
  assert.equal(take(bench)?.length, 2);
  assert.equal(bench.connection.fault?.code, "EMSGSIZE");
});

test("the peer's routing id and properties are known after the handshake", () => {
  const bench = new Bench("REP");
  bench.receive(
    concat(
      greeting(),
      ready("REQ", property("Identity", "me"), property("X-a", "b")),
    ),
  );
  const { peer } = bench.connection;
  assert.deepEqual(texts([peer.routingId]), ["me"]);
  const told = parseProperties(peer.properties, 0, peer.properties.length)!;
  assert.deepEqual(told.map(([name]) => name), [
    "Socket-Type",
    "Identity",
    "X-a",
  ]);
});

test("a subscription between the frames of a message follows it", () => {
  const subscribe = frame(4, bytes('09 "SUBSCRIBE" 41'));
  const all = concat(
    frame(1, "a"),
    subscribe,
    frame(4, bytes('04 "PING" 0000')),
    frame(1, "b"),
    frame(0, "c"),
  );
  for (const [name, chunks] of chunkings(all)) {
    const pub = established("XPUB", "XSUB");
    for (const chunk of chunks) pub.receive(chunk);
    assert.deepEqual(take(pub), ["a", "b", "c"], name);
    assert.deepEqual(take(pub), ["A"], name);
    assert.equal(pub.inbox.flags, SUBSCRIBE);
    assert.equal(hex(pub.written()), hex(bytes('04 05 04 "PONG"')), name);
  }
});

test("of subscriptions between the frames of a message only so many are kept", () => {
  const pub = established("XPUB", "XSUB");
  const subscribe = frame(4, bytes('09 "SUBSCRIBE" 41'));
  pub.receive(frame(1, "a"));
  for (let i = 0; i < 1024; i++) pub.receive(subscribe);
  assert.equal(pub.fault, undefined);
  pub.receive(subscribe);
  assert.equal(pub.fault, "ENOBUFS");
});

test("nothing but heartbeats is sent between the frames of a message", () => {
  const sub = established("XSUB", "XPUB", {
    heartbeat: { interval: 10, timeout: 0, timeToLive: 0 },
  });
  const large = new Uint8Array(20000);
  sub.outbox.append([text("a"), large, large, text("b")], 0, null);
  sub.outbox.append([text("c")], 0, null);
  const parts: Uint8Array[] = [];
  const write = () => {
    const piece = sub.connection.nextWrite();
    if (piece === null) return false;
    parts.push(piece.slice());
    sub.connection.wrote(piece.length);
    return true;
  };
  // The first frame, and the second in one piece with its header.
  write();
  sub.connection.control(SUBSCRIBE, text("A"));
  sub.connection.advance(1000);
  while (write());
  assert.equal(
    hex(concat(...parts)),
    hex(concat(
      frame(1, "a"),
      frame(1, large),
      frame(4, bytes('04 "PING" 0000')),
      frame(1, large),
      message("b"),
      message("c"),
      frame(4, bytes('09 "SUBSCRIBE" 41')),
    )),
  );
});
