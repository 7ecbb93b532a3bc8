// Who may import whom: one table, which is neither too narrow nor too wide.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The folders of src/, the facade and the adapters, and what each may import. */
const ARROWS: Record<string, readonly string[]> = {
  runtime: [],
  base: ["runtime"],
  routing: ["base", "runtime"],
  patterns: ["base", "routing"],
  crypto: [],
  mechanisms: ["base", "crypto"],
  zmtp: ["base", "mechanisms"],
  zws: ["base", "runtime"],
  transports: ["base", "routing", "runtime", "zws"],
  pgm: ["base", "zmtp"],
  threads: ["base", "endpoints", "routing", "runtime", "transports", "zmtp"],
  endpoints: [
    "base",
    "crypto",
    "mechanisms",
    "pgm",
    "routing",
    "runtime",
    "transports",
    "zmtp",
  ],
  sockets: [
    "base",
    "endpoints",
    "mechanisms",
    "patterns",
    "routing",
    "runtime",
    "threads",
    "transports",
    "zws",
  ],
  swap: ["adapters", "base", "endpoints", "routing", "runtime", "zmtp"],
  attach: ["adapters", "base", "endpoints", "sockets", "zws"],
  background: [
    "adapters",
    "base",
    "endpoints",
    "mechanisms",
    "patterns",
    "routing",
    "runtime",
    "sockets",
    "threads",
    "zmtp",
  ],
  browser: [
    "adapters",
    "base",
    "endpoints",
    "sockets",
    "threads",
    "transports",
  ],
  mongrel2: ["base", "mod.ts", "sockets"],
  zeromqjs: ["base", "endpoints", "mod.ts", "patterns", "routing", "sockets"],
  auth: ["adapters", "base", "runtime"],
  testing: ["adapters", "endpoints"],
  adapters: ["runtime"],
  "mod.ts": ["adapters", "base", "endpoints", "runtime", "sockets"],
};

/** An import as it stands in a file. */
interface Import {
  readonly from: string;
  /** A file of the project, or a specifier that is none. */
  readonly to: string;
  /** Whether nothing is left of it when types are erased. */
  readonly erased: boolean;
  /** Whether it waits until it is needed. */
  readonly late: boolean;
}

/** The imports of a module's text. */
function importsOf(from: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const found: Import[] = [];
  const add = (specifier: string, erased: boolean, late = false) => {
    const to = specifier.startsWith(".")
      ? posix.join(posix.dirname(from), specifier)
      : specifier;
    found.push({ from, to, erased, late });
  };
  for (
    const [, type, specifier] of code.matchAll(
      /^(?:import|export)\b(\s+type\b)?(?:[\w\s*{},]*?\bfrom\b)?\s*["']([^"']+)["']/gm,
    )
  ) add(specifier, type !== undefined);
  for (
    const [, specifier] of code.matchAll(
      /\bimport\s*\(\s*(?:["'`]([^"'`]*)["'`])?/g,
    )
  ) add(specifier ?? "(computed)", false, true);
  for (const _ of code.matchAll(/\brequire\s*\(/g)) add("(require)", false);
  return found;
}

function filesOf(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true })
    .map((file) => `${folder}/${String(file).replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".ts"));
}

/** The name in the table that a file goes by; undefined if it is no file of ours. */
function placeOf(file: string): string | undefined {
  return /^src\/(\w+)\/[\w/]+\.ts$/.exec(file)?.[1] ??
    /^(adapters)\/[\w/]+\.ts$|^(mod\.ts)$/.exec(file)?.[0].replace(
      /\/.*/,
      "",
    );
}

/** A way from somewhere back to itself, if there is one. */
function cycleIn(arrows: ReadonlyMap<string, Iterable<string>>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] => {
    const at = path.indexOf(node);
    if (at >= 0) return [...path.slice(at), node];
    if (done.has(node)) return [];
    path.push(node);
    for (const next of arrows.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    done.add(node);
    return [];
  };
  for (const node of arrows.keys()) {
    const cycle = visit(node);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

const FILES = ["mod.ts", ...filesOf("src"), ...filesOf("adapters")];
const IMPORTS = FILES.flatMap((file) =>
  importsOf(file, readFileSync(`${ROOT}${file}`, "utf8"))
);

test("every folder stands in the table, and every name in the table is a folder", () => {
  const there = new Set(FILES.map((file) => placeOf(file) ?? file));
  assert.deepEqual([...there].sort(), Object.keys(ARROWS).sort());
});

test("every import goes along an arrow of the table", () => {
  assert.ok(IMPORTS.length > 100, `only ${IMPORTS.length} imports were found`);
  const wrong = IMPORTS.filter(({ from, to }) => {
    const [here, there] = [placeOf(from)!, placeOf(to)];
    if (there === undefined) return !to.startsWith("node:");
    return here !== there && !ARROWS[here].includes(there);
  });
  assert.deepEqual(wrong, []);
});

test("every arrow of the table is used", () => {
  const used = new Set(
    IMPORTS.map(({ from, to }) => `${placeOf(from)} → ${placeOf(to)}`),
  );
  const unused = Object.entries(ARROWS)
    .flatMap(([from, many]) => many.map((to) => `${from} → ${to}`))
    .filter((arrow) => !used.has(arrow));
  assert.deepEqual(unused, []);
});

test("the arrows of the table lead in no circle", () => {
  assert.deepEqual(cycleIn(new Map(Object.entries(ARROWS))), []);
});

test("the modules that are left once types are erased import each other in no circle", () => {
  const arrows = new Map<string, string[]>(FILES.map((file) => [file, []]));
  for (const { from, to, erased } of IMPORTS) {
    if (!erased) arrows.get(from)!.push(to);
  }
  assert.deepEqual(cycleIn(arrows), []);
});

/** Everything that loads with a module. */
function loadedWith(entry: string): string[] {
  const loaded = [entry];
  for (const file of loaded) {
    for (const { from, to, erased, late } of IMPORTS) {
      if (from === file && !erased && !late && !loaded.includes(to)) {
        loaded.push(to);
      }
    }
  }
  return loaded;
}

test("a program loads no cipher before it needs one, and a page nothing that only servers have", () => {
  const ciphers =
    /^src\/(?:crypto\/(?!x25519)|mechanisms\/(?:curve|cipher|message_\w+)\.ts)/;
  const servers =
    /^src\/(?:pgm\/|endpoints\/(?:acceptor|\w+cast_\w+|datagram_\w+)\.ts|transports\/(?:tcp|ipc|udp|epgm|ws)\.ts|zws\/(?:frame_|upgrade|sha1))|^adapters\/(?:deno|bun|node|platform)\.ts/;
  const all = loadedWith("mod.ts");
  const page = loadedWith("src/browser/browser.ts");
  assert.ok(all.length > 100 && page.length > 50);
  assert.deepEqual(all.filter((file) => ciphers.test(file)), []);
  assert.deepEqual(page.filter((file) => ciphers.test(file)), []);
  assert.deepEqual(page.filter((file) => servers.test(file)), []);
  // The patterns find what they are about.
  assert.ok(FILES.filter((file) => ciphers.test(file)).length >= 8);
  assert.ok(FILES.filter((file) => servers.test(file)).length >= 15);
});

test("a runtime's modules are named by adapters and the drop-in alone, and for their types", () => {
  const named = IMPORTS.filter(({ to }) => to.startsWith("node:"));
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter(({ from, erased }) =>
      !["adapters", "zeromqjs"].includes(placeOf(from)!) || !erased
    ),
    [],
  );
});

test("the boundary to the runtimes is types, of which nothing is left but who encodes text", () => {
  const kept = IMPORTS.filter(({ to, erased }) =>
    placeOf(to) === "runtime" && !erased
  );
  assert.deepEqual([...new Set(kept.map(({ to }) => to))], [
    "src/runtime/encoding.ts",
  ]);
});

test("every form of an import is seen, and none in a comment", () => {
  const seen = importsOf(
    "src/zmtp/a.ts",
    `import a, { b } from "../base/b.ts";
import type { C } from './c.ts';
import {
  type D,
} from "d";
import "node:fs";
export * from "../sockets/e.ts";
export type * from "f";
export { g };
// import "no";
/** import "no" */
const from = "no";
await import("h"); require("i"); import(from);
`,
  );
  assert.deepEqual(
    seen.map(({ to, erased }) => erased ? `type ${to}` : to),
    [
      "src/base/b.ts",
      "type src/zmtp/c.ts",
      "d",
      "node:fs",
      "src/sockets/e.ts",
      "type f",
      "h",
      "(computed)",
      "(require)",
    ],
  );
  assert.deepEqual(
    cycleIn(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])),
    ["b", "c", "b"],
  );
});
