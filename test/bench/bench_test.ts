// Each benchmark runs, on tiny amounts: a smoke run, in which no figure decides.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Result } from "../../bench/harness/compare.ts";
import { MONGREL2 } from "../support/mongrel2.ts";
import { builtWithLibzmq, withPeer, withZeromqJs } from "../support/peer.ts";
import { RUNTIME, script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

const LIBZMQ = builtWithLibzmq(
  new URL("../../bench/peers/libzmq.c", import.meta.url),
);
const ZEROMQJS = withZeromqJs(
  new URL("../../bench/peers/zeromqjs.mjs", import.meta.url),
);

/** Runs a benchmark; returns what it wrote, and the names and figures of its rows. */
async function bench(name: string, ...args: string[]) {
  // A package is built once, in a test of that.
  return await fullBench(name, "--source", ...args);
}

/** The same with Nought on Node as its users have it. */
async function fullBench(name: string, ...args: string[]) {
  const out = mkdtempSync(join(tmpdir(), "nought-bench-"));
  const run = script("../bench/bench.ts", [
    ...[name, "--rounds", "1", "--out", out],
    ...args,
  ]);
  try {
    const code = await within("it ends", run.exit, 60_000);
    assert.equal(code, 0, `${run.output()}\n${run.errors()}`);
    const read = (file: string) => readFileSync(join(out, file), "utf8");
    const result: Result = JSON.parse(read(`${name}.json`));
    assert.equal(result.benchmark, name);
    const rows = result.series.flatMap(({ rows }) => rows);
    for (const row of rows) {
      assert.equal(row.figures.length, 1, row.name);
      assert.ok(run.output().includes(row.name), row.name);
    }
    const chart = name === "throughput" ? read("throughput.svg") : "";
    return { rows, result, chart };
  } finally {
    await run.kill();
    rmSync(out, { recursive: true });
  }
}

/** Nought and the bare loop, on this runtime. */
const OURS = ["--rivals", "nought,bare", "--runtime", RUNTIME];

for (
  const [name, args, count] of [
    ["throughput", ["--sizes", "10,1024,65536", "--count", "200"], 12],
    ["latency", ["--count", "50"], 2],
    ["fanout", ["--peers", "3", "--count", "100"], 3],
    ["proxy", ["--count", "200"], 2],
    ["inproc", ["--count", "200"], 4],
    ["threads", ["--sizes", "10,65536", "--count", "200"], 4],
    ["ipc", ["--sizes", "64", "--count", "200"], 2],
    ["ws", ["--sizes", "64", "--count", "200"], 2],
    ["udp", ["--sizes", "64", "--count", "200"], 2],
    ["epgm", ["--sizes", "64", "--count", "200"], 2],
    ["curve", ["--sizes", "64", "--count", "200"], 2],
    ["background", ["--sizes", "64", "--count", "200"], 2],
    ["background-latency", ["--count", "100"], 2],
    ["scale", ["--peers", "1,10", "--count", "2000"], 12],
  ] as const
) {
  test(`the benchmark of ${name} has a figure for each way`, async () => {
    const { rows } = await bench(name, ...OURS, ...args);
    assert.equal(rows.length, count);
    for (const { median, name } of rows) assert.ok(median > 0, name);
  });
}

test("the benchmark of memory has figures for each part", async () => {
  const args = ["--runtime", RUNTIME, "--share", "0.0001"];
  const { result } = await bench("memory", ...args);
  const parts = result.series.map(({ setting }) => setting.part);
  const all = ["stream", "single", "pinned", "heap", "start", "idle"];
  assert.deepEqual(parts, all);
});

test("on Bun and Node the npm package is measured, unless the source is asked for", async () => {
  const args = ["--rivals", "nought", "--runtime", "node"]
    .concat("--size", "10", "--count", "200", "--ways", "await");
  const packaged = await fullBench("throughput", ...args);
  assert.equal(packaged.result.host.fromNpm, "npm package");
  const { result, rows } = await bench("throughput", ...args);
  assert.equal(result.host.fromNpm, "source");
  for (const { median } of [...packaged.rows, ...rows]) assert.ok(median > 0);
});

test("others are compared with the plain bare loop, whatever ways are asked for", async () => {
  const args = ["--size", "10", "--count", "200", "--ways", "await"];
  const { rows } = await bench("throughput", ...OURS, ...args);
  const [nought, plain, awaited] = rows;
  assert.deepEqual(rows.map(({ way }) => way), ["await", "", "await"]);
  assert.equal(nought.ratios.bare, nought.median / plain.median);
  assert.equal(awaited.ratios.bare, undefined);
  assert.match(awaited.name, /^bare loop on .+, await$/);
});

test("the benchmark of storm has figures of the clock and the processor", async () => {
  const args = ["--runtime", RUNTIME, "--share", "0.02"];
  const { rows } = await bench("storm", ...args);
  assert.equal(rows.length, 2);
  for (const { median, name } of rows) assert.ok(median > 0, name);
});

test("a benchmark that isn't there is named, with those there are", async () => {
  const run = script("../bench/bench.ts", ["speed"]);
  try {
    assert.equal(await within("it ends", run.exit, 60_000), 1);
    assert.match(run.errors(), /no benchmark speed, but throughput, latency/);
  } finally {
    await run.kill();
  }
});

test(
  ...withPeer(LIBZMQ, "it takes part in each benchmark", async () => {
    const names = ["throughput", "latency", "fanout", "proxy", "inproc"]
      .concat("threads", "epgm");
    for (const name of names) {
      const args = ["--rivals", "libzmq,nought", "--runtime", RUNTIME];
      const small = ["--size", "10", "--count", "100", "--peers", "3"]
        .concat("--ways", "await");
      const { rows } = await bench(name, ...args, ...small);
      assert.equal(rows[0].kind, "libzmq");
      for (const row of rows.slice(1)) assert.ok(row.ratios.libzmq! > 0);
    }
  }),
);

test(
  // What floods is in C, too.
  ...withPeer(LIBZMQ, "a pair goes on in each flood", async () => {
    const args = ["--runtime", RUNTIME, "--share", "0.05"];
    const { rows } = await bench("flood", ...args);
    const names = ["nobody else", "noise", "a wrong key"];
    assert.deepEqual(rows.map(({ name }) => name), names);
    for (const { median, name } of rows) assert.ok(median > 0, name);
  }),
);

test(
  ...withPeer(ZEROMQJS, "it takes part, and the chart shows it", async () => {
    // Where it is at home, on whatever the benchmark itself runs.
    const args = ["--rivals", "zeromq.js,nought", "--runtime", "node"];
    const small = ["--sizes", "10,100", "--count", "100", "--ways", "await"];
    const { rows, chart } = await bench("throughput", ...args, ...small);
    assert.ok(rows.some(({ kind }) => kind === "zeromq.js"));
    assert.match(chart, /^<svg [^]*zeromq\.js, Node[^]*<\/svg>\n$/);
    assert.ok(!/NaN|undefined|Infinity/.test(chart), chart);
  }),
);

test(
  ...withPeer(
    ZEROMQJS,
    "it takes part over udp, and losses are told",
    async () => {
      const args = ["--rivals", "zeromq.js,nought", "--runtime", "node"];
      const small = ["--size", "64", "--count", "100", "--ways", "await"];
      const { rows } = await bench("udp", ...args, ...small);
      assert.deepEqual(rows.map(({ kind }) => kind), ["zeromq.js", "nought"]);
      for (const { lost } of rows) {
        assert.ok(
          lost! >= 0 && lost! < 1,
          `${lost}`,
        );
      }
    },
  ),
);

test(
  ...withPeer(MONGREL2, "handlers are timed behind it, and alone", async () => {
    const small = [
      "--rivals",
      "nought",
      "--runtime",
      RUNTIME,
      "--count",
      "5000",
    ];
    const { rows, result } = await bench("mongrel2", ...small);
    const parts = result.series.map(({ setting }) => setting.part);
    assert.deepEqual(parts, ["server", "alone"]);
    assert.equal(rows.length, 2);
    for (const { median, name } of rows) assert.ok(median > 0, name);
  }),
);
