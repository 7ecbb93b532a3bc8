/**
 * What a background thread runs; it is started by `@nought/zeromq/background`.
 *
 * @module
 */

import { startedAs, whenDying } from "../../adapters/io_threads.ts";
import { pickAdapter } from "../../adapters/pick.ts";
import { CARRIERS } from "../endpoints/carriers.ts";
import * as curve from "../endpoints/curve.ts";
import { Reactor } from "../endpoints/reactor.ts";
import { ThreadHost } from "./thread_host.ts";
import type { ThreadData } from "./words.ts";

const { channel, data } = startedAs();
const host = new ThreadHost(
  new Reactor(pickAdapter(), {
    carriers: CARRIERS,
    curve: () => Promise.resolve(curve),
  }),
  channel,
  data as ThreadData,
);
// An application that is blocked hears of no event.
whenDying((why) => host.say({ is: "died", why }));
