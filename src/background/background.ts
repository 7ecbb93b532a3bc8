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

import { coded } from "../../adapters/coded.ts";
import {
  blockWhile,
  startThread,
  type ThreadOptions,
  type ThreadWorker,
  workerOf,
} from "../../adapters/io_threads.ts";
import type { Background } from "../endpoints/io_threads.ts";
import { ApplicationThreads } from "./application_threads.ts";

/** For `new Context({ background })`; `ioThreads` says how many threads there are. */
export const background: Background = /* @__PURE__ */ backgroundBy((options) =>
  workerOf(workerModule(), options)
);

/** The module that a thread runs, beside this one. */
function workerModule(): URL {
  const { url } = import.meta as { url?: string };
  if (url === undefined) {
    throw coded(
      "ENOTSUP",
      "a bundle in CommonJS has no place; use backgroundBy",
    );
  }
  return new URL(url.endsWith(".ts") ? "./worker.ts" : "./worker.js", url);
}

/**
 * The same where the module that threads run isn't beside this one, as in a bundle or a
 * program compiled into one file. A module of yours that imports
 * `@nought/zeromq/background/worker`, and nothing else, becomes a file of the bundle of
 * its own, and `start` makes a Worker of it with the options that it is given.
 *
 * @example
 * ```ts ignore
 * // thread.ts
 * import "@nought/zeromq/background/worker";
 *
 * // app.ts: bun build --compile app.ts thread.ts
 * import { Worker } from "node:worker_threads";
 * import { Context } from "@nought/zeromq";
 * import { backgroundBy } from "@nought/zeromq/background";
 *
 * const background = backgroundBy((options) =>
 *   new Worker(new URL("./thread.ts", import.meta.url), options)
 * );
 * const context = new Context({ background });
 * ```
 */
export function backgroundBy(
  start: (options: ThreadOptions) => ThreadWorker,
): Background {
  return {
    threads: (reactor, count) =>
      new ApplicationThreads(reactor, count, {
        start: (data, ended) => startThread(start, data, ended),
        blockWhile,
      }),
  };
}

export type { ThreadOptions, ThreadWorker };
export {
  bindSync,
  type BlockingOptions,
  receiveSync,
  type ReceivingSocket,
  type SendingSocket,
  sendSync,
} from "./blocking.ts";
