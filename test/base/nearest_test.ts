import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/base/nearest.ts";

const NAMES = ["linger", "sendHighWaterMark", "receiveHighWaterMark", "ipv6"];

test("the nearest name is found over slips of case, letters and order", () => {
  assert.equal(nearest("lingre", NAMES), "linger");
  assert.equal(nearest("sendHighWatermark", NAMES), "sendHighWaterMark");
  assert.equal(nearest("sendHighWaterMarks", NAMES), "sendHighWaterMark");
  assert.equal(nearest("sendHWMark", NAMES), null);
  assert.equal(nearest("recieveHighWaterMark", NAMES), "receiveHighWaterMark");
});

test("a name that is near to none is near to none", () => {
  assert.equal(nearest("colour", NAMES), null);
  assert.equal(nearest("", NAMES), null);
});
