// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 265_000,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 150_000,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 247_900,
  /** The same with one socket of it. */
  oneSocketMinified: 211_000,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 176_600,
  /** The same with one socket of it. */
  pageMinified: 149_500,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 306_500,
} as const;
