// The program that hides and shows MESSAGEs, where the platform runs it: it takes
// WebAssembly with vectors. Its memory is one for all connections of a thread, and
// nothing that matters stays in it between calls.

import { LONGEST_HEADER } from "../base/frame.ts";
import { z85Decode } from "../base/z85.ts";
import { word } from "../crypto/salsa20.ts";
import type { FrameRow } from "./frame_row.ts";
import {
  IN,
  IN_ROOM,
  KEY,
  MADE,
  MULTIPLIES,
  NONCE,
  OUT,
  OUT_ROOM,
  TAG,
} from "./message_layout.ts";
import { LENGTH, PROGRAM } from "./message_module.ts";

// What is used of the platform's WebAssembly API, which the ES library lacks.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

/** What the program offers; message_program.ts says what each does. */
interface Program {
  readonly memory: { readonly buffer: ArrayBuffer };
  hide(
    at: number,
    end: number,
    to: number,
    toEnd: number,
    sent: number,
  ): number;
  show(at: number, end: number, to: number, heard: number): number;
  piece(
    low: number,
    high: number,
    count: number,
    from: number,
    to: number,
    length: number,
    shows: number,
  ): void;
  finish(): void;
}

/** Bytes of a block of stream, and of those at the front of the first that key the tag. */
const BLOCK = 64;
const AUTH = 32;
/** Bytes of stream that a text takes in the program at a time. */
const PIECE: number = 4 * 319 * BLOCK;

/** Engines are slow at beginning to fill, so few bytes are set one by one. */
const FEW = 512;
/** The program may write so many bytes behind what it makes. */
const OVER = 16;

/**
 * Whether this is JavaScriptCore, Bun's engine, which is slow at shifting vectors: it
 * is the one whose errors have a `line`.
 */
const MULTIPLIED: boolean = "line" in new Error();

export class MessageEngine {
  /** The longest body that goes through `hide`, and in hidden form through `show`. */
  static readonly longest: number = IN_ROOM - LONGEST_HEADER - 64;
  /** The last nonce of the last call. */
  nonce = 0;
  readonly #program: Program;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  /** How many bytes the last call made. */
  #made = 0;

  constructor(program: Program, multiplies: boolean = MULTIPLIED) {
    const { buffer } = program.memory;
    this.#program = program;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.#words[MULTIPLIES / 4] = multiplies ? 1 : 0;
  }

  /**
   * Hides frames from `at` on, with nonces after `sent`, and tells how many bytes
   * of them: less than all if there is no more room, none if the first is too long.
   */
  hide(key: Int32Array, sent: number, frames: Uint8Array, at: number): number {
    const end = this.#give(key, frames, at, frames.length);
    const left = this.#program.hide(IN, end, OUT, OUT + OUT_ROOM, sent);
    this.#result();
    this.#clear(IN, end);
    return left - IN;
  }

  /**
   * Shows what MESSAGEs hide, from `at` to `end`, with nonces above `heard`, and
   * tells how many bytes of them: those before the first with which there is
   * anything out of the ordinary.
   */
  show(
    key: Int32Array,
    heard: number,
    frames: Uint8Array,
    at: number,
    end: number,
  ): number {
    const left = this.#program.show(
      IN,
      this.#give(key, frames, at, end),
      OUT,
      heard,
    );
    this.#result();
    return left - IN;
  }

  /** Adds what the last call made to a row. */
  take(row: FrameRow): void {
    row.reserve(this.#made);
    row.bytes.set(this.#bytes.subarray(OUT, OUT + this.#made), row.end);
    row.end += this.#made;
    this.#clear(OUT, OUT + this.#made + OVER);
  }

  /** Sets bytes to 0, up to 7 behind the end too. */
  #clear(at: number, end: number): void {
    if (end - at > FEW) {
      this.#bytes.fill(0, at, end);
      return;
    }
    const doubles = this.#doubles;
    for (let i = at / 8; 8 * i < end; i++) doubles[i] = 0;
  }

  #give(
    key: Int32Array,
    frames: Uint8Array,
    at: number,
    end: number,
  ): number {
    const whole = at + IN_ROOM < end ? at + IN_ROOM : end;
    this.#bytes.set(
      at === 0 && whole === frames.length ? frames : frames.subarray(at, whole),
      IN,
    );
    this.#setKey(key);
    return IN + whole - at;
  }

  #setKey(key: Int32Array): void {
    const words = this.#words;
    for (let i = 0; i < 8; i++) words[KEY / 4 + i] = key[i];
  }

  #result(): void {
    this.#made = this.#words[MADE / 4] - OUT;
    this.nonce = this.#doubles[NONCE / 8];
  }

  /**
   * Hides a text of any length, a first byte and the others, under the nonce that
   * lies at `nonceAt`, and writes tag and text to `at`.
   */
  seal(
    key: Int32Array,
    into: Uint8Array,
    nonceAt: number,
    first: number,
    others: Uint8Array,
    at: number,
  ): void {
    const bytes = this.#bytes;
    const text = 1 + others.length;
    const low = word(into, nonceAt);
    const high = word(into, nonceAt + 4);
    this.#setKey(key);
    for (let done = 0, count = 0; done < text; count += PIECE / BLOCK) {
      const take = Math.min(text - done, PIECE - (done === 0 ? AUTH : 0));
      if (done === 0) {
        bytes[IN] = first;
        bytes.set(others.subarray(0, take - 1), IN + 1);
      } else bytes.set(others.subarray(done - 1, done - 1 + take), IN);
      this.#program.piece(low, high, count, IN, OUT, take, 0);
      into.set(bytes.subarray(OUT, OUT + take), at + 16 + done);
      done += take;
    }
    this.#program.finish();
    into.set(bytes.subarray(TAG, TAG + 16), at);
    bytes.fill(0, IN, IN + Math.min(text, PIECE));
  }

  /**
   * Opens a box that lies in `box` from `at` to `end`: writes what it hid to `into`,
   * its first byte excepted, which is given back; below 0 if the tag is wrong, and
   * what was written is zeros then.
   */
  open(
    key: Int32Array,
    box: Uint8Array,
    nonceAt: number,
    at: number,
    end: number,
    into: Uint8Array,
    to: number,
  ): number {
    const bytes = this.#bytes;
    const from = at + 16;
    const text = end - from;
    const low = word(box, nonceAt);
    const high = word(box, nonceAt + 4);
    let first = 0;
    this.#setKey(key);
    for (let done = 0, count = 0; done < text; count += PIECE / BLOCK) {
      const take = Math.min(text - done, PIECE - (done === 0 ? AUTH : 0));
      bytes.set(box.subarray(from + done, from + done + take), IN);
      this.#program.piece(low, high, count, IN, OUT, take, 1);
      if (done === 0) {
        first = bytes[OUT];
        into.set(bytes.subarray(OUT + 1, OUT + take), to);
      } else into.set(bytes.subarray(OUT, OUT + take), to + done - 1);
      bytes.fill(0, OUT, OUT + take + OVER);
      done += take;
    }
    this.#program.finish();
    let difference = 0;
    for (let i = 0; i < 16; i++) difference |= bytes[TAG + i] ^ box[at + i];
    if (difference === 0) return first;
    into.fill(0, to, to + text - 1);
    return -1;
  }
}

let engine: MessageEngine | null | undefined;

/** The engine of this thread; `null` where there can be none. */
export function messageEngine(): MessageEngine | null {
  if (engine === undefined) engine = loaded();
  return engine;
}

function loaded(): MessageEngine | null {
  try {
    const bytes = z85Decode(PROGRAM)!.subarray(0, LENGTH);
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(bytes),
    );
    return new MessageEngine(exports as Program);
  } catch {
    // The platform has no such thing, or no vectors, or the page's policy forbids it.
    return null;
  }
}
