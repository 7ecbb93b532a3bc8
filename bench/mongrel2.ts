// Web requests a second through one Mongrel2 server: its handlers are ours on each
// runtime, and one of python3-zmq, all connected at once to a route of their own. The
// client keeps 32 connections busy, each with one request at a time.
//
//     client ══HTTP══> Mongrel2 ──> handler of the route
//            <════════         <──
//
// `alone` leaves the server out: a program in its place deals requests as fast as it
// can, up to 1,000 at a time, and counts replies. What it can do itself bounds that.

import { fileURLToPath } from "node:url";
import { MONGREL2, Mongrel2Server } from "../test/support/mongrel2.ts";
import { installed } from "../test/support/peer.ts";
import { type Program, program } from "../test/support/runtime.ts";
import { within } from "../test/support/wait.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { compare, type Series, table } from "./harness/compare.ts";
import type { Options } from "./harness/options.ts";
import { play } from "./harness/play.ts";
import { on, type Rival } from "./harness/rivals.ts";

const CONNECTIONS = 32;
const COUNTS = { server: 20_000, alone: 200_000 };
const WARM_UP = 0.2;
/** The one that Debian's packages are for. */
const PYTHON = "/usr/bin/python3";
const LABELS = { deno: "Deno", bun: "Bun", node: "Node" };

export const mongrel2: Benchmark = {
  name: "mongrel2",
  what: "requests through a Mongrel2 server to a handler and back",
  async run({ options, pin }) {
    const all: Series[] = [];
    const field = handlers(options);
    const parts = [["server", throughServer], ["alone", alone]] as const;
    for (const [part, run] of parts) {
      if (options.only !== null && !options.only.includes(part)) continue;
      for (const size of options.sizes ?? [100]) {
        const count = options.count || COUNTS[part];
        const amount = [size, Math.ceil(count * WARM_UP), count];
        const title = part === "server"
          ? `through the server, bodies of ${size} B`
          : `the handler alone, bodies of ${size} B`;
        const rows = await run(field, options, pin, amount);
        const setting = { part, size };
        const series = { title, setting, unit: "req/s", lessIsBetter: false };
        all.push({ ...series, rows });
        console.log(table({ ...series, rows }));
      }
    }
    return all;
  },
};

/** Handlers of python3-zmq and of ours, as far as they are there and asked for. */
function handlers({ kinds, runtimes }: Options): Rival[] {
  const all: Rival[] = [];
  if (kinds.includes("pyzmq")) {
    const script = new URL("peers/mongrel2.py", import.meta.url);
    const python = installed(PYTHON, ["-c", "import zmq"], "python3-zmq");
    const command = [...python.command, fileURLToPath(script)];
    const rest = { runtime: null, way: "", after: [] };
    if (python.absent !== null) console.log(`LEFT OUT: ${python.absent}`);
    else all.push({ kind: "pyzmq", name: "python3-zmq", command, ...rest });
  }
  for (const runtime of kinds.includes("nought") ? runtimes : []) {
    const name = `Nought on ${LABELS[runtime]}`;
    const command = on(runtime, "mongrel2.ts");
    all.push({ kind: "nought", runtime, name, command, way: "", after: [] });
  }
  return all;
}

async function throughServer(
  field: readonly Rival[],
  options: Options,
  pin: readonly string[],
  amount: readonly number[],
) {
  if (MONGREL2.absent !== null) {
    console.log(`LEFT OUT: all of them, ${MONGREL2.absent}`);
    return [];
  }
  const routes = field.map((_, i) => ({ path: `/${i}` }));
  const server = await Mongrel2Server.start({ routes, pin });
  const started: Program[] = [];
  try {
    for (const [i, { command }] of field.entries()) {
      const { requests, replies } = server.handlers[i];
      const [first, ...rest] = [...pin, ...command];
      const run = program(first, [...rest, requests, replies, `${amount[0]}`]);
      started.push(run);
      await within("a handler is ready", run.line());
    }
    return await compare(field, options.rounds, async (rival) => {
      const path = `/${field.indexOf(rival)}`;
      const args = ["http", server.port, path, CONNECTIONS, ...amount];
      const load = { command: on("node", "mongrel2_load.ts"), after: [] };
      const parts = [{ says: 0, args: () => args }];
      return 1e9 / (await play(load, parts, pin)).ns;
    });
  } finally {
    await Promise.all(started.map((run) => run.kill()));
    await server.stop();
  }
}

function alone(
  field: readonly Rival[],
  options: Options,
  pin: readonly string[],
  amount: readonly number[],
) {
  return compare(field, options.rounds, async ({ command }) => {
    const [first, ...rest] = [...pin, ...on("node", "mongrel2_load.ts")];
    const load = program(first, [...rest, "deal", ...amount.map(String)]);
    let handler: Program | undefined;
    try {
      const [, requests, replies] = (await within("it binds", load.line()))
        .split(" ");
      const [python, ...args] = [...pin, ...command];
      handler = program(python, [...args, requests, replies, `${amount[0]}`]);
      const line = await within("it measures", load.line(), 180_000);
      const [, operations, ns] = line.split(" ").map(Number);
      return 1e9 * operations / ns;
    } finally {
      await load.kill();
      await handler?.kill();
    }
  });
}
