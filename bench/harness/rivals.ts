// Who takes part in a benchmark: libzmq from C, zeromq.js, Nought on each runtime,
// and the bare socket loop of each, as programs that take the same arguments. One
// that can't be had here is left out, and that is said.

import { fileURLToPath } from "node:url";
import { builtWithLibzmq, withZeromqJs } from "../../test/support/peer.ts";
import { binary, said } from "./host.ts";
import type { Kind, Options, RuntimeId } from "./options.ts";
import { packagedPeer } from "./packaged.ts";

const LABELS = { deno: "Deno", bun: "Bun", node: "Node" };

/** A program that takes part. */
export interface Rival {
  readonly kind: Kind;
  /** What it runs on; `null` is the machine itself. */
  readonly runtime: RuntimeId | null;
  /** How it is driven; empty if there is one way. */
  readonly way: string;
  readonly name: string;
  readonly command: readonly string[];
  /** What stands behind its arguments. */
  readonly after: readonly string[];
}

/** What a benchmark compares. */
export interface Field {
  readonly kinds: readonly Kind[];
  /** The ways to drive Nought. */
  readonly ways: readonly string[];
  /** The ways to drive the bare loop; just the plain one, unless told. */
  readonly bareWays?: readonly string[];
}

/** The bare loop as it is: what others are compared with, whatever was asked for. */
const PLAIN = "";

/** A peer's program. */
function peer(name: string): URL {
  return new URL(`../peers/${name}`, import.meta.url);
}

/** The version of libzmq that the C program is linked with, or `null`. */
export function libzmqVersion(): string | null {
  const { absent, command } = builtWithLibzmq(peer("libzmq.c"));
  return absent === null ? said(command[0], "version") : null;
}

/** How to run a program of ours. */
export function on(id: RuntimeId, program: string, flags: string[] = []) {
  const before = id === "deno" ? ["run", "-A", "--no-check"] : [];
  const packaged = id === "deno" ? null : packagedPeer(program);
  const path = packaged ?? fileURLToPath(peer(program));
  return [binary(id), ...before, ...flags, path];
}

/** Everybody who was asked for and is there, and a line about each who isn't. */
export function rivals(field: Field, options: Options): Rival[] {
  const asked = (kind: Kind) =>
    field.kinds.includes(kind) && options.kinds.includes(kind);
  const wanted = (way: string) => options.ways?.includes(way) ?? true;
  const ways = {
    nought: field.ways.filter(wanted),
    bare: (field.bareWays ?? [PLAIN])
      .filter((way) => way === PLAIN || wanted(way)),
  };
  const all: Rival[] = [];
  if (asked("libzmq")) {
    const { absent, command } = builtWithLibzmq(peer("libzmq.c"));
    if (absent !== null) console.log(`LEFT OUT: libzmq, ${absent}`);
    else all.push({ ...NOBODY, kind: "libzmq", name: "libzmq (C)", command });
  }
  for (const id of ["node", "deno"] as const) {
    if (!asked("zeromq.js") || !options.runtimes.includes(id)) continue;
    const js = withZeromqJs(peer("zeromqjs.mjs"));
    const command = [...on(id, "zeromqjs.mjs"), js.command.at(-1)!];
    const name = `zeromq.js on ${LABELS[id]}`;
    const [first, ...rest] = command;
    const absent = js.absent ??
      (said(first, ...rest, "version") === null ? "it doesn't load" : null);
    if (absent !== null) console.log(`LEFT OUT: ${name}, ${absent}`);
    else {
      all.push({ ...NOBODY, kind: "zeromq.js", runtime: id, name, command });
    }
  }
  for (const kind of ["nought", "bare"] as const) {
    if (!asked(kind)) continue;
    for (const id of options.runtimes) {
      for (const way of ways[kind]) {
        const who = kind === "nought" ? "Nought" : "bare loop";
        const how = way === "" ? "" : `, ${way}`;
        all.push({
          kind,
          runtime: id,
          way,
          name: `${who} on ${LABELS[id]}${how}`,
          command: on(id, `${kind}.ts`),
          after: way === "" ? [] : [way],
        });
      }
    }
  }
  return all;
}

const NOBODY = { runtime: null, way: "", after: [] };
