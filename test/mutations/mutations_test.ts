// `deno task mutations` takes minutes; that its passages are still in the code is
// known here, at once.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MUTATIONS } from "./mutations.ts";

const root = new URL("../../", import.meta.url);
const flat = (code: string) => code.replace(/\s+/g, " ");

test("each passage that a mutation changes is in its file once", () => {
  for (const { name, file, from } of MUTATIONS) {
    const source = flat(readFileSync(new URL(file, root), "utf8"));
    assert.equal(source.split(flat(from)).length, 2, `${name}: ${file}`);
  }
});
