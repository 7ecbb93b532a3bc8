// Prints what the adapter of this runtime can do; with "page" or "isolated", what that
// of a page can, or of one that is cross-origin isolated.

import process from "node:process";
import { BrowserAdapter } from "../../adapters/browser.ts";
import { pickAdapter } from "../../adapters/pick.ts";
import { abilitiesOf } from "../../src/sockets/capability.ts";

const [where] = process.argv.slice(2);
Object.defineProperty(globalThis, "crossOriginIsolated", {
  value: where === "isolated",
});
const adapter = where === undefined ? pickAdapter() : new BrowserAdapter();
console.log(JSON.stringify([...abilitiesOf(adapter).features]));
