// Commands (RFC 37): a frame whose body is a name with its length before it, and
// data whose form depends on the name.

import { COMMAND, headerLength, writeHeader } from "./frame.ts";
import { latin1 } from "./utf8.ts";

/** Parts a command's body into its name and where its data begins; `null` if there is no name. */
export function parseCommand(
  bytes: Uint8Array,
  start: number,
  end: number,
): { name: string; data: number } | null {
  if (end - start < 1) return null;
  const data = start + 1 + bytes[start];
  if (data > end) return null;
  return { name: latin1(bytes, start + 1, data), data };
}

/** Whether a command's body begins with this name; makes nothing. */
export function isCommand(
  name: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const length = name.length;
  if (end - start <= length || bytes[start] !== length) return false;
  for (let i = 0; i < length; i++) {
    if (bytes[start + 1 + i] !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** The body of a command. */
export function commandBody(name: string, data: Uint8Array): Uint8Array {
  const body = new Uint8Array(1 + name.length + data.length);
  body[0] = name.length;
  for (let i = 0; i < name.length; i++) body[1 + i] = name.charCodeAt(i);
  body.set(data, 1 + name.length);
  return body;
}

/** A frame around a body, with flags COMMAND or none. */
export function framed(body: Uint8Array, flags: number = COMMAND): Uint8Array {
  const frame = new Uint8Array(headerLength(body.length) + body.length);
  frame.set(body, writeHeader(frame, 0, flags, body.length));
  return frame;
}
