// What strangers and crowds cost a server of CURVE. A flood: how many messages of 1 KiB
// an authenticated pair moves while so many are refused a second. A storm: how long it
// takes until all of a crowd that comes at once are let in, in processor time of the
// server. All programs share the two cores; the strangers are in C.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Benchmark, Environment } from "./harness/benchmark.ts";
import { median, type Row, type Series } from "./harness/compare.ts";
import type { RuntimeId } from "./harness/options.ts";
import { on } from "./harness/rivals.ts";
import { z85Decode } from "../src/base/z85.ts";
import { encodeProperties } from "../src/base/metadata.ts";
import { x25519 } from "../src/crypto/x25519.ts";
import { CurveClient } from "../src/mechanisms/curve.ts";
import { concat } from "../test/support/bytes.ts";
import { builtWithLibzmq } from "../test/support/peer.ts";
import { CLIENT_KEYS } from "../test/support/shaking_peer.ts";
import { frame, greeting } from "../test/support/zmtp.ts";

const STRANGERS_A_SECOND = 5000;
const CLIENTS = 500;
const FLOODS = [
  ["nobody else", null],
  ["noise", "noise"],
  ["a wrong key", "key"],
] as const;
/** What strangers say, each at once. */
const WORDS = {
  noise: () => new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
  key: helloToAnother,
};
/** The program of the strangers, built when it is needed. */
function strangersProgram(): readonly string[] {
  const source = new URL("peers/strangers.c", import.meta.url);
  const { absent, command } = builtWithLibzmq(source);
  if (absent !== null) throw new Error(`The strangers: ${absent}`);
  return command;
}

const WARM_MS = 1500;
const TIMED_MS = 4000;
/** How often a server is asked that is waited for. */
const ASK_MS = 20;

/** What the server says of itself. */
interface Deeds {
  readonly messages: number;
  readonly refused: number;
  readonly ready: number;
  /** Of the clock, and of the processor. */
  readonly seconds: number;
  readonly busy: number;
}

export const flood: Benchmark = {
  name: "flood",
  what: "PUSH to PULL with CURVE, 1 KiB, while strangers are refused",
  run: (env) =>
    onEach(env, "msg/s", false, FLOODS.map(([name]) => name), async (run) => {
      const figures: number[] = [];
      const notes: string[] = [];
      for (const [, kind] of FLOODS) {
        const { messages, refused, busy, seconds } = await run.pair(kind);
        figures.push(messages / seconds);
        notes.push(
          `${Math.round(refused / seconds)} refused a second, ` +
            `${Math.round(busy / seconds * 100)} % of a core`,
        );
      }
      return { figures, notes };
    }),
};

export const storm: Benchmark = {
  name: "storm",
  what: `${CLIENTS} clients of CURVE connect at once, until all are let in`,
  run: (env) =>
    onEach(
      env,
      "s",
      true,
      ["a core of the server's", "on the clock"],
      (run) => run.crowd(),
    ),
};

interface Figures {
  readonly figures: number[];
  readonly notes: string[];
}

async function onEach(
  { options, pin }: Environment,
  unit: string,
  lessIsBetter: boolean,
  names: readonly string[],
  measure: (run: Run) => Promise<Figures>,
): Promise<Series[]> {
  const all: Series[] = [];
  for (const runtime of options.runtimes) {
    const figures: number[][] = names.map(() => []);
    let notes: string[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const run = new Run(runtime, pin, options.share);
      try {
        const found = await measure(run);
        found.figures.forEach((figure, i) => figures[i].push(figure));
        notes = found.notes;
      } finally {
        await run.end();
      }
    }
    const rows = names.map((name, i): Row => ({
      ...{ kind: "nought", runtime, way: "", name, ratios: {} },
      figures: figures[i],
      median: median(figures[i]),
      least: Math.min(...figures[i]),
      most: Math.max(...figures[i]),
    }));
    const title = `on ${runtime}`;
    all.push({ title, setting: {}, unit, lessIsBetter, rows });
    console.log(title);
    rows.forEach(({ name, median: now, least, most }, i) => {
      const [said, from, to] = [now, least, most].map((figure) =>
        figure.toLocaleString("en-US", {
          maximumFractionDigits: figure < 10 ? 2 : 0,
        })
      );
      const ratio = (now / rows[0].median).toFixed(2);
      console.log(
        `  ${name.padEnd(22)} ${said.padStart(9)} ${unit}  ${ratio} × the ` +
          `first  (${from} – ${to})  ${notes[i] ?? ""}`.trimEnd(),
      );
    });
    console.log("");
  }
  return all;
}

/** Programs on a runtime, which are ended with it. */
class Run {
  readonly #children: ChildProcess[] = [];
  readonly #runtime: RuntimeId;
  readonly #pin: readonly string[];
  readonly #share: number;

  constructor(runtime: RuntimeId, pin: readonly string[], share: number) {
    this.#runtime = runtime;
    this.#pin = pin;
    this.#share = share;
  }

  /** What a server did while a pair moved messages, and strangers came. */
  async pair(strangers: keyof typeof WORDS | null): Promise<Deeds> {
    const { ask, endpoint } = await this.#serve();
    this.#start("push", endpoint);
    // However long a runtime takes to start, the pair is there when strangers come.
    while ((await ask()).messages === 0) await sleep(ASK_MS);
    if (strangers !== null) this.#flood(endpoint, strangers);
    await sleep(WARM_MS * this.#share);
    const before = await ask();
    await sleep(TIMED_MS * this.#share);
    const deeds = since(before, await ask());
    await this.end();
    return deeds;
  }

  /** How long it took until a crowd was let in. */
  async crowd(): Promise<Figures> {
    const { ask, endpoint } = await this.#serve();
    const before = await ask();
    this.#start("clients", endpoint, Math.ceil(CLIENTS * this.#share));
    for (;;) {
      await sleep(ASK_MS);
      const { ready, busy, seconds } = since(before, await ask());
      if (ready < Math.ceil(CLIENTS * this.#share)) continue;
      return { figures: [busy, seconds], notes: [] };
    }
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#children.splice(0).map((child) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null) return resolve();
          child.on("close", () => resolve());
          child.kill("SIGKILL");
        })
      ),
    );
  }

  async #serve(): Promise<{ ask: () => Promise<Deeds>; endpoint: string }> {
    const server = this.#start("serve");
    const lines = createInterface({ input: server.stdout! });
    const said = lines[Symbol.asyncIterator]();
    const line = async () => {
      const { value, done } = await said.next();
      if (done) throw new Error("the server ended");
      return value as string;
    };
    const endpoint = await line();
    const ask = async () => {
      server.stdin!.write("how far?\n");
      return JSON.parse(await line()) as Deeds;
    };
    return { ask, endpoint };
  }

  #flood(endpoint: string, kind: keyof typeof WORDS): void {
    const port = endpoint.split(":").at(-1)!;
    const hex = Buffer.from(WORDS[kind]()).toString("hex");
    this.#run([...strangersProgram(), port, `${STRANGERS_A_SECOND}`, hex]);
  }

  #start(...args: (string | number)[]): ChildProcess {
    return this.#run([
      ...on(this.#runtime, "flood.ts"),
      ...args.map(String),
    ]);
  }

  #run(program: readonly string[]): ChildProcess {
    const [command, ...args] = [...this.#pin, ...program];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin!.on("error", () => {});
    this.#children.push(child);
    return child;
  }
}

/** A client's greeting and HELLO, to a server that has another key. */
function helloToAnother(): Uint8Array {
  const [publicKey, secretKey] = [CLIENT_KEYS.publicKey, CLIENT_KEYS.secretKey]
    .map((key) => z85Decode(key)!);
  const client = new CurveClient(
    encodeProperties([]),
    { publicKey, secretKey },
    publicKey,
    { x25519, entropy: (into) => void crypto.getRandomValues(into) },
  );
  return concat(greeting("CURVE"), frame(4, client.next()!));
}

function since(before: Deeds, after: Deeds): Deeds {
  return {
    messages: after.messages - before.messages,
    refused: after.refused - before.refused,
    ready: after.ready - before.ready,
    seconds: after.seconds - before.seconds,
    busy: after.busy - before.busy,
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
