// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 270_000,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 151_300,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 247_800,
  /** The same with one socket of it. */
  oneSocketMinified: 212_400,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 176_000,
  /** The same with one socket of it. */
  pageMinified: 150_500,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 306_300,
} as const;
