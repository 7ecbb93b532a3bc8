// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 268_500,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 151_000,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 246_800,
  /** The same with one socket of it. */
  oneSocketMinified: 209_700,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 175_100,
  /** The same with one socket of it. */
  pageMinified: 148_000,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 305_000,
} as const;
