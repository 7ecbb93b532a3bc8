// Why a socket of datagrams could not be opened.

import { codeOf, ZmqError } from "../base/errors.ts";

/** The error for an address, of what the runtime says. */
export function openError(address: string, cause: Error): ZmqError {
  return new ZmqError(
    codeOf(cause),
    `Cannot use ${address}: ${cause.message}`,
    {
      address,
      cause,
    },
  );
}
