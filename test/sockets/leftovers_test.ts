import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { Pull, Push } from "../../mod.ts";
import { script } from "../support/runtime.ts";
import { sleep, until, within } from "../support/wait.ts";

test("once sockets are disposed of, or their context is terminated, no timer of them is left", async () => {
  const child = script("sockets/leftovers_program.ts");
  const left = JSON.parse(await within("it tells", child.line()));
  assert.equal(await within("it ends", child.exit), 0, child.errors());
  for (const [what, timers] of Object.entries(left)) {
    assert.equal(timers, 0, `${timers} are left: ${what}`);
  }
});

/** Files that are open are to be seen on Linux. */
const unseen = process.platform === "linux" ? false : "no /proc/self/fd here";

test("attempts that are given up just as they come about leave no connection", {
  skip: unseen,
}, async () => {
  const open = () => readdirSync("/proc/self/fd").length;
  const bound = new Pull();
  await bound.bind("tcp://127.0.0.1:*");
  const rounds = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const push = new Push({ linger: 0 });
      push.connect(bound.lastEndpoint!);
      await sleep(i % 2);
      await push.closeAsync();
    }
    await until("all have gone", () => bound.stats().peers === 0);
  };
  await rounds(10);
  const before = open();
  await rounds(600);
  await until("they are closed", () => open() <= before);
  bound.close();
});
