import assert from "node:assert/strict";
import { test } from "node:test";
import { errnoOf, isErrorCode, ZmqError } from "../../src/base/errors.ts";
import { Fault, mayRetry } from "../../src/base/fault.ts";

test("an error carries code, libzmq's number, address and cause", () => {
  const cause = new Error("below");
  const error = new ZmqError("EADDRINUSE", "Cannot bind", {
    address: "tcp://127.0.0.1:1",
    cause,
  });
  assert.ok(error instanceof Error);
  assert.equal(error.name, "ZmqError");
  assert.equal(error.code, "EADDRINUSE");
  assert.equal(error.errno, 98);
  assert.equal(error.address, "tcp://127.0.0.1:1");
  assert.equal(error.cause, cause);
});

test("the private numbers of libzmq are libzmq's", () => {
  assert.equal(errnoOf("EFSM"), 156384763);
  assert.equal(errnoOf("ENOCOMPATPROTO"), 156384764);
  assert.equal(errnoOf("ETERM"), 156384765);
  assert.equal(errnoOf("EMTHREAD"), 156384766);
  assert.ok(isErrorCode("EAGAIN"));
  assert.ok(!isErrorCode("toString"));
  assert.ok(!isErrorCode(undefined));
});

test("a connector tries again after bad luck, not after a broken rule", () => {
  assert.ok(mayRetry(null));
  assert.ok(mayRetry(new Fault("transport", "ECONNRESET", "")));
  assert.ok(mayRetry(new Fault("timeout", "ETIMEDOUT", "")));
  assert.ok(mayRetry(new Fault("caller", "ECANCELED", "")));
  assert.ok(!mayRetry(new Fault("peer", "EPROTO", "")));
  assert.ok(!mayRetry(new Fault("mismatch", "EPROTO", "")));
  assert.ok(!mayRetry(new Fault("limit", "EMSGSIZE", "")));
});
