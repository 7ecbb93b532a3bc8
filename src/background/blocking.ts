// Calls that block the thread, as in C or Python: only where a background thread goes
// on with the connections meanwhile.

import { ZmqError } from "../base/errors.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import type { IoThreads } from "../endpoints/io_threads.ts";
import { refusedBy } from "../sockets/call_limits.ts";
import { coreOf, type Socket } from "../sockets/socket.ts";

/** How long a call may block. */
export interface BlockingOptions {
  /** Milliseconds; -1 for ever. Default: the socket's `sendTimeout` or `receiveTimeout`; -1 for `bindSync`. */
  timeout?: number;
}

/** A socket that sends. */
export interface SendingSocket<M> extends Socket {
  /** Sends at once, or says false. */
  trySend(message: M): boolean;
}

/** A socket that receives. */
export interface ReceivingSocket<M> extends Socket {
  /** Receives at once, or gives `undefined`. */
  tryReceive(): M | undefined;
}

/**
 * Sends a message and returns once it was taken, for programs without `await`. It
 * blocks this thread while no peer can take it.
 *
 * @throws {ZmqError} EAGAIN once the time is up; ENOTSUP if the socket's context has no
 * `background`, or this thread may not block; otherwise as `send` does.
 *
 * @example
 * ```ts
 * import { Context, Reply, Request, text } from "@nought/zeromq";
 * import { background, bindSync, receiveSync, sendSync } from "@nought/zeromq/background";
 *
 * using reply = new Reply({ context: new Context({ background }) });
 * using request = new Request({ context: reply.context });
 * bindSync(reply, "tcp://127.0.0.1:*");
 * request.connect(reply.lastEndpoint!);
 * sendSync(request, "question");
 * console.log(text(receiveSync(reply)[0])); // "question"
 * sendSync(reply, "answer");
 * console.log(text(receiveSync(request)[0])); // "answer"
 * ```
 */
export function sendSync<M>(
  socket: SendingSocket<M>,
  message: M,
  options: BlockingOptions = {},
): void {
  const core = coreOf(socket);
  const timeout = options.timeout ?? core.options.sendTimeout;
  block(socket, "send", timeout, () => socket.trySend(message) || undefined);
  // It is on its way, whatever this thread does next.
  core.reactor.turn.end();
}

/**
 * Receives a message, for programs without `await`: blocks this thread until there is
 * one. See {@linkcode sendSync}.
 *
 * @throws {ZmqError} EAGAIN once the time is up; ENOTSUP if the socket's context has no
 * `background`, or this thread may not block; otherwise as `receive` does.
 */
export function receiveSync<M>(
  socket: ReceivingSocket<M>,
  options: BlockingOptions = {},
): M {
  const timeout = options.timeout ?? coreOf(socket).options.receiveTimeout;
  return block(socket, "receive", timeout, () => socket.tryReceive());
}

/**
 * Binds, for programs without `await`: returns once a peer can connect. See
 * {@linkcode sendSync}.
 *
 * @throws {ZmqError} as `bind` does; EAGAIN once the time is up, and what was begun is
 * given up; EIO if the thread hasn't started within 30 seconds; ENOTSUP if the socket's
 * context has no `background`, or this thread may not block.
 */
export function bindSync(
  socket: Socket,
  address: string,
  { timeout = -1 }: BlockingOptions = {},
): void {
  threadsOf(socket, "bind");
  let over = false;
  let failure: ZmqError | null = null;
  let begun: Endpoint | null = null;
  const opening = coreOf(socket).bindNow(
    address,
    (error) => {
      over = true;
      failure = error;
    },
    (endpoint) => begun = endpoint,
  );
  // What it rejects with is thrown here.
  opening?.catch(() => {});
  if (opening !== null) {
    try {
      block(socket, "bind", timeout, () => over || undefined);
    } catch (error) {
      // Who is told that it isn't bound may try again.
      (begun as Endpoint | null)?.abort();
      throw error;
    }
  }
  if (failure !== null) throw failure;
}

/** Tries until something comes of it. */
function block<T>(
  socket: Socket,
  what: string,
  timeout: number,
  attempt: () => T | undefined,
): T {
  const refused = refusedBy({ timeout: timeout });
  if (refused !== undefined) throw refused;
  const threads = threadsOf(socket, what);
  const { reactor } = coreOf(socket);
  const ends = timeout < 0 ? Infinity : reactor.now() + timeout;
  for (;;) {
    const found = attempt();
    if (found !== undefined) return found;
    const left = ends - reactor.now();
    if (left <= 0) {
      throw new ZmqError(
        "EAGAIN",
        `Cannot ${what}: nothing came of it within ${timeout} ms`,
      );
    }
    try {
      threads.wait(left);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new ZmqError(
        "ENOTSUP",
        `Cannot block this thread: a page's main thread may not; await ${what}(), or do this in a Worker`,
        { cause },
      );
    }
  }
}

function threadsOf(socket: Socket, what: string): IoThreads {
  const threads = coreOf(socket).background;
  if (threads !== null) return threads;
  throw new ZmqError(
    "ENOTSUP",
    `Cannot ${what} without await: this thread keeps the socket's connections itself; make its context with { background }, or await ${what}()`,
  );
}
