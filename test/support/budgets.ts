// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 272_300,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 152_900,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 249_700,
  /** The same with one socket of it. */
  oneSocketMinified: 214_200,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 177_500,
  /** The same with one socket of it. */
  pageMinified: 151_900,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 308_600,
} as const;
