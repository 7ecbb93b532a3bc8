// Commands that the packages for npm are built and tried with, and what is said of it.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { VERSIONS } from "../support/versions.ts";

export const NODE: string = `node@${VERSIONS.node}`;
export const OLD_NODE: string = `node@${VERSIONS.oldestNode}`;
export const BUN: string = `bun@${VERSIONS.bun}`;

/** A package.json, as far as it matters here. */
export interface Manifest {
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

/** All files in a folder, as paths from there. */
export function files(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => statSync(join(folder, file)).isFile());
}

/** Adds packages that only we want to a project. */
export function adds(folder: string, ...packages: string[]): void {
  const quietly = ["--no-audit", "--no-fund", "--no-save"];
  run(folder, "npm", ["install", ...quietly, ...packages]);
}

/** Has a runtime run a program, which says "done" if all is well. */
export function runs(
  folder: string,
  runtime: string,
  args: string[],
  what: string,
): void {
  const said = run(folder, "npx", ["-y", runtime, ...args]);
  must(said === "done", what, said);
}

/** Runs a program; what it prints, or an end to all of this if it fails. */
export function run(folder: string, command: string, args: string[]): string {
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

/** Says what holds, or ends all of this. */
export function must(holds: boolean, what: string, instead = ""): void {
  if (!holds) throw new Error(`Not so: ${what} ${instead}`);
  ok(what);
}

/** Says what holds. */
export function ok(what: string): void {
  say(`ok  ${what}`);
}

/** Says something. */
export function say(line: string): void {
  console.log(line);
}
