// Nought as programs on Bun and Node have it: its npm package, installed beside the
// peers. Node takes no TypeScript out of packages, and what it has in memory to erase
// types makes each of its collections longer; Bun begins sooner with nine files than
// with two hundred.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { binary } from "./host.ts";

const ROOT = new URL("../../", import.meta.url);
const PEERS = new URL("../peers/", import.meta.url);
const LIMIT = 300_000;

let folder: string | null = null;

/** A peer's program beside the package; `null` if that is not there, or not the program. */
export function packagedPeer(program: string): string | null {
  const path = folder === null ? "" : join(folder, program);
  return existsSync(path) ? path : null;
}

/** Builds the package, and puts it and the peers into a project of their own. */
export function installPackage(): void {
  const project = mkdtempSync(join(tmpdir(), "nought-bench-"));
  process.on("exit", () => rmSync(project, { recursive: true, force: true }));
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, {
      cwd: fileURLToPath(ROOT),
      stdio: ["ignore", "ignore", "inherit"],
      timeout: LIMIT,
    });
  run(binary("deno"), "run", "-A", "npm-build.ts", "--into", project);
  const { name, version, exports } = JSON.parse(
    readFileSync(new URL("deno.json", ROOT), "utf8"),
  );
  const tarball = `${name.slice(1).replace("/", "-")}-${version}.tgz`;
  const installed = join(project, "node_modules", name);
  mkdirSync(installed, { recursive: true });
  run(
    "tar",
    ...["-xzf", join(project, tarball), "-C", installed],
    "--strip-components=1",
  );
  const entries = new Map<string, string>();
  for (const [entry, module] of Object.entries<string>(exports)) {
    entries.set(new URL(module, ROOT).href, `${name}${entry.slice(1)}`);
  }
  for (const file of readdirSync(PEERS)) {
    if (!file.endsWith(".ts")) continue;
    const url = new URL(file, PEERS);
    const text = readFileSync(url, "utf8").replace(
      /"(\.\.\/[^"]+)"/g,
      (_, path) => {
        const { href } = new URL(path, url);
        return JSON.stringify(entries.get(href) ?? href);
      },
    );
    writeFileSync(join(project, file), text);
  }
  folder = project;
}
