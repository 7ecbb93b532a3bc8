// Plays random worlds until one breaks, and says which and what.

import process from "node:process";
import { Broken } from "../simulation/invariants.ts";
import { play } from "../simulation/worlds.ts";

const most = Number(process.argv[2]);
for (let seed = 1; seed <= most; seed++) {
  try {
    await play(seed);
  } catch (error) {
    const what = error instanceof Broken ? error.invariant : String(error);
    console.log(`seed ${seed}: ${what.split("\n")[0]}`);
    process.exit();
  }
}
console.log("all held");
process.exit();
