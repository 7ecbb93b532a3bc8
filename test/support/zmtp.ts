// ZMTP by hand, for scripted peers: greetings, READY, frames (WIRE 14.2).

import { bytes, concat } from "./bytes.ts";

/** The 64 bytes of a greeting of ZMTP 3.x. */
export function greeting(mechanism = "NULL", minor = 1, major = 3): Uint8Array {
  const greeting = new Uint8Array(64);
  greeting[0] = 0xff;
  greeting[8] = 1;
  greeting[9] = 0x7f;
  greeting[10] = major;
  greeting[11] = minor;
  greeting.set(new TextEncoder().encode(mechanism), 12);
  return greeting;
}

/** A frame with these flags. */
export function frame(flags: number, body: Uint8Array | string): Uint8Array {
  const content = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  const length = content.length;
  if (length <= 255) return concat(Uint8Array.of(flags, length), content);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(length));
  return concat(Uint8Array.of(flags | 2), size, content);
}

/** A frame of ZMTP 1.0 with these flags. */
export function legacyFrame(
  flags: number,
  body: Uint8Array | string,
): Uint8Array {
  const content = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  const length = content.length + 1;
  if (length < 255) return concat(Uint8Array.of(length, flags), content);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(length));
  return concat(Uint8Array.of(255), size, Uint8Array.of(flags), content);
}

/** A message of these frames. */
export function message(...frames: (Uint8Array | string)[]): Uint8Array {
  return concat(
    ...frames.map((body, i) => frame(i < frames.length - 1 ? 1 : 0, body)),
  );
}

/** One property. */
export function property(name: string, value: string | Uint8Array): Uint8Array {
  const content = typeof value === "string"
    ? new TextEncoder().encode(value)
    : value;
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, content.length);
  return concat(
    Uint8Array.of(name.length),
    new TextEncoder().encode(name),
    size,
    content,
  );
}

/** A READY command. */
export function ready(socketType: string, ...more: Uint8Array[]): Uint8Array {
  return frame(
    4,
    concat(bytes('05 "READY"'), property("Socket-Type", socketType), ...more),
  );
}
