// The names that `require("zeromq/v5-compat")` gives.

import { curveKeyPair } from "./capability.ts";
import { context } from "./context.ts";
import { Socket, type SocketType } from "./v5_socket.ts";

export { version } from "./capability.ts";
export * from "./v5_constants.ts";
export { options } from "./v5_options.ts";
export { type Callback, Socket, type SocketType } from "./v5_socket.ts";

/** Makes a socket; options are its properties, by short name, and others do nothing. */
export function socket(
  type: SocketType,
  options: Record<string, unknown> = {},
): Socket {
  return Object.assign(new Socket(type), options);
}

/** Makes a socket. */
export function createSocket(
  type: SocketType,
  options?: Record<string, unknown>,
): Socket {
  return socket(type, options);
}

/** Makes a pair of keys for CURVE. */
export function curveKeypair(): { public: string; secret: string } {
  const { publicKey, secretKey } = curveKeyPair();
  return { public: publicKey, secret: secretKey };
}

/** Options of the context that all sockets share. */
export class Context {
  /** There is one context, and no other can be made. */
  constructor() {
    throw new Error("Context cannot be instantiated in compatibility mode");
  }

  /** Without effect, but that 0 leaves only inproc. */
  static setMaxThreads(value: number): void {
    context.ioThreads = value;
  }

  /** What was set. */
  static getMaxThreads(): number {
    return context.ioThreads;
  }

  /** How many sockets may be open. */
  static setMaxSockets(value: number): void {
    context.maxSockets = value;
  }

  /** How many sockets may be open. */
  static getMaxSockets(): number {
    return context.maxSockets;
  }
}

const JOINS: readonly string[] = [
  ...["push/pull", "pull/push", "xpub/xsub", "router/dealer", "xrep/xreq"],
];

/**
 * Passes messages between two sockets, and shows a third what comes from the
 * workers or publishers: answers without the two parts of their way back. Of a
 * "pull/push", where zeromq.js shows nothing, it shows the work.
 */
export function proxy(
  frontEnd: Socket,
  backEnd: Socket,
  capture?: Socket,
): void {
  const types = `${frontEnd.type}/${backEnd.type}`;
  if (!JOINS.includes(types)) {
    throw new Error(
      "This socket type order is not supported in compatibility mode",
    );
  }
  const work = types === "pull/push";
  pass(frontEnd, backEnd, work ? capture : undefined);
  pass(backEnd, frontEnd, work ? undefined : capture);
}

function pass(from: Socket, to: Socket, capture: Socket | undefined): void {
  if (from.type === "push") return;
  const way = from.type === "dealer" || from.type === "xreq" ? 2 : 0;
  from.on("message", (...parts) => {
    to.send(parts);
    capture?.send(parts.slice(way));
  });
}
