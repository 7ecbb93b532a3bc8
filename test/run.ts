// Runs the whole suite on Deno, Bun and Node, and sees to it that the three have
// run the same tests.
//
//     deno task test                    everything
//     deno task test sockets interop    the files whose path has one of these
//
// Peers that are missing are listed at the end; under CI=1 they are failures.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { readJunit, type Report } from "./support/junit.ts";
import { VERSIONS } from "./support/versions.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const LIMIT = 18 * 60_000;

interface Run {
  readonly runtime: string;
  readonly reports: readonly Report[];
  readonly code: number | null;
  readonly seconds: number;
  /** What it printed. */
  readonly output: string;
}

const files = readdirSync(join(ROOT, "test"), { recursive: true })
  .map((path) => `test/${`${path}`.replaceAll("\\", "/")}`)
  .filter((path) => path.endsWith("_test.ts"))
  .filter((path) =>
    process.argv.length === 2 ||
    process.argv.slice(2).some((wanted) => path.includes(wanted))
  )
  .sort();
if (files.length === 0) {
  console.error("No test file has such a path.");
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), "nought-test-"));
try {
  process.exitCode = await runAll() ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true });
}

async function runAll(): Promise<boolean> {
  const runs: Run[] = [];
  runs.push(
    await run(`Deno ${VERSIONS.deno}`, process.execPath, (report) => [
      ...["test", "-A", "--no-check", `--junit-path=${report}`],
      ...files,
    ]),
  );
  runs.push(
    await run(`Bun ${VERSIONS.bun}`, "npx", (report) => [
      ...["-y", `bun@${VERSIONS.bun}`, "test", "--timeout", "120000"],
      ...["--reporter=junit", `--reporter-outfile=${report}`],
      ...files.map((file) => `./${file}`),
    ]),
  );
  runs.push(
    await run(`Node ${VERSIONS.node}`, "npx", (report) => [
      ...["-y", `node@${VERSIONS.node}`, "--test", "--test-timeout=120000"],
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
      ...files,
    ]),
  );

  let good = true;
  for (const { runtime, code, reports, output } of runs) {
    if (code === 0 && count(reports, "failed") === 0) continue;
    good = false;
    console.log(`\n=== ${runtime} ===\n`);
    console.log(output);
  }
  if (!sameTests(runs)) good = false;
  leftOut(runs);
  console.log("");
  for (const { runtime, code, reports, seconds } of runs) {
    const failed = count(reports, "failed");
    const mark = code === 0 && failed === 0 ? "ok  " : "FAIL";
    console.log(
      `${mark}  ${runtime.padEnd(12)} ${count(reports, "passed")} passed, ` +
        `${failed} failed, ${count(reports, "skipped")} skipped ` +
        `(${seconds} s${code === 0 ? "" : `, exit code ${code}`})`,
    );
  }
  return good;
}

/** Runs the suite on one runtime; what it prints is kept until it is known to be of interest. */
async function run(
  runtime: string,
  command: string,
  argumentsFor: (report: string) => string[],
): Promise<Run> {
  console.log(`${files.length} files on ${runtime} …`);
  const name = runtime.replace(" ", "-");
  const report = join(scratch, `${name}.xml`);
  const began = performance.now();
  let output = "";
  const code = await new Promise<number | null>((resolve) => {
    const child = spawn(command, argumentsFor(report), {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT,
      shell: process.platform === "win32",
    });
    child.stdout.on("data", (data) => output += data);
    child.stderr.on("data", (data) => output += data);
    child.on("error", (error) => {
      output += `${error}\n`;
      resolve(-1);
    });
    child.on("close", resolve);
  });
  let reports: Report[] = [];
  try {
    reports = readJunit(readFileSync(report, "utf8"), ROOT);
  } catch {
    // It ended before it wrote one; its exit code says so.
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  return { runtime, reports, code, seconds, output };
}

function count(reports: readonly Report[], outcome: Report["outcome"]): number {
  return reports.filter((report) => report.outcome === outcome).length;
}

/** Whether all have run the same tests; says which they have not. */
function sameTests(runs: readonly Run[]): boolean {
  const ids = runs.map((run) =>
    run.reports.map(({ file, name }) => `${file}: ${name}`).sort()
  );
  const all = new Set(ids.flat());
  let same = all.size > 0;
  if (!same) console.log("\nNo test was run.");
  for (const [i, { runtime }] of runs.entries()) {
    const had = new Set(ids[i]);
    if (had.size !== ids[i].length) {
      same = false;
      const twice = ids[i].filter((id, at) => id === ids[i][at - 1]);
      console.log(`\n${runtime} ran tests of one name:`);
      for (const id of twice) console.log(`  ${id}`);
    }
    const missing = [...all].filter((id) => !had.has(id));
    if (missing.length === 0) continue;
    same = false;
    console.log(`\n${runtime} did not run ${missing.length} of the tests:`);
    for (const id of missing) console.log(`  ${id}`);
  }
  return same;
}

/** Says loudly which peers were missing. */
function leftOut(runs: readonly Run[]): void {
  const reasons = new Map<string, number>();
  for (const { reports } of runs) {
    for (const { outcome, name, reason } of reports) {
      if (outcome !== "skipped") continue;
      // Not every runner tells why; the test's name tells of whom.
      const peer = name.slice(0, name.indexOf(": "));
      const why = reason.startsWith(peer) ? reason : peer;
      reasons.set(why, (reasons.get(why) ?? 0) + 1);
    }
  }
  if (reasons.size === 0) return;
  console.log("\nLEFT OUT, because a peer is not installed here:");
  for (const [why, tests] of reasons) {
    if ([...reasons.keys()].some((a) => a !== why && a.startsWith(why))) {
      continue;
    }
    console.log(`  ${why} (${tests} tests a runtime)`);
  }
}
