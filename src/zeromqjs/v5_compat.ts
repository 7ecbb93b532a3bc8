/**
 * The API of zeromq.js 4 and 5, as `zeromq/v5-compat` has it: sockets that emit
 * their messages.
 *
 * @example
 * ```ts
 * import * as zmq from "@nought/zeromq/v5-compat";
 *
 * const pull = zmq.socket("pull");
 * const push = zmq.socket("push");
 * pull.on("message", (message) => {
 *   console.log(message.toString()); // "hello"
 *   pull.close();
 *   push.close();
 * });
 * pull.bind("tcp://127.0.0.1:*", () => {
 *   push.connect(pull.last_endpoint!);
 *   push.send("hello");
 * });
 * ```
 *
 * @module
 */

export * from "./v5_names.ts";
export * as default from "./v5_names.ts";
