// The one table of size budgets, in bytes. npm-build.ts --check holds the
// packages to it.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 282_500,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 157_500,
  /** The main entry, bundled and minified, without CURVE, which loads when it is needed. */
  mainEntryMinified: 260_000,
  /** The same with one socket of it. */
  oneSocketMinified: 221_000,
  /** The entry for browsers, bundled and minified, without CURVE. */
  browserMinified: 186_500,
  /** The same with one socket of it. */
  pageMinified: 158_800,
  /** The drop-in for zeromq.js, one file, bundled and minified with what is behind it. */
  dropInMinified: 321_000,
} as const;
