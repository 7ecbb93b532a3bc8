// Writes the tables of docs/ anew: `deno task docs`.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { rendered } from "../offences/table.ts";
import { renderedWs } from "../offences/ws_table.ts";
import { VERSIONS } from "../support/versions.ts";
import { figures, ranOn } from "./figures.ts";
import {
  capabilityTable,
  connecting,
  inserted,
  optionTable,
  RUNTIMES,
} from "./tables.ts";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const program = fileURLToPath(new URL("features_program.ts", import.meta.url));

function featuresOf(
  name: typeof RUNTIMES[number],
  ...where: string[]
): Set<string> {
  const run = name === "deno" ? ["run", "-A", "--no-check"] : [];
  const printed = execFileSync(
    "npx",
    ["-y", `${name}@${VERSIONS[name]}`, ...run, program, ...where],
    { encoding: "utf8", timeout: 60_000 },
  );
  return new Set(JSON.parse(printed));
}

function write(page: string, mark: string, table: string): void {
  const path = `${DOCS}${page}`;
  writeFileSync(path, inserted(readFileSync(path, "utf8"), mark, table));
}

const [deno, bun, node] = RUNTIMES.map((name) => featuresOf(name));
const others = connecting((where) => featuresOf("deno", where));
write("options.md", "options", optionTable({ deno, bun, node }));
write(
  "transports.md",
  "capabilities",
  capabilityTable({ deno, bun, node }, others),
);
write("offences.md", "offences", rendered());
write("offences.md", "offences over ws", renderedWs());
write("../README.md", "figures", `${figures()}\n\n${ranOn()}`);
execFileSync(
  process.execPath,
  ["fmt", "--quiet", DOCS, `${DOCS}../README.md`],
  { timeout: 60_000 },
);
