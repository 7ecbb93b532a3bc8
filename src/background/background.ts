/**
 * Connections in threads of their own: while a program computes, its sockets go on to
 * receive up to their high-water marks, to send what was accepted, to answer heartbeats
 * and to connect again.
 *
 * @example
 * ```ts
 * import { Context, Pull, Push } from "@nought/zeromq";
 * import { background } from "@nought/zeromq/background";
 *
 * await using context = new Context({ background, ioThreads: 1 });
 * const pull = new Pull({ context });
 * const push = new Push({ context });
 * await pull.bind("tcp://127.0.0.1:*");
 * push.connect(pull.lastEndpoint!);
 * await push.send("hello");
 * console.log((await pull.receive()).length); // 1
 * ```
 *
 * @module
 */

import { blockWhile, startThread } from "../../adapters/io_threads.ts";
import type { Background } from "../endpoints/io_threads.ts";
import { ApplicationThreads } from "./application_threads.ts";

/** The module that a thread runs, beside this one. */
const WORKER = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";

/** For `new Context({ background })`; `ioThreads` says how many threads there are. */
export const background: Background = {
  threads: (reactor, count) =>
    new ApplicationThreads(reactor, count, {
      start: (data, ended) =>
        startThread(new URL(WORKER, import.meta.url), data, ended),
      blockWhile,
    }),
};

export {
  bindSync,
  type BlockingOptions,
  receiveSync,
  type ReceivingSocket,
  type SendingSocket,
  sendSync,
} from "./blocking.ts";
