// Tests of applications replace the clock and the timers by ones that they wind
// themselves (Jest, Vitest, Sinon); what sockets do takes the time that it takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Pull, Push } from "../../mod.ts";
import { texts } from "../support/bytes.ts";

/** What is replaced, beside the clock. */
const REPLACED = [
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "queueMicrotask",
] as const;

/** Runs it while timers don't fire and no time passes. */
async function stopped(run: () => Promise<void>): Promise<void> {
  const globals = globalThis as unknown as Record<string, unknown>;
  const before = REPLACED.map((name) => globals[name]);
  const { now } = performance;
  const at = now.call(performance);
  for (const name of REPLACED) globals[name] = () => 0;
  performance.now = () => at;
  try {
    await run();
  } finally {
    performance.now = now;
    for (const [i, name] of REPLACED.entries()) globals[name] = before[i];
  }
}

test("timers and clocks that were replaced by a test's own are not those of sockets", async () => {
  await using context = new Context();
  const pull = new Pull({ context });
  const push = new Push({ context, reconnectInterval: 10 });
  const limit = setTimeout(() => assert.fail("it hangs"), 10_000);
  await stopped(async () => {
    await pull.bind("tcp://127.0.0.1:*");
    push.connect(pull.lastEndpoint!);
    for (let i = 0; i < 3000; i++) await push.send(`${i}`);
    for (let i = 0; i < 3000; i++) {
      assert.deepEqual(texts(await pull.receive()), [`${i}`]);
    }
    await assert.rejects(pull.receive({ timeout: 20 }), { code: "EAGAIN" });
  });
  clearTimeout(limit);
});
