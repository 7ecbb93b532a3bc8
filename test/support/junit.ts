// What a runtime's test runner reports, in the dialect of JUnit that each of
// the three writes.

/** A test that a runner has run. */
export interface Report {
  /** The file, as a path from the root of the repository. */
  readonly file: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it was skipped, where the runner tells. */
  readonly reason: string;
}

/** Reads a report. The root is that of the repository, with a slash at its end. */
export function readJunit(xml: string, root: string): Report[] {
  const reports: Report[] = [];
  const cases = /<testcase\s([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  for (const [, opening, inside = ""] of xml.matchAll(cases)) {
    // Deno names the file as the class, Bun and Node as the file.
    const path = attribute(opening, "file") || attribute(opening, "classname");
    const skipped = /<skipped([^>]*)/.exec(inside);
    const failed = /<(failure|error)[\s>]/.test(inside);
    reports.push({
      file: path.replace(root, "").replace(/^\.\//, ""),
      name: attribute(opening, "name"),
      outcome: failed ? "failed" : skipped ? "skipped" : "passed",
      reason: skipped ? attribute(skipped[1], "message") : "",
    });
  }
  return reports;
}

function attribute(tag: string, name: string): string {
  const found = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag);
  return found === null ? "" : decoded(found[1]);
}

const NAMED: Record<string, string> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

function decoded(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex, decimal, name) =>
      hex !== undefined
        ? String.fromCodePoint(parseInt(hex, 16))
        : decimal !== undefined
        ? String.fromCodePoint(Number(decimal))
        : NAMED[name] ?? whole,
  );
}
