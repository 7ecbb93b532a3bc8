// Why a socket of datagrams could not be opened.

import { codeOf, ZmqError } from "../base/errors.ts";

/** The error for an address, of what the runtime says. */
export function openError(address: string, cause: Error): ZmqError {
  const code = codeOf(cause);
  return new ZmqError(code, `Cannot use ${address}: ${cause.message}`, {
    address,
    cause,
  });
}
