/**
 * Queues that spill into files: messages past the bounds of a queue wait on disk, come
 * back in order, and only past `swapSize` does the socket wait, or drop.
 *
 * @example
 * ```ts
 * import { Context, Push } from "@nought/zeromq";
 * import { swap } from "@nought/zeromq/swap";
 *
 * const context = new Context({ swap });
 * const push = new Push({ context, swapSize: 1e9, sendHighWaterMark: 1000 });
 * push.connect("tcp://127.0.0.1:5555");
 * for (let i = 0; i < 5000; i++) await push.send(`${i}`); // nobody is there
 * console.log(push.stats().swapped); // 4000
 * await push.closeAsync({ linger: 0 });
 * ```
 *
 * @module
 */

import { files } from "../../adapters/swap_files.ts";
import type { Swap } from "../endpoints/swap.ts";
import type { SwapStore } from "../runtime/swap_store.ts";
import { FileSwap } from "./socket_swap.ts";

/** A swap on files of a store. */
export function swapOn(store: SwapStore): Swap {
  return {
    check: (folder) => store.check(folder),
    socket: (socket) => new FileSwap(store, socket),
  };
}

/** For `new Context({ swap })`: files of this system. */
export const swap: Swap = /* @__PURE__ */ swapOn(files);
