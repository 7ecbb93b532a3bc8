// Throughput over the size of a message as an SVG: both axes logarithmic, a line
// a system, its name at its end; for light and dark pages.

import type { Kind, RuntimeId } from "./options.ts";
import type { Result, Row } from "./compare.ts";

/** A line, and how it is drawn. */
interface System {
  readonly label: string;
  readonly kind: Kind;
  readonly runtime: RuntimeId | null;
  readonly style: string;
}

/** One message at a time, as most programs send them. */
const WAY = "await";
const SYSTEMS: readonly System[] = [
  { label: "Nought, Deno", kind: "nought", runtime: "deno", style: "deno" },
  { label: "Nought, Bun", kind: "nought", runtime: "bun", style: "bun" },
  { label: "Nought, Node", kind: "nought", runtime: "node", style: "node" },
  { label: "libzmq (C)", kind: "libzmq", runtime: null, style: "libzmq" },
  { label: "zeromq.js, Node", kind: "zeromq.js", runtime: "node", style: "js" },
  {
    label: "zeromq.js, Deno",
    kind: "zeromq.js",
    runtime: "deno",
    style: "js dashed",
  },
];

const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 15px; font-weight: 600; }
    .paper { fill: #ffffff; }
    .grid { stroke: #d0d7de; stroke-width: 1; }
    .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
    .deno { stroke: #0969da; } .bun { stroke: #cf222e; }
    .node { stroke: #1a7f37; } .libzmq { stroke: #57606a; }
    .js { stroke: #bf8700; } .dashed { stroke-dasharray: 5 4; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .paper { fill: #0d1117; }
      .grid { stroke: #30363d; }
      .deno { stroke: #58a6ff; } .bun { stroke: #ff7b72; }
      .node { stroke: #3fb950; } .libzmq { stroke: #a8b1ba; }
      .js { stroke: #e3b341; }
    }
  `;

const WIDTH = 820;
const HEIGHT = 460;
const LEFT = 70;
const RIGHT = 150;
const TOP = 50;
const BOTTOM = 60;
/** Lines of text that don't touch. */
const APART = 16;

interface Point {
  readonly size: number;
  readonly rate: number;
}

/** The chart of a result of the throughput. */
export function chart({ host, series }: Result): string {
  const lines = SYSTEMS.map((system) => ({
    ...system,
    points: series.flatMap(({ setting, rows }): Point[] => {
      const row = rows.find((row) => isOf(row, system));
      if (row === undefined || row.figures.length === 0) return [];
      return [{ size: Number(setting.size), rate: row.median }];
    }).sort((a, b) => a.size - b.size),
  })).filter(({ points }) => points.length > 0);
  const points = lines.flatMap((line) => line.points);
  const [x0, x1] = span(points.map(({ size }) => size), 2);
  const [y0, y1] = span(points.map(({ rate }) => rate), 10);
  const share = (value: number, from: number, to: number) =>
    (Math.log(value) - Math.log(from)) / (Math.log(to) - Math.log(from));
  const x = (size: number) =>
    round(LEFT + share(size, x0, x1) * (WIDTH - LEFT - RIGHT));
  const y = (rate: number) =>
    round(HEIGHT - BOTTOM - share(rate, y0, y1) * (HEIGHT - TOP - BOTTOM));

  const parts: string[] = [];
  for (let rate = y0; rate <= y1 * 1.001; rate *= 10) {
    parts.push(
      `<path class="grid" d="M${LEFT} ${y(rate)}H${WIDTH - RIGHT}"/>`,
      text(LEFT - 8, y(rate) + 4, short(rate, 1000), "end"),
    );
  }
  for (const size of new Set(points.map((point) => point.size))) {
    parts.push(
      `<path class="grid" d="M${x(size)} ${TOP}V${HEIGHT - BOTTOM}"/>`,
      text(x(size), HEIGHT - BOTTOM + 20, `${short(size, 1024)}B`, "middle"),
    );
  }
  const labels: { at: number; label: string }[] = [];
  for (const { label, style, points } of lines) {
    const path = points.map(({ size, rate }, i) =>
      `${i === 0 ? "M" : "L"}${x(size)} ${y(rate)}`
    ).join("");
    const dots = points.map(({ size, rate }) => `M${x(size) - 2} ${y(rate)}h4`)
      .join("");
    parts.push(
      `<path class="line ${style}" d="${path}"><title>${label}</title></path>`,
      `<path class="line ${style.split(" ")[0]}" d="${dots}" ` +
        `style="stroke-width:4"/>`,
    );
    labels.push({ at: y(points.at(-1)!.rate), label });
  }
  const styles = new Map(lines.map(({ label, style }) => [label, style]));
  for (const { at, label, line } of spread(labels)) {
    const from = WIDTH - RIGHT;
    parts.push(
      `<path class="line ${styles.get(label)}" d="M${from} ${line}` +
        `L${from + 10} ${at}h10"/>`,
      text(from + 26, at + 4, label, "start"),
    );
  }
  const title = "PUSH to PULL over tcp, one message at a time";
  const where = `messages a second by size; ${host.cpu}, ${host.os}, ` +
    `libzmq ${host.libzmq}, ${host.date}`;
  parts.push(
    text(LEFT, 28, title, "start", "title"),
    text(LEFT, HEIGHT - 14, where, "start"),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `role="img" aria-label="${title}">`,
    `  <style>${STYLE}</style>`,
    `  <rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    ...parts.map((part) => `  ${part}`),
    "</svg>",
    "",
  ].join("\n");
}

function isOf(row: Row, { kind, runtime }: System): boolean {
  return row.kind === kind && row.runtime === runtime &&
    (row.way === "" || row.way === WAY);
}

/** The powers of `base` around some numbers. */
function span(numbers: number[], base: number): [number, number] {
  const power = (value: number, round: (value: number) => number) =>
    base ** round(Math.log(value) / Math.log(base) + 1e-9);
  const all = numbers.length === 0 ? [1] : numbers;
  const from = power(Math.min(...all), Math.floor);
  const to = power(Math.max(...all), Math.ceil);
  return to > from ? [from, to] : [from, from * base];
}

/** Moves names apart that would lie upon each other. */
function spread(labels: readonly { at: number; label: string }[]) {
  const sorted = labels.map(({ at, label }) => ({ at, label, line: at }))
    .sort((a, b) => a.at - b.at);
  for (let i = 1; i < sorted.length; i++) {
    sorted[i].at = Math.max(sorted[i].at, sorted[i - 1].at + APART);
  }
  let lowest = HEIGHT - BOTTOM;
  for (const one of sorted.reverse()) {
    one.at = round(Math.min(one.at, lowest));
    lowest = one.at - APART;
  }
  return sorted;
}

/** 10,000 as 10k, 65,536 as 64 Ki. */
function short(value: number, thousand: 1000 | 1024): string {
  const names = thousand === 1000 ? ["", "k", "M", "G"] : [" ", " Ki", " Mi"];
  let at = 0;
  while (value >= thousand && at < names.length - 1) {
    value /= thousand;
    at++;
  }
  return `${Math.round(value)}${names[at]}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function text(
  x: number,
  y: number,
  content: string,
  anchor: string,
  style = "",
): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const kind = style === "" ? "" : ` class="${style}"`;
  return `<text${kind} x="${x}" y="${y}" text-anchor="${anchor}">${safe}</text>`;
}
