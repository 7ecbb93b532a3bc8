// The recorded conversations, in files: a section for each socket type, with what its
// peer says, in hex, a line a piece, and with what is delivered then, as JSON.
//
//     # PULL serves
//     < ff00000000000000017f03004e554c4c…
//     = "first message"

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  nameOf,
  record,
  type Recording,
  type Scene,
  scenes,
} from "./sockets.ts";

const FOLDER = fileURLToPath(new URL("corpus/", import.meta.url));

/** The file that a scene is in. */
function fileOf({ transport, version, mechanism }: Scene): string {
  return `${transport}-${version ?? "3.1"}-${mechanism.toLowerCase()}.txt`;
}

/** Every scene with what was recorded of it. */
export function corpus(): { scene: Scene; recording: Recording }[] {
  const read = new Map<string, Map<string, Recording>>();
  return scenes().map((scene) => {
    const file = fileOf(scene);
    if (!read.has(file)) {
      read.set(file, parsed(readFileSync(`${FOLDER}${file}`, "utf8")));
    }
    const recording = read.get(file)!.get(nameOf(scene));
    if (recording === undefined) {
      throw new Error(`${nameOf(scene)} was never recorded: --record it`);
    }
    return { scene, recording };
  });
}

/** Records all of it anew; says how many conversations there are. */
export async function recordAll(): Promise<number> {
  const files = new Map<string, string>();
  const all = scenes();
  for (const scene of all) {
    const file = fileOf(scene);
    const text = files.get(file) ?? "";
    files.set(file, text + section(await record(scene)));
  }
  mkdirSync(FOLDER, { recursive: true });
  for (const [file, text] of files) writeFileSync(`${FOLDER}${file}`, text);
  return all.length;
}

function section({ name, said, messages }: Recording): string {
  return [
    `# ${name}`,
    ...said.map((piece) => `< ${hex(piece)}`),
    ...messages.map((message) => `= ${JSON.stringify(message)}`),
    "\n",
  ].join("\n");
}

function parsed(text: string): Map<string, Recording> {
  const all = new Map<string, Recording>();
  for (const part of text.split("\n\n")) {
    const lines = part.split("\n");
    const marked = (mark: string) =>
      lines.filter((line) => line.startsWith(mark)).map((line) =>
        line.slice(2)
      );
    const [name] = marked("# ");
    if (name === undefined) continue;
    all.set(name, {
      name,
      said: marked("< ").map(unhex),
      messages: marked("= ").map((line) => JSON.parse(line)),
    });
  }
  return all;
}

/** Bytes as hex. */
export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unhex(text: string): Uint8Array {
  const pairs = text.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}
