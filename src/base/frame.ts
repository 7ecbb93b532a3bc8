// How a frame lies in a row of bytes: flags, size, body. It is the layout of
// ZMTP 2.0 to 3.1 (RFC 15, 23, 37), and also the one that outgoing queues keep
// their messages in, so that a queue can go to the wire as it is.
//
//   flags (1) | size (1, or 8 if LONG) | body

/** Another frame of the same message follows. */
export const MORE = 1;
/** The size takes eight bytes. */
export const LONG = 2;
/** The frame is a command, not part of a message. */
export const COMMAND = 4;

// Kinds of entries that share queues with frames but never a flags byte.

/** A peer asks for a topic. */
export const SUBSCRIBE = 8;
/** A peer no longer asks for a topic. */
export const CANCEL = 16;
/** A message of one frame that goes first on a new connection: a probe, a hello, a welcome. */
export const OPENING = 32;

/** Bodies above this many bytes need a size of eight bytes. */
export const SHORT_BODY = 255;
/** Bytes in the longest header. */
export const LONGEST_HEADER = 9;

/** Bytes in the header of a frame with a body of this length. */
export function headerLength(body: number): number {
  return body > SHORT_BODY ? 9 : 2;
}

/** Bytes in the header that begins at `at`. */
export function headLength(frames: Uint8Array, at: number): number {
  return (frames[at] & LONG) !== 0 ? LONGEST_HEADER : 2;
}

/** The length of a body, as the header at `at` says it. */
export function bodyLength(frames: Uint8Array, at: number): number {
  return (frames[at] & LONG) !== 0 ? readSize(frames, at + 1) : frames[at + 1];
}

/** Writes a header at `at` and returns where the body begins. */
export function writeHeader(
  into: Uint8Array,
  at: number,
  flags: number,
  body: number,
): number {
  if (body <= SHORT_BODY) {
    into[at] = flags;
    into[at + 1] = body;
    return at + 2;
  }
  into[at] = flags | LONG;
  writeSize(into, at + 1, body);
  return at + 9;
}

// Where something else says the size, in a MESSAGE of CURVE (RFC 26) and in ZWS
// (RFC 45), flags are others.
const BARE_MORE = 1;
const BARE_COMMAND = 2;

/** A frame's flags as they stand without a size. */
export function bareFlags(flags: number): number {
  return ((flags & MORE) !== 0 ? BARE_MORE : 0) |
    ((flags & COMMAND) !== 0 ? BARE_COMMAND : 0);
}

/** The flags of a frame whose flags without a size are these. */
export function frameFlags(bare: number): number {
  return ((bare & BARE_MORE) !== 0 ? MORE : 0) |
    ((bare & BARE_COMMAND) !== 0 ? COMMAND : 0);
}

/** Writes a number below 2^53 as eight bytes, most significant first. */
export function writeSize(into: Uint8Array, at: number, value: number): void {
  const high = value < 4294967296 ? 0 : Math.floor(value / 4294967296);
  into[at] = 0;
  into[at + 1] = high >>> 16;
  into[at + 2] = high >>> 8;
  into[at + 3] = high;
  into[at + 4] = value >>> 24;
  into[at + 5] = value >>> 16;
  into[at + 6] = value >>> 8;
  into[at + 7] = value;
}

/**
 * Reads eight bytes as a number; beyond 2^53 it is a power of two too large to use. One
 * below 2^30 stays an integer for the engine, and so does what is counted with it: a
 * product would make floating-point numbers of all that.
 */
export function readSize(from: Uint8Array, at: number): number {
  const low = (from[at + 4] << 24) | (from[at + 5] << 16) |
    (from[at + 6] << 8) | from[at + 7];
  if (low >>> 30 === 0 && readUint32(from, at) === 0) return low;
  return readUint32(from, at) * 4294967296 + (low >>> 0);
}

/** Reads four bytes, most significant first. */
export function readUint32(from: Uint8Array, at: number): number {
  return ((from[at] << 24) | (from[at + 1] << 16) | (from[at + 2] << 8) |
    from[at + 3]) >>> 0;
}

/** Writes four bytes, most significant first. */
export function writeUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}

/** Copies a small run of bytes; a loop beats `set` below a few dozen. */
export function copyInto(into: Uint8Array, at: number, from: Uint8Array): void {
  const length = from.length;
  if (length > 32) {
    into.set(from, at);
    return;
  }
  for (let i = 0; i < length; i++) into[at + i] = from[i];
}
