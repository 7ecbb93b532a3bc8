// The one table of size budgets, in bytes. npm-build.ts --check holds the
// package to it. ipc, with its files, took the main entry from 128
// to 136 kB minified; there is room for the next transport.

export const BUDGETS = {
  /** The packed npm package. */
  npmPackage: 100_000,
  /** The packed npm package of the drop-in for zeromq.js alone. */
  dropInPackage: 100_000,
  /** The main entry, bundled and minified. */
  mainEntryMinified: 165_000,
  /** The drop-in for zeromq.js, bundled and minified, with what is behind it. */
  dropInMinified: 205_000,
} as const;
