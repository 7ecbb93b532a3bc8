// The end of all that follows from something at once.

/** Resolves once every microtask is done. */
export function macrotask(): Promise<void> {
  const { setImmediate, setTimeout } = globalThis as unknown as {
    setImmediate?: (fn: () => void) => void;
    setTimeout: (fn: () => void) => void;
  };
  return new Promise((resolve) => (setImmediate ?? setTimeout)(resolve));
}
