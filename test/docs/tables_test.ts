import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pickAdapter } from "../../adapters/pick.ts";
import { OPTIONS } from "../../src/base/options.ts";
import { rendered } from "../offences/table.ts";
import { renderedWs } from "../offences/ws_table.ts";
import { RUNTIME, script } from "../support/runtime.ts";
import { figures, ranOn } from "./figures.ts";
import { capability } from "../../mod.ts";
import { abilitiesOf, CAPABILITIES } from "../../src/sockets/capability.ts";
import {
  ability,
  capabilitiesOn,
  cellsOf,
  connecting,
  optionCells,
  RUNTIMES,
} from "./tables.ts";

const page = (name: string) =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

test("the docs' table of options is the code's (deno task docs)", () => {
  const rows = cellsOf(page("options.md"), "options");
  const expected = OPTIONS.map(optionCells);
  assert.deepEqual(
    rows.map((cells) => cells.slice(0, expected[0].length)),
    expected,
  );
});

test("the docs say how far this runtime goes with each option (deno task docs)", () => {
  const { features } = pickAdapter();
  const rows = cellsOf(page("options.md"), "options");
  const column = optionCells(OPTIONS[0]).length + RUNTIMES.indexOf(RUNTIME);
  assert.deepEqual(
    rows.map((cells) => cells[column]),
    OPTIONS.map((option) => ability(option, features)),
  );
});

test("the docs say which transports and mechanisms this runtime has, and so does capability (deno task docs)", () => {
  const rows = cellsOf(page("transports.md"), "capabilities");
  const { features } = abilitiesOf(pickAdapter());
  const here = capabilitiesOn(RUNTIME, features);
  assert.deepEqual(
    rows.map((cells) => cells[2 + RUNTIMES.indexOf(RUNTIME)]),
    here,
  );
  assert.deepEqual(
    Object.entries(capability),
    Object.keys(CAPABILITIES).map((name, i) => [name, here[i] === "yes"]),
  );
});

test("the docs say which transports and mechanisms Workers of Cloudflare and pages have (deno task docs)", async () => {
  const rows = cellsOf(page("transports.md"), "capabilities");
  const features = new Map<string, Set<string>>();
  for (const where of ["cloudflare", "page", "isolated"]) {
    const run = script("docs/features_program.ts", [where]);
    features.set(where, new Set(JSON.parse(await run.line())));
  }
  const columns = connecting((where) => features.get(where)!);
  for (const [i, column] of columns.entries()) {
    const at = 2 + RUNTIMES.length + i;
    assert.deepEqual(rows.map((cells) => cells[at]), column);
  }
});

for (
  const [mark, table] of [
    ["offences", rendered()],
    ["offences over ws", renderedWs()],
  ]
) {
  test(`the docs' table of ${mark} is the one that is tried (deno task docs)`, () => {
    const expected = table.split("\n").slice(2)
      .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
    assert.deepEqual(cellsOf(page("offences.md"), mark), expected);
  });
}

test("the README's figures are those of the last full run (deno task docs)", () => {
  const readme = page("../README.md");
  const expected = figures().split("\n").slice(2)
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
  assert.ok(expected.length > 10);
  assert.deepEqual(cellsOf(readme, "figures"), expected);
  assert.ok(readme.includes(ranOn()));
});
