import assert from "node:assert/strict";
import { test } from "node:test";
import { BY_REFERENCE, OutboundLog } from "../../src/routing/outbound_log.ts";
import { bytes, concat, hex } from "../support/bytes.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { message } from "../support/zmtp.ts";

const text = (value: string) => new TextEncoder().encode(value);

function append(log: OutboundLog, ...frames: string[]): void {
  log.append(frames.map(text), 0, null);
}

/** Hands everything over and has it taken. */
function flush(log: OutboundLog): Uint8Array {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = log.next();
    if (part === null) return concat(...parts);
    parts.push(part.slice());
    log.took(part.length);
  }
}

test("messages are frames in their wire form, many in one piece", () => {
  const log = new OutboundLog(0, false);
  append(log, "a");
  append(log, "b", "", "c");
  assert.equal(log.count, 2);
  const piece = log.next()!;
  assert.equal(hex(piece), hex(bytes('00 01 "a" 01 01 "b" 01 00 00 01 "c"')));
  assert.equal(log.next(), null);
  log.took(piece.length);
  assert.equal(log.count, 0);
  assert.equal(log.taken, 2);
});

test("an envelope goes before the message, skipped frames don't go at all", () => {
  const log = new OutboundLog(0, false);
  log.append([text("id"), text("body")], 1, [text("e"), new Uint8Array(0)]);
  assert.equal(hex(flush(log)), hex(bytes('01 01 "e" 01 00 00 04 "body"')));
});

test("a small body may be changed once it was appended, a large one is the sender's own", () => {
  const log = new OutboundLog(0, false);
  const small = new Uint8Array(4096).fill(1);
  const large = new Uint8Array(BY_REFERENCE + 1).fill(1);
  log.append([small, large], 0, null);
  small.fill(2);
  const first = log.next()!;
  assert.ok(first.subarray(9, 9 + 4096).every((byte) => byte === 1));
  assert.ok(log.midFrame);
  log.took(first.length);
  const second = log.next()!;
  assert.equal(second.buffer, large.buffer);
  assert.ok(!log.midFrame);
  assert.equal(log.count, 1);
  log.took(second.length);
  assert.equal(log.count, 0);
});

test("a message counts until the kernel has taken its last byte", () => {
  const log = new OutboundLog(2, false);
  append(log, "a");
  append(log, "b");
  assert.ok(log.full);
  const piece = log.next()!;
  assert.ok(log.full);
  log.took(1);
  assert.ok(log.full);
  log.took(piece.length - 1);
  assert.ok(!log.full);
});

test("what is appended while something is under way doesn't change it", () => {
  const log = new OutboundLog(0, false);
  append(log, "a");
  const piece = log.next()!;
  const before = hex(piece);
  for (let i = 0; i < 20000; i++) append(log, `${i}`);
  assert.equal(hex(piece), before);
  log.took(piece.length);
  const expected = Array.from({ length: 20000 }, (_, i) => message(`${i}`));
  assert.deepEqual(flush(log), concat(...expected));
});

test("a burst is written in pieces of up to 64 KiB, not in small ones", () => {
  const log = new OutboundLog(0, false);
  for (let i = 0; i < 1000; i++) append(log, "0123456789");
  assert.equal(log.next()!.length, 12000);
  log.took(12000);
  for (let i = 0; i < 20000; i++) append(log, "0123456789");
  const sizes: number[] = [];
  for (;;) {
    const piece = log.next();
    if (piece === null) break;
    sizes.push(piece.length);
    log.took(piece.length);
  }
  assert.equal(sizes.reduce((a, b) => a + b), 240000);
  assert.ok(sizes.length <= 5, sizes.join());
});

test("a message that is encoded already is taken as it is, however large", () => {
  const log = new OutboundLog(0, false);
  append(log, "a");
  log.appendEncoded(message("b"));
  const large = message(...Array.from({ length: 20 }, () => "x".repeat(9000)));
  log.appendEncoded(large);
  append(log, "c");
  assert.equal(log.count, 4);
  assert.deepEqual(
    flush(log),
    concat(message("a"), message("b"), large, message("c")),
  );
  assert.equal(log.taken, 4);
});

test("a conflating log holds the newest message, and never breaks one under way", () => {
  const log = new OutboundLog(1000, true);
  append(log, "1");
  append(log, "2");
  const piece = log.next()!;
  assert.equal(hex(piece), hex(message("2")));
  append(log, "3");
  append(log, "4");
  log.took(piece.length);
  assert.equal(hex(flush(log)), hex(message("4")));
  assert.equal(log.lost, 2);
});

test("whoever waits for a message is told when the kernel has it, or when it is lost", () => {
  const log = new OutboundLog(0, false);
  const told: string[] = [];
  append(log, "a");
  log.whenTaken((taken) => told.push(`a ${taken}`));
  const piece = log.next()!;
  append(log, "b");
  log.whenTaken((taken) => told.push(`b ${taken}`));
  log.took(piece.length);
  assert.deepEqual(told, ["a true"]);
  log.next();
  log.disconnected(false);
  assert.deepEqual(told, ["a true", "b false"]);
  log.whenTaken((taken) => told.push(`none ${taken}`));
  assert.deepEqual(told, ["a true", "b false", "none true"]);
});

test("after a dead connection whole messages stay, and one that was begun goes", () => {
  const log = new OutboundLog(0, false);
  const large = new Uint8Array(BY_REFERENCE + 1);
  append(log, "a");
  log.append([text("b"), large, text("b2")], 0, null);
  append(log, "c");
  const first = log.next()!; // "a", "b" and the header of the large frame
  log.took(first.length);
  log.next(); // the large body is under way
  log.disconnected(false);
  assert.equal(hex(flush(log)), hex(message("c")));
  assert.equal(log.lost, 1);
  assert.equal(log.count, 0);
});

test("where the kernel's count is exact, messages it had not got to are sent again", () => {
  const log = new OutboundLog(0, false);
  append(log, "aaaa");
  append(log, "bbbb");
  append(log, "cccc");
  log.next();
  log.took(8); // "aaaa" and two bytes of "bbbb"
  append(log, "dddd");
  log.disconnected(true);
  assert.equal(log.count, 2);
  assert.equal(log.taken, 1);
  assert.equal(log.lost, 1);
  assert.equal(hex(flush(log)), hex(concat(message("cccc"), message("dddd"))));
});

test("nothing is handed out again that was handed over, and nothing else is missing", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = generator(seed);
    const joined = seed % 2 === 0;
    const log = new OutboundLog(0, false);
    let sent = 0;
    // What each connection's peer received, message by message.
    const received: string[] = [];
    let stream: Uint8Array[] = [];
    let piece: Uint8Array | null = null;
    let taken = 0;
    const lengths = [0, 1, 9, 200, 300, 5000, BY_REFERENCE + 1, 49_000, 70000];
    const parse = (all: Uint8Array): void => {
      let at = 0;
      for (;;) {
        const began = at;
        let id = "";
        let frames = 0;
        for (;;) {
          if (all.length - at < 2) return;
          const flags = all[at];
          const long = (flags & 2) !== 0;
          if (long && all.length - at < 9) return;
          const length = long
            ? Number(new DataView(all.buffer, at + 1, 8).getBigUint64(0))
            : all[at + 1];
          at += long ? 9 : 2;
          if (all.length - at < length) return;
          const body = all.subarray(at, at + length);
          if (frames++ === 0) id = new TextDecoder().decode(body);
          else {
            const mark = Number(id) & 255;
            assert.ok(body.every((byte) => byte === mark), `seed ${seed}`);
          }
          at += length;
          if ((flags & 1) === 0) break;
        }
        assert.ok(at > began);
        received.push(id);
      }
    };
    for (let step = 0; step < 150; step++) {
      const dice = random();
      if (dice < 0.5) {
        const frames = [text(`${sent++}`)];
        for (let n = Math.floor(random() * 3); n > 0; n--) {
          const length = lengths[Math.floor(random() * lengths.length)];
          frames.push(new Uint8Array(length).fill(sent - 1));
        }
        log.append(frames, 0, null);
      } else if (dice < 0.9) {
        if (piece === null) {
          piece = log.next(joined);
          taken = 0;
        }
        if (piece !== null) {
          const count = random() < 0.5
            ? piece.length - taken
            : Math.floor(random() * (piece.length - taken));
          if (count > 0) {
            stream.push(piece.slice(taken, taken + count));
            taken += count;
            log.took(count);
          }
          if (taken === piece.length) piece = null;
        }
      } else {
        const exact = random() < 0.5;
        if (!exact && piece !== null) {
          // Some of what was not reported may have left all the same.
          const extra = Math.floor(random() * (piece.length - taken + 1));
          stream.push(piece.slice(taken, taken + extra));
        }
        log.disconnected(exact);
        piece = null;
        taken = 0;
        parse(concat(...stream));
        stream = [];
      }
      assert.equal(log.taken + log.lost + log.count, sent, `seed ${seed}`);
    }
    for (;;) {
      if (piece === null) {
        piece = log.next(joined);
        taken = 0;
      }
      if (piece === null) break;
      stream.push(piece.slice(taken));
      log.took(piece.length - taken);
      piece = null;
    }
    parse(concat(...stream));
    const numbers = received.map(Number);
    for (let i = 1; i < numbers.length; i++) {
      assert.ok(
        numbers[i] > numbers[i - 1],
        `seed ${seed}: order, no duplicates`,
      );
    }
    assert.ok(
      numbers.length >= sent - log.lost,
      `seed ${seed}: nothing vanished`,
    );
    assert.equal(log.count, 0);
  }
});

test("a header goes with its body, with the front of a larger one, and with no more than that", () => {
  const log = new OutboundLog(0, false);
  const body = new Uint8Array(40_000).fill(1);
  const larger = new Uint8Array(100_000).fill(2);
  log.append([text("a"), body, text("b")], 0, null);
  log.append([larger], 0, null);
  append(log, "c");
  const pieces: Uint8Array[] = [];
  const ends: [boolean, boolean, number][] = [];
  for (let piece = log.next(true); piece !== null; piece = log.next(true)) {
    pieces.push(piece.slice());
    ends.push([log.midFrame, log.midMessage, log.waitingBytes]);
    log.took(piece.length);
  }
  const [first, second, third, fourth] = pieces;
  assert.deepEqual(ends.map(([midFrame]) => midFrame), [
    false,
    true,
    false,
    false,
  ]);
  assert.deepEqual(ends.map(([, midMessage]) => midMessage), [
    true,
    true,
    false,
    false,
  ]);
  assert.equal(first.length, 3 + 9 + body.length);
  assert.equal(hex(second.subarray(0, 3)), hex(bytes('00 01 "b"')));
  assert.equal(second.length, 3 + 9 + 16_384);
  assert.equal(third.length, larger.length - 16_384);
  assert.equal(hex(fourth), hex(message("c")));
  assert.equal(ends.at(-1)![2], 0);
  assert.deepEqual(
    concat(...pieces),
    concat(
      bytes('01 01 "a" 03 0000000000009c40'),
      body,
      bytes('00 01 "b" 02 00000000000186a0'),
      larger,
      message("c"),
    ),
  );
  assert.equal(log.taken, 3);
  // What its sender has given away can't be copied, and is zeros.
  log.append([larger], 0, null);
  structuredClone(larger, { transfer: [larger.buffer] });
  const head = log.next(true)!;
  assert.equal(head.length, 9);
  log.took(9);
  assert.deepEqual(log.next(true), new Uint8Array(100_000));
});

test("what is thrown away goes with its large bodies, in all its pieces", () => {
  const log = new OutboundLog(0, false);
  const large = new Uint8Array(BY_REFERENCE + 1).fill(1);
  log.append([text("a"), large, text("b"), large, text("c")], 0, null);
  append(log, "d");
  assert.equal(log.clear(), 2);
  assert.equal(log.count, 0);
  assert.equal(log.waitingBytes, 0);
  append(log, "e");
  assert.equal(hex(flush(log)), hex(bytes('00 01 "e"')));
});

test("a message that was begun goes on when what waits behind it is thrown away", () => {
  for (const joined of [false, true]) {
    const log = new OutboundLog(0, false);
    const large = new Uint8Array(50_000).fill(1);
    log.append([text("a"), large, text("b")], 0, null);
    log.append([large, text("c")], 0, null);
    const head = log.next(joined)!.slice();
    assert.equal(head.length, 3 + 9 + (joined ? 16_384 : 0));
    assert.equal(log.clear(), 1);
    log.took(head.length);
    const rest = flush(log);
    assert.equal(head.length + rest.length, 3 + 9 + large.length + 3);
    assert.equal(hex(rest.subarray(-3)), hex(bytes('00 01 "b"')));
    assert.equal(log.count, 0);
  }
});

test("what was thrown away while it was under way is not sent again", () => {
  const log = new OutboundLog(0, false);
  append(log, "a");
  log.next();
  assert.equal(log.clear(), 0);
  append(log, "b");
  log.disconnected(true);
  assert.equal(hex(flush(log)), hex(bytes('00 01 "b"')));
});
