// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 190_000,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 150_000,
  /** The main entry, bundled and minified. */
  mainEntryMinified: 252_000,
  /** The entry for browsers, bundled and minified. */
  browserMinified: 226_000,
  /** The drop-in for zeromq.js, bundled and minified, with what is behind it. */
  dropInMinified: 272_000,
} as const;
