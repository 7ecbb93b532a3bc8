// What esbuild makes of modules: files, which load each other, and their bytes.

import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VERSIONS } from "../support/versions.ts";
import { run } from "./commands.ts";

/** What esbuild makes of imports. */
export const IMPORT: RegExp = /import(?:\{([^{}]*)\}from)?"(\.[^"]+)";/g;

/** Has esbuild bundle and minify. */
export function esbuild(folder: string, args: string[]): void {
  run(folder, "npx", [
    ...["-y", `esbuild@${VERSIONS.esbuild}`, "--log-level=warning"],
    ...["--bundle", "--format=esm", "--platform=neutral", "--minify"],
    ...["--target=es2024", "--charset=utf8", ...args],
  ]);
}

/** A file of a bundle, and all that loads with it at once. */
export function loadedWith(out: string, entry: string): string[] {
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

/** Bytes in a minified bundle of a module, as far as it loads at once. */
export function bundled(user: string, text: string): number {
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
