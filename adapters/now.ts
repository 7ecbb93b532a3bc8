// The clock as it is when this loads: a test may replace it by one that it winds itself,
// which no network waits for.

/** Milliseconds since the program, or the page, began. */
export const now: () => number = /* @__PURE__ */ performance.now.bind(
  performance,
);
