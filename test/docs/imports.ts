// What a snippet imports, as a program here finds it.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const { exports: entries } = JSON.parse(
  readFileSync(new URL("../../deno.json", import.meta.url), "utf8"),
);

/** A snippet that imports entries of the package by where they lie. */
export function found(code: string): string {
  return code.replaceAll(/"@nought\/zeromq([^"]*)"/g, (_, path) => {
    const entry = entries[`.${path}`];
    const url = new URL(`../../${entry}`, import.meta.url);
    return JSON.stringify(fileURLToPath(url));
  });
}
