// Runs of bytes: put together, given more room, compared.

/** One run of several. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The same bytes with room for `need`: in place, or in twice the memory at least. */
export function roomFor<B extends Uint8Array>(
  bytes: B,
  need: number,
): B | Uint8Array<ArrayBuffer> {
  if (bytes.length >= need) return bytes;
  const larger = new Uint8Array(Math.max(2 * bytes.length, need));
  larger.set(bytes);
  return larger;
}

/** Whether bytes are the expected ones, in a time that depends on the given ones' length alone. */
export function sameBytes(given: Uint8Array, expected: Uint8Array): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < given.length; i++) {
    // Behind the end there is nothing, which counts as 0.
    difference |= given[i] ^ expected[i];
  }
  return difference === 0;
}

/** Bytes in hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
