// The tables in docs/ that are made of what the code declares, between two marks in
// their page: `deno task docs` writes them, and tables_test.ts holds them against
// the code.

import type { AdapterName } from "../../src/runtime/adapter.ts";
import {
  defaultsOf,
  ELSEWHERE,
  type OptionRow,
  OPTIONS,
} from "../../src/base/options.ts";
import { CAPABILITIES } from "../../src/sockets/capability.ts";
import { SOCKET_TYPES, type SocketType } from "../../src/base/socket_type.ts";

/** The runtimes, in the order of the columns. */
export const RUNTIMES = ["deno", "bun", "node"] as const;
export type RuntimeName = typeof RUNTIMES[number];

const INT_MAX = 2147483647;

/** What a runtime can do with an option. */
export function ability(
  option: OptionRow,
  features: ReadonlySet<string>,
): string {
  return option.needs === null || features.has(option.needs) ? "yes" : "no";
}

/** The cells of an option's row, but for the runtimes. */
export function optionCells(option: OptionRow): string[] {
  return [
    `\`${option.name}\``,
    option.id === 0 ? "ours" : String(option.id),
    typeOf(option),
    initialOf(option),
    option.live ? "at once" : "next bind or connect",
    option.sockets === "all"
      ? "all"
      : option.sockets.map((type) => SOCKET_TYPES[type].name).join(", "),
  ];
}

/** Its default, and the types that have another one. */
function initialOf({ name, initial, sockets }: OptionRow): string {
  const others = new Map<string, string[]>();
  for (const type of Object.keys(SOCKET_TYPES) as SocketType[]) {
    if (sockets !== "all" && !sockets.includes(type)) continue;
    const value = JSON.stringify(defaultsOf(type)[name]);
    if (value === JSON.stringify(initial)) continue;
    others.set(value, [...others.get(value) ?? [], SOCKET_TYPES[type].name]);
  }
  const rest = [...others].map(([value, names]) =>
    `; \`${value}\`: ${names.join(", ")}`
  );
  return `\`${JSON.stringify(initial)}\`${rest.join("")}`;
}

/** The head of the table of options. */
export const OPTION_HEAD: readonly string[] = [
  "Option",
  "libzmq's number",
  "Takes",
  "Default",
  "Acts",
  "Sockets",
  "Deno",
  "Bun",
  "Node 24",
  "Otherwise",
];

/** The whole table of options. */
export function optionTable(
  features: Record<RuntimeName, ReadonlySet<string>>,
): string {
  const rows = OPTIONS.map((option) => [
    ...optionCells(option),
    ...RUNTIMES.map((name) => ability(option, features[name])),
    option.needs === null ? "" : ELSEWHERE[option.needs],
  ]);
  return [OPTION_HEAD, OPTION_HEAD.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** Whether each capability can be had on a runtime. */
export function capabilitiesOn(
  name: RuntimeName,
  features: ReadonlySet<string>,
): string[] {
  return Object.values(CAPABILITIES).map((row) =>
    row.has({ name, features }) ? "yes" : "no"
  );
}

/**
 * How far a runtime that only connects goes with each capability, by what it connects
 * with and what it has, pages also when they are isolated.
 */
export function capabilitiesConnecting(
  name: AdapterName,
  by: readonly string[],
  features: ReadonlySet<string>,
  isolated: ReadonlySet<string> = features,
): string[] {
  return Object.values(CAPABILITIES).map(({ has }) => {
    const had = (features: ReadonlySet<string>) => has({ name, features });
    if (!had(features)) return had(isolated) ? "isolated" : "no";
    const others = [...features].filter((one) => !by.includes(one));
    return had(new Set(others)) ? "yes" : "connects";
  });
}

/** The runtimes that only connect, in the order of the columns. */
export function connecting(
  featuresOf: (where: string) => ReadonlySet<string>,
): string[][] {
  return [
    capabilitiesConnecting(
      "cloudflare",
      ["streams", "tls"],
      featuresOf("cloudflare"),
    ),
    capabilitiesConnecting(
      "browser",
      ["webSockets"],
      featuresOf("page"),
      featuresOf("isolated"),
    ),
  ];
}

/** Which column of the table of capabilities pages have: the one behind Workers. */
export const PAGES = 2 + RUNTIMES.length + 1;

/** The whole table of capabilities. */
export function capabilityTable(
  features: Record<RuntimeName, ReadonlySet<string>>,
  others: readonly string[][],
): string {
  const head = [
    ...["", "`capability.`", "Deno", "Bun", "Node 24"],
    ...["Cloudflare Workers", "Browsers", "Deno's permission"],
  ];
  const columns = [
    ...RUNTIMES.map((name) => capabilitiesOn(name, features[name])),
    ...others,
  ];
  const rows = Object.entries(CAPABILITIES).map(([name, row], i) => [
    row.says,
    `\`${name}\``,
    ...columns.map((column) => column[i]),
    row.permission,
  ]);
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function typeOf(option: OptionRow): string {
  switch (option.kind) {
    case "bool":
      return "boolean";
    case "int": {
      const most = option.max >= INT_MAX ? "" : ` to ${option.max}`;
      return `number from ${option.min}${most}`;
    }
    case "choice":
      return option.choices.map((one) => `\`${JSON.stringify(one)}\``)
        .join(" or ");
    case "text":
      return option.min === option.max
        ? `${option.min} characters, or null`
        : `text${
          option.max < INT_MAX ? ` of ${option.min} to ${option.max} bytes` : ""
        }, or null`;
    case "routingId":
      return "text or bytes, 1 to 255, or null";
    case "bytes":
      return "text or bytes, or null";
    case "filters":
      return "an address range, a list of them, or null";
    case "metadata":
      return "an object of `X-` properties, or null";
    case "key":
      return "32 bytes or 40 characters of Z85, or null";
    case "function":
      return "a function, or null";
  }
}

/** A page with the text between its marks replaced. */
export function inserted(page: string, mark: string, table: string): string {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no marks of ${mark}`);
  return `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`;
}

/** The cells of the rows of a table in a page, without the head. */
export function cellsOf(page: string, mark: string): string[][] {
  const from = page.indexOf(`<!-- ${mark} -->`);
  const to = page.indexOf(`<!-- end of ${mark} -->`);
  return page.slice(from, to).split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
}
