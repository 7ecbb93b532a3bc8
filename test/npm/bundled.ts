// What esbuild makes of modules: files, which load each other, and their bytes.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { VERSIONS } from "../support/versions.ts";
import { must, run } from "./commands.ts";

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

/** How large a minified bundle is, as far as it loads at once, and how large gzip leaves it. */
export interface Size {
  readonly bytes: number;
  readonly gzipped: number;
}

/** The size of a minified bundle of a module. */
export function bundled(user: string, text: string): Size {
  writeFileSync(join(user, "size.mjs"), text);
  const out = join(user, "size");
  rmSync(out, { recursive: true, force: true });
  esbuild(user, [
    "--splitting",
    "--outdir=size",
    "--log-level=error",
    "size.mjs",
  ]);
  let bytes = 0;
  let gzipped = 0;
  for (const file of loadedWith(out, "size.js")) {
    const code = readFileSync(join(out, file));
    bytes += code.length;
    gzipped += gzipSync(code).length;
  }
  return { bytes, gzipped };
}

/** Holds a bundle to its budget, and says how large it is. */
export function mustFit(what: string, size: Size, budget: number): void {
  must(
    size.bytes < budget,
    `${what} is ${size.bytes} bytes minified (${size.gzipped} gzipped), below ${budget}`,
  );
}
