// Why a socket of datagrams could not be opened.

import { isErrorCode, ZmqError } from "../base/errors.ts";

/** The error for an address, of what the runtime says. */
export function openError(address: string, cause: Error): ZmqError {
  const given = (cause as { code?: unknown }).code;
  const code = isErrorCode(given) ? given : "EIO";
  return new ZmqError(code, `Cannot use ${address}: ${cause.message}`, {
    address,
    cause,
  });
}
