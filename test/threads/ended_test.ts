// How a thread's end is told, on this runtime.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { pickAdapter } from "../../adapters/pick.ts";
import { sleep, until, within } from "../support/wait.ts";

test("who asks for a thread's end while it is told of, or later, is told too", async () => {
  const threads = pickAdapter().threads!;
  const group = threads.group("nought-ended-test", () => {});
  const worker = new Worker(new URL("ended_program.ts", import.meta.url));
  const told: string[] = [];
  try {
    const life = await within(
      "it says who it is",
      new Promise<string>((resolve) => worker.once("message", resolve)),
    );
    const taken = threads.whenEnded(life, () => told.push("taken back"));
    threads.whenEnded(life, () => {
      told.push("first");
      threads.whenEnded(life, () => told.push("meanwhile"));
      taken();
    });
    taken();
    await sleep(50);
    assert.equal(told.length, 0);
    await worker.terminate();
    await until("both are told", () => told.length >= 2);
    threads.whenEnded(life, () => told.push("later"));
    await until("so is this one", () => told.length >= 3);
    assert.deepEqual(told, ["first", "meanwhile", "later"]);
  } finally {
    await worker.terminate();
    group.close();
  }
});
