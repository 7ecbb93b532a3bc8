// Tries the package of the drop-in alone as somebody would who has zeromq.js.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUDGETS } from "../support/budgets.ts";
import { VERSIONS } from "../support/versions.ts";
import { bundled, mustFit } from "./bundled.ts";
import { adds, must, NODE, ok, run, runs } from "./commands.ts";
import { MIGRATED_TEST, migratedTypes, migrates } from "./migrating.ts";

/** zeromq.js says no exports, so that modules have to name its files. */
const BY_FILES = `import { createRequire } from "node:module";
import { Server } from "zeromq/draft.js";
import zmq from "zeromq/lib/index.js";
import { socket } from "zeromq/v5-compat.js";
const { Push } = createRequire(import.meta.url)("zeromq/lib");
const all = [Server, Push, socket].every((one) => typeof one === "function");
console.log(all && Push === zmq.Push ? "done" : "not all");
`;

/** Tries the drop-in as somebody would who installs it in place of zeromq.js. */
export function tryDropIn(tarball: string, scratch: string): void {
  const user = join(scratch, "drop-in-user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), "{}");
  run(user, "npm", [
    ...["install", "--no-audit", "--no-fund", `zeromq@file:${tarball}`],
  ]);
  migrates(user, "zeromq", "zeromq/v5-compat");
  writeFileSync(join(user, "files.mjs"), BY_FILES);
  runs(user, NODE, ["files.mjs"], "its files are imported by their names");
  adds(
    user,
    `jest@${VERSIONS.jest}`,
    `jest-environment-jsdom@${VERSIONS.jest}`,
  );
  writeFileSync(join(user, "some.test.js"), MIGRATED_TEST);
  const jest = ["-y", NODE, join("node_modules", ".bin", "jest"), "--env"];
  run(user, "npx", [...jest, "node"]);
  run(user, "npx", [...jest, "jsdom"]);
  ok("tests in Jest require it, in the DOM of jsdom too");
  writeFileSync(join(user, "types.mts"), migratedTypes("* as zmq"));
  writeFileSync(join(user, "default.mts"), migratedTypes("zmq"));
  writeFileSync(join(user, "old.ts"), migratedTypes("* as zmq"));
  adds(
    user,
    `typescript@${VERSIONS.typescript}`,
    `@types/node@${VERSIONS.nodeTypes}`,
  );
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
  const whole = bundled(user, 'export * from "zeromq";');
  mustFit("all of it", whole, BUDGETS.dropInMinified);
  must(
    bundled(user, 'import "zeromq";').bytes < 100,
    "an import of it that uses nothing leaves nothing in a bundle",
  );
}
