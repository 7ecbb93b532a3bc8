// Frames of ZMTP made over into those of a WebSocket (RFC 45, RFC 6455): each is
// one final binary message, flags first. What a client sends is masked, in a copy.
//
//   fin, opcode (1) | masked, length (1, 3 or 9) | mask (4) | flags (1) | body

import { EMPTY } from "../base/message.ts";
import { isCommand } from "../base/command.ts";
import { roomFor } from "../base/bytes.ts";
import {
  bareFlags,
  bodyLength,
  COMMAND,
  headLength,
  writeSize,
} from "../base/frame.ts";
import { PING } from "./opcodes.ts";

const FINAL_BINARY = 0x82;
const FINAL = 0x80;
const MASKED = 0x80;
const SHORT = 125;
const MEDIUM = 65535;
/** Bytes in front of a body, at most. */
const MOST_AROUND = 15;

export class FrameWriter {
  readonly #random: (() => number) | null;
  /** Bytes of the body that goes on, and where in the mask that is. */
  #body = 0;
  #mask = 0;
  #at = 0;

  /** `random` gives the masks of a client; without it nothing is masked. */
  constructor(random: (() => number) | null) {
    this.#random = random;
  }

  /** Whole frames, or parts of one whose body goes on in the next call. */
  write(frames: Uint8Array): Uint8Array {
    let made: Uint8Array = new Uint8Array(frames.length + 64);
    let end = 0;
    let at = 0;
    while (at < frames.length) {
      if (this.#body === 0) {
        const flags = frames[at];
        this.#body = bodyLength(frames, at);
        at += headLength(frames, at);
        made = roomFor(made, end + MOST_AROUND);
        const bodyEnd = at + this.#body;
        if ((flags & COMMAND) !== 0 && isCommand("PING", frames, at, bodyEnd)) {
          // Whoever is there answers pings of the WebSocket. A PONG stays one: it
          // answers somebody whose platform lets him send no ping and see no pong.
          const control = this.control(PING, EMPTY);
          made.set(control, end);
          end += control.length;
          at += this.#body;
          this.#body = 0;
          continue;
        }
        end = this.#begin(made, end, flags);
      }
      const count = Math.min(this.#body, frames.length - at);
      made = roomFor(made, end + count);
      made.set(frames.subarray(at, at + count), end);
      if (this.#random !== null) {
        applyMask(made, end, end + count, this.#mask, this.#at);
        this.#at += count;
      }
      this.#body -= count;
      at += count;
      end += count;
    }
    return made.subarray(0, end);
  }

  /** Whether a body goes on in the next call: nothing may come between. */
  get midBody(): boolean {
    return this.#body > 0;
  }

  /** A control frame: ping, pong or close, with at most 125 bytes. */
  control(opcode: number, data: Uint8Array): Uint8Array {
    const masked = this.#random !== null;
    const head = masked ? 6 : 2;
    const made = new Uint8Array(head + data.length);
    made[0] = FINAL | opcode;
    made[1] = (masked ? MASKED : 0) | data.length;
    made.set(data, head);
    if (masked) {
      const mask = this.#random!();
      writeMask(made, 2, mask);
      applyMask(made, head, made.length, mask, 0);
    }
    return made;
  }

  #begin(into: Uint8Array, start: number, flags: number): number {
    const masked = this.#random !== null ? MASKED : 0;
    const length = this.#body + 1;
    let at = start;
    into[at++] = FINAL_BINARY;
    if (length <= SHORT) into[at++] = masked | length;
    else if (length <= MEDIUM) {
      into[at++] = masked | 126;
      into[at++] = length >>> 8;
      into[at++] = length;
    } else {
      into[at++] = masked | 127;
      writeSize(into, at, length);
      at += 8;
    }
    const zws = bareFlags(flags);
    if (masked === 0) {
      into[at++] = zws;
      return at;
    }
    this.#mask = this.#random!();
    writeMask(into, at, this.#mask);
    at += 4;
    into[at++] = zws ^ this.#mask >>> 24;
    this.#at = 1;
    return at;
  }
}
/** Below this many bytes it is not worth finding where words begin. */
const WORTH_WORDS = 32;

/** Masks or unmasks bytes from `start` to `end`, the first of them at place `at` of the mask. */
export function applyMask(
  bytes: Uint8Array,
  start: number,
  end: number,
  mask: number,
  at: number,
): void {
  let i = start;
  let place = at & 3;
  if (end - i >= WORTH_WORDS) {
    for (; (bytes.byteOffset + i & 3) !== 0; i++, place = place + 1 & 3) {
      bytes[i] ^= maskByte(mask, place);
    }
    let word = 0;
    for (let k = 3; k >= 0; k--) {
      word = word << 8 | maskByte(mask, place + k & 3);
    }
    const words = end - i >> 2;
    const view = new Int32Array(bytes.buffer, bytes.byteOffset + i, words);
    let k = 0;
    // What a step of the loop checks takes longer than a word: eight to a step.
    for (; k + 8 <= words; k += 8) {
      view[k] ^= word;
      view[k + 1] ^= word;
      view[k + 2] ^= word;
      view[k + 3] ^= word;
      view[k + 4] ^= word;
      view[k + 5] ^= word;
      view[k + 6] ^= word;
      view[k + 7] ^= word;
    }
    for (; k < words; k++) view[k] ^= word;
    i += 4 * words;
  }
  for (; i < end; i++, place = place + 1 & 3) bytes[i] ^= maskByte(mask, place);
}

function maskByte(mask: number, place: number): number {
  return mask >>> (24 - 8 * place) & 255;
}

function writeMask(into: Uint8Array, at: number, mask: number): void {
  into[at] = mask >>> 24;
  into[at + 1] = mask >>> 16;
  into[at + 2] = mask >>> 8;
  into[at + 3] = mask;
}
