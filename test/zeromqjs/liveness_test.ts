// When a program of the drop-in ends by itself, and which sockets are abandoned.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Program, script } from "../support/runtime.ts";
import { sleep, within } from "../support/wait.ts";

async function running(
  what: string,
  run: (program: Program) => Promise<void>,
): Promise<void> {
  const program = script("zeromqjs/liveness_program.ts", [what], { gc: true });
  try {
    const line = await within("it is ready", program.line(), 30_000);
    assert.equal(line, "ready", program.errors());
    await run(program);
  } finally {
    await program.kill();
  }
}

for (
  const [what, name] of [
    [
      "idle",
      "bound and connected sockets without an operation let a program end",
    ],
    ["linger", "what waits to be sent keeps a program alive up to its linger"],
    ["no linger", "without a linger what waits to be sent keeps nobody alive"],
    ["old push", "a socket of zeromq.js 5 that only sends keeps nobody alive"],
    ["old closed", "nor does one that is closed"],
    ["abandoned", "a socket that nobody can reach is closed"],
    [
      "abandoned events",
      "a socket that nobody can reach is closed though its events are listened to",
    ],
    ["loop", "a socket that a loop reads from stays"],
  ]
) {
  test(name, () =>
    running(what, async (program) => {
      const code = await within("it ends", program.exit, 15_000);
      assert.equal(code, 0, program.errors());
    }));
}

for (
  const [what, name] of [
    ["receive", "a receive that waits keeps a program alive"],
    ["events", "listening to events keeps a program alive"],
    [
      "old reply",
      "a socket of zeromq.js 5 that can receive keeps a program alive, also without a listener",
    ],
  ]
) {
  test(name, () =>
    running(what, async (program) => {
      const ended = await Promise.race([
        program.exit.then(() => true),
        sleep(500).then(() => false),
      ]);
      assert.equal(ended, false, program.errors());
    }));
}
