// Bytes for tests: written as hexadecimal, with "text" in quotes, and blanks
// and bars for the eye.

/** `bytes('04 "READY" 00')`. */
export function bytes(text: string): Uint8Array {
  const values: number[] = [];
  const parts = text.matchAll(
    /"([^"]*)"|([0-9a-f]{2})(?:x(\d+))?|[\s|]+|(.)/gi,
  );
  for (const [all, quoted, hex, times, wrong] of parts) {
    if (wrong !== undefined) throw new Error(`no bytes: ${all} in ${text}`);
    if (quoted !== undefined) values.push(...new TextEncoder().encode(quoted));
    if (hex !== undefined) {
      for (let i = 0; i < Number(times ?? 1); i++) {
        values.push(parseInt(hex, 16));
      }
    }
  }
  return Uint8Array.from(values);
}

/** Bytes as hexadecimal. */
export function hex(value: Uint8Array): string {
  return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** The frames of a message as text. */
export function texts(message: readonly Uint8Array[]): string[] {
  return message.map((frame) => new TextDecoder().decode(frame));
}

/** Several arrays in one. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
