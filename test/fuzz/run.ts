// Fuzzes for a time: `deno task fuzz --minutes 5 --seed 7`.

import process from "node:process";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
  },
});
const began = performance.now();
const ends = began + Number(values.minutes) * 60_000;
const seed = Number(values.seed);
console.log(`seed ${seed}`);
try {
  // The clock is looked at now and then only.
  const { inputs, refused, passed } = fuzz(
    seed,
    (inputs) => inputs % 256 === 0 && performance.now() > ends,
  );
  const rate = inputs / (performance.now() - began) * 1000;
  console.log(
    `${inputs} inputs, ${
      Math.round(rate)
    } a second: ${refused} peers cut off, ${passed} not; nothing found`,
  );
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
