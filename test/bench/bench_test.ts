import assert from "node:assert/strict";
import { test } from "node:test";
import { RUNTIME, script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

for (
  const [bench, unit, ways] of [
    ["throughput", "msg/s", 2],
    ["latency", "µs", 1],
  ] as const
) {
  test(`the benchmark of ${bench} runs and prints a figure for each way`, async () => {
    const run = script(`../bench/${bench}.ts`, [
      ...["--rivals", RUNTIME, "--sizes", "10,1024", "--count", "200"],
    ]);
    try {
      const code = await within("it ends", run.exit, 60_000);
      assert.equal(code, 0, run.errors());
      const figures = [
        ...run.output().matchAll(/Nought on .* ([\d,.]+) (\S+)\n/g),
      ];
      assert.equal(figures.length, 2 * ways, run.output());
      for (const [, figure, of] of figures) {
        assert.equal(of, unit);
        assert.ok(Number(figure.replaceAll(",", "")) > 0);
      }
    } finally {
      await run.kill();
    }
  });
}
