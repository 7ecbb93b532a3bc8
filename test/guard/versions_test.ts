// Versions stand in one table; whoever else names one agrees with it.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { VERSIONS } from "../support/versions.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const WHERE = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "deno.json",
  ".ci/run",
  "npm-build.ts",
  "bench",
  "examples",
  "docs",
];
const PINNED: Record<string, readonly string[]> = {
  deno: [VERSIONS.deno],
  bun: [VERSIONS.bun],
  node: [VERSIONS.node, VERSIONS.oldestNode],
  zeromq: [VERSIONS.zeromqjs],
  tweetnacl: [VERSIONS.tweetnacl],
  workerd: [VERSIONS.workerd],
};

function filesOf(path: string): string[] {
  if (!existsSync(`${ROOT}${path}`)) return [];
  if (!statSync(`${ROOT}${path}`).isDirectory()) return [path];
  return readdirSync(`${ROOT}${path}`, { recursive: true })
    .map((file) => `${path}/${file}`)
    .filter((file) => statSync(`${ROOT}${file}`).isFile());
}

test("no file names another version than the table", () => {
  const named: string[] = [];
  const wrong: string[] = [];
  for (const file of WHERE.flatMap(filesOf)) {
    const text = readFileSync(`${ROOT}${file}`, "utf8");
    for (
      const [, name, version] of text.matchAll(
        /\b(deno|bun|node|zeromq|tweetnacl|workerd)@(\d[\w.-]*)/g,
      )
    ) {
      named.push(name);
      if (!PINNED[name].includes(version)) {
        wrong.push(`${file}: ${name}@${version}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  for (const name of Object.keys(PINNED)) assert.ok(named.includes(name), name);
});

test("what is published has the version of the changelog's first entry", () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}deno.json`, "utf8"));
  const changelog = readFileSync(`${ROOT}CHANGELOG.md`, "utf8");
  assert.equal(/^## (\S+)/m.exec(changelog)![1], version);
});

test("the library has no dependency, and what it publishes is there", () => {
  const config = JSON.parse(readFileSync(`${ROOT}deno.json`, "utf8"));
  for (const target of Object.values<string>(config.imports)) {
    assert.ok(target.startsWith("./"), target);
  }
  for (const [name, target] of Object.entries<string>(config.exports)) {
    assert.ok(existsSync(`${ROOT}${target}`), target);
    const own = name.replace(".", config.name);
    assert.equal(config.imports[own], target, `imports has ${own}`);
  }
  for (const path of config.publish.include) {
    assert.ok(existsSync(`${ROOT}${path}`), path);
  }
});
