// Prints what the adapter of this runtime can do; with "cloudflare", what that of a
// Worker of Cloudflare can, and with "page" or "isolated", that of a page, or of one
// that is cross-origin isolated.

import process from "node:process";
import { BrowserAdapter } from "../../adapters/browser.ts";
import { CloudflareAdapter } from "../../adapters/cloudflare.ts";
import { pickAdapter } from "../../adapters/pick.ts";
import { abilitiesOf } from "../../src/sockets/capability.ts";

const [where] = process.argv.slice(2);
Object.defineProperty(globalThis, "crossOriginIsolated", {
  value: where === "isolated",
});
const adapter = where === undefined
  ? pickAdapter()
  : where === "cloudflare"
  ? new CloudflareAdapter()
  : new BrowserAdapter();
console.log(JSON.stringify([...abilitiesOf(adapter).features]));
