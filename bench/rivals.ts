// Who takes part in a benchmark: Nought on each runtime, zeromq.js, and libzmq
// from C, each as a program that takes the same arguments. One that can't be had
// here is left out, and that is said.

import { execFileSync, spawn } from "node:child_process";
import { cpus } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { builtWithLibzmq, withZeromqJs } from "../test/support/peer.ts";
import { VERSIONS } from "../test/support/versions.ts";

const LIMIT = 300_000;
const FLAGS = "cc -O2";

/** A program that takes part. */
export interface Rival {
  /** How it is asked for: `libzmq`, `zeromq.js`, `deno`, `bun`, `node`. */
  readonly id: string;
  readonly name: string;
  readonly command: readonly string[];
  /** What stands behind its arguments. */
  readonly after: readonly string[];
  /** How many messages it is given, beside libzmq. */
  readonly share: number;
}

/** What was asked for on the command line. */
export interface Wanted {
  readonly rivals: readonly Rival[];
  readonly sizes: readonly number[];
  /** How many messages; 0 leaves it to the benchmark. */
  readonly count: number;
}

/**
 * `--rivals libzmq,deno --sizes 10,1024 --count 1000`; each may be left out.
 * `ways` are the ways to drive Nought.
 */
export function wanted(sizes: number[], ways: readonly string[]): Wanted {
  const given = process.argv.slice(2);
  const value = (name: string) => {
    const at = given.indexOf(`--${name}`);
    return at < 0 ? null : given[at + 1];
  };
  const ids = value("rivals")?.split(",") ?? null;
  return {
    rivals: rivals(ways).filter(({ id }) => ids === null || ids.includes(id)),
    sizes: value("sizes")?.split(",").map(Number) ?? sizes,
    count: Number(value("count") ?? 0),
  };
}

/** Everybody there is, and a line about each who isn't. */
function rivals(ways: readonly string[]): Rival[] {
  const all: Rival[] = [];
  const c = builtWithLibzmq(new URL("./peers/libzmq.c", import.meta.url));
  if (c.absent === null) {
    const name = `libzmq ${version(c.command)} (C, ${FLAGS})`;
    all.push({ id: "libzmq", name, command: c.command, after: [], share: 1 });
  } else console.log(`left out: ${c.name}, ${c.absent}`);

  const js = withZeromqJs(new URL("./peers/zeromqjs.mjs", import.meta.url));
  if (js.absent === null) {
    const name = `${js.name} with libzmq ${version(js.command)} (Node)`;
    const { command } = js;
    all.push({ id: "zeromq.js", name, command, after: [], share: 0.05 });
  } else console.log(`left out: ${js.name}, ${js.absent}`);

  const nought = fileURLToPath(new URL("./peers/nought.ts", import.meta.url));
  for (
    const [id, name, command] of [
      ["deno", `Deno ${VERSIONS.deno}`, ["run", "-A", "--no-check"]],
      ["bun", `Bun ${VERSIONS.bun}`, []],
      ["node", `Node ${VERSIONS.node}`, []],
    ] as const
  ) {
    for (const way of ways) {
      all.push({
        id,
        name: `Nought on ${name}${way === "" ? "" : `, ${way}`}`,
        command: [...runtime(id), ...command, nought],
        after: way === "" ? [] : [way],
        share: 1,
      });
    }
  }
  return all;
}

/** How to run a runtime: as it is at hand, or by npx at the pinned version. */
function runtime(id: "deno" | "bun" | "node"): string[] {
  const here = "Deno" in globalThis
    ? "deno"
    : "Bun" in globalThis
    ? "bun"
    : "node";
  return here === id
    ? [process.execPath]
    : ["npx", "-y", `${id}@${VERSIONS[id]}`];
}

function version(command: readonly string[]): string {
  return execFileSync(command[0], [...command.slice(1), "version"], {
    encoding: "utf8",
    timeout: 30_000,
  }).trim();
}

/**
 * Runs a pair of programs of one rival: the first binds and says where, the
 * second is told. Returns the nanoseconds that one of them measured.
 */
export async function pair(
  rival: Rival,
  binder: readonly (string | number)[],
  connector: (endpoint: string) => readonly (string | number)[],
): Promise<number> {
  const [command, ...first] = rival.command;
  const start = (args: readonly (string | number)[]) =>
    spawn(command, [...first, ...args.map(String), ...rival.after], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: LIMIT,
    });
  const programs = [start(binder)];
  try {
    return await new Promise<number>((resolve, reject) => {
      let time = NaN;
      let running = 1;
      const listen = (child: typeof programs[number]) => {
        createInterface({ input: child.stdout! }).on("line", (line) => {
          const [word, value] = line.split(" ");
          if (word === "ns") time = Number(value);
          if (word !== "endpoint") return;
          running++;
          const other = start(connector(value));
          programs.push(other);
          listen(other);
        });
        child.on("error", reject);
        child.on("close", (code) => {
          if (code !== 0) reject(new Error(`${rival.name} ended with ${code}`));
          else if (--running === 0) resolve(time);
        });
      };
      listen(programs[0]);
    });
  } finally {
    for (const { pid, exitCode, signalCode } of programs) {
      if (exitCode === null && signalCode === null) process.kill(pid!);
    }
  }
}

/** A line about the machine. */
export function machine(): string {
  const all = cpus();
  return `${all.length} × ${
    all[0]?.model ?? "a processor"
  }, ${process.platform}`;
}

/** The figures of one size, as rows; the ratios are to the first two rivals. */
export function table(
  title: string,
  unit: string,
  rows: readonly { rival: Rival; figure: number }[],
  digits: number,
): string {
  const base = (id: string) => rows.find(({ rival }) => rival.id === id);
  const [c, js] = [base("libzmq"), base("zeromq.js")];
  const width = Math.max(...rows.map(({ rival }) => rival.name.length));
  const ratio = (figure: number, of: typeof c, name: string) =>
    of === undefined ? "" : `  ${(figure / of.figure).toFixed(2)}× ${name}`;
  const lines = rows.map(({ rival, figure }) =>
    `  ${rival.name.padEnd(width)} ${
      grouped(figure, digits).padStart(12)
    } ${`${unit}${ratio(figure, c, "libzmq")}${
      ratio(figure, js, "zeromq.js")
    }`}`
  );
  return [title, ...lines, ""].join("\n");
}

function grouped(figure: number, digits: number): string {
  return figure.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
