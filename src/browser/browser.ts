/**
 * Nought in browsers: the same sockets, connected over `ws://` and `wss://` or
 * over `inproc://` within the page and with its workers.
 *
 * @module
 */

import { BrowserAdapter } from "../../adapters/browser.ts";
import { StreamCarrier } from "../endpoints/stream_carrier.ts";
import { runsAs } from "../sockets/program.ts";
import { ARENA } from "../threads/arena.ts";
import { PAGE_WS, PAGE_WSS } from "../transports/page_ws.ts";

// It doesn't listen, and the platform makes its WebSockets. Where both entries are
// loaded, the other has more.
runsAs({
  // One for each context, as each has its own timer.
  pick: () => new BrowserAdapter(),
  carriers: {
    ws: new StreamCarrier(PAGE_WS, null),
    wss: new StreamCarrier(PAGE_WSS, null),
  },
  curve: () => import("../endpoints/curve.ts"),
  groupMemory: ARENA,
}, true);

export { ZmqError } from "../base/errors.ts";
export { decodeText as text } from "../base/utf8.ts";
export { z85Decode, z85Encode } from "../base/z85.ts";
export * from "../sockets/everywhere.ts";
