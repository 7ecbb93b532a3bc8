// Makes each mutation in a copy of the tree and plays random worlds there until
// an invariant breaks: `deno task mutations [part of a name]`.

import { MUTATIONS } from "./mutations.ts";

const root = new URL("../../", import.meta.url);
const MOST_SEEDS = 3000;
/** The kinds of worlds by the first word of an invariant. */
const KINDS: Record<string, string[]> = {
  pipeline: ["pipeline", "scattered"],
  pubsub: ["pubsub"],
  reqrep: ["reqrep"],
  router: ["routed"],
  xpub: ["xpubsub"],
  pair: ["paired"],
  server: ["numbered"],
  groups: ["groups"],
  stream: ["streams"],
};
const only = Deno.args[0] ?? "";

const copy = await Deno.makeTempDir({ prefix: "nought-mutations-" });
let missed = 0;
try {
  for (const part of ["mod.ts", "src", "adapters", "test", "deno.json"]) {
    await copyTree(new URL(part, root).pathname, `${copy}/${part}`);
  }
  for (const mutation of MUTATIONS) {
    if (!mutation.name.includes(only)) continue;
    const file = `${copy}/${mutation.file}`;
    const source = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, mutated(source, mutation.from, mutation.to));
    const verdict = await play(kindsOf(mutation.caughtBy));
    await Deno.writeTextFile(file, source);
    const caught = (mutation.caughtBy as readonly string[]).includes(
      verdict.invariant,
    );
    if (!caught) missed++;
    console.log(
      `${caught ? "caught" : "MISSED"}: ${mutation.name}\n` +
        `        by "${verdict.invariant}" in seed ${verdict.seed}`,
    );
  }
} finally {
  await Deno.remove(copy, { recursive: true });
}
if (missed > 0) {
  console.log(`${missed} not caught as they should be`);
  Deno.exit(1);
}

/** Replaces a passage without regard to how it is broken into lines. */
function mutated(source: string, from: string, to: string): string {
  const words = from.trim().split(/\s+/).map((word) =>
    word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  );
  return source.replace(new RegExp(words.join("\\s+")), () => to);
}

/** The kinds of worlds in which invariants can break; none stands for all. */
function kindsOf(invariants: readonly string[]): string[] {
  const families = invariants.map((name) => name.split(/[: ]/)[0]);
  return families.includes("all")
    ? []
    : families.flatMap((family) => KINDS[family]);
}

async function play(
  kinds: string[],
): Promise<{ seed: string; invariant: string }> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      `${copy}/test/mutations/play.ts`,
      `${MOST_SEEDS}`,
      ...kinds,
    ],
    cwd: copy,
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stdout);
  const found = said.match(/^seed (\d+): (.*)$/m);
  if (found) return { seed: found[1], invariant: found[2] };
  if (said.includes("all held")) return { seed: "none", invariant: "nothing" };
  throw new Error(new TextDecoder().decode(stderr));
}

async function copyTree(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const entry of Deno.readDir(from)) {
    await copyTree(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}
