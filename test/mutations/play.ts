// Plays random worlds until one breaks, and says which and what: so many, of the
// kinds that are named, or of all.

import process from "node:process";
import { Broken } from "../simulation/invariants.ts";
import { kindOf, play } from "../simulation/worlds.ts";

const [, , most, ...kinds] = process.argv;
let played = 0;
for (let seed = 1; played < Number(most); seed++) {
  if (kinds.length > 0 && !kinds.includes(kindOf(seed))) continue;
  played++;
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
