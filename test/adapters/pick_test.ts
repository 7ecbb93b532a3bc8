import assert from "node:assert/strict";
import { test } from "node:test";
import { pickAdapter } from "../../adapters/pick.ts";
import { RUNTIME } from "../support/runtime.ts";

test("each runtime gets its adapter", () => {
  assert.equal(pickAdapter().name, RUNTIME);
});

test("where there is none, the error says what to import", () => {
  for (const globals of [{}, { process: {} }]) {
    assert.throws(() => pickAdapter(globals), {
      code: "ENOTSUP",
      message: /import @nought\/zeromq\/browser/,
    });
  }
});
