// Programs of several processes: what one listens at no other does, be they workers of
// `node:cluster`, which can share what they listen at.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RUNTIME, script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

const ADDRESSES = [
  "tcp://127.0.0.1:*",
  "ws://localhost:*",
  "udp://127.0.0.1:*",
];
const PROGRAM = "sockets/workers_program.ts";

test("workers of a program each listen at ports of their own, and not where another one does", async () => {
  const programs = RUNTIME === "node"
    ? [script(PROGRAM, ["workers"])]
    : [script(PROGRAM), script(PROGRAM)];
  const ask = async (worker: 0 | 1, addresses: readonly string[]) => {
    const line = JSON.stringify(addresses);
    const [program] = programs.slice(programs.length > 1 ? worker : 0);
    program.tell(programs.length > 1 ? line : worker + line);
    return JSON.parse(await within("it answers", program.line())) as string[];
  };
  try {
    const first = await ask(0, ADDRESSES);
    const second = await ask(1, ADDRESSES);
    assert.equal(new Set([...first, ...second]).size, 2 * ADDRESSES.length);
    const taken = first.map(() => "EADDRINUSE");
    assert.deepEqual(await ask(1, first), taken);
    assert.deepEqual(await ask(0, second), taken);
  } finally {
    for (const program of programs) await program.kill();
  }
});
