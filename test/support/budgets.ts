// The one table of size budgets, in bytes. npm-build.ts --check holds the
// package to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 100_000,
  /** The main entry, bundled and minified. */
  mainEntryMinified: 100_000,
} as const;
