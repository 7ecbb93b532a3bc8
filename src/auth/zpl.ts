// ZPL (RFC 4), as far as certificates use it: sections at the margin, and under
// each of them lines of `name = value`. As everybody who reads certificates does,
// we take any indent; a value without quotes ends before a comment.

import { ZmqError } from "../base/errors.ts";

/** The values of each section, by name; of two the last stands. */
export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

const NAME = /^[\w$\-@.&+/]{1,255}$/;
const LINE = /^([ \t]*)([\w$\-@.&+/]{1,255})[ \t]*(?:=[ \t]*(.*)|#.*)?$/s;
const QUOTED = /^(?:"([^"]*)"|'([^']*)')[ \t]*(?:#.*)?$/s;

/** Parses text; throws EINVAL with the number of a line that is none of ZPL. */
export function parseZpl(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  // Some editors begin a file with a mark of its encoding.
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [at, whole] of lines.entries()) {
    const line = whole.trimEnd();
    if (/^[ \t]*(?:#|$)/.test(line)) continue;
    const [, indent, name, written] = LINE.exec(line) ?? [];
    const value = written === undefined ? "" : unquoted(written);
    if (name === undefined || value === null) {
      throw new ZmqError("EINVAL", `Line ${at + 1} is no line of ZPL (RFC 4)`);
    }
    if (indent !== "") section.set(name, value);
    else {
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
    }
  }
  return sections;
}

/** A value without its quotes; `null` if they don't end. */
function unquoted(written: string): string | null {
  if (!/^["']/.test(written)) return written.split("#", 1)[0].trimEnd();
  const found = QUOTED.exec(written);
  return found === null ? null : found[1] ?? found[2];
}

/** A line under a section. Throws EINVAL for what can't be written: ZPL knows no escapes. */
export function zplLine(name: string, value: string): string {
  const quote = value.includes('"') ? "'" : '"';
  if (!NAME.test(name) || value.includes(quote) || /[\r\n]/.test(value)) {
    throw new ZmqError(
      "EINVAL",
      `${
        JSON.stringify(name)
      } can't be written: a name is letters, digits and ` +
        "$-_@.&+/, a value one line without both kinds of quotes",
    );
  }
  return `    ${name} = ${quote}${value}${quote}\n`;
}
