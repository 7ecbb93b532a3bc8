// What Nought holds on to, and what it costs to begin: each part a program or two
// on each runtime. Resident memory is the system's; "held" is heap and buffers
// after garbage was collected; allocations are the bytes that the heap grows by a
// message while nothing is collected: with a nursery of 1 GiB on V8, with the
// collector off on Bun. Deno runs from source.

import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Benchmark, Environment } from "./harness/benchmark.ts";
import { median, type Row, type Series } from "./harness/compare.ts";
import { said } from "./harness/host.ts";
import type { RuntimeId } from "./harness/options.ts";
import { on } from "./harness/rivals.ts";

const LIMIT = 300_000;
const MB = 1_000_000;

/** What a part prints of itself. */
interface Part {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** What a unit is, in what the programs say. */
  readonly per: number;
  /** Runs it once on a runtime. */
  run(runtime: RuntimeId, share: number): Promise<Record<string, number>>;
}

const PARTS: readonly Part[] = [
  {
    id: "stream",
    title: "4 GiB in messages of 1 MiB: resident memory",
    unit: "MB",
    per: MB,
    async run(runtime, share) {
      const messages = Math.max(2, Math.ceil(4096 * share));
      const receiver = ["stream-pull", messages];
      return {
        ...await pair(runtime, receiver, ["stream-push", messages]),
        ...await play(runtime, ["stream-blocks", messages], () => null),
      };
    },
  },
  {
    id: "single",
    title: "one message of 1 GiB: its size in memory, at the most",
    unit: "copies",
    per: 1,
    run(runtime, share) {
      const size = Math.ceil(1024 ** 3 * share);
      return pair(runtime, ["single-pull", size], ["single-push", size]);
    },
  },
  {
    id: "pinned",
    title: "1 in 5,000 of 5 million messages of 10 B is kept: held",
    unit: "MB",
    per: MB,
    async run(runtime, share) {
      const count = Math.max(5000, Math.ceil(5_000_000 * share));
      const all: Record<string, number> = {};
      for (const how of ["nothing", "view", "slice"]) {
        const receiver = ["pinned-pull", count, how];
        Object.assign(
          all,
          await pair(runtime, receiver, ["many-push", count]),
        );
      }
      return all;
    },
  },
  {
    id: "heap",
    title: "heap allocations of a message of 10 B",
    unit: "bytes",
    per: 1,
    async run(runtime, share) {
      const count = Math.max(1000, Math.ceil(1_000_000 * share));
      const all: Record<string, number> = {};
      for (const how of ["await", "batch"]) {
        Object.assign(
          all,
          await pair(
            runtime,
            ["heap-pull", count, how],
            ["heap-push", count, how],
            true,
          ),
        );
      }
      return all;
    },
  },
  {
    id: "start",
    title: "from the program's first line to its first message over tcp",
    unit: "ms",
    per: 1,
    run: (runtime) => play(runtime, ["start"], () => null),
  },
  {
    id: "idle",
    title: "10,000 idle peers of a Router",
    unit: "",
    per: 1,
    run(runtime, share) {
      const peers = Math.max(10, Math.min(10_000 * share, mostPeers()));
      const milliseconds = Math.max(500, 5000 * Math.min(1, share));
      const args = ["idle", peers, milliseconds];
      return play(runtime, args, (endpoint) => [
        ...on(runtime, "../../test/costs/peers_program.ts"),
        endpoint.split(":").at(-1)!,
        String(peers),
        "dealer",
      ]);
    },
  },
];

export const memory: Benchmark = {
  name: "memory",
  what: "what Nought holds on to, and what it costs to begin",
  async run({ options }: Environment) {
    const all: Series[] = [];
    for (const part of PARTS) {
      if (options.only !== null && !options.only.includes(part.id)) continue;
      for (const runtime of options.runtimes) {
        const figures = new Map<string, number[]>();
        let error: string | undefined;
        // Amounts of memory hardly differ from one round to the next; times do.
        const rounds = part.id === "start" ? options.rounds : 1;
        try {
          for (let round = 0; round < rounds; round++) {
            const some = await part.run(runtime, options.share);
            for (const [name, value] of Object.entries(some)) {
              const list = figures.get(name) ?? [];
              list.push(value / part.per);
              figures.set(name, list);
            }
          }
        } catch (reason) {
          error = reason instanceof Error ? reason.message : `${reason}`;
          figures.set("failed", []);
        }
        const rows = [...figures].map(([name, list]): Row => ({
          ...{ kind: "nought", runtime, way: part.id, ratios: {}, name },
          figures: list,
          median: median(list),
          least: Math.min(...list),
          most: Math.max(...list),
          ...(list.length > 0 ? {} : { error }),
        }));
        const title = `${part.title}, on ${runtime}` +
          (options.share === 1 ? "" : ` (× ${options.share})`);
        const { unit } = part;
        const setting = { part: part.id, share: options.share };
        all.push({ title, setting, unit, lessIsBetter: true, rows });
        console.log(title);
        for (const { name, median, least, most, error } of rows) {
          const spread = rounds === 1
            ? ""
            : `  (${least.toFixed(1)} – ${most.toFixed(1)})`;
          console.log(
            error !== undefined
              ? `  FAILED: ${error}`
              : `  ${name.padEnd(28)} ${median.toFixed(2).padStart(10)} ` +
                `${unit}${spread}`.trimEnd(),
          );
        }
        console.log("");
      }
    }
    return all;
  },
};

/** How many connections a process may have, beside what it has anyway. */
function mostPeers(): number {
  const limit = Number(said("sh", "-c", "ulimit -n"));
  const most = (isFinite(limit) ? limit : 65_536) - 500;
  if (most < 10_000) console.log(`only ${most} descriptors: fewer peers`);
  return most;
}

type Words = readonly (string | number)[];

/** Runs a receiver and a sender, which is given the endpoint first. */
function pair(
  runtime: RuntimeId,
  receiver: Words,
  [mode, ...rest]: Words,
  uncollected = false,
): Promise<Record<string, number>> {
  return play(
    runtime,
    receiver,
    (endpoint) => [
      ...on(runtime, "memory.ts", flags(runtime, uncollected)),
      ...[mode, endpoint, ...rest].map(String),
    ],
    uncollected,
  );
}

/** V8's are given before the program; Bun takes the like from the environment. */
function flags(runtime: RuntimeId, uncollected: boolean): string[] {
  const v8 = ["--expose-gc"];
  if (uncollected) {
    v8.push("--min-semi-space-size=1024", "--max-semi-space-size=1024");
  }
  if (runtime === "node") return v8;
  return runtime === "deno" ? [`--v8-flags=${v8.join(",")}`] : [];
}

/** Runs a program, and what it asks for with its endpoint; returns their figures. */
function play(
  runtime: RuntimeId,
  args: Words,
  other: (endpoint: string) => readonly string[] | null,
  uncollected = false,
): Promise<Record<string, number>> {
  const collector = uncollected && runtime === "bun"
    ? { BUN_JSC_useGC: "0" }
    : {};
  const env = { ...process.env, ...collector };
  return new Promise((resolve, reject) => {
    const all: Record<string, number> = {};
    const children: ReturnType<typeof spawn>[] = [];
    let errors = "";
    let running = 0;
    const end = (error: Error | null) => {
      clearTimeout(timer);
      for (const child of children) {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill("SIGKILL");
        }
      }
      if (error === null) resolve(all);
      else reject(error);
    };
    const timer = setTimeout(
      () => end(new Error(`nothing after ${LIMIT / 1000} s. ${errors}`)),
      LIMIT,
    );
    const start = ([command, ...rest]: readonly string[], main: boolean) => {
      const child = spawn(command, rest, { stdio: "pipe", env });
      children.push(child);
      running++;
      child.stdin.on("error", () => {});
      child.stderr.on("data", (data) => errors += data);
      createInterface({ input: child.stdout }).on("line", (line) => {
        const at = line.indexOf(" ");
        const [word, rest] = [line.slice(0, at), line.slice(at + 1)];
        if (word === "figures") Object.assign(all, JSON.parse(rest));
        if (word !== "endpoint") return;
        const command = other(rest);
        if (command !== null) start(command, false);
      });
      child.on("error", end);
      child.on("close", (code) => {
        running--;
        if (code !== 0) end(new Error(`it ended with ${code}. ${errors}`));
        // Peers stay until they are told to go.
        else if (running === 0 || (main && args[0] === "idle")) end(null);
      });
    };
    const command = on(runtime, "memory.ts", flags(runtime, uncollected));
    start([...command, ...args.map(String)], true);
  });
}
