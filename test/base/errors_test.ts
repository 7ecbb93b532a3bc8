import assert from "node:assert/strict";
import { test } from "node:test";
import { Reply } from "../../mod.ts";
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

test("the stack of an error has the line that was wrong, as far as it lies from where that was found", async () => {
  const limit = (Error as { stackTraceLimit?: number }).stackTraceLimit;
  const reply = new Reply();
  const calls: (() => unknown)[] = [
    () => reply.bind("tcp://127.0.0.1:99999999"),
    () => reply.connect("ws://[::1]:99999999/path"),
    () => reply.connect(`ipc:///${"long".repeat(99)}`),
    () => reply.sendHighWaterMark = -1,
    () => reply.send("not asked"),
  ];
  for (const call of calls) {
    await assert.rejects(
      async function ofTheCaller() {
        await call();
      },
      ({ stack }: Error) => /ofTheCaller/.test(stack!),
    );
  }
  reply.close();
  assert.equal(
    (Error as { stackTraceLimit?: number }).stackTraceLimit,
    limit,
  );
});
