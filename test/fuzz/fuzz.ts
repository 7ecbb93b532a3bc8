// Changes what a peer says, at any place of a conversation, and looks at what comes
// of it: nothing is thrown, little is held, and nobody delivers what was not sent by
// the one who could.

import { generator } from "../support/random.ts";
import { STRAY, type Target, targets } from "./targets.ts";

/** Bytes that one listener may hold of what a stranger or a broken peer said. */
const MOST_HELD = 300_000;

/** What a run found. */
export interface Findings {
  readonly inputs: number;
  /** Conversations that were cut off, and that went on. */
  readonly refused: number;
  readonly passed: number;
}

/** Runs until `enough` says so; throws what it finds, with how to see it again. */
export function fuzz(
  seed: number,
  enough: (inputs: number) => boolean,
): Findings {
  const random = generator(seed);
  const all = targets();
  let inputs = 0;
  let refused = 0;
  while (!enough(inputs)) {
    const target = all[Math.floor(random() * all.length)];
    const pieces = mutated(target, random);
    inputs++;
    try {
      if (!tried(target, pieces)) refused++;
    } catch (error) {
      const said = pieces.map((piece) => [...piece].map(hex).join("")).join(
        " ",
      );
      throw new Error(
        `seed ${seed}, input ${inputs}, ${target.name}: ${said}`,
        {
          cause: error,
        },
      );
    }
  }
  return { inputs, refused, passed: inputs - refused };
}

/** Lets a listener hear; whether it hears on. */
function tried(target: Target, pieces: Uint8Array[]): boolean {
  const listener = target.listen();
  let open = true;
  for (const piece of pieces) {
    open = listener.hear(piece) && open;
    if (listener.held > MOST_HELD) {
      throw new Error(`it holds ${listener.held} bytes`);
    }
    if (!open) break;
  }
  const got = listener.delivered();
  if (target.sealed) {
    // Nothing that wasn't sent, nothing twice, and in order.
    let at = 0;
    for (const message of got) {
      while (at < target.messages.length && target.messages[at] !== message) {
        at++;
      }
      if (at++ >= target.messages.length) {
        throw new Error(`it delivered ${JSON.stringify(message)}`);
      }
    }
  }
  return open;
}

function mutated(target: Target, random: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = target.said.map((piece) => piece.slice());
  const below = (most: number) => Math.floor(random() * most);
  const times = 1 + below(3);
  for (let i = 0; i < times; i++) {
    const at = below(pieces.length);
    pieces[at] = changed(pieces[at], pieces[below(pieces.length)], below);
    const what = below(12);
    if (what === 0) pieces.splice(below(pieces.length), 0, pieces[at].slice());
    if (what === 1 && pieces.length > 1) pieces.splice(at, 1);
    if (what === 2) pieces.reverse();
    if (what === 3) pieces.splice(at, 0, STRAY.slice());
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

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
