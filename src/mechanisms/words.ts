// Commands that mechanisms share.

import { encodeText } from "../base/utf8.ts";
import { commandBody } from "../base/command.ts";

/** An ERROR with a reason of up to 255 bytes. */
export function errorBody(reason: string): Uint8Array {
  const text = encodeText(reason);
  const data = new Uint8Array(1 + text.length);
  data[0] = text.length;
  data.set(text, 1);
  return commandBody("ERROR", data);
}
