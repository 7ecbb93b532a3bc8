// A message is an array of frames, and a frame is a Uint8Array. What users may
// give instead of one is turned into frames here. Arrays of frames that travel
// outwards are borrowed: whoever keeps one past the call copies it (`keep`).

import { type Slab, slab } from "./slab.ts";
import { encodeText } from "./utf8.ts";

/** One part of a message, as it is received. */
export type Frame = Uint8Array;

/** A whole message, as it is received: one or more frames. */
export type Message = Uint8Array[];

/**
 * What can be sent as one frame: bytes in any form, text and numbers (sent as
 * UTF-8 text), or `null` for an empty frame.
 */
export type MessageLike =
  | ArrayBufferView
  | ArrayBuffer
  | SharedArrayBuffer
  | string
  | number
  | null;

/** Bodies up to this many bytes are copied by `send`; it is a promise of the API. */
export const COPIED_BYTES: number = 4096;

/** The empty frame: delimiters, probes. */
export const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Turns one thing a user sends into a frame; bytes are taken as they are. */
export function toFrame(part: unknown): Frame {
  if (part instanceof Uint8Array) return part;
  if (typeof part === "string") return encodeText(part);
  if (part === null) return EMPTY;
  if (typeof part === "number") return encodeText(String(part));
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
  if (isBuffer(part)) return new Uint8Array(part);
  throw new TypeError(
    `Cannot send ${described(part)}: a frame is bytes (a typed array, ` +
      `a DataView or a buffer), a string, a number, or null for an empty frame`,
  );
}

/** Turns a whole message into frames; one frame needs no array around it. */
export function toFrames(message: unknown): Message {
  if (!Array.isArray(message)) return [toFrame(message)];
  const frames: Message = new Array(message.length);
  for (let i = 0; i < message.length; i++) frames[i] = toFrame(message[i]);
  return frames;
}

/**
 * Takes a borrowed frame for keeps: a small one is copied, as the sender may
 * change it once its call has returned, and a large one is shared.
 */
export function keepFrame(frame: Frame, memory: Slab): Frame {
  if (frame.length > COPIED_BYTES) return frame;
  return frame.length === 0 ? EMPTY : memory.copy(frame);
}

/** {@linkcode keepFrame} for a message. */
export function keep(frames: Message): Message {
  const kept: Message = new Array(frames.length);
  for (let i = 0; i < frames.length; i++) kept[i] = keepFrame(frames[i], slab);
  return kept;
}

/** Whether it is a Uint8Array, of this realm or another one's (frames, `node:vm`, Jest). */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && isA(value, "Uint8Array"));
}

/** Whether it is a buffer, shared or not, of any realm. */
export function isBuffer(value: unknown): value is ArrayBuffer {
  return isA(value, "ArrayBuffer") || isA(value, "SharedArrayBuffer");
}

function isA(value: unknown, name: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

function described(part: unknown): string {
  if (part === undefined) return "undefined";
  if (Array.isArray(part)) return "an array inside a message";
  return typeof part === "object" ? "an object" : `a ${typeof part}`;
}
