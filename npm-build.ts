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

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
import { BUDGETS } from "./test/support/budgets.ts";
import { VERSIONS } from "./test/support/versions.ts";

/** A program that uses entries which bring modules of their own along. */
const EXTRAS = `
import { Context, Pull, Push, text } from "@nought/zeromq";
import { background, bindSync, receiveSync, sendSync } from
  "@nought/zeromq/background";
import { swap } from "@nought/zeromq/swap";

const context = new Context({ background });
const pull = new Pull({ context });
const push = new Push({ context });
bindSync(pull, "tcp://127.0.0.1:*");
push.connect(pull.lastEndpoint);
sendSync(push, "a");
const [frame] = receiveSync(pull);
await context.terminate();

const spilling = new Push({
  context: new Context({ swap }),
  sendHighWaterMark: 1,
  swapSize: 1e6,
});
spilling.connect("tcp://127.0.0.1:1");
await spilling.send("b");
await spilling.send("c");
const { swapped } = spilling.stats();
await spilling.closeAsync({ linger: 0 });
console.log(text(frame) === "a" && swapped === 1 ? "done" : swapped);
`;

/** A program for a bundle: its threads run a file of their own, THREAD. */
const THREADED = `
import { Worker } from "node:worker_threads";
import { Context, curveKeyPair, Pull, Push, text } from "@nought/zeromq";
import { backgroundBy } from "@nought/zeromq/background";

const background = backgroundBy((options) =>
  new Worker(new URL("./thread.mjs", import.meta.url), options)
);
const context = new Context({ background });
const { publicKey, secretKey } = curveKeyPair();
const pull = new Pull({ context, curveServer: true, curveSecretKey: secretKey });
const push = new Push({ context, curveServerKey: publicKey });
await pull.bind("tcp://127.0.0.1:*");
push.connect(pull.lastEndpoint);
await push.send("done");
console.log(text((await pull.receive())[0]));
await context.terminate();
`;
const THREAD = 'import "@nought/zeromq/background/worker";';
/** A program that, as a bundle in CommonJS, can't have threads that way. */
const UNTHREADED = `
import { Context, Pull } from "@nought/zeromq";
import { background } from "@nought/zeromq/background";

const pull = new Pull({ context: new Context({ background }) });
pull.bind("tcp://127.0.0.1:*").catch(({ message }) => {
  console.log(message.includes("use backgroundBy") ? "done" : message);
});
`;

const ROOT = fileURLToPath(new URL("./", import.meta.url));
const { values: told } = parseArgs({
  options: { check: { type: "boolean" }, into: { type: "string" } },
});
const BUILD = told.into ?? join(ROOT, ".build");
const NODE = `node@${VERSIONS.node}`;
const OLD_NODE = `node@${VERSIONS.oldestNode}`;
const BUN = `bun@${VERSIONS.bun}`;
const NAMES = "{ Pull, Push, Reply, Request, text, ZmqError }";

interface Manifest {
  name: string;
  version: string;
  exports: Record<
    string,
    { types: string; default: string }
  >;
  dependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  [key: string]: unknown;
}

/** Entries of the drop-in's own package, and where they are in the library. */
const DROP_IN = {
  "index": "zeromqjs",
  "draft": "draft",
  "v5-compat": "v5_compat",
} as const;

const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';

/** What esbuild makes of imports. */
const IMPORT = /import(?:\{([^{}]*)\}from)?"(\.[^"]+)";/g;

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
    check(tarball);
    checkDropIn(dropIn);
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
  joinWhole(folder, "all.js", join("shared", "core.cjs"));
  const path = join(folder, "shared", "core.cjs");
  const loaded = createRequire(path)(path);
  for (const [name, file] of Object.entries(DROP_IN)) {
    const names = Object.keys(loaded[file]).filter((key) => key !== "default");
    writeFileSync(
      join(folder, `${name}.js`),
      [
        '"use strict";',
        'Object.defineProperty(exports, "__esModule", { value: true });',
        `const { ${file} } = require("./shared/core.cjs");`,
        // One by one, so that those who import see the names without running it.
        ...names.map((key) => `exports.${key} = ${file}.${key};`),
        ...file === "draft" ? [] : ["exports.default = exports;"],
        "",
      ].join("\n"),
    );
    // Where tools that don't know "exports" look for subpaths.
    const text = `export * from "./src/zeromqjs/${file}.js";
export { default } from "./src/zeromqjs/${file}.js";
`;
    const whole = file === "draft" ? text.split("\n")[0] + "\n" : text;
    writeFileSync(join(folder, `${name}.d.ts`), whole);
    exports[name === "index" ? "." : `./${name}`] = {
      types: `./${name}.d.ts`,
      default: `./${name}.js`,
    };
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
  const out = mkdtempSync(join(scratch, "bundled-"));
  bundle(folder, out, entries.filter((entry) => entry !== page));
  joinChunks(out, main);
  if (page !== undefined) bundle(folder, out, [page]);
  for (const module of modules) rmSync(join(folder, module));
  cpSync(out, folder, { recursive: true });
}

/** Bundles entries with what they share. */
function bundle(folder: string, out: string, entries: string[]): void {
  esbuild(folder, [
    // Names stay, as they show in stacks and where sockets are printed.
    ...["--splitting", "--keep-names", "--chunk-names=shared/[hash]"],
    ...[`--outdir=${out}`, "--outbase=.", ...entries],
  ]);
  for (const file of files(out)) {
    const path = join(out, file);
    writeFileSync(path, withPlainNames(readFileSync(path, "utf8")));
  }
}

function esbuild(folder: string, args: string[]): void {
  run(folder, "npx", [
    ...["-y", `esbuild@${VERSIONS.esbuild}`, "--log-level=warning"],
    ...["--bundle", "--format=esm", "--platform=neutral", "--minify"],
    ...["--target=es2024", "--charset=utf8", ...args],
  ]);
}

/** A file of a bundle, and all that loads with it at once. */
function loadedWith(out: string, entry: string): string[] {
  const loaded = [entry];
  for (const file of loaded) {
    const text = readFileSync(join(out, file), "utf8");
    for (const [, , to] of text.matchAll(IMPORT)) {
      const other = join(file, "..", to);
      if (!loaded.includes(other)) loaded.push(other);
    }
  }
  return loaded;
}

/** Makes one file of the chunks that an entry can't do without; whoever took them takes that. */
function joinChunks(out: string, entry: string): void {
  const textOf = (file: string) => readFileSync(join(out, file), "utf8");
  const [, ...chunks] = loadedWith(out, join(entry));
  // Each gives its names under one of its own, as two may have the same.
  const core = join("shared", "core.js");
  const lines: string[] = [];
  const later = new Set<string>();
  for (const [i, chunk] of chunks.entries()) {
    const text = textOf(chunk);
    for (const [, to] of text.matchAll(/import\("([^"]+)"\)/g)) later.add(to);
    const [, names] = /export\{([^{}]*)\};\s*$/.exec(text) ?? ["", ""];
    const given = names.replace(/[$\w]+ as /g, "");
    const list = given.split(",").map((name) => `${name} as _${i}${name}`);
    lines.push(`export{${list.join()}}from"./${basename(chunk)}";`);
  }
  writeFileSync(join(out, "shared", "all.js"), lines.join("\n"));
  esbuild(out, [
    ...[`--outfile=${core}`, "shared/all.js"],
    ...[...later].map((file) => `--external:${file}`),
  ]);
  writeFileSync(join(out, core), withPlainNames(textOf(core)));
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
  esbuild(folder, ["--format=cjs", `--outfile=${out}`, entry]);
  for (const module of modules) rmSync(join(folder, module));
}

/**
 * Classes keep their names, as they are printed with sockets and errors, in a way that
 * other bundlers know to have no effect; those of functions, which esbuild sets by a call
 * behind each, are not worth their bytes.
 */
function withPlainNames(code: string): string {
  const [, inClass] = /static\{([$\w]+)\(this,"/.exec(code) ?? [];
  // Where esbuild's helper itself is.
  const [, helper] =
    /([$\w]+)=\(([$\w]+),([$\w]+)\)=>[$\w]+\(\2,"name",\{value:\3,configurable:!0\}\)/
      .exec(code) ?? [];
  const namer = helper ?? inClass;
  if (namer === undefined) return code;
  const name = namer.replace(/\$/g, "\\$");
  const named = '[$\\w]+,"[$\\w]+"';
  return code
    .replace(
      new RegExp(`static\\{${name}\\(this,("[$\\w]+")\\);?\\}`, "g"),
      "static name=$1;",
    )
    .replace(new RegExp(`\\}${name}\\(${named}\\);`, "g"), "}");
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

/** A program that uses the package; it ends with "done" if all is well. */
function program(imports: string): string {
  return `${imports}
async function main() {
  const pull = new Pull();
  const push = new Push();
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint);
  await push.send(["a", "b"]);
  const frames = (await pull.receive()).map(text);
  push.close();
  pull.close();

  const reply = new Reply();
  const request = new Request();
  await reply.bind("inproc://echo");
  request.connect("inproc://echo");
  const answer = request.request("c", { timeout: 5000 });
  await reply.send(await reply.receive());
  frames.push(text((await answer)[0]));
  request.close();
  reply.close();

  try {
    push.connect("tcp://127.0.0.1:1");
  } catch (error) {
    if (error instanceof ZmqError && error.code === "EBADF") frames.push("d");
  }
  console.log(frames.join("") === "abcd" ? "done" : frames);
}
main();
`;
}

/** Tries the package as its users would. */
function check(tarball: string): void {
  const user = join(scratch, "user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), "{}");
  run(user, "npm", ["install", "--no-audit", "--no-fund", tarball]);
  const installed = join(user, "node_modules", "@nought", "zeromq");
  const manifest: Manifest = JSON.parse(
    readFileSync(join(installed, "package.json"), "utf8"),
  );
  const all = readdirSync(join(user, "node_modules"))
    .filter((name) => !name.startsWith("."));
  must(
    all.join() === "@nought" && manifest.dependencies === undefined,
    "it brings no other package",
  );
  must(manifest.scripts === undefined, "it runs nothing when installed");
  must(
    files(installed).every((file) => !file.endsWith(".map")),
    "it holds no source map",
  );

  const asked = createRequire(join(user, "use.cjs"));
  must(
    asked("@nought/zeromq/package.json").version === manifest.version,
    "tools can ask for its package.json",
  );

  const esm = program(`import ${NAMES} from "@nought/zeromq";`);
  const cjs = program(`const ${NAMES} = require("@nought/zeromq");`);
  writeFileSync(join(user, "use.mjs"), esm);
  writeFileSync(join(user, "use.cjs"), cjs);
  for (const runtime of [OLD_NODE, NODE, BUN]) {
    runs(user, runtime, ["use.mjs"], `${runtime} imports it`);
    runs(user, runtime, ["use.cjs"], `${runtime} requires it`);
  }
  const deno = ["run", "--no-prompt", "--allow-net"];
  const said = run(user, process.execPath, [...deno, "use.mjs"]);
  must(said === "done", "deno imports it, with --allow-net alone", said);

  writeFileSync(join(user, "extras.mjs"), EXTRAS);
  for (const runtime of [NODE, BUN]) {
    runs(
      user,
      runtime,
      ["extras.mjs"],
      `${runtime} runs background threads, and swaps`,
    );
  }
  const extras = run(user, process.execPath, ["run", "-A", "extras.mjs"]);
  must(extras === "done", "deno runs background threads, and swaps", extras);

  migrates(user, "@nought/zeromq/zeromqjs", "@nought/zeromq/v5-compat");
  types(user, manifest.exports);
  bundles(user, esm);
}

/** Tries the drop-in as somebody would who installs it in place of zeromq.js. */
function checkDropIn(tarball: string): void {
  const user = join(scratch, "drop-in-user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), "{}");
  run(user, "npm", [
    ...["install", "--no-audit", "--no-fund", `zeromq@file:${tarball}`],
  ]);
  migrates(user, "zeromq", "zeromq/v5-compat");
  run(user, "npm", [
    ...["install", "--no-audit", "--no-fund", "--no-save"],
    `jest@${VERSIONS.jest}`,
  ]);
  writeFileSync(join(user, "some.test.js"), migratedTest());
  run(user, "npx", ["-y", NODE, join("node_modules", ".bin", "jest")]);
  ok("tests in Jest require it");
  writeFileSync(join(user, "types.mts"), migratedTypes("* as zmq"));
  writeFileSync(join(user, "default.mts"), migratedTypes("zmq"));
  writeFileSync(join(user, "old.ts"), migratedTypes("* as zmq"));
  run(user, "npm", [
    ...["install", "--no-audit", "--no-fund", "--no-save"],
    `typescript@${VERSIONS.typescript}`,
    `@types/node@${VERSIONS.nodeTypes}`,
  ]);
  const tsc = ["tsc", "--noEmit", "--strict", "--types", "node"];
  run(user, "npx", [
    ...[...tsc, "--module", "nodenext", "--target", "esnext"],
    ...["types.mts", "default.mts"],
  ]);
  run(user, "npx", [
    ...[...tsc, "--module", "commonjs", "--moduleResolution", "node10"],
    ...["--target", "es2022", "--lib", "esnext", "--esModuleInterop"],
    "old.ts",
  ]);
  ok("tsc takes a program of zeromq.js, with new and old resolution");
  const size = bundled(user, 'export * from "zeromq";');
  must(
    size < BUDGETS.dropInMinified,
    `all of it is ${size} bytes minified, below ${BUDGETS.dropInMinified}`,
  );
  must(
    bundled(user, 'import "zeromq";') < 100,
    "an import of it that uses nothing leaves nothing in a bundle",
  );
}

/** Runs programs of zeromq.js with the drop-in under these names. */
function migrates(user: string, name: string, old: string): void {
  const programs = {
    "star.mjs": migrated(`import * as zmq from "${name}";`),
    "default.mjs": migrated(`import zmq from "${name}";`),
    "required.cjs": migrated(`const zmq = require("${name}");`),
    "old.mjs": migratedOld(`import * as zmq from "${old}";`),
    "old.cjs": migratedOld(`const zmq = require("${old}");`),
  };
  for (const [file, text] of Object.entries(programs)) {
    writeFileSync(join(user, file), text);
  }
  for (const runtime of [OLD_NODE, NODE, BUN]) {
    for (const file of Object.keys(programs)) {
      runs(user, runtime, [file], `${runtime} runs ${file} with ${name}`);
    }
  }
  for (const file of Object.keys(programs)) {
    const args = ["run", "--no-prompt", "--allow-net", file];
    const said = run(user, process.execPath, args);
    must(said === "done", `deno runs ${file} with ${name}`, said);
  }
}

/** A program of zeromq.js 6. */
function migrated(imports: string): string {
  return `${imports}
async function main() {
  const reply = new zmq.Reply();
  await reply.bind("tcp://127.0.0.1:*");
  const request = new zmq.Request({ linger: 0 });
  request.connect(reply.lastEndpoint);
  await request.send(4);
  for await (const [message] of reply) {
    await reply.send(2 * parseInt(message.toString(), 10));
    break;
  }
  const [result] = await request.receive();
  request.close();
  reply.close();
  const right = Buffer.isBuffer(result) && result.toString("hex") === "38" &&
    zmq.version === "4.3.5" && request instanceof zmq.Socket;
  console.log(right ? "done" : result);
}
main();
`.replace("async function", bufferFor(imports) + "async function");
}

/** Deno has Buffer as a module only, as far as programs in ESM go. */
function bufferFor(imports: string): string {
  return imports.startsWith("import")
    ? 'import { Buffer } from "node:buffer";\n'
    : "";
}

/** A program of zeromq.js 5. */
function migratedOld(imports: string): string {
  return `${imports}
const pull = zmq.socket("pull");
const push = zmq.socket("push");
pull.on("message", (a, b) => {
  console.log(a.toString() + b === "done" ? "done" : [a, b]);
  pull.close();
  push.close();
});
pull.bind("tcp://127.0.0.1:*", () => {
  push.connect(pull.last_endpoint).send(["do", "ne"]);
});
`;
}

/** A test that Jest runs, which takes no modules. */
function migratedTest(): string {
  return `const zmq = require("zeromq");
const { default: again } = require("zeromq");
test("a message comes", async () => {
  const pull = new zmq.Pull();
  const push = new again.Push({ linger: 0 });
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint);
  await push.send([Buffer.from("a"), new Uint8Array([98])]);
  expect((await pull.receive()).join("")).toBe("ab");
  pull.close();
  push.close();
});
`;
}

/** A program of zeromq.js 6 with types. */
function migratedTypes(names: string): string {
  return `import ${names} from "zeromq";
import type { MessageLike, SocketOptions } from "zeromq";
import { Server } from "zeromq/draft";
import { socket } from "zeromq/v5-compat";

class Queue<T extends MessageLike | MessageLike[]> {
  queue: T[] = [];
  socket: zmq.Dealer;
  constructor(socket: zmq.Dealer) {
    this.socket = socket;
  }
}
const options: SocketOptions<zmq.Router> = { mandatory: true, linger: 0 };
const router = new zmq.Router(options);
// @ts-expect-error It can't be set.
const wrong: SocketOptions<zmq.Router> = { lastEndpoint: "" };
// @ts-expect-error There is no such option.
new zmq.Push({ sendHighWatermark: 1 });
// @ts-expect-error A Push receives nothing.
new zmq.Push().receive();
const readable: zmq.Readable = router;
const writable: zmq.Writable = router;
router.events.on("bind:error", ({ error }) => error.code.length);
export async function main(): Promise<string> {
  await router.send(["id", null, 1, Buffer.from("x")]);
  const [id, ...rest] = await router.receive();
  for await (const [part] of router) part.readUInt8(rest.length);
  new Server().send("x", { routingId: 1 });
  socket("pull").on("message", (a) => a.length).bind("tcp://127.0.0.1:*");
  router.connect("tcp://127.0.0.1:1", { routingId: "x" });
  return id.toString("hex");
}
export { Queue, readable, writable, wrong };
`;
}

/** Has the types checked by somebody who is strict. */
function types(user: string, exported: Manifest["exports"]): void {
  const from = readFileSync(join(ROOT, "mod.ts"), "utf8");
  const example = /@example\n \* ```ts\n([\s\S]*?) \* ```/.exec(from)![1]
    .replaceAll(/^ \* ?/gm, "");
  writeFileSync(join(user, "types.mts"), example);
  writeFileSync(
    join(user, "testing.mts"),
    `import { Context, Push } from "@nought/zeromq";
import { SimulatedWorld } from "@nought/zeromq/testing";
// @ts-expect-error A Push receives nothing.
new Push().receive();
// @ts-expect-error There is no such option.
new Push({ sendHighWatermark: 1 });
console.log(SimulatedWorld, new Context());
`,
  );
  run(user, "npm", [
    ...["install", "--no-audit", "--no-fund", "--no-save"],
    `typescript@${VERSIONS.typescript}`,
    `@types/node@${VERSIONS.nodeTypes}`,
  ]);
  const subpaths = Object.keys(exported)
    .filter((name) => name !== "." && !name.endsWith(".json"));
  writeFileSync(
    join(user, "subpaths.ts"),
    subpaths.map((name, i) =>
      `import * as n${i} from "@nought/zeromq${name.slice(1)}";\n`
    ).join("") + `export const all = [${subpaths.map((_, i) => `n${i}`)}];\n`,
  );
  writeFileSync(
    join(user, "page.ts"),
    `import { Subscriber, text } from "@nought/zeromq/browser";
export async function main(): Promise<void> {
  const subscriber = new Subscriber({ receiveTimeout: 5 });
  subscriber.connect("ws://127.0.0.1:5599");
  for await (const [frame] of subscriber) document.title = text(frame);
}
`,
  );
  const strict = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
  };
  const settings = {
    new: {
      ...{ module: "nodenext", target: "esnext", types: ["node"] },
      files: ["types.mts", "testing.mts"],
    },
    old: {
      ...{ module: "commonjs", moduleResolution: "node10", target: "es2022" },
      ...{ types: ["node"], files: ["subpaths.ts"] },
    },
    page: {
      ...{ module: "esnext", moduleResolution: "bundler", target: "es2022" },
      ...{ lib: ["es2022", "dom"], types: [], files: ["page.ts"] },
    },
  };
  for (
    const [name, { files, ...compilerOptions }] of Object.entries(settings)
  ) {
    const file = `tsconfig.${name}.json`;
    const text = { compilerOptions: { ...strict, ...compilerOptions }, files };
    writeFileSync(join(user, file), JSON.stringify(text));
    run(user, "npx", ["tsc", "-p", file]);
  }
  ok(
    "tsc takes its types, strictly: with new resolution, old, and in a page",
  );
}

/** Bundles it with whatever people bundle with, and runs what comes out. */
function bundles(user: string, esm: string): void {
  run(user, "npm", [
    ...["install", "--no-audit", "--no-fund", "--no-save"],
    ...(["esbuild", "rolldown", "webpack"] as const)
      .map((name) => `${name}@${VERSIONS[name]}`),
  ]);
  writeFileSync(
    join(user, "webpack.mjs"),
    `import webpack from "webpack";
webpack({
  mode: "production",
  target: "node",
  entry: "./use.mjs",
  output: { path: import.meta.dirname, filename: "webpack.cjs" },
}, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) {
    console.error(error ?? stats.toString());
    process.exitCode = 1;
  }
});
`,
  );
  run(user, "npx", [
    ...["esbuild", "use.mjs", "--bundle", "--platform=node", "--minify"],
    ...["--format=cjs", "--outfile=esbuild.cjs", "--log-level=warning"],
  ]);
  // CURVE becomes a file of its own.
  run(user, "npx", ["rolldown", "use.mjs", "--dir", "rolldown"]);
  run(user, "node", ["webpack.mjs"]);
  run(user, "npx", [
    ...["-y", BUN, "build", "use.mjs", "--target=node", "--minify"],
    ...["--outfile=bun.mjs"],
  ]);
  for (
    const [bundler, file] of [
      ["esbuild", "esbuild.cjs"],
      ["rolldown", "rolldown/use.js"],
      ["webpack", "webpack.cjs"],
      ["bun", "bun.mjs"],
    ]
  ) {
    runs(user, NODE, [file], `a bundle by ${bundler} runs`);
  }
  writeFileSync(join(user, "threaded.mjs"), THREADED);
  writeFileSync(join(user, "thread.mjs"), THREAD);
  run(user, "npx", [
    ...["esbuild", "threaded.mjs", "thread.mjs", "--bundle", "--splitting"],
    ...["--platform=node", "--format=esm", "--out-extension:.js=.mjs"],
    ...["--outdir=threaded", "--log-level=warning"],
  ]);
  runs(user, NODE, ["threaded/threaded.mjs"], "and one with threads, too");
  writeFileSync(join(user, "unthreaded.mjs"), UNTHREADED);
  run(user, "npx", [
    ...["esbuild", "unthreaded.mjs", "--bundle", "--platform=node"],
    // What it warns of is what is tried.
    ...["--format=cjs", "--outfile=unthreaded.cjs", "--log-level=error"],
  ]);
  runs(user, NODE, ["unthreaded.cjs"], "and one that can't says what to do");
  run(user, "npx", [
    ...["-y", BUN, "build", "--compile", "threaded.mjs", "thread.mjs"],
    ...["--outfile", "threaded.exe"],
  ]);
  const compiled = run(scratch, join(user, "threaded.exe"), []);
  must(compiled === "done", "and one file that bun compiled", compiled);

  must(
    esm.length > 0 && bundled(user, 'import "@nought/zeromq";') < 100,
    [
      "an import that uses nothing leaves nothing in a bundle",
    ].join(),
  );
  const whole = bundled(user, 'export * from "@nought/zeromq";');
  must(
    whole < BUDGETS.mainEntryMinified,
    `all of it is ${whole} bytes minified, below ${BUDGETS.mainEntryMinified}`,
  );
  const one = bundled(user, 'export { Push } from "@nought/zeromq";');
  must(
    one < BUDGETS.oneSocketMinified,
    `with one socket it is ${one} bytes, below ${BUDGETS.oneSocketMinified}`,
  );
  const browser = bundled(user, 'export * from "@nought/zeromq/browser";');
  must(
    browser < BUDGETS.browserMinified,
    `for browsers it is ${browser} bytes minified, below ${BUDGETS.browserMinified}`,
  );
  const page = bundled(
    user,
    'export { Subscriber } from "@nought/zeromq/browser";',
  );
  must(
    page < BUDGETS.pageMinified,
    `for a page with one socket it is ${page} bytes, below ${BUDGETS.pageMinified}`,
  );
}

/** Bytes in a minified bundle of a module, as far as it loads at once. */
function bundled(user: string, text: string): number {
  writeFileSync(join(user, "size.mjs"), text);
  const out = join(user, "size");
  rmSync(out, { recursive: true, force: true });
  esbuild(user, [
    "--splitting",
    "--outdir=size",
    "--log-level=error",
    "size.mjs",
  ]);
  return loadedWith(out, "size.js").reduce(
    (all, file) => all + statSync(join(out, file)).size,
    0,
  );
}

function files(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => statSync(join(folder, file)).isFile());
}

function runs(
  folder: string,
  runtime: string,
  args: string[],
  what: string,
): void {
  const said = run(folder, "npx", ["-y", runtime, ...args]);
  must(said === "done", what, said);
}

/** Runs a program; what it prints, or an end to all of this if it fails. */
function run(folder: string, command: string, args: string[]): string {
  if (!existsSync(folder)) throw new Error(`There is no ${folder}`);
  try {
    return execFileSync(command, args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 300_000,
    }).trim();
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    console.error(`\n${command} ${args.join(" ")}\n${stdout}\n${stderr}`);
    throw new Error(`${command} failed`, { cause: error });
  }
}

function must(holds: boolean, what: string, instead = ""): void {
  if (!holds) throw new Error(`Not so: ${what} ${instead}`);
  ok(what);
}

function ok(what: string): void {
  say(`ok  ${what}`);
}

function say(line: string): void {
  console.log(line);
}
