// What is hidden on its way out: as long as the kernel has not taken it, it is the
// log's, and a message of which no byte has left is there for the next connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cipher } from "../../src/mechanisms/cipher.ts";
import { OutboundLog } from "../../src/routing/outbound_log.ts";
import { Reserve } from "../../src/zmtp/reserve.ts";
import { SecureDecoder, SecureOutbox } from "../../src/zmtp/secure_framing.ts";
import { concat, hex } from "../support/bytes.ts";
import { chunkings } from "../support/chunkings.ts";
import { frame, message } from "../support/zmtp.ts";

const KEY = () => new Int32Array(8).fill(7);
const cipher = () => new Cipher(KEY(), KEY(), 0, 0);
const text = (value: string) => new TextEncoder().encode(value);
const LARGE = new Uint8Array(20_000).map((_, i) => i);

function decoder(limit = Infinity): SecureDecoder {
  return new SecureDecoder(cipher(), limit, new Reserve(1e12));
}

/** A log with these messages. */
function logOf(...messages: Uint8Array[][]): OutboundLog {
  const log = new OutboundLog(0, false);
  for (const one of messages) log.append(one, 0, null);
  return log;
}

/** All that an outbox gives, each block taken whole. */
function drained(outbox: SecureOutbox): Uint8Array {
  const parts: Uint8Array[] = [];
  for (;;) {
    const bytes = outbox.next();
    if (bytes === null) return concat(...parts);
    parts.push(bytes.slice());
    outbox.took(bytes.length);
  }
}

test("frames of every kind are hidden and shown again, however the bytes are cut", () => {
  const log = logOf(
    [text("a"), text("")],
    [text("b"), LARGE, text("c"), LARGE],
    [LARGE],
    [text("x".repeat(255)), text("y".repeat(256))],
  );
  const hidden = drained(new SecureOutbox(log, cipher()));
  assert.equal(log.count, 0);
  const clear = hex(concat(
    message("a", ""),
    message("b", LARGE, "c", LARGE),
    message(LARGE),
    message("x".repeat(255), "y".repeat(256)),
  ));
  for (const [how, pieces] of chunkings(hidden, 5)) {
    const one = decoder();
    const shown = pieces.map((piece) => one.decode(piece).slice());
    assert.equal(hex(concat(...shown)), clear, how);
    assert.equal(one.fault, null);
  }
});

test("what is hidden and not taken stays in the log, message by message", () => {
  const bodies = ["one", "two", "three", "y".repeat(300), "five"];
  const sizes = bodies.map((body) => cipher().hide(message(body)).length);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  for (let taken = 0; taken <= all; taken++) {
    const log = logOf(...bodies.map((body) => [text(body)]));
    const outbox = new SecureOutbox(log, cipher());
    assert.equal(outbox.next()!.length, all);
    assert.equal(log.count, bodies.length);
    outbox.took(taken >> 1);
    outbox.took(taken - (taken >> 1));
    log.disconnected(true);
    // Whole ones have left, one that was begun is lost, the rest waits.
    let begun = 0;
    for (let left = taken; left > 0; left -= sizes[begun++]);
    assert.equal(log.count, bodies.length - begun, `${taken} bytes`);
    const rest = decoder().decode(drained(new SecureOutbox(log, cipher())));
    const kept = bodies.slice(begun).map((body) => message(body));
    assert.equal(hex(rest), hex(concat(...kept)));
  }
});

test("messages before a large one leave by themselves, and it waits whole", () => {
  const log = logOf([text("small")], [LARGE], [text("after")]);
  const outbox = new SecureOutbox(log, cipher());
  const first = outbox.next()!;
  assert.equal(hex(decoder().decode(first)), hex(message("small")));
  outbox.took(first.length);
  log.disconnected(true);
  assert.deepEqual([log.count, log.taken, log.lost], [2, 1, 0]);
  const again = new SecureOutbox(log, cipher());
  const rest = decoder().decode(drained(again));
  assert.equal(hex(rest), hex(concat(message(LARGE), message("after"))));
});

test("a large message of which a part has left is lost alone", () => {
  const log = logOf([LARGE], [text("after")]);
  const outbox = new SecureOutbox(log, cipher());
  outbox.next();
  outbox.took(1000);
  log.disconnected(true);
  assert.equal(log.lost, 1);
  const rest = decoder().decode(drained(new SecureOutbox(log, cipher())));
  assert.equal(hex(rest), hex(message("after")));
});

test("memory that is being written is nobody else's until all of it is taken", () => {
  for (
    const bodies of [
      [LARGE],
      Array.from({ length: 600 }, () => text("x")),
    ]
  ) {
    const outboxes = [1, 2, 3].map((place) =>
      new SecureOutbox(
        logOf(...[...bodies, ...bodies].map((body) => [body])),
        new Cipher(KEY(), KEY(), 1000 * place, 0),
      )
    );
    const [first, second] = [outboxes[0].next()!, outboxes[1].next()!];
    const copy = first.slice();
    outboxes[0].took(first.length - 1);
    outboxes[1].took(second.length);
    const third = outboxes[2].next()!;
    assert.equal(hex(first), hex(copy));
    const other = third.slice();
    outboxes[0].took(1);
    outboxes[1].next();
    assert.equal(hex(third), hex(other));
    outboxes[2].took(third.length);
  }
});

test("large blocks are hidden where the one before was, once that is taken", () => {
  const outbox = new SecureOutbox(logOf([LARGE], [LARGE]), cipher());
  const first = outbox.next()!;
  outbox.took(first.length);
  const second = outbox.next()!;
  assert.equal(second.buffer, first.buffer);
});

test("the limit is of what is hidden, and nothing is decoded behind a fault", () => {
  for (const [length, code] of [[100, undefined], [101, "EMSGSIZE"]] as const) {
    const one = decoder(100);
    const hiding = cipher();
    const said = concat(
      hiding.hide(message("before")),
      hiding.hide(frame(0, new Uint8Array(length))),
      hiding.hide(message("behind")),
    );
    const shown = one.decode(said);
    assert.equal(one.fault?.code, code);
    const whole = concat(
      message("before"),
      frame(0, new Uint8Array(length)),
      message("behind"),
    );
    assert.equal(
      hex(shown),
      hex(code === undefined ? whole : message("before")),
    );
    if (code !== undefined) assert.equal(one.decode(said).length, 0);
  }
});
