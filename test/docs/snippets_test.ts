// Every snippet that a user can read runs, and prints what its comments say.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { program, RUNTIME } from "../support/runtime.ts";
import { within } from "../support/wait.ts";
import { found } from "./imports.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Snippet {
  readonly where: string;
  readonly code: string;
  /** What it prints, from the comments behind its console.log; null if they say nothing. */
  readonly prints: string[] | null;
}

async function files(folder: string, ending = ".ts"): Promise<string[]> {
  const files = await readdir(`${ROOT}${folder}`, { recursive: true });
  return files.filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`).sort();
}

async function snippets(): Promise<Snippet[]> {
  const read: Snippet[] = [];
  const all = [
    "README.md",
    "CONTRIBUTING.md",
    ...await files("docs", ".md"),
    "mod.ts",
    ...await files("src"),
    ...await files("adapters"),
  ];
  for (const file of all) {
    const text = await readFile(`${ROOT}${file}`, "utf8");
    const blocks = file.endsWith(".md")
      ? text.matchAll(/^```ts\n([\s\S]*?)^```/gm)
      : text.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```/gm);
    let number = 0;
    for (const [, block] of blocks) {
      const code = file.endsWith(".md")
        ? block
        : block.replaceAll(/^ *\* ?/gm, "");
      read.push({
        where: `${file} #${++number}`,
        code,
        prints: printed(code),
      });
    }
  }
  return read;
}

/** `console.log(x); // this` prints "this"; inside a loop `// 1, 2` prints two lines. */
function printed(code: string): string[] | null {
  const lines: string[] = [];
  for (const line of code.split("\n")) {
    const at = line.indexOf("console.log(");
    if (at < 0) continue;
    const comment = line.indexOf("); // ", at);
    if (comment < 0) return null;
    // What a console shows in quotes, and what is said beside it.
    const said = line.slice(comment + 6).replace(/^"(.*)"$/, "$1")
      .replace(/: .*/, "");
    if (line.startsWith("  ") && said.includes(", ")) {
      lines.push(...said.split(", "));
    } else lines.push(said);
  }
  return lines;
}

const all = await snippets();
let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "nought-docs-"));
});
after(() => rm(folder, { recursive: true }));

test("there are snippets, and the example of the README is one", () => {
  assert.ok(all.length > 10, `only ${all.length}`);
  const [first] = all;
  assert.equal(first.where, "README.md #1");
  assert.ok(first.code.trim().split("\n").length <= 24);
  assert.equal(first.prints!.length, 2);
});

for (const { where, code, prints } of all) {
  test(`the snippet ${where} runs and prints what it says`, async () => {
    const file = join(folder, `${where.replaceAll(/\W+/g, "-")}.ts`);
    await writeFile(file, found(code));
    // Background threads are modules that Deno has to be allowed to read.
    // And files of queues are files.
    const more = code.includes("/background")
      ? ["--allow-read"]
      : code.includes("/swap")
      ? ["--allow-read", "--allow-write", "--allow-env=TMPDIR,TMP,TEMP"]
      : [];
    const args = RUNTIME === "deno"
      ? ["run", "--no-check", "--no-prompt", "--allow-net", ...more]
      : [];
    const run = program(process.execPath, [...args, file]);
    try {
      const exit = await within("it ends", run.exit, 20_000);
      assert.equal(exit, 0, run.errors());
      if (prints === null) return;
      const said = run.output().trim();
      assert.deepEqual(said === "" ? [] : said.split("\n"), prints);
    } finally {
      await run.kill();
    }
  });
}
