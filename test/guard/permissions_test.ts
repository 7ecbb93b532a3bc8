// Under Deno tcp needs --allow-net and nothing else, and a permission that is
// missing is a clear error, as it is for files on Node with --permission. Elsewhere
// there are no such permissions, and the same program simply runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { RUNTIME, script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

async function said(path: string, permissions: string[]): Promise<string[]> {
  const run = script(path, [], { permissions });
  try {
    const code = await within("it ends", run.exit, 20_000);
    assert.equal(code, 0, run.errors());
    return run.output().trim().split("\n");
  } finally {
    await run.kill();
  }
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = "guard/permissions_program.ts";
const DENIED = [
  "EACCES tcp://127.0.0.1:5555",
  "EACCES tcp://127.0.0.1:*",
  "1",
];
/** Nothing that matters here; with no flag at all Deno's child_process gives every permission. */
const NONE = ["--allow-env=NOUGHT_NOTHING"];
const ALLOWED = ["connected", "bound", "1"];

test("without any permission connect and bind say EACCES, and inproc works", async () => {
  const wanted = RUNTIME === "deno" ? DENIED : ALLOWED;
  assert.deepEqual(await said(PROGRAM, NONE), wanted);
});

test("with --allow-net alone tcp works", async () => {
  assert.deepEqual(await said(PROGRAM, ["--allow-net"]), ALLOWED);
});

test("a permission for one endpoint is one for it alone", async () => {
  const allow = "--allow-net=127.0.0.1:5555";
  const wanted = RUNTIME === "deno"
    ? ["connected", ...DENIED.slice(1)]
    : ALLOWED;
  assert.deepEqual(await said(PROGRAM, [allow]), wanted);
});

test("files and folders that may not be used are EACCES", async () => {
  const permissions = RUNTIME === "node"
    ? ["--permission", `--allow-fs-read=${ROOT}`]
    : NONE;
  const wanted = RUNTIME === "bun" ? ["bound", "ENOENT"] : ["EACCES", "EACCES"];
  assert.deepEqual(await said("guard/files_program.ts", permissions), wanted);
});

test("importing it all and making sockets changes no global name, needs no permission and keeps nothing alive", async () => {
  assert.deepEqual(await said("guard/import_program.ts", NONE), [
    "nothing",
    "over",
  ]);
});
