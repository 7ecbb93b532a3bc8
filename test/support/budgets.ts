// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 276_500,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 154_500,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 253_500,
  /** The same with one socket of it. */
  oneSocketMinified: 217_300,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 180_500,
  /** The same with one socket of it. */
  pageMinified: 154_500,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 311_500,
} as const;
