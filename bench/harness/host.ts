// What a benchmark runs on: the machine, its compiler, the runtimes; and the two
// cores that both sides of each pair are pinned to.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, release, type } from "node:os";
import process from "node:process";
import { RUNTIME } from "../../test/support/runtime.ts";
import { VERSIONS } from "../../test/support/versions.ts";
import type { Options, RuntimeId } from "./options.ts";

/** What `builtWithLibzmq` compiles with. */
const FLAGS = "-O2 -Wall";

/** What stands above each table and in each file of results. */
export interface Host {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  /** Cores that both sides run on, or why they are not pinned. */
  readonly pinned: string;
  readonly compiler: string;
  readonly libzmq: string;
  readonly runtimes: Record<RuntimeId, string>;
  /** What Nought is on Bun and Node; on Deno it runs from source, as from JSR. */
  readonly fromNpm: "npm package" | "source";
  readonly rounds: number;
  readonly date: string;
}

/** The output of a command, or `null` if it can't be had. */
export function said(command: string, ...args: string[]): string | null {
  try {
    return execFileSync(command, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 120_000,
    }).trim();
  } catch {
    return null;
  }
}

const binaries = new Map<RuntimeId, string>();

/**
 * The program of a runtime: the one at hand, or npx's at the pinned version. It
 * is asked for itself, so that no npx stands between a benchmark and what it times.
 */
export function binary(id: RuntimeId): string {
  const found = binaries.get(id);
  if (found !== undefined) return found;
  const ask = id === "deno"
    ? ["eval", "console.log(Deno.execPath())"]
    : ["-e", "console.log(process.execPath)"];
  const path = RUNTIME === id
    ? process.execPath
    : said("npx", "-y", `${id}@${VERSIONS[id]}`, ...ask)?.split("\n").at(-1);
  if (!path) throw new Error(`${id} can't be had, neither here nor by npx`);
  binaries.set(id, path);
  return path;
}

/** The command that pins another one to two cores; empty where there is none. */
export function pinning(options: Options): string[] {
  if (said("taskset", "--version") === null) return [];
  const cores = options.cores ?? twoCores();
  return cores === null ? [] : ["taskset", "-c", cores];
}

/** The first two cores that this process may run on. */
function twoCores(): string | null {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)![1];
    const all = allowed.split(",").flatMap((range) => {
      const [from, to = from] = range.split("-").map(Number);
      return Array.from(
        { length: Math.min(2, to - from + 1) },
        (_, i) => from + i,
      );
    });
    return all.length < 2 ? null : all.slice(0, 2).join(",");
  } catch {
    return null;
  }
}

/** Describes where this runs. */
export function host(options: Options, libzmq: string | null): Host {
  const all = cpus();
  const pin = pinning(options);
  const version = (id: RuntimeId) =>
    options.runtimes.includes(id)
      ? said(binary(id), "--version")?.split("\n")[0] ?? "unknown"
      : "left out";
  return {
    cpu: all[0]?.model.trim() || "a processor",
    cores: all.length,
    os: `${type()} ${release()} ${arch()}`,
    pinned: pin.at(-1) ?? "NOT PINNED: needs taskset and two cores",
    compiler: `${said("cc", "--version")?.split("\n")[0] ?? "none"}, ${FLAGS}`,
    libzmq: libzmq ?? "left out",
    runtimes: {
      deno: version("deno"),
      bun: version("bun"),
      node: version("node"),
    },
    fromNpm: options.source ? "source" : "npm package",
    rounds: options.rounds,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** The same for people. */
export function header(host: Host): string {
  const { runtimes } = host;
  const one = host.cores === 1 ? "core" : "cores";
  return [
    `${host.cpu}, ${host.cores} ${one}, ${host.os}; ${host.date}`,
    `pinned to cores: ${host.pinned}`,
    `libzmq ${host.libzmq}; C by ${host.compiler}`,
    `Deno: ${runtimes.deno}; Bun: ${runtimes.bun}; Node: ${runtimes.node}`,
    `Nought on Bun and Node: its ${host.fromNpm}`,
    `medians of ${host.rounds} alternating rounds, and the least and most`,
  ].join("\n");
}
