// What a message is that doesn't follow the protocol: an error that says where it
// goes wrong, and keeps the bytes for whoever wants to look at them.

import { ZmqError } from "../base/errors.ts";

/**
 * A message of a server that isn't as Mongrel2 writes them, or bytes that are no
 * tnetstring. Its code is `EPROTO`.
 */
export class MalformedError extends ZmqError {
  /** `"MalformedError"`. */
  override readonly name: string = "MalformedError";
  /** All of what was to be read. */
  readonly bytes: Uint8Array;
  /** Where in it the fault is. */
  readonly offset: number;

  /** Makes an error about these bytes. */
  constructor(
    message: string,
    bytes: Uint8Array,
    offset: number,
    details: { cause?: unknown } = {},
  ) {
    super("EPROTO", `${message}, at byte ${offset}`, details);
    this.bytes = bytes;
    this.offset = offset;
  }
}
