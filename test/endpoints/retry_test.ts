import assert from "node:assert/strict";
import { test } from "node:test";
import { Retry } from "../../src/endpoints/retry.ts";

test("without a maximum the delay is the interval and up to as much by chance", () => {
  const retry = new Retry(100, 0);
  assert.deepEqual([0, 0.5, 0.999].map((chance) => retry.next(chance)), [
    100,
    150,
    199,
  ]);
});

test("with a maximum the delay doubles up to it, and begins anew after a success", () => {
  const retry = new Retry(100, 500);
  const delays = Array.from({ length: 5 }, () => retry.next(0.9));
  assert.deepEqual(delays, [100, 200, 400, 500, 500]);
  retry.reset();
  assert.equal(retry.next(0.9), 100);
});

test("a maximum below the interval is the delay", () => {
  assert.equal(new Retry(100, 30).next(0), 30);
});

test("an interval of 0 or -1 means never again", () => {
  assert.ok(new Retry(-1, 0).never);
  assert.ok(new Retry(0, 500).never);
  assert.ok(!new Retry(1, 0).never);
});
