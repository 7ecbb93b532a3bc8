// Which runtime the tests run on, and how to run another program on it.

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The runtime at hand. */
export const RUNTIME: "deno" | "bun" | "node" = "Bun" in globalThis
  ? "bun"
  : "Deno" in globalThis
  ? "deno"
  : "node";

/** A program that a test has started. */
export interface Program {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
  /** What it has complained of so far. */
  readonly errors: () => string;
  /** Resolves with its exit code, or null if it was killed. */
  readonly exit: Promise<number | null>;
  /** Resolves with the next line that it prints. */
  line(): Promise<string>;
  /** Writes a line to it. */
  tell(line: string): void;
  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void;
  /** Ends it, if it has not ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** How to run a script. */
export interface ScriptOptions {
  /** Deno's permissions, or Node's if `--permission` is among them. Default: all. */
  permissions?: string[];
  /** How many files it may have open. */
  descriptors?: number;
  /** Whether it can ask for garbage to be collected, by `collect` of support/memory.ts. */
  gc?: boolean;
  /** Variables of its environment, beside this program's. */
  env?: Record<string, string>;
}

/** Runs a script of test/ on this runtime. */
export function script(
  path: string,
  args: string[] = [],
  options: ScriptOptions = {},
): Program {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const permissions = options.permissions ?? ["-A"];
  const before = RUNTIME === "deno"
    ? ["run", "--no-prompt", ...permissions]
    : permissions.includes("--permission")
    ? [...permissions]
    : [];
  if (options.gc && RUNTIME === "node") before.push("--expose-gc");
  if (options.gc && RUNTIME === "deno") before.push("--v8-flags=--expose-gc");
  const command = [process.execPath, ...before, file, ...args];
  if (options.descriptors === undefined) {
    return program(command[0], command.slice(1), options);
  }
  const limited = `ulimit -n ${options.descriptors}; exec "$@"`;
  return program("sh", ["-c", limited, "sh", ...command], options);
}

/** Runs a program. */
export function program(
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Program {
  const env: Record<string, string | undefined> = {
    ...process.env,
    NO_COLOR: "1",
    ...options.env,
  };
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: options.cwd,
    env,
  });
  let output = "";
  let errors = "";
  let read = 0;
  let wake = () => {};
  let over = false;
  child.stdout.on("data", (data) => {
    output += data;
    wake();
  });
  child.stderr.on("data", (data) => errors += data);
  child.stdin.on("error", () => {});
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      over = true;
      wake();
      resolve(code);
    });
  });
  exit.catch(() => {});
  return {
    child,
    output: () => output,
    errors: () => errors,
    exit,
    async line() {
      for (;;) {
        const end = output.indexOf("\n", read);
        if (end >= 0) {
          const line = output.slice(read, end);
          read = end + 1;
          return line;
        }
        if (over) throw new Error(`it ended without another line: ${errors}`);
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    // By its id: on Deno a child that was sent one signal takes no other.
    signal: (name) => void (over || process.kill(child.pid!, name)),
    async kill(signal = "SIGKILL") {
      try {
        if (!over) process.kill(child.pid!, signal);
      } catch {
        // It ended a moment ago.
      }
      await exit;
    },
  };
}
