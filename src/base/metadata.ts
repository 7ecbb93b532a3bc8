// Properties of a handshake (RFC 37): name, value, name, value to the end of
// the command. Names are met without regard to their case; the first of two
// values stands, and whoever needs each of them looks at the list.

import { readUint32, writeUint32 } from "./frame.ts";
import { latin1 } from "./utf8.ts";

/** One property, as it came. */
export type Property = readonly [name: string, value: Uint8Array];

const LENGTH_BYTES = 4;

/** Encodes properties in their order. */
export function encodeProperties(properties: readonly Property[]): Uint8Array {
  let length = 0;
  for (const [name, value] of properties) {
    length += 1 + name.length + LENGTH_BYTES + value.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const [name, value] of properties) {
    bytes[at++] = name.length;
    for (let i = 0; i < name.length; i++) bytes[at++] = name.charCodeAt(i);
    writeUint32(bytes, at, value.length);
    bytes.set(value, at + LENGTH_BYTES);
    at += LENGTH_BYTES + value.length;
  }
  return bytes;
}

/** Decodes properties; `null` if a length leads past the end or a name is empty. */
export function parseProperties(
  bytes: Uint8Array,
  start: number,
  end: number,
): Property[] | null {
  const properties: Property[] = [];
  let at = start;
  while (at < end) {
    const nameEnd = at + 1 + bytes[at];
    if (nameEnd === at + 1 || nameEnd + LENGTH_BYTES > end) return null;
    const valueStart = nameEnd + LENGTH_BYTES;
    const valueEnd = valueStart + readUint32(bytes, nameEnd);
    if (valueEnd > end) return null;
    properties.push([
      latin1(bytes, at + 1, nameEnd),
      bytes.slice(valueStart, valueEnd),
    ]);
    at = valueEnd;
  }
  return properties;
}

/** The values of one property. */
export function valuesOf(
  properties: readonly Property[],
  name: string,
): Uint8Array[] {
  const wanted = name.toLowerCase();
  return properties
    .filter(([given]) => given.toLowerCase() === wanted)
    .map(([, value]) => value);
}
