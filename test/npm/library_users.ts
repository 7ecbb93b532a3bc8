// Tries the package of the library as its users would: installed in an empty project,
// imported and required on every runtime, type-checked, bundled, compiled.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { BUDGETS } from "../support/budgets.ts";
import { VERSIONS } from "../support/versions.ts";
import { bundled, mustFit } from "./bundled.ts";
import {
  adds,
  BUN,
  files,
  type Manifest,
  must,
  NODE,
  ok,
  OLD_NODE,
  run,
  runs,
} from "./commands.ts";
import { migrates } from "./migrating.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NAMES = "{ Pull, Push, Reply, Request, text, ZmqError }";

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

/** Tries the package, in a folder of its own in `scratch`. */
export function tryLibrary(tarball: string, scratch: string): void {
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
  bundles(user, scratch);
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

/** Has the types checked by somebody who is strict. */
function types(user: string, exported: Manifest["exports"]): void {
  const from = readFileSync(join(ROOT, "mod.ts"), "utf8");
  const example = /@example\n \* ```ts\n([\s\S]*?) \* ```/.exec(from)![1]
    .replaceAll(/^ \* ?/gm, "");
  writeFileSync(join(user, "types.mts"), example);
  writeFileSync(
    join(user, "testing.mts"),
    `import { Context, type Pull, Push, type Server } from "@nought/zeromq";
import { SimulatedWorld } from "@nought/zeromq/testing";
// @ts-expect-error A Push receives nothing.
new Push().receive();
// @ts-expect-error There is no such option.
new Push({ sendHighWatermark: 1 });
// What comes is taken by whatever takes bytes.
export async function taken(pull: Pull, server: Server): Promise<unknown[]> {
  const [frame] = await pull.receive();
  const [peer, body] = await server.receive();
  await server.send([peer, frame]);
  return [
    new Response(frame),
    new Blob([body]),
    await crypto.subtle.digest("SHA-256", frame),
  ];
}
new Push({ curveServerKey: new Uint8Array(32) }).curvePublicKey = frame32;
declare const frame32: Uint8Array;
console.log(SimulatedWorld, new Context());
`,
  );
  adds(
    user,
    `typescript@${VERSIONS.typescript}`,
    `oldest@npm:typescript@${VERSIONS.oldestTypescript}`,
    `@types/node@${VERSIONS.nodeTypes}`,
  );
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
  writeFileSync(
    join(user, "oldest.ts"),
    `import { Pull } from "@nought/zeromq";
import { background } from "@nought/zeromq/background";
export const pull = new Pull();
console.log(background);
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
    oldest: {
      ...{ module: "esnext", moduleResolution: "bundler", target: "es2022" },
      lib: ["es2022", "dom", "esnext.disposable"],
      ...{ types: [], files: ["oldest.ts"] },
    },
  };
  for (
    const [name, { files, ...compilerOptions }] of Object.entries(settings)
  ) {
    const file = `tsconfig.${name}.json`;
    const text = { compilerOptions: { ...strict, ...compilerOptions }, files };
    writeFileSync(join(user, file), JSON.stringify(text));
    if (name === "oldest") {
      run(user, "node", ["node_modules/oldest/bin/tsc", "-p", file]);
    } else run(user, "npx", ["tsc", "-p", file]);
  }
  ok(
    "tsc takes its types, strictly: with new resolution, old, in a page, and the oldest tsc",
  );
}

/** Bundles it with whatever people bundle with, and runs what comes out. */
function bundles(user: string, scratch: string): void {
  adds(
    user,
    ...(["esbuild", "rolldown", "webpack"] as const)
      .map((name) => `${name}@${VERSIONS[name]}`),
  );
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
    bundled(user, 'import "@nought/zeromq";').bytes < 100,
    "an import that uses nothing leaves nothing in a bundle",
  );
  const size = (what: string) => bundled(user, `export ${what};`);
  mustFit(
    "all of it",
    size('* from "@nought/zeromq"'),
    BUDGETS.mainEntryMinified,
  );
  mustFit(
    "one socket of it",
    size('{ Push } from "@nought/zeromq"'),
    BUDGETS.oneSocketMinified,
  );
  mustFit(
    "all of it for browsers",
    size('* from "@nought/zeromq/browser"'),
    BUDGETS.browserMinified,
  );
  mustFit(
    "a page with one socket",
    size('{ Subscriber } from "@nought/zeromq/browser"'),
    BUDGETS.pageMinified,
  );
}
