// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 274_500,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 153_700,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 252_500,
  /** The same with one socket of it. */
  oneSocketMinified: 216_500,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 179_500,
  /** The same with one socket of it. */
  pageMinified: 153_500,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 310_500,
} as const;
