// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 263_600,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 148_300,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 246_100,
  /** The same with one socket of it. */
  oneSocketMinified: 209_100,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 175_100,
  /** The same with one socket of it. */
  pageMinified: 148_300,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 304_300,
} as const;
