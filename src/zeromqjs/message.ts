// Messages as zeromq.js takes and gives them: Buffers, and whatever else can be
// written as text. Symbols can't, and `undefined` is no message.

import type { Buffer } from "node:buffer";
import { isBuffer, type Message as Frames, toFrame } from "../base/message.ts";
import { toBuffer } from "./platform.ts";

/** A part of a message, as it is received. */
export type Message = Buffer;

/** What can be sent as a part: bytes, text, a number (as text), or `null` for an empty part. */
export type MessageLike =
  | ArrayBufferView
  | ArrayBuffer
  | SharedArrayBuffer
  | string
  | number
  | null;

/** Frames of what a caller sends. */
export function sendable(message: unknown): Frames {
  if (!Array.isArray(message)) return [part(message)];
  const frames: Frames = new Array(message.length);
  for (let i = 0; i < message.length; i++) frames[i] = part(message[i]);
  return frames;
}

/** A frame of one part. */
export function part(given: unknown): Uint8Array {
  if (given === null || typeof given === "string" || isBytes(given)) {
    return toFrame(given);
  }
  if (typeof given === "symbol") {
    throw new TypeError("Cannot convert a Symbol value to a string");
  }
  return toFrame(String(given));
}

/** Frames as Buffers; the array is used again. */
export function buffers(frames: Frames): Message[] {
  for (let i = 0; i < frames.length; i++) frames[i] = toBuffer(frames[i]);
  return frames as unknown as Message[];
}

/** A prefix: text or bytes; `null` is the empty one. */
export function prefix(given: unknown): Uint8Array {
  if (given === null || typeof given === "string" || isBytes(given)) {
    return toFrame(given);
  }
  throw new TypeError("Option value must be a string or buffer");
}

function isBytes(given: unknown): boolean {
  return ArrayBuffer.isView(given) || isBuffer(given);
}
