/**
 * ZeroMQ in pure TypeScript, for Deno, Bun and Node: whole messages between any
 * number of programs, over any transport, behind one API.
 *
 * @example
 * ```ts
 * import { Pull, Push, text } from "@nought/zeromq";
 *
 * const pull = new Pull();
 * await pull.bind("tcp://127.0.0.1:*");
 *
 * const push = new Push();
 * push.connect(pull.lastEndpoint!);
 * await push.send("hello");
 *
 * const [frame] = await pull.receive();
 * console.log(text(frame)); // "hello"
 *
 * push.close();
 * pull.close();
 * ```
 *
 * @module
 */

import { pickAdapter } from "./adapters/pick.ts";
import { CARRIERS } from "./src/endpoints/carriers.ts";
import { runsAs } from "./src/sockets/program.ts";

runsAs({
  pick: pickAdapter,
  carriers: CARRIERS,
  curve: () => import("./src/endpoints/curve.ts"),
});

export { ZmqError } from "./src/base/errors.ts";
export { decodeText as text } from "./src/base/utf8.ts";
export { z85Decode, z85Encode } from "./src/base/z85.ts";
export { capability } from "./src/sockets/capability.ts";
export { curveKeyPair, curvePublicKey } from "./src/sockets/curve_keys.ts";
export { Datagram } from "./src/sockets/datagram.ts";
export { Observer } from "./src/sockets/observer.ts";
export { Proxy } from "./src/sockets/proxy.ts";
export { Stream } from "./src/sockets/stream.ts";
export * from "./src/sockets/everywhere.ts";
export type { MechanismChoice } from "./src/base/mechanism_choice.ts";
export type * from "./src/base/option_types.ts";
export type { AbortLike } from "./src/runtime/abort.ts";
export type * from "./src/runtime/adapter.ts";
export type { Capability } from "./src/sockets/capability.ts";
export type { CurveKeyPair } from "./src/sockets/curve_keys.ts";
export type {
  DatagramMessage,
  DatagramOptions,
  DatagramSendable,
} from "./src/sockets/datagram.ts";
export type {
  ProxyFlow,
  ProxyRunOptions,
  ProxyStatistics,
} from "./src/sockets/proxy.ts";
export type {
  StreamMessage,
  StreamOptions,
  StreamSendable,
} from "./src/sockets/stream.ts";
