// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 271_500,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 152_200,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 249_100,
  /** The same with one socket of it. */
  oneSocketMinified: 213_600,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 176_900,
  /** The same with one socket of it. */
  pageMinified: 151_300,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 307_600,
} as const;
