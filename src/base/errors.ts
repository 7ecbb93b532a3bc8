// Errors a caller sees: one class with a POSIX or ZeroMQ code, libzmq's errno,
// and a sentence that says what to do next. Codes and numbers follow zmq.h and
// zeromq.js 6, so that code which branches on them can be moved unchanged.

/** libzmq's private error numbers start here (`ZMQ_HAUSNUMERO` in zmq.h). */
const HAUSNUMERO = 156384712;

/** The numbers Linux and libzmq give to the codes that {@linkcode ZmqError} carries. */
const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ENAMETOOLONG: 36,
  ELOOP: 40,
  EPROTO: 71,
  EUSERS: 87,
  ENOTSOCK: 88,
  EMSGSIZE: 90,
  EPROTONOSUPPORT: 93,
  ENOTSUP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EDQUOT: 122,
  EFSM: HAUSNUMERO + 51,
  ENOCOMPATPROTO: HAUSNUMERO + 52,
  ETERM: HAUSNUMERO + 53,
  EMTHREAD: HAUSNUMERO + 54,
} as const;

/** A code that a {@linkcode ZmqError} can carry, such as `"EAGAIN"` or `"EFSM"`. */
export type ErrorCode = keyof typeof ERRNO;

/** Whether a text is one of the codes that this library gives to its errors. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERRNO, code);
}

/** The code of what an adapter threw; one that isn't ours is EIO. */
export function codeOf(error: unknown): ErrorCode {
  const { code } = error as { code?: unknown };
  return isErrorCode(code) ? code : "EIO";
}

/** So many frames of a stack may be ours, which stand before those of the caller. */
const MOST_OURS = 15;

/** What else an error can tell beside its code and message. */
export interface ErrorDetails {
  /** The endpoint the call was about. */
  address?: string;
  /** The error of the runtime that led to this one. */
  cause?: unknown;
}

/**
 * The one class of errors that Nought throws or rejects with for reasons other
 * than a wrong type (which is a `TypeError`).
 *
 * Match on {@linkcode ZmqError.code}; the message says what to do next.
 *
 * @example
 * ```ts
 * import { Request, ZmqError } from "@nought/zeromq";
 *
 * const socket = new Request();
 * try {
 *   await socket.receive();
 * } catch (error) {
 *   if (error instanceof ZmqError && error.code === "EFSM") {
 *     console.log("send a request first");
 *   }
 * }
 * socket.close();
 * ```
 */
export class ZmqError extends Error {
  /** `"ZmqError"`. */
  override readonly name: string = "ZmqError";
  /** A POSIX or ZeroMQ code, such as `"EAGAIN"`, `"EADDRINUSE"` or `"EFSM"`. */
  readonly code: ErrorCode;
  /** The number that libzmq uses for this code on Linux. */
  readonly errno: number;
  /** The endpoint the failed call was about, where there is one. */
  readonly address: string | undefined;

  /** Makes an error of this code; the message should say what to do next. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { stackTraceLimit: limit = 0 } = Error as {
      stackTraceLimit?: number;
    };
    if (limit > 0) limitTraces(limit + MOST_OURS);
    super(
      `${code}: ${message}`,
      "cause" in details ? { cause: details.cause } : undefined,
    );
    if (limit > 0) limitTraces(limit);
    this.code = code;
    this.errno = ERRNO[code];
    this.address = details.address;
  }
}

/** Sets how many frames the stack of an error has, where that may be done. */
function limitTraces(frames: number): void {
  Reflect.set(Error, "stackTraceLimit", frames);
}

/** The number libzmq uses for a code on Linux. */
export function errnoOf(code: ErrorCode): number {
  return ERRNO[code];
}
