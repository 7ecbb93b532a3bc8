// ZMTP's frames as the bare loop has them: a header and a body written for each
// message, a header parsed and a view made of each, in memory that nobody overwrites.

export const LONG = 2;

/** Makes views of messages out of what comes in. */
export class Parser {
  readonly #take: (message: Uint8Array) => void;
  #head = new Uint8Array(9);
  #have = 0;
  #body: Uint8Array | null = null;
  #filled = 0;

  constructor(take: (message: Uint8Array) => void) {
    this.#take = take;
  }

  /** What is missing of a body that was begun. */
  get missing(): Uint8Array | null {
    return this.#body?.subarray(this.#filled) ?? null;
  }

  /** So many bytes were read into what was missing. */
  filled(length: number): void {
    this.#filled += length;
    const body = this.#body!;
    if (this.#filled < body.length) return;
    this.#body = null;
    this.#take(body);
  }

  feed(chunk: Uint8Array): void {
    const { buffer, byteOffset } = chunk;
    const end = chunk.length;
    let at = this.rest(chunk);
    while (at < end) {
      const long = (chunk[at] & LONG) !== 0;
      const header = long ? 9 : 2;
      if (end - at < header) {
        this.#head.set(chunk.subarray(at));
        this.#have = end - at;
        return;
      }
      const length = long ? longLength(chunk, at + 1) : chunk[at + 1];
      at += header;
      if (end - at < length) {
        this.#begin(length, chunk.subarray(at));
        return;
      }
      this.#take(new Uint8Array(buffer, byteOffset + at, length));
      at += length;
    }
  }

  /** Completes what the last chunk left; returns where the next message begins. */
  rest(chunk: Uint8Array): number {
    let at = 0;
    if (this.#have > 0) {
      const head = this.#head;
      const header = (head[0] & LONG) !== 0 ? 9 : 2;
      while (this.#have < header && at < chunk.length) {
        head[this.#have++] = chunk[at++];
      }
      if (this.#have < header) return at;
      this.#have = 0;
      this.#begin(header === 9 ? longLength(head, 1) : head[1], NOTHING);
    }
    const missing = this.missing;
    if (missing === null) return at;
    const part = chunk.subarray(at, at + missing.length);
    missing.set(part);
    this.filled(part.length);
    return at + part.length;
  }

  #begin(length: number, part: Uint8Array): void {
    this.#body = new Uint8Array(length);
    this.#body.set(part);
    this.#filled = part.length;
    if (length === 0) this.filled(0);
  }
}

export const NOTHING = new Uint8Array(0);

/** The length of a long frame. */
export function longLength(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let i = 0; i < 8; i++) length = length * 256 + bytes[at + i];
  return length;
}

/** Writes a header; returns where it ends. */
export function writeHeader(
  into: Uint8Array,
  at: number,
  length: number,
): number {
  if (length < 256) {
    into[at] = 0;
    into[at + 1] = length;
    return at + 2;
  }
  into[at] = LONG;
  for (let i = 8, rest = length; i > 0; i--, rest = Math.floor(rest / 256)) {
    into[at + i] = rest % 256;
  }
  return at + 9;
}

/** Writes a header and a body; returns where they end. */
export function writeMessage(
  into: Uint8Array,
  at: number,
  body: Uint8Array,
): number {
  at = writeHeader(into, at, body.length);
  if (body.length > 32) into.set(body, at);
  else for (let i = 0; i < body.length; i++) into[at + i] = body[i];
  return at + body.length;
}
