// Builds the npm packages from what `deno pack` makes, into .build/: the library,
// and the drop-in for zeromq.js alone, which can be installed as `zeromq`.
//
//     deno task npm-build            builds
//     deno task npm-build --into DIR does so elsewhere
//     deno task npm-build --check    and tries it as its users would: installed
//                                    in an empty project, imported and required
//                                    on every runtime, bundled, type-checked;
//                                    programs of zeromq.js run with it
//
// The modules become one file an entry, so that a program loads in one go;
// comments stay in the types, where editors look. package.json gets what
// bundlers and npm want to know.

import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { esbuild, IMPORT, loadedWith } from "./test/npm/bundled.ts";
import { files, type Manifest, must, run, say } from "./test/npm/commands.ts";
import { tryDropIn } from "./test/npm/drop_in_users.ts";
import { tryLibrary } from "./test/npm/library_users.ts";
import { BUDGETS } from "./test/support/budgets.ts";

const ROOT = fileURLToPath(new URL("./", import.meta.url));
const { values: told } = parseArgs({
  options: { check: { type: "boolean" }, into: { type: "string" } },
});
const BUILD = told.into ?? join(ROOT, ".build");

/** Entries of the drop-in's own package, and where they are in the library. */
const DROP_IN = {
  "index": "zeromqjs",
  "draft": "draft",
  "v5-compat": "v5_compat",
} as const;

/** How long lines are, about. */
const LINES = "--line-limit=240";

const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';

/** Modules whose types say nothing to a user. */
const INTERNAL =
  /^src\/(crypto|endpoints|mechanisms|patterns|pgm|routing|threads|transports|zmtp|zws)\/|^src\/sockets\/(core|gatekeeper|zap)\b/;

const scratch = mkdtempSync(join(tmpdir(), "nought-npm-"));
try {
  if (told.into === undefined) {
    rmSync(BUILD, { recursive: true, force: true });
  }
  mkdirSync(BUILD, { recursive: true });
  const raw = join(scratch, "raw.tgz");
  run(ROOT, process.execPath, [
    ...["pack", "--quiet", "--allow-dirty", "--no-source-maps", "-o", raw],
  ]);
  const tarball = buildLibrary(unpack(raw, "library"));
  const dropIn = buildDropIn(unpack(raw, "drop-in"));
  if (told.check) {
    tryLibrary(tarball, scratch);
    tryDropIn(dropIn, scratch);
  }
} finally {
  rmSync(scratch, { recursive: true });
}

/** Unpacks what `deno pack` made. */
function unpack(raw: string, name: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  run(folder, "tar", ["-xzf", raw]);
  return join(folder, "package");
}

/** Makes the package of the library and returns its path. */
function buildLibrary(folder: string): string {
  const manifest = manifestOf(folder);
  const entries = Object.values(manifest.exports);
  bundleEntries(
    folder,
    entries.map((e) => e.default),
    manifest.exports["."].default,
    manifest.exports["./browser"].default,
  );
  hideInternals(folder, entries.map((e) => e.types));
  return pack(folder, {
    ...manifest,
    description: "ZeroMQ in pure TypeScript, for Deno, Bun and Node",
    keywords: ["zeromq", "zmq", "0mq", "zmtp", "messaging", "sockets"],
  }, BUDGETS.npmPackage);
}

/**
 * Makes the package of the drop-in alone and returns its path. It is CommonJS, as
 * zeromq.js is, so that whatever loads that loads it too, such as Jest.
 */
function buildDropIn(folder: string): string {
  const manifest = manifestOf(folder);
  const exports: Manifest["exports"] = {};
  const all = Object.values(DROP_IN)
    .map((file) => `export * as ${file} from "./src/zeromqjs/${file}.js";`);
  writeFileSync(join(folder, "all.js"), all.join("\n"));
  bundleEntries(folder, ["./all.js"], "./all.js");
  const core = "./shared/core.cjs";
  joinWhole(folder, "all.js", core);
  const loaded = createRequire(join(folder, "index.js"))(core);
  for (const [name, file] of Object.entries(DROP_IN)) {
    const { default: whole, ...parts } = loaded[file];
    writeFileSync(
      join(folder, `${name}.js`),
      [
        '"use strict";',
        'Object.defineProperty(exports, "__esModule", { value: true });',
        `const { ${file} } = require("${core}");`,
        // One by one, so that those who import see the names without running it.
        ...Object.keys(parts).map((key) => `exports.${key} = ${file}.${key};`),
        ...whole === undefined ? [] : ["exports.default = exports;"],
        "",
      ].join("\n"),
    );
    // Where tools that don't know "exports" look for subpaths.
    const from = `from "./src/zeromqjs/${file}.js";\n`;
    writeFileSync(
      join(folder, `${name}.d.ts`),
      `export * ${from}${
        whole === undefined ? "" : `export { default } ${from}`
      }`,
    );
    const where = { types: `./${name}.d.ts`, default: `./${name}.js` };
    // Modules import zeromq.js by file names, as it says no exports.
    const paths = name === "index"
      ? [".", "./index.js", "./lib", "./lib/index.js"]
      : [`./${name}`, `./${name}.js`];
    for (const path of paths) exports[path] = where;
  }
  hideInternals(folder, Object.keys(DROP_IN).map((name) => `./${name}.d.ts`));
  return pack(folder, {
    ...manifest,
    name: "@nought/zeromqjs",
    description: "The API of zeromq.js 6 without native code",
    keywords: ["zeromq", "zeromq.js", "zmq", "0mq", "zmtp"],
    type: "commonjs",
    main: "./index.js",
    types: "./index.d.ts",
    exports,
  }, BUDGETS.dropInPackage);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** Packs a folder and returns the package's path. */
function pack(folder: string, manifest: Manifest, budget: number): string {
  for (const file of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    copyFileSync(join(ROOT, file), join(folder, file));
  }
  const worker = manifest.exports["./background/worker"];
  const typesOf: Record<string, string[]> = {};
  for (const [name, { types }] of Object.entries(manifest.exports)) {
    if (name !== ".") typesOf[name.slice("./".length)] = [types];
    // What `using` takes, for programs whose own `lib` is older.
    const path = join(folder, types);
    const text = readFileSync(path, "utf8");
    const empty = /^export /m.test(text) ? "" : "export {};\n";
    writeFileSync(path, DISPOSABLE + text + empty);
  }
  const whole = {
    ...manifest,
    // Tools ask for it by name.
    exports: { ...manifest.exports, "./package.json": "./package.json" },
    // For compilers that don't know "exports".
    typesVersions: { "*": typesOf },
    // Bundlers leave out what is only imported, but for what a thread runs.
    sideEffects: worker === undefined ? false : [worker.default],
    engines: { node: ">=22.12" },
  };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify(whole, null, 2) + "\n",
  );
  const code = files(folder).filter((file) => /\.c?js$/.test(file));
  must(
    code.every((file) =>
      readFileSync(join(folder, file), "utf8").split("\n")
        .every((line) => line.length < 1000)
    ),
    "no line of code is long: what Node prints of an error can be read",
  );
  const tarball = run(folder, "npm", [
    ...["pack", "--silent", "--pack-destination", BUILD],
  ]);
  const size = statSync(join(BUILD, tarball)).size;
  say(`${tarball}, ${size} bytes`);
  must(size < budget, `it is below ${budget} bytes`);
  return join(BUILD, tarball);
}

/**
 * Replaces the modules by few files, as each costs a millisecond when a program starts:
 * one for the main entry and all it takes, one for each other entry, and one for each
 * part that is loaded later. Pages get files of their own.
 */
function bundleEntries(
  folder: string,
  entries: string[],
  main: string,
  page?: string,
): void {
  const modules = files(folder).filter((file) => file.endsWith(".js"));
  nameClasses(folder, modules);
  const out = mkdtempSync(join(scratch, "bundled-"));
  bundle(folder, out, entries.filter((entry) => entry !== page));
  joinChunks(out, main, "core.js");
  if (page !== undefined) bundlePage(folder, out, page);
  for (const module of modules) rmSync(join(folder, module));
  cpSync(out, folder, { recursive: true });
}

/** Makes files of the entry for pages. With a second one of the same, all of it is shared. */
function bundlePage(folder: string, into: string, page: string): void {
  const out = mkdtempSync(join(scratch, "page-"));
  writeFileSync(join(folder, "second.js"), `export * from "${page}";`);
  bundle(folder, out, [page, "./second.js"]);
  for (const made of [folder, out]) rmSync(join(made, "second.js"));
  joinChunks(out, page, "page.js");
  cpSync(out, into, { recursive: true });
}

/**
 * Bundles entries with what they share. Lines end somewhere, as Node shows the whole
 * line that an error came from.
 */
function bundle(folder: string, out: string, entries: string[]): void {
  esbuild(folder, [
    LINES,
    ...["--splitting", "--chunk-names=shared/[hash]"],
    ...[`--outdir=${out}`, "--outbase=.", ...entries],
  ]);
}

/** Makes one file of the chunks that an entry can't do without; whoever took them takes that. */
function joinChunks(out: string, entry: string, name: string): void {
  const textOf = (file: string) => readFileSync(join(out, file), "utf8");
  const [, ...chunks] = loadedWith(out, join(entry));
  // Each gives its names under one of its own, as two may have the same.
  const core = join("shared", name);
  const lines: string[] = [];
  const later = new Set<string>();
  for (const [i, chunk] of chunks.entries()) {
    const text = textOf(chunk);
    for (const [, to] of text.matchAll(/import\("([^"]+)"\)/g)) later.add(to);
    const [, names] = /export\{([^{}]*)\};\s*$/.exec(text) ?? ["", ""];
    const given = names.match(/[$\w]+(?=\s*(?:,|$))/g) ?? [];
    const list = given.map((name) => `${name} as _${i}${name}`);
    lines.push(`export{${list.join()}}from"./${basename(chunk)}";`);
  }
  writeFileSync(join(out, "shared", "all.js"), lines.join("\n"));
  esbuild(out, [
    ...[LINES, `--outfile=${core}`, "shared/all.js"],
    ...[...later].map((file) => `--external:${file}`),
  ]);
  for (const file of [...chunks, join("shared", "all.js")]) {
    rmSync(join(out, file));
  }
  for (const file of files(out)) {
    if (file === core) continue;
    const taken: string[] = [];
    const rest = textOf(file).replace(IMPORT, (whole, names, to) => {
      const i = chunks.indexOf(join(file, "..", to));
      if (i < 0) return whole;
      if (names === undefined) return "";
      taken.push(
        names.replace(
          /([$\w]+)( as [$\w]+)?/g,
          (_: string, name: string, as = ` as ${name}`) => `_${i}${name}${as}`,
        ),
      );
      return "";
    });
    const back = relative(dirname(file), core).replaceAll("\\", "/");
    const from = back.startsWith(".") ? back : `./${back}`;
    const front = taken.length > 0
      ? `import{${taken.join()}}from"${from}";`
      : "";
    writeFileSync(join(out, file), front + rest);
  }
}

/** Makes one file of CommonJS of an entry and all it takes, what else would load later too. */
function joinWhole(folder: string, entry: string, out: string): void {
  const modules = files(folder).filter((file) => file.endsWith(".js"));
  for (const module of modules) {
    const path = join(folder, module);
    const later: string[] = [];
    const text = readFileSync(path, "utf8").replace(
      /import\("([^"]+)"\)/g,
      (_, to) => `Promise.resolve(later${later.push(to) - 1})`,
    );
    const imports = later.map((to, i) => `import * as later${i} from "${to}";`);
    writeFileSync(path, imports.join("") + text);
  }
  esbuild(folder, [LINES, "--format=cjs", `--outfile=${out}`, entry]);
  for (const module of modules) rmSync(join(folder, module));
}

/** Classes that users see keep their names, by which sockets and errors are printed. */
function nameClasses(folder: string, modules: string[]): void {
  for (const module of modules) {
    if (INTERNAL.test(module) || module.startsWith("adapters")) continue;
    const path = join(folder, module);
    const text = readFileSync(path, "utf8");
    const named = text.replace(
      /^(?:.*\*\/ )?export (?:abstract )?class ([$\w]+)[^{]*\{/gm,
      (head, name) => `${head} static name = "${name}";`,
    );
    if (named !== text) writeFileSync(path, named);
  }
}

/**
 * Keeps the types that the entries' types lead to. Those of internal modules are
 * made opaque, and end the way.
 */
function hideInternals(folder: string, entries: string[]): void {
  const kept = new Set<string>();
  const opaque = new Map<string, Set<string>>();
  const ahead = entries.map((entry) => join(entry));
  for (let file = ahead.pop(); file !== undefined; file = ahead.pop()) {
    if (kept.has(file)) continue;
    kept.add(file);
    const text = readFileSync(join(folder, file), "utf8");
    for (
      const [, names, specifier] of text.matchAll(
        /(?:import|export)\s+(?:type\s+)?(\{[^}]*\}|\*)\s+from\s+"(\.[^"]+)"/g,
      )
    ) {
      const to = join(file, "..", specifier.replace(/\.js$/, ".d.ts"));
      if (!INTERNAL.test(to)) {
        ahead.push(to);
        continue;
      }
      const all = opaque.get(to) ?? new Set();
      opaque.set(to, all);
      for (const name of names.replace(/[{}]/g, "").split(",")) {
        all.add(name.trim().replace(/^type /, "").split(" as ")[0]);
      }
    }
  }
  for (const file of files(folder)) {
    if (!file.endsWith(".d.ts") || kept.has(file)) continue;
    const names = opaque.get(file);
    if (names === undefined) rmSync(join(folder, file));
    else {
      const lines = [...names].map((name) => `export interface ${name} {}\n`);
      writeFileSync(join(folder, file), lines.join(""));
    }
  }
}
