// Runs the programs of one rival against each other, once. They say, a line each:
//
//     endpoint tcp://…     where to connect; the next program is started with it
//     ready                all are there; the other programs are told "go"
//     measured N NS        N operations took NS nanoseconds
//     lost N OF            N messages of OF never came, where some may be lost

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Rival } from "./rivals.ts";

/** How long a program may take. */
const LIMIT = 180_000;

/** One of the programs. */
export interface Part {
  /** Its arguments, given the endpoints that were said so far. */
  args(endpoints: readonly string[]): readonly (string | number)[];
  /** How many endpoints it says before the next one starts. */
  readonly says: number;
  /** Whether it goes on for ever, and is ended when the others are through. */
  readonly service?: boolean;
}

/** What came of it. */
export interface Played {
  /** The nanoseconds of one operation. */
  readonly ns: number;
  /** The share of messages that never came; `null` where none may be lost. */
  readonly lost: number | null;
}

/** Runs them until all have ended that do. */
export async function play(
  rival: Pick<Rival, "command" | "after">,
  parts: readonly Part[],
  pin: readonly string[],
  limit: number = LIMIT,
): Promise<Played> {
  const [command, ...first] = [...pin, ...rival.command];
  const children: ChildProcess[] = [];
  const endpoints: string[] = [];
  const ended = new Set<ChildProcess>();
  // Sockets of ipc that are left behind, as libzmq's are, go with it.
  const folder = mkdtempSync(join(tmpdir(), "nought-bench-"));
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<Played>((resolve, reject) => {
      let measured = NaN;
      let lost: number | null = null;
      let errors = "";
      let due = 0;
      timer = setTimeout(() => {
        reject(new Error(`nothing after ${limit / 1000} s. ${errors}`));
      }, limit);
      const start = () => {
        const part = parts[children.length];
        const args = [...part.args(endpoints).map(String), ...rival.after];
        const child = spawn(command, [...first, ...args], {
          stdio: ["pipe", "pipe", "pipe"],
          env: { ...process.env, TMPDIR: folder },
        });
        children.push(child);
        due += part.says;
        child.stdin!.on("error", () => {});
        child.stderr!.on("data", (data) => errors += data);
        createInterface({ input: child.stdout! }).on("line", (line) => {
          const [word, ...values] = line.split(" ");
          if (word === "measured") {
            measured = Number(values[1]) / Number(values[0]);
          } else if (word === "lost") {
            lost = Number(values[0]) / Number(values[1]);
          } else if (word === "ready") {
            for (const other of children) {
              if (other !== child) other.stdin!.write("go\n");
            }
          } else if (word === "endpoint") {
            endpoints.push(values[0]);
            next();
          }
        });
        child.on("error", reject);
        child.on("close", (code, signal) => {
          ended.add(child);
          if (code !== 0) {
            reject(new Error(`it ended with ${code ?? signal}. ${errors}`));
          }
          const busy = children.some((one, i) =>
            !ended.has(one) && !parts[i].service
          );
          if (busy || children.length < parts.length) return;
          if (measured > 0) resolve({ ns: measured, lost });
          else reject(new Error(`it measured nothing. ${errors}`));
        });
        next();
      };
      const next = () => {
        if (endpoints.length === due && children.length < parts.length) start();
      };
      start();
    });
  } finally {
    clearTimeout(timer);
    for (const child of children) {
      if (!ended.has(child)) child.kill("SIGKILL");
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
