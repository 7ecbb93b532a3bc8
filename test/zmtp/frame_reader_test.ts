import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMAND } from "../../src/base/frame.ts";
import {
  BROKEN,
  FRAME,
  FrameReader,
  NEED,
  RUN,
} from "../../src/zmtp/frame_reader.ts";
import { Reserve } from "../../src/zmtp/reserve.ts";
import { bytes, concat, hex } from "../support/bytes.ts";
import { chunkings } from "../support/chunkings.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { frame, message } from "../support/zmtp.ts";
import { transferAway } from "../support/transfer.ts";

const MIB = 1048576;

function reader(limit = Infinity, commandLimit = 1000, reserve = 1e12) {
  return new FrameReader(limit, commandLimit, new Reserve(reserve));
}

/** What a reader finds, as text: flags and body of each frame. */
function frames(reader: FrameReader, most = Infinity): string[] {
  const found: string[] = [];
  for (;;) {
    switch (reader.scan(most)) {
      case RUN: {
        // Read the run again, frame by frame.
        const again = new FrameReader(Infinity, Infinity, new Reserve(0));
        again.feed(reader.buffer.slice(reader.start, reader.end));
        while (again.next() === FRAME) found.push(shown(again));
        break;
      }
      case FRAME:
        found.push(shown(reader));
        break;
      case BROKEN:
        found.push(`broken: ${reader.fault!.code}`);
        return found;
      case NEED:
        return found;
    }
  }
}

function shown(reader: FrameReader): string {
  const body = reader.buffer.subarray(reader.start, reader.end);
  return `${reader.flags & 5}:${
    body.length > 40 ? `${body.length} bytes` : hex(body)
  }`;
}

const SAMPLE = concat(
  frame(0, "a"),
  frame(1, ""),
  frame(0, "x".repeat(255)),
  frame(4, "PING"),
  frame(1, "x".repeat(256)),
  frame(0, new Uint8Array(3000)),
  bytes('02 00x7 02 "hi"'),
  frame(0, ""),
  frame(4, "y".repeat(300)),
  frame(0, "end"),
);

test("frames are the same however the bytes are cut", () => {
  const whole = reader();
  whole.feed(SAMPLE.slice());
  const expected = frames(whole);
  assert.equal(expected.length, 10);
  assert.deepEqual(expected.slice(0, 2), ["0:61", "1:"]);
  assert.equal(expected[6], "0:6869");
  for (const [name, chunks] of chunkings(SAMPLE, 60)) {
    const one = reader();
    const found: string[] = [];
    for (const chunk of chunks) {
      one.feed(chunk);
      found.push(...frames(one));
    }
    assert.deepEqual(found, expected, name);
    assert.ok(!one.pending);
    assert.ok(!one.midFrame);
  }
});

test("chunks may wait while nobody asks for frames", () => {
  for (const [name, chunks] of chunkings(SAMPLE, 60)) {
    const one = reader();
    for (const chunk of chunks) one.feed(chunk);
    assert.equal(frames(one).length, 10, name);
  }
});

test("a scan stops after so many messages and goes on there", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = generator(seed);
    const one = reader();
    const count = 200;
    const all = concat(
      ...Array.from(
        { length: count },
        (_, i) => random() < 0.3 ? message("m", `${i}`) : message(`${i}`),
      ),
    );
    one.feed(all);
    let messages = 0;
    while (messages < count) {
      const most = 1 + Math.floor(random() * 20);
      assert.equal(one.scan(most), RUN);
      assert.ok(one.messages >= 1 && one.messages <= most);
      assert.equal(one.whole, one.end);
      messages += one.messages;
    }
    assert.equal(one.scan(10), NEED);
  }
});

test("reserved flags are ignored, and a command with MORE is a command", () => {
  const one = reader();
  one.feed(bytes('f8 03 "abc" 05 01 "c"'));
  assert.equal(one.scan(10), RUN);
  assert.equal(one.next(), FRAME);
  assert.equal(one.flags & COMMAND, COMMAND);
});

test("a frame above the limit breaks the stream, one at the limit doesn't", () => {
  for (
    const [name, chunks] of chunkings(
      concat(frame(0, "x".repeat(300)), frame(0, "y".repeat(301))),
    )
  ) {
    const one = reader(300);
    const found: string[] = [];
    for (const chunk of chunks) {
      one.feed(chunk);
      if (one.fault === null) found.push(...frames(one));
    }
    assert.deepEqual(found, ["0:300 bytes", "broken: EMSGSIZE"], name);
    assert.equal(one.fault!.blame, "limit");
  }
});

test("a short frame above a small limit breaks the stream too", () => {
  const one = reader(10);
  one.feed(concat(frame(0, "0123456789"), frame(0, "0123456789a")));
  assert.deepEqual(frames(one), ["0:30313233343536373839", "broken: EMSGSIZE"]);
});

test("a command of 4 GiB is refused by its header", () => {
  const one = reader(Infinity, 8192);
  one.feed(bytes("06 0000000100000000"));
  assert.deepEqual(frames(one), ["broken: EMSGSIZE"]);
});

test("sizes beyond what memory can hold are refused, limit or not", () => {
  for (
    const size of ["8000000000000000", "ffffffffffffffff", "0000000100000000"]
  ) {
    const one = reader();
    one.feed(bytes(`02 ${size}`));
    assert.deepEqual(frames(one), ["broken: EMSGSIZE"], size);
  }
});

test("an announced size makes nobody set aside more than 64 KiB, or four times what has come", () => {
  const one = reader();
  one.feed(bytes("02 0000000040000000")); // a gigabyte
  assert.equal(one.scan(1), NEED);
  const lengths: number[] = [];
  for (let come = 0; come < MIB;) {
    const { length } = one.target()!;
    lengths.push(come + length);
    one.filled(length);
    come += length;
    assert.equal(one.scan(1), NEED);
  }
  assert.deepEqual(lengths, [65536, 262144, MIB]);
});

test("a peer that has sent a large body is trusted with the next, up to a megabyte", () => {
  const one = reader();
  one.feed(frame(0, new Uint8Array(500_000)));
  assert.equal(one.scan(1), RUN);
  one.feed(frame(0, new Uint8Array(3 * MIB)).slice(0, 2 * MIB));
  assert.equal(one.scan(1), NEED);
  one.close();
  const split = reader();
  for (let at = 0; at < 500_009; at += 100_000) {
    split.feed(frame(0, new Uint8Array(500_000)).slice(at, at + 100_000));
    split.scan(1);
  }
  split.feed(bytes("02 0000000040000000"));
  assert.equal(split.scan(1), NEED);
  assert.equal(split.target()!.length, 500_000);
});

test("a large body is read into its own memory, in one piece once it is trusted", () => {
  const one = reader();
  const length = 3 * MIB;
  const header = new Uint8Array(9);
  header[0] = 2;
  new DataView(header.buffer).setUint32(5, length);
  one.feed(header);
  assert.equal(one.scan(1), NEED);
  let filled = 0;
  const targets = new Set<ArrayBufferLike>();
  for (;;) {
    const target = one.target()!;
    targets.add(target.buffer);
    const count = Math.min(target.length, 100000);
    for (let i = 0; i < count; i++) target[i] = (filled + i) % 251;
    filled += count;
    one.filled(count);
    const found = one.scan(1);
    if (found === FRAME) break;
    assert.equal(found, NEED);
  }
  assert.equal(filled, length);
  assert.equal(targets.size, 4);
  assert.equal(one.end, length);
  assert.ok(one.buffer.every((byte, i) => byte === i % 251));
});

/** A reader that has just put frames together, the last two of this length. */
function afterFrames(length: number, limit = Infinity): FrameReader {
  const one = reader(limit);
  const all = frame(0, new Uint8Array(length));
  for (let i = 0; i < 2; i++) {
    assert.equal(one.frameTarget(), null);
    one.feed(all.slice(0, 100));
    assert.equal(one.scan(1), NEED);
    one.feed(all.slice(100));
    assert.equal(one.scan(1), FRAME);
    assert.equal(one.scan(1), NEED);
  }
  return one;
}

/** Has it read the front of `all` into what it gives, and says what is to be fed. */
function fill(one: FrameReader, all: Uint8Array): Uint8Array {
  const target = one.target() ?? one.frameTarget()!;
  const count = Math.min(target.length, all.length);
  target.set(all.subarray(0, count));
  return one.filled(count);
}

test("a frame like the last two, large and not too large, stays where it was read", () => {
  for (const length of [33_000, 65536]) {
    const one = afterFrames(length);
    const body = new Uint8Array(length).map((_, i) => i % 251);
    const all = frame(1, body);
    const target = one.frameTarget()!;
    assert.equal(target.length, all.length);
    assert.equal(one.frameTarget(), target, "it is asked for once more");
    assert.equal(fill(one, all).length, 0);
    assert.equal(one.scan(1), FRAME);
    assert.equal(one.buffer.buffer, target.buffer);
    assert.deepEqual(one.buffer.subarray(one.start, one.end), body);
    assert.equal(one.flags & 1, 1);
    assert.notEqual(one.frameTarget(), null, "the next one is awaited");
  }
  assert.equal(afterFrames(8191).frameTarget(), null);
  assert.equal(afterFrames(70_000).frameTarget(), null);
});

test("frames like the last two stay where they were read, as many as have room", () => {
  for (
    const [length, count] of [[8192, 8], [16384, 4], [16417, 4], [32768, 2]]
  ) {
    const one = afterFrames(length);
    const bodies = Array.from(
      { length: count },
      (_, i) => new Uint8Array(length).fill(1 + i),
    );
    const all = concat(...bodies.map((body) => frame(0, body)));
    const target = one.frameTarget()!;
    assert.equal(target.length, all.length);
    one.feed(fill(one, all));
    assert.equal(one.scan(Infinity), RUN);
    assert.equal(one.buffer.buffer, target.buffer);
    assert.equal(one.messages, count);
    assert.deepEqual(one.buffer.subarray(one.start, one.end), all);
    assert.equal(one.frameTarget()!.length, all.length, "the next are awaited");
  }
});

test("frames like the last two may come in pieces, whose last ends with a frame", () => {
  const all = concat(
    ...[1, 2, 3, 4].map((i) => frame(0, new Uint8Array(16384).fill(i))),
  );
  for (const cut of [1, 8, 9, 10_000, 16_393, 20_000, 3 * 16_393 - 1]) {
    const one = afterFrames(16384);
    const got: Uint8Array[] = [];
    let at = 0;
    for (let reads = 0; at < all.length; reads++) {
      assert.ok(reads < 10);
      const left = all.subarray(at, reads === 0 ? cut : all.length);
      const target = one.target() ?? one.frameTarget();
      if (target === null) {
        one.feed(left.slice());
        at += left.length;
      } else {
        const count = Math.min(target.length, left.length);
        target.set(left.subarray(0, count));
        at += count;
        one.feed(one.filled(count));
      }
      while (one.scan(1) !== NEED) {
        const { buffer, end } = one;
        got.push(buffer.slice(end - 16384, end));
      }
    }
    assert.deepEqual(got.map((body) => [body.length, body[0], body[16383]]), [
      [16384, 1, 1],
      [16384, 2, 2],
      [16384, 3, 3],
      [16384, 4, 4],
    ]);
    assert.notEqual(one.frameTarget(), null);
  }
});

test("frames of two lengths by turns are not read whole, nor is the rest of one", () => {
  const one = reader();
  for (const length of [16384, 10_000, 16384]) {
    const all = frame(0, new Uint8Array(length));
    one.feed(all.slice(0, -100));
    assert.equal(one.scan(1), NEED);
    assert.equal(one.target(), null);
    one.feed(all.slice(-100));
    assert.equal(one.scan(1), FRAME);
    assert.equal(one.frameTarget(), null);
  }
  one.feed(concat(frame(0, new Uint8Array(16384)), frame(0, "short")));
  assert.equal(one.scan(Infinity), RUN);
  assert.equal(one.frameTarget(), null);
});

test("a frame like the last two may come in pieces, the last of a byte", () => {
  const one = afterFrames(40_000);
  const body = new Uint8Array(40_000).map((_, i) => i % 251);
  const all = frame(0, body);
  for (const [from, to] of [[0, 9], [9, 20_000], [20_000, 40_008]]) {
    assert.equal(fill(one, all.subarray(from, to)).length, 0);
    assert.equal(one.scan(1), NEED);
    assert.equal(one.frameTarget(), null);
  }
  assert.equal(
    one.target()!.length,
    1,
    "so that the next begins its own memory",
  );
  fill(one, all.subarray(40_008));
  assert.equal(one.scan(1), FRAME);
  assert.deepEqual(one.buffer.subarray(one.start, one.end), body);
});

test("what is not like the last frames is fed as any other chunk", () => {
  const chunks = [
    frame(0, "a"),
    concat(frame(1, "id"), frame(0, new Uint8Array(40_000))).slice(0, 40_009),
    frame(0, new Uint8Array(40_001)).slice(0, 40_009),
    frame(4, new Uint8Array(40_000)),
    bytes("02 00 00 00"),
  ];
  for (const chunk of chunks) {
    const [one, other] = [afterFrames(40_000), afterFrames(40_000)];
    const fed = fill(one, chunk);
    assert.deepEqual(fed, chunk);
    one.feed(fed);
    other.feed(chunk.slice());
    assert.deepEqual(frames(one), frames(other));
    assert.equal(one.frameTarget(), null);
  }
  const one = afterFrames(40_000, 40_000);
  one.limit = 39_999;
  one.feed(fill(one, frame(0, new Uint8Array(40_000))));
  assert.deepEqual(frames(one), ["broken: EMSGSIZE"]);
});

test("past the reserve a large body grows as it comes, and arrives all the same", () => {
  const one = reader(Infinity, 1000, 2 * MIB);
  const length = 5 * MIB;
  const body = new Uint8Array(length).map((_, i) => i % 253);
  const all = frame(0, body);
  for (let at = 0; at < all.length; at += 65536) {
    one.feed(all.slice(at, at + 65536));
    const found = one.scan(1);
    if (at + 65536 < all.length) assert.equal(found, NEED);
    else assert.equal(found, FRAME);
  }
  assert.deepEqual(one.buffer.subarray(one.start, one.end), body);
});

test("a reserve that was taken is given back, by delivery and by closing", () => {
  const reserve = new Reserve(4 * MIB);
  for (const finish of [true, false]) {
    const one = new FrameReader(Infinity, 1000, reserve);
    const all = frame(0, new Uint8Array(3 * MIB));
    one.feed(all.slice(0, 2 * MIB));
    one.scan(1);
    assert.ok(!reserve.take(2 * MIB));
    if (finish) {
      one.feed(all.slice(2 * MIB));
      assert.equal(one.scan(1), FRAME);
    } else {
      one.close();
    }
    assert.ok(reserve.take(4 * MIB));
    reserve.give(4 * MIB);
  }
});

test("a chunk whose buffer was transferred away breaks the stream by name", () => {
  for (const decoded of [0, 1]) {
    const one = reader();
    const chunk = concat(frame(0, "a"), frame(0, "b"));
    one.feed(chunk);
    if (decoded === 1) assert.equal(one.scan(1), RUN);
    transferAway(chunk);
    assert.equal(one.scan(1), BROKEN);
    assert.equal(one.fault!.code, "EFAULT");
    assert.equal(one.fault!.blame, "caller");
  }
});
