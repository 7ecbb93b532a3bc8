// Waiting in tests that use a real clock: for a condition, never for a time
// that is hoped to be enough.

/** Resolves when `condition` holds; rejects with `what` if it doesn't in time. */
export async function until(
  what: string,
  condition: () => boolean,
  milliseconds = 15000,
): Promise<void> {
  const ends = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > ends) throw new Error(`waited in vain: ${what}`);
    await sleep(2);
  }
}

/** Resolves after so many milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What one waits for in a browser, which may take seconds to connect when it has just started. */
export const PATIENT = 60_000;

/** Rejects with `what` if a promise isn't settled in time. */
export async function within<T>(
  what: string,
  promise: Promise<T>,
  milliseconds = 15000,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`waited in vain: ${what}`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
