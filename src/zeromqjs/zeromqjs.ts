/**
 * ZeroMQ with the API of zeromq.js 6: change one import, or none, and a program
 * runs on Deno, Bun and Node without native code.
 *
 * @example
 * ```ts
 * import * as zmq from "@nought/zeromq/zeromqjs";
 *
 * const pull = new zmq.Pull();
 * await pull.bind("tcp://127.0.0.1:*");
 *
 * const push = new zmq.Push();
 * push.connect(pull.lastEndpoint!);
 * await push.send("hello");
 *
 * const [message] = await pull.receive();
 * console.log(message.toString()); // "hello"
 *
 * push.close();
 * pull.close();
 * ```
 *
 * @module
 */

export * from "./names.ts";
export * as default from "./names.ts";
