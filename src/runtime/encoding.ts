// The platform's Encoding API; an adapter brings it where it is no global, as in the
// DOM that tests on Node may run in.

/** What is used of it, which the ES library lacks. */
export interface Encoding {
  readonly TextEncoder: new () => Encoder;
  readonly TextDecoder: new (
    label: string,
    options: { fatal?: boolean; ignoreBOM?: boolean },
  ) => Decoder;
}

interface Encoder {
  encode(text: string): Uint8Array;
}

interface Decoder {
  decode(bytes: Uint8Array): string;
}

declare const TextEncoder: Encoding["TextEncoder"] | undefined;
declare const TextDecoder: Encoding["TextDecoder"];

/** UTF-8 of text. */
export let encoder: Encoder;
/** Text of UTF-8; malformed bytes become U+FFFD. */
export let decoder: Decoder;

/** Has text encoded and decoded by these classes. */
export function encodeBy({ TextEncoder, TextDecoder }: Encoding): void {
  encoder = new TextEncoder();
  decoder = new TextDecoder("utf-8", { ignoreBOM: true });
}

if (typeof TextEncoder !== "undefined") encodeBy({ TextEncoder, TextDecoder });
