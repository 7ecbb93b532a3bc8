// Builds the npm package from what `deno pack` makes, into .build/.
//
//     deno task npm-build            builds
//     deno task npm-build --check    and tries it as its users would: installed
//                                    in an empty project, imported and required
//                                    on every runtime, bundled, type-checked
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
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { BUDGETS } from "./test/support/budgets.ts";
import { VERSIONS } from "./test/support/versions.ts";

const ROOT = fileURLToPath(new URL("./", import.meta.url));
const BUILD = join(ROOT, ".build");
const NODE = `node@${VERSIONS.node}`;
const OLD_NODE = `node@${VERSIONS.oldestNode}`;
const BUN = `bun@${VERSIONS.bun}`;
const NAMES = "{ Pull, Push, Reply, Request, text, ZmqError }";

interface Manifest {
  name: string;
  version: string;
  exports: Record<string, { types: string; import: string }>;
  dependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  [key: string]: unknown;
}

const scratch = mkdtempSync(join(tmpdir(), "nought-npm-"));
try {
  const tarball = build();
  if (process.argv.includes("--check")) check(tarball);
} finally {
  rmSync(scratch, { recursive: true });
}

/** Makes the package and returns its path. */
function build(): string {
  const raw = join(scratch, "raw.tgz");
  run(ROOT, process.execPath, [
    ...["pack", "--quiet", "--allow-dirty", "--no-source-maps", "-o", raw],
  ]);
  run(scratch, "tar", ["-xzf", raw]);
  const folder = join(scratch, "package");

  const path = join(folder, "package.json");
  const manifest: Manifest = JSON.parse(readFileSync(path, "utf8"));
  bundleEntries(folder, Object.values(manifest.exports).map((e) => e.import));
  for (const file of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    copyFileSync(join(ROOT, file), join(folder, file));
  }
  writeFileSync(
    path,
    JSON.stringify(
      {
        ...manifest,
        description: "ZeroMQ in pure TypeScript, for Deno, Bun and Node",
        keywords: ["zeromq", "zmq", "0mq", "zmtp", "messaging", "sockets"],
        sideEffects: false,
        engines: { node: ">=22.12" },
      },
      null,
      2,
    ) + "\n",
  );

  rmSync(BUILD, { recursive: true, force: true });
  mkdirSync(BUILD);
  run(folder, "npm", ["pack", "--silent", "--pack-destination", BUILD]);
  const [tarball] = readdirSync(BUILD);
  const size = statSync(join(BUILD, tarball)).size;
  say(`.build/${tarball}, ${size} bytes`);
  must(size < BUDGETS.npmPackage, `it is below ${BUDGETS.npmPackage} bytes`);
  return join(BUILD, tarball);
}

/** Replaces the modules by one file an entry, and one for what entries share. */
function bundleEntries(folder: string, entries: string[]): void {
  const modules = files(folder).filter((file) => file.endsWith(".js"));
  const out = join(scratch, "bundled");
  run(folder, "npx", [
    ...["-y", `esbuild@${VERSIONS.esbuild}`, "--log-level=warning"],
    ...["--bundle", "--splitting", "--format=esm", "--platform=neutral"],
    ...["--target=es2024", "--charset=utf8", "--chunk-names=shared/[hash]"],
    ...[`--outdir=${out}`, "--outbase=.", ...entries],
  ]);
  for (const module of modules) rmSync(join(folder, module));
  cpSync(out, folder, { recursive: true });
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

  types(user);
  bundles(user, esm);
}

/** Has the types checked by somebody who is strict. */
function types(user: string): void {
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
  run(user, "npx", [
    ...["tsc", "--noEmit", "--strict", "--module", "nodenext"],
    ...[
      "--target",
      "esnext",
      "--types",
      "node",
      "--exactOptionalPropertyTypes",
    ],
    ...["types.mts", "testing.mts"],
  ]);
  ok("tsc takes its types, strictly and with those of libraries checked");
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
  run(user, "npx", ["rolldown", "use.mjs", "--file", "rolldown.mjs"]);
  run(user, "node", ["webpack.mjs"]);
  run(user, "npx", [
    ...["-y", BUN, "build", "use.mjs", "--target=node", "--minify"],
    ...["--outfile=bun.mjs"],
  ]);
  for (
    const [bundler, file] of [
      ["esbuild", "esbuild.cjs"],
      ["rolldown", "rolldown.mjs"],
      ["webpack", "webpack.cjs"],
      ["bun", "bun.mjs"],
    ]
  ) {
    runs(user, NODE, [file], `a bundle by ${bundler} runs`);
  }

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
}

/** Bytes in a minified bundle of a module. */
function bundled(user: string, text: string): number {
  writeFileSync(join(user, "size.mjs"), text);
  run(user, "npx", [
    ...["esbuild", "size.mjs", "--bundle", "--format=esm", "--minify"],
    ...["--platform=neutral", "--outfile=size.out.mjs", "--log-level=error"],
  ]);
  return statSync(join(user, "size.out.mjs")).size;
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
