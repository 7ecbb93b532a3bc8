// The `timeout` of a call, which stands in place of an option of the socket's.

import { ZmqError } from "../base/errors.ts";

/** What is wrong with a call's timeout, if there is one; `null` if nothing. */
export function badTimeout(timeout: unknown): ZmqError | null {
  if (timeout === undefined || timeout === -1) return null;
  if (typeof timeout === "number" && timeout >= 0) return null;
  return new ZmqError(
    "EINVAL",
    `A timeout is milliseconds, 0 not to wait or -1 to wait for ever, not ${
      String(timeout)
    }`,
  );
}
