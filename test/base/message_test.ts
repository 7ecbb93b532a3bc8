import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { Dealer, Router } from "../../mod.ts";
import {
  COPIED_BYTES,
  isBytes,
  keep,
  toFrame,
  toFrames,
} from "../../src/base/message.ts";
import { decodeText, encodeText } from "../../src/base/utf8.ts";
import { texts } from "../support/bytes.ts";

test("text and numbers become UTF-8, null an empty frame, bytes stay what they are", () => {
  const given = Uint8Array.of(1, 2);
  assert.equal(toFrame(given), given);
  assert.equal(decodeText(toFrame("grüße €")), "grüße €");
  assert.equal(decodeText(toFrame(42)), "42");
  assert.equal(toFrame(null).length, 0);
  assert.equal(toFrame("").length, 0);
});

test("views of any kind keep their offset and length", () => {
  const buffer = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7).buffer;
  assert.deepEqual([...toFrame(new DataView(buffer, 2, 3))], [2, 3, 4]);
  assert.deepEqual([...toFrame(new Uint16Array(buffer, 2, 1))], [2, 3]);
  assert.deepEqual([...toFrame(buffer)], [0, 1, 2, 3, 4, 5, 6, 7]);
  const shared = new SharedArrayBuffer(2);
  new Uint8Array(shared)[1] = 9;
  assert.deepEqual([...toFrame(shared)], [0, 9]);
});

test("bytes of another realm are bytes", () => {
  const foreign = runInNewContext(
    "[new Uint8Array([1, 2]), new Uint8Array([1, 2]).buffer, new SharedArrayBuffer(2)]",
  );
  new Uint8Array(foreign[2]).set([1, 2]);
  for (const bytes of foreign) {
    assert.ok(!(bytes instanceof Uint8Array));
    assert.deepEqual([...toFrame(bytes)], [1, 2]);
  }
  assert.ok(isBytes(foreign[0]) && !isBytes(foreign[1]));
  using dealer = new Dealer({ routingId: foreign[0] });
  assert.deepEqual([...dealer.routingId as Uint8Array], [1, 2]);
  using router = new Router();
  const named = { routingId: foreign[0] };
  router.connect("inproc://realm", named);
  assert.throws(() => router.connect("inproc://realm", named), {
    code: "EADDRINUSE",
  });
});

test("a message of several frames is an array, one of one frame may be", () => {
  assert.deepEqual(texts(toFrames(["a", null, "c"])), ["a", "", "c"]);
  assert.deepEqual(texts(toFrames("a")), ["a"]);
  assert.deepEqual(toFrames([]), []);
});

test("what is no frame is a TypeError that says what is", () => {
  for (const wrong of [undefined, true, {}, Symbol(), () => {}, 1n, [["a"]]]) {
    assert.throws(() => toFrames(wrong), {
      name: "TypeError",
      message: /a frame is bytes/,
    });
  }
});

test("a kept message has copies of its small frames and the large ones themselves", () => {
  const small = new Uint8Array(COPIED_BYTES).fill(1);
  const large = new Uint8Array(COPIED_BYTES + 1).fill(1);
  const [keptSmall, keptLarge] = keep([small, large]);
  small.fill(2);
  assert.equal(keptSmall[COPIED_BYTES - 1], 1);
  assert.equal(keptLarge, large);
});

test("short ASCII text and any other are encoded alike", () => {
  for (
    const text of [
      "",
      "a",
      "x".repeat(64),
      "x".repeat(65),
      "ä",
      "a😀b",
      "\ud800",
    ]
  ) {
    assert.deepEqual([...encodeText(text)], [
      ...new TextEncoder().encode(text),
    ]);
  }
});

test("a byte order mark is text like any other", () => {
  assert.equal(decodeText(encodeText("\ufeffa")), "\ufeffa");
});
