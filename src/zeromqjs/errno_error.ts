// Errors as zeromq.js throws them: a plain Error with `code`, `errno` and, where
// there is one, `address`. The error of the library itself, which says what to do
// next, is its `cause`.

import {
  errnoOf,
  type ErrorCode,
  isErrorCode,
  ZmqError,
} from "../base/errors.ts";
import type { EventError } from "../base/event.ts";

/** An error of a socket or context; match on `code`. */
export interface ErrnoError extends Error {
  /** Such as `"EAGAIN"`. */
  code: string;
  /** libzmq's number of the code on Linux. */
  errno: number;
  /** The endpoint that the call was about. */
  address?: string;
}

const TEXTS: Partial<Record<ErrorCode, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAGAIN: "Operation was not possible or timed out",
  EBADF: "Socket is closed",
  EFSM: "Operation cannot be accomplished in current state",
  EHOSTUNREACH: "Host unreachable",
  EINVAL: "Invalid argument",
  EMFILE: "Too many open file descriptors",
  EMTHREAD: "No thread available",
  ENAMETOOLONG: "File name too long",
  ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
  ENODEV: "No such device",
  ENOENT: "No such endpoint",
  ENOTSOCK: "Socket operation on non-socket",
  ENOTSUP: "Operation not supported",
  EPIPE: "Broken pipe",
  EPROTONOSUPPORT: "Protocol not supported",
  ETERM: "Context was terminated",
};

/** Makes an error of a code. */
export function errnoError(
  code: ErrorCode,
  text: string = TEXTS[code] ?? code,
  cause?: ZmqError,
): ErrnoError {
  const error = new Error(
    text,
    cause === undefined ? undefined : { cause },
  ) as ErrnoError;
  error.errno = errnoOf(code);
  error.code = code;
  if (cause?.address !== undefined) error.address = cause.address;
  return error;
}

/** An error of the library as zeromq.js would have it; others stay as they are. */
export function asErrnoError(error: unknown): unknown {
  if (!(error instanceof ZmqError) || !isErrorCode(error.code)) return error;
  const text = TEXTS[error.code] ?? error.message;
  return errnoError(error.code, text, error);
}

/** What a refusal says, by its status. */
const REFUSALS: Readonly<Record<number, string>> = {
  300: "Temporary error",
  400: "Authentication failure",
  500: "Internal error",
};

/** The error of an event as zeromq.js would have it. */
export function asEventError(error: EventError): EventError {
  const { code, errno, status } = error;
  const [prefix, protocol] = code.split("_", 2);
  const text = status !== undefined
    ? REFUSALS[status]
    : prefix === "ERR"
    ? `${protocol} protocol error`
    : TEXTS[code as ErrorCode];
  const shown = new Error(text ?? error.message, { cause: error });
  return Object.assign(
    shown,
    { code },
    errno === undefined ? {} : { errno },
    status === undefined ? {} : { status },
  );
}

/** Does something, and throws what goes wrong as zeromq.js does. */
export function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asErrnoError(error);
  }
}

/** The same for what is done later. */
export async function translatedLater(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw asErrnoError(error);
  }
}

/** Throws if a method is given more than it takes. */
export function checkArity(given: number, most: number): void {
  if (given <= most) return;
  const s = most === 1 ? "" : "s";
  throw new TypeError(`Expected ${most} argument${s} but received ${given}`);
}
