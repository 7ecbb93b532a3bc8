// Changes what a peer says, at any place of a conversation, and looks at what comes
// of it: nothing is thrown, little is held, and nobody delivers what was not sent by
// the one who could.

import { generator } from "../../adapters/simulated/random.ts";
import { hex } from "./corpus.ts";
import { type Listener, STRAY, type Target, targets } from "./targets.ts";

/** Bytes that one listener may hold of what a stranger or a broken peer said. */
const MOST_HELD = 300_000;

/** What a run found. */
export interface Findings {
  readonly inputs: number;
  /** Conversations that were cut off, and that went on. */
  readonly refused: number;
  readonly passed: number;
}

/** Inputs between looks at what is left of those who have gone. */
const BETWEEN_LOOKS = 4096;

/** Runs until `enough` says so; throws what it finds, with how to see it again. */
export async function fuzz(
  seed: number,
  enough: (inputs: number) => boolean,
): Promise<Findings> {
  const random = generator(seed);
  const all = await targets();
  let inputs = 0;
  let refused = 0;
  const { stackTraceLimit } = Error;
  // A peer that is cut off is an error, and most are: where it was made costs time.
  Error.stackTraceLimit = 0;
  try {
    while (!enough(inputs)) {
      const target = all[Math.floor(random() * all.length)];
      const pieces = mutated(target, random);
      inputs++;
      try {
        const open = tried(target, pieces);
        if (!(typeof open === "boolean" ? open : await open)) refused++;
      } catch (cause) {
        Error.stackTraceLimit = stackTraceLimit;
        const said = pieces.map(hex).join(" ");
        const where = `seed ${seed}, input ${inputs}, ${target.name}: ${said}`;
        throw new Error(where, { cause: await again(target, pieces, cause) });
      }
      if (inputs % BETWEEN_LOOKS === 0) { for (const one of all) one.atRest(); }
    }
    await goOn(all);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return { inputs, refused, passed: inputs - refused };
}

/** All are as they were: nothing is kept, and a peer that is sound is understood. */
async function goOn(all: readonly Target[]): Promise<void> {
  for (const target of all) {
    target.atRest();
    await tried(target, [...target.said], true);
    target.atRest();
  }
}

/** The same once more, with where it happened. */
async function again(
  target: Target,
  pieces: Uint8Array[],
  first: unknown,
): Promise<unknown> {
  try {
    await tried(target, pieces);
    return first;
  } catch (error) {
    return error;
  }
}

/** Lets a listener hear; whether it hears on. */
function tried(
  target: Target,
  pieces: Uint8Array[],
  sound = false,
): boolean | Promise<boolean> {
  const listener = target.listen();
  if (listener.settled !== undefined) {
    return triedSlowly(target, listener, pieces, sound);
  }
  let open = true;
  for (const piece of pieces) {
    // It may change them, and an input is to be shown as it was.
    open = listener.hear(piece.slice()) && open;
    heldLittle(listener);
    if (!open) break;
  }
  judge(target, listener.finish(), pieces, sound);
  return open;
}

/** The same for those about whose peers somebody decides. */
async function triedSlowly(
  target: Target,
  listener: Listener,
  pieces: Uint8Array[],
  sound: boolean,
): Promise<boolean> {
  let open = true;
  for (const piece of pieces) {
    open = listener.hear(piece.slice()) && open;
    heldLittle(listener);
    if (!open) break;
    await listener.settled!();
  }
  judge(target, listener.finish(), pieces, sound);
  return open;
}

function heldLittle({ held }: Listener): void {
  if (held > MOST_HELD) throw new Error(`it holds ${held} bytes`);
}

/** Whether what was delivered is what may be. */
function judge(
  { sealed, guarded, messages }: Target,
  got: string[],
  pieces: Uint8Array[],
  sound: boolean,
): void {
  if (sound && got.join() !== messages.join()) {
    throw new Error(`it delivered ${JSON.stringify(got)}`);
  }
  if (got.length === 0) return;
  if (guarded) {
    const said = pieces.map((piece) => String.fromCharCode(...piece)).join("");
    if (!/admin[^]*secret/.test(said)) {
      throw new Error(`without the password, it delivered ${got}`);
    }
  }
  if (!sealed) return;
  // Nothing that wasn't sent, nothing twice, and in order; but what a peer that goes
  // had subscribed to ends in any order.
  let at = 0;
  for (const message of got) {
    if (
      message.startsWith("\0") && messages.includes(`\x01${message.slice(1)}`)
    ) {
      continue;
    }
    while (at < messages.length && messages[at] !== message) at++;
    if (at++ >= messages.length) {
      throw new Error(`it delivered ${JSON.stringify(message)}`);
    }
  }
}

function mutated(target: Target, random: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = [...target.said];
  const below = (most: number) => Math.floor(random() * most);
  const times = 1 + below(3);
  for (let i = 0; i < times; i++) {
    const at = below(pieces.length);
    pieces[at] = changed(pieces[at], pieces[below(pieces.length)], below);
    const what = below(14);
    if (what === 0) pieces.splice(below(pieces.length), 0, pieces[at]);
    if (what === 1 && pieces.length > 1) pieces.splice(at, 1);
    if (what === 2) pieces.reverse();
    if (what === 3) pieces.splice(at, 0, STRAY);
    if (what === 4) {
      const cut = below(pieces[at].length + 1);
      const parts = [pieces[at].subarray(0, cut), pieces[at].subarray(cut)];
      pieces.splice(at, 1, ...parts);
    }
    if (what === 5) pieces.length = at + 1;
  }
  return pieces;
}

/** One piece, changed in one way. */
function changed(
  piece: Uint8Array,
  other: Uint8Array,
  below: (most: number) => number,
): Uint8Array {
  const bytes = piece.slice();
  const at = below(bytes.length + 1);
  switch (below(7)) {
    case 0:
      if (at < bytes.length) bytes[at] ^= 1 << below(8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = [0, 1, 2, 4, 127, 128, 255][below(7)];
      return bytes;
    case 2:
      return bytes.slice(0, at);
    case 3:
      return joined(bytes.subarray(0, at), other, bytes.subarray(at));
    case 4:
      return joined(
        bytes.subarray(0, at),
        other.subarray(below(other.length + 1)),
      );
    case 5: {
      const noise = new Uint8Array(below(40)).map(() => below(256));
      return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
    }
    default:
      for (let i = 0; i < 8 && at + i < bytes.length; i++) bytes[at + i] = 255;
      return bytes;
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
