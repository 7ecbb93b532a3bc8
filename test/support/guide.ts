// Runs the programs of the examples, each a process of its own on the runtime at hand, and ends them by their ids when the test is over.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Program, script } from "./runtime.ts";
import { until, within } from "./wait.ts";

/** For what takes long when many tests run at once. */
export const LONG = 60_000;

/** What a test of an example has at hand. */
export interface Stage {
  /** Starts a program of the examples. */
  start(path: string, ...args: (string | number)[]): Program;
  /** A file in a folder of this test's own. */
  path(name: string): string;
  /** An endpoint in that folder, which whoever comes back binds again. */
  endpoint(name: string): string;
}

/** What a program needs on Deno, and what one needs that has files or ipc. */
const NET = ["--allow-net"];
const FILES = ["--allow-net", "--allow-read", "--allow-write"];

/** Which programs there are, and what they need on Deno. */
export interface StageOptions {
  /** The folder within examples/. */
  where?: string;
  /** Of those that are given no file; files and ipc need more. */
  permissions?: string[];
}

/** Runs a test; what it started is ended, and shown if the test fails. */
export async function onStage(
  play: (stage: Stage) => Promise<void>,
  { where = "guide", permissions = NET }: StageOptions = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nought-guide-"));
  const started: { name: string; program: Program }[] = [];
  try {
    await play({
      start(path, ...args) {
        const words = args.map(String);
        const files = words.some((word) => word.includes(folder));
        const program = script(`../examples/${where}/${path}`, words, {
          permissions: files ? FILES : permissions,
        });
        started.push({ name: [path, ...args].join(" "), program });
        return program;
      },
      path: (name) => join(folder, name),
      endpoint: (name) => `ipc://${join(folder, name)}`,
    });
  } catch (error) {
    for (const { name, program } of started) {
      console.error(`${name}\n${program.output()}${program.errors()}`);
    }
    throw error;
  } finally {
    await Promise.all(started.map(({ program }) => program.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The endpoints in the next line that a program prints. */
export async function endpoints(program: Program): Promise<string[]> {
  const line = await within("it tells its endpoints", program.line(), LONG);
  return line.split(" ");
}

/** Resolves once a program has printed this, so many times. */
export function printed(
  program: Program,
  what: RegExp,
  times = 1,
): Promise<void> {
  const all = new RegExp(what, "g");
  const found = () => [...program.output().matchAll(all)].length >= times;
  return until(`it prints ${what}`, found, LONG);
}

/** The lines that a program has printed until it ended, which is in good order. */
export async function finished(program: Program): Promise<string[]> {
  const code = await within("it ends", program.exit, LONG);
  if (code !== 0) throw new Error(`it ended with ${code}: ${program.errors()}`);
  return program.output().trimEnd().split("\n");
}
