import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkOption,
  defaultsOf,
  OPTIONS,
  optionsOf,
} from "../../src/base/options.ts";
import { SOCKET_TYPES, type SocketType } from "../../src/base/socket_type.ts";
import type { Feature } from "../../src/runtime/adapter.ts";

const NOTHING = new Set<Feature>();

function row(name: string) {
  return OPTIONS.find((row) => row.name === name)!;
}

function check(name: string, value: unknown, features = NOTHING) {
  return checkOption(row(name), value, features, "testing");
}

test("every row has a name and a number of its own, and a default that it takes", () => {
  for (const type of Object.keys(SOCKET_TYPES) as SocketType[]) {
    const own = OPTIONS.filter(({ sockets }) =>
      sockets === "all" || sockets.includes(type)
    );
    assert.equal(optionsOf(type).size, own.length, type);
  }
  const ids = OPTIONS.map((row) => row.id).filter((id) => id !== 0);
  assert.equal(new Set(ids).size, ids.length);
  for (const row of OPTIONS) {
    assert.equal(
      checkOption(row, row.initial, NOTHING, "testing"),
      row.initial,
    );
  }
});

test("numbers are cut to whole ones and bounded, and nothing else is a number", () => {
  assert.equal(check("linger", 1.7), 1);
  assert.equal(check("linger", -1), -1);
  assert.throws(() => check("linger", -2), { code: "EINVAL" });
  assert.throws(() => check("tcpKeepalive", 2), { code: "EINVAL" });
  assert.throws(() => check("linger", "1"), TypeError);
  assert.throws(() => check("linger", NaN), TypeError);
  assert.throws(() => check("linger", null), TypeError);
});

test("booleans are booleans", () => {
  assert.equal(check("immediate", true), true);
  assert.throws(() => check("immediate", 1), TypeError);
});

test("a heartbeat's time to live is rounded down to 100 ms", () => {
  assert.equal(check("heartbeatTimeToLive", 99), 0);
  assert.equal(check("heartbeatTimeToLive", 6553599), 6553500);
  assert.throws(() => check("heartbeatTimeToLive", 6553600), {
    code: "EINVAL",
  });
});

test("a routing id has 1 to 255 bytes, as text or bytes", () => {
  assert.equal(check("routingId", "abc"), "abc");
  assert.equal(check("routingId", null), null);
  const given = Uint8Array.of(1, 0, 2);
  const kept = check("routingId", given) as Uint8Array;
  given[0] = 9;
  assert.deepEqual([...kept], [1, 0, 2]);
  assert.throws(() => check("routingId", ""), { code: "EINVAL" });
  assert.throws(() => check("routingId", "ü".repeat(128)), { code: "EINVAL" });
  assert.equal(check("routingId", "ü".repeat(127)), "ü".repeat(127));
  assert.throws(() => check("routingId", 5), TypeError);
});

test("text may be given as the bytes of its UTF-8, and nothing else", () => {
  const bytes = new TextEncoder().encode("pässwort");
  assert.equal(check("plainPassword", bytes), "pässwort");
  assert.equal(check("plainPassword", "pässwort"), "pässwort");
  for (const broken of [Uint8Array.of(0x70, 0xff), bytes.subarray(0, 2)]) {
    assert.throws(() => check("plainPassword", broken), { code: "EINVAL" });
  }
  const long = new Uint8Array(1_000_000).fill(97);
  assert.throws(() => check("plainPassword", long), { code: "EINVAL" });
  assert.throws(() => check("curveServerKey", long), { code: "EINVAL" });
});

test("what a runtime can't do is ENOTSUP with a way out, its default is fine", () => {
  assert.equal(check("tcpKeepaliveIdle", -1), -1);
  assert.throws(() => check("tcpKeepaliveIdle", 30), {
    code: "ENOTSUP",
    message: /Bun and Node can; leave it at its default of -1/,
  });
  assert.equal(
    check("tcpKeepaliveIdle", 30, new Set<Feature>(["keepAliveIdle"])),
    30,
  );
});

test("subscribers do not linger, others do", () => {
  const dont = ["SUB", "XSUB", "DISH"];
  for (const type of Object.keys(SOCKET_TYPES) as SocketType[]) {
    assert.equal(defaultsOf(type).linger, dont.includes(type) ? 0 : -1);
  }
});

test("sockets that only send have no options of receiving, and the other way round", () => {
  const names = (type: SocketType) => [...optionsOf(type).keys()];
  assert.ok(!names("PUSH").includes("receiveHighWaterMark"));
  assert.ok(!names("PULL").includes("sendHighWaterMark"));
  assert.ok(names("REQ").includes("sendHighWaterMark"));
  assert.ok(names("REQ").includes("receiveHighWaterMark"));
  assert.ok(names("REQ").includes("correlate"));
  assert.ok(!names("REP").includes("correlate"));
});
