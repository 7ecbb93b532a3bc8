// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 263_000,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 148_000,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 243_700,
  /** The same with one socket of it. */
  oneSocketMinified: 207_800,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 173_600,
  /** The same with one socket of it. */
  pageMinified: 147_300,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 301_900,
} as const;
