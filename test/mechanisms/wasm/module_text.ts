// The module that carries a program's bytes.

import { z85Encode } from "../../../src/base/z85.ts";

const WIDTH = 70;

/** Its text. */
export function moduleText(bytes: Uint8Array): string {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  const lines = z85Encode(padded).match(new RegExp(`.{1,${WIDTH}}`, "g"))!;
  return `// Made by \`deno task wasm\` of test/mechanisms/wasm/message_program.ts, which says
// what it does; nobody writes here. message_engine_test.ts compares the two.

/** Bytes of the program. */
export const LENGTH = ${bytes.length};
/** The program, in Z85, to a multiple of four bytes. */
export const PROGRAM: string =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
}
