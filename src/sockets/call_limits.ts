// What a call may be limited by: a `timeout`, which stands in place of an option of the
// socket's, and a `signal`.

import { ZmqError } from "../base/errors.ts";
import type { AbortLike } from "../runtime/abort.ts";
import { abortReason } from "./waiting_line.ts";

/** Limits as a caller gave them. */
export interface CallLimits {
  readonly timeout?: unknown;
  readonly signal?: AbortLike;
}

/** What a call of these limits fails with before it begins; `undefined` if nothing is wrong. */
export function refusedBy({ timeout, signal }: CallLimits): unknown {
  if (timeout !== undefined) {
    if (typeof timeout !== "number") {
      return new TypeError(`timeout is a number, not ${typeof timeout}`);
    }
    if (!(timeout >= 0) && timeout !== -1) {
      return new ZmqError(
        "EINVAL",
        `A timeout is milliseconds, 0 not to wait or -1 to wait for ever, not ${timeout}`,
      );
    }
  }
  if (signal === undefined) return undefined;
  // A line that it couldn't be taken out of would be stuck for good.
  if (
    typeof signal?.addEventListener !== "function" ||
    typeof signal.removeEventListener !== "function"
  ) {
    return new TypeError(
      "signal is an AbortSignal, such as the signal of an AbortController",
    );
  }
  return signal.aborted ? abortReason(signal) : undefined;
}
