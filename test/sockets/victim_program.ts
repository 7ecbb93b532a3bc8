// A Pull that reads what it gets and tells, when asked, how much memory the
// program has and how many messages it got.

import process from "node:process";
import { createInterface } from "node:readline";
import { Pull } from "../../mod.ts";
import { heldMemory, residentMemory } from "../support/memory.ts";

// A crowd comes at once; Bun has a queue of its own length.
const BACKLOG = "Bun" in globalThis ? 100 : 1000;

const pull = new Pull({ backlog: BACKLOG });
await pull.bind("tcp://127.0.0.1:*");
let count = 0;
(async () => {
  for await (const [frame] of pull) if (frame.length === 8) count++;
})();

createInterface({ input: process.stdin }).on("line", (line) => {
  console.log(
    line === "memory" ? `${heldMemory()} ${residentMemory()}` : count,
  );
});
console.log(pull.lastEndpoint);
