// The one table of size budgets, in bytes. npm-build.ts --check holds the
// package to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 140_000,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 130_000,
  /** The main entry, bundled and minified. */
  mainEntryMinified: 130_000,
  /** The drop-in for zeromq.js, bundled and minified, with what is behind it. */
  dropInMinified: 165_000,
} as const;
