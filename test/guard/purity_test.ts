// src/ is ZeroMQ as state machines: no socket, timer, file, clock or random
// source is within its reach. The scan finds what the language itself offers
// (Date, Math.random), the compiler everything else. The drop-in is the exception:
// its API shows Node's Buffer and EventEmitter, which one file fetches. So are the
// entries for browsers, for servers of the user's, for background threads, for
// certificates, for Mongrel2 and for tests, which bring adapters along; of the last
// four it is a file or two.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { program, RUNTIME } from "../support/runtime.ts";
import { VERSIONS } from "../support/versions.ts";
import { within } from "../support/wait.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What of the world a program can reach by name. */
const WORLD = new RegExp(
  `\\b(?:(?:${
    [
      "setTimeout|setInterval|setImmediate|clearTimeout|clearInterval",
      "queueMicrotask|requestAnimationFrame|MessageChannel|MessagePort",
      "BroadcastChannel|Worker|Date|performance|Temporal|crypto",
      "process|Deno|Bun|Buffer|require|navigator|location|window|document",
      "self|global|globalThis|fetch|XMLHttpRequest|WebSocket|WebTransport",
      "EventSource|Intl|localStorage|sessionStorage|indexedDB|caches",
      "console|alert|prompt|eval|Function|WebAssembly|node:\\w+",
    ].join("|")
  })\\b|${
    [
      "Math\\s*\\.\\s*random|Math\\s*\\[",
      "import\\s*\\.\\s*meta|import\\s*\\(",
      // Memory of several threads may be read and written, but nobody waits for it.
      "Atomics(?!\\.(?:load|store|add|exchange|compareExchange|notify)\\b)",
    ].join("|")
  })`,
  "g",
);

/** What of the platform src/ may name though it isn't of the language: each is a pure function. */
const DECLARED = ["TextDecoder", "TextEncoder", "WebAssembly"];

/** The one file that may name WebAssembly: its program imports nothing, which message_engine_test.ts shows. */
const ENGINE = join("src", "mechanisms", "message_engine.ts");

const TOKENS = new RegExp(
  [
    "//.*|/\\*[\\s\\S]*?\\*/", // comments
    `"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*'`, // strings
    "(?<template>`(?:\\\\[\\s\\S]|[^`\\\\])*`)",
    // Regular expressions: a slash where a value begins.
    "(?<=[=(,:;!&|?{}[\\n]\\s*)/(?![*/])(?:\\\\.|\\[(?:\\\\.|[^\\]\\\\\\n])*\\]|[^/\\\\\\n[])+/",
  ].join("|"),
  "g",
);

/** A module's text without its comments, strings and regular expressions. */
function codeOf(text: string): string {
  return text.replace(TOKENS, (token) => {
    if (token[0] !== "`") return " ";
    const holes = [...token.matchAll(/\$\{([^}`]*)/g)].map(([, hole]) => hole);
    return ` ${holes.join(" ")} `;
  });
}

/** What a module's text reaches of the world. */
function reached(text: string): string[] {
  return [...codeOf(text).matchAll(WORLD)].map(([found]) => found);
}

async function sources(): Promise<string[]> {
  const files = await readdir(`${ROOT}src`, { recursive: true });
  return files.filter((file) => file.endsWith(".ts"))
    .filter((file) =>
      !/^(?:(?:zeromqjs|browser|attach)\b|(auth|mongrel2|swap|testing)[/\\]\1\.ts$|background[/\\](?:background|worker)\.ts$)/
        .test(file)
    )
    .map((file) => join(ROOT, "src", file));
}

/** Type-checks files with the ES library alone, and says what is wrong. */
async function check(files: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nought-"));
  const config = join(folder, "deno.json");
  await writeFile(
    config,
    JSON.stringify({
      compilerOptions: {
        lib: ["esnext"],
        strict: true,
        noUnusedLocals: true,
        erasableSyntaxOnly: true,
        verbatimModuleSyntax: true,
        noImplicitOverride: true,
      },
    }),
  );
  const args = ["check", "--quiet", "--config", config, ...files];
  const deno = RUNTIME === "deno"
    ? program(process.execPath, args)
    : program("npx", ["-y", `deno@${VERSIONS.deno}`, ...args]);
  try {
    const code = await within("the check ends", deno.exit, 120_000);
    const said = deno.errors() || `exit ${code}`;
    return code === 0 ? "" : said;
  } finally {
    await deno.kill();
    await rm(folder, { recursive: true });
  }
}

test("no source touches a socket, timer, file, clock or random source", async () => {
  const files = await sources();
  assert.ok(files.length > 40, `only ${files.length} files were found`);
  const wrong: string[] = [];
  const declared = new Set<string>();
  for (const file of files) {
    const text = await readFile(file, "utf8");
    for (const found of reached(text)) {
      if (found === "WebAssembly" && file.endsWith(ENGINE)) continue;
      wrong.push(`${file}: ${found}`);
    }
    for (
      const [, name] of codeOf(text).matchAll(
        /\bdeclare\s+(?:const|let|var|function|class|abstract class|global)\b\s*(\w*)/g,
      )
    ) declared.add(name);
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual([...declared].sort(), DECLARED);
});

test("the drop-in reaches Node's modules in one file", async () => {
  const folder = join(ROOT, "src", "zeromqjs");
  const reaching: string[] = [];
  for (const file of await readdir(folder)) {
    const found = reached(await readFile(join(folder, file), "utf8"))
      // Elsewhere it is the name of a type.
      .filter((name) => name !== "Buffer");
    if (found.length > 0) reaching.push(file);
  }
  assert.deepEqual(reaching, ["platform.ts"]);
});

test("the scan finds what is reached, and nothing in comments, strings and longer names", () => {
  assert.deepEqual(
    reached(`
// Date.now() at the process
/* setTimeout(() => Deno) */
const told = "console.log", quoted = 'a \\' fetch', odd = /["'\`]crypto/;
const text = \`Buffer \${performance.now()} Bun\`;
const update = processed(Dates, x.prompted) / 2 / 3;
setTimeout(done, Math.random());
Math["random"](); globalThis.x; await import("node:fs");
new Date();
`),
    [
      "performance",
      "setTimeout",
      "Math.random",
      "Math[",
      "globalThis",
      "import(",
      "Date",
    ],
  );
});

test("the sources need no types but those of the language", {
  timeout: 150_000,
}, async () => {
  assert.equal(await check(await sources()), "");
});

test("the check that they don't knows a stray name of a runtime", {
  timeout: 150_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "nought-"));
  try {
    const stray = join(folder, "stray.ts");
    await writeFile(
      stray,
      'setTimeout(() => {}, 1);\nconsole.log(Deno);\nBuffer.from("");\n',
    );
    const said = await check([stray]);
    for (const name of ["setTimeout", "console", "Deno", "Buffer"]) {
      assert.match(said, new RegExp(`Cannot find name '${name}'`));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
