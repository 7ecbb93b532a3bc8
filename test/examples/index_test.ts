import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));

test("the index of the examples names every program there is, and no other", () => {
  const programs = readdirSync(FOLDER, { recursive: true })
    .map((path) => `examples/${path}`.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .filter((path) =>
      // Modules that programs share don't say how to run them.
      readFileSync(join(FOLDER, "..", path), "utf8").includes(`node ${path}`)
    );
  const index = readFileSync(join(FOLDER, "README.md"), "utf8");
  const named = index.matchAll(/^node (examples\/\S+\.ts)/gm);
  assert.deepEqual(
    [...new Set([...named].map(([, path]) => path))].sort(),
    programs.sort(),
  );
});
