/** An error with a POSIX code. */
export function coded(code: string, message: string, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? {} : { cause });
  return Object.assign(error, { code });
}
