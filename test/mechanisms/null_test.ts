import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED, READY, SHAKING } from "../../src/mechanisms/mechanism.ts";
import { NullMechanism } from "../../src/mechanisms/null.ts";
import { bytes, hex } from "../support/bytes.ts";

const OWN = bytes('0b "Socket-Type" 00000004 "PULL"');
const PEERS = bytes('0b "Socket-Type" 00000004 "PUSH"');

test("NULL says READY once with its own properties", () => {
  const mechanism = new NullMechanism(OWN);
  assert.equal(mechanism.name, "NULL");
  assert.equal(hex(mechanism.next()!), hex(bytes('05 "READY"')) + hex(OWN));
  assert.equal(mechanism.next(), null);
});

test("NULL is ready once it has spoken and heard, in either order", () => {
  const first = new NullMechanism(OWN);
  first.next();
  assert.equal(first.state, SHAKING);
  first.receive(Uint8Array.of(...bytes('05 "READY"'), ...PEERS));
  assert.equal(first.state, READY);
  assert.equal(hex(first.properties), hex(PEERS));
  const second = new NullMechanism(OWN);
  second.receive(bytes('05 "READY"'));
  assert.equal(second.state, SHAKING);
  second.next();
  assert.equal(second.state, READY);
  assert.equal(second.properties.length, 0);
});

for (
  const [what, body, code] of [
    ["a second READY", '05 "READY"', "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["another command", '05 "HELLO"', "ERR_ZMTP_UNEXPECTED_COMMAND"],
    [
      "a command without a name",
      "",
      "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    ],
    [
      "a command shorter than its name",
      '09 "READY"',
      "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    ],
    [
      "an ERROR that is cut short",
      '05 "ERROR" 09 "no"',
      "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
    ],
  ]
) {
  test(`NULL fails on ${what}, which is the peer's fault`, () => {
    const mechanism = new NullMechanism(OWN);
    mechanism.receive(bytes('05 "READY"'));
    mechanism.receive(bytes(body));
    assert.equal(mechanism.state, FAILED);
    assert.equal(mechanism.fault!.code, code);
    assert.equal(mechanism.fault!.blame, "peer");
  });
}

test("NULL tells of a refusal with its status or its reason, made printable", () => {
  const status = new NullMechanism(OWN);
  status.receive(bytes('05 "ERROR" 03 "400"'));
  assert.equal(status.fault!.code, "ERR_ZAP_STATUS_400");
  assert.equal(status.fault!.blame, "mismatch");
  const reason = new NullMechanism(OWN);
  reason.receive(bytes('05 "ERROR" 05 "no" 0a1b "x"'));
  assert.equal(reason.fault!.code, "ECONNREFUSED");
  assert.match(reason.fault!.message, /no\?\?x/);
  assert.equal(reason.state, FAILED);
});
