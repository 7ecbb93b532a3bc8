// Contexts come and go, each with a listener at an address of its own and a peer;
// prints what each of the later ones has left behind, in bytes.

import process from "node:process";
import { Context, Pull, Push } from "../../mod.ts";
import { collect, heldMemory } from "../support/memory.ts";

const WARM = 1500;
const ROUNDS = 3000;
/** Until what runtimes do a little later is done. */
const REST_MS = 100;

const rest = () => new Promise((resolve) => setTimeout(resolve, REST_MS));

async function rounds(address: string, count: number): Promise<number> {
  for (let i = 0; i < count; i++) {
    const context = new Context();
    const pull = new Pull({ context });
    const push = new Push({ context });
    await pull.bind(address);
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    await pull.receive();
    await context.terminate();
  }
  await rest();
  collect();
  await rest();
  return heldMemory();
}

const left: Record<string, number> = {};
for (const address of ["inproc://churn", "ipc://*", "tcp://127.0.0.1:*"]) {
  const before = await rounds(address, WARM);
  const after = await rounds(address, ROUNDS);
  left[address] = Math.round((after - before) / ROUNDS);
}
console.log(JSON.stringify(left));
process.exit();
