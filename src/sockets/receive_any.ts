// Waiting for several sockets at once, as zmq_poll(3) is used for: whichever has a
// message first, and among those that have one the one that was served longest ago.

import { ZmqError } from "../base/errors.ts";
import { Timer } from "../endpoints/timers.ts";
import type { AbortLike } from "../runtime/abort.ts";
import { refusedBy } from "./call_limits.ts";
import type { SocketCore, Watcher } from "./core.ts";
import type { Readable } from "./readable.ts";
import type { Message } from "./received.ts";
import { coreFor, coreOf, type Socket } from "./socket.ts";
import { abortReason } from "./waiting_line.ts";

/** A message and the socket that received it. */
export interface Arrival<S> {
  /** The socket that it came to. */
  readonly socket: S;
  /** The message, as that socket receives it. */
  readonly message: S extends Readable<infer M> ? M : Message;
}

/** How to wait. */
export interface ArrivalOptions {
  /** Gives up; no message is lost. */
  signal?: AbortLike;
  /** Milliseconds to wait; without end by default. */
  timeout?: number;
}

/** A socket that receives. */
// deno-lint-ignore no-explicit-any -- whatever its messages look like
type AnyReadable = Socket & Readable<any>;

/** When a socket was served last, in services. */
const served = new WeakMap<SocketCore, number>();
let services = 0;

/**
 * Receives a message from the first of several sockets that has one. Sockets that
 * have one at the same time take turns, from call to call.
 *
 * @throws {ZmqError} EAGAIN if the time is up or a socket was closed while it
 * waited, EBADF if all are closed, ETERM if their context was terminated; the
 * signal's reason if that was aborted. All as a rejection.
 */
export async function receiveAny<S extends AnyReadable>(
  sockets: readonly S[],
  options: ArrivalOptions = {},
): Promise<Arrival<S>> {
  const refused = refusedBy(options);
  if (refused !== undefined) throw refused;
  if (!Array.isArray(sockets)) {
    throw new TypeError("receiveAny takes an array of sockets");
  }
  for (const socket of sockets) coreFor("receiveAny", socket);
  const found = take(sockets);
  if (found !== null) {
    // A caller that always finds one must let I/O happen in between.
    const { turn } = coreOf(found.socket).reactor;
    if (!turn.spend()) await turn.next();
    return found;
  }
  const open = sockets.filter((socket) => !socket.closed);
  if (open.length === 0) throw ended(sockets.map(coreOf));
  if (options.timeout === 0) throw timedOut(0);
  return await arrival(open, options, true);
}

/**
 * `for await (const { socket, message } of merge(a, b))`: the messages of several
 * sockets as they come, in turn if several have some, until all are closed.
 */
export async function* merge<S extends AnyReadable>(
  ...sockets: S[]
): AsyncGenerator<Arrival<S>, void> {
  for (const socket of sockets) coreFor("merge", socket);
  for (;;) {
    const found = take(sockets);
    if (found !== null) {
      const { turn } = coreOf(found.socket).reactor;
      if (!turn.spend()) await turn.next();
      yield found;
      continue;
    }
    const open = sockets.filter((socket) => !socket.closed);
    if (open.length === 0) {
      const lost = sockets.map(coreOf).find(({ closed }) => closed === "lost");
      if (lost !== undefined) throw lost.closedError();
      return;
    }
    try {
      yield await arrival(open, {}, false);
    } catch (error) {
      const { code } = error as ZmqError;
      if (code !== "EBADF" && code !== "ETERM") throw error;
      return;
    }
  }
}

/** A message of the socket that was served longest ago, among those that have one. */
function take<S extends AnyReadable>(sockets: readonly S[]): Arrival<S> | null {
  let next: S | null = null;
  let longest = Infinity;
  for (const socket of sockets) {
    const core = coreOf(socket);
    const since = served.get(core) ?? 0;
    // Where somebody waits in line, that one is first.
    const free = core.barrier === null && core.receives.size === 0;
    if (since < longest && free && core.pattern.canReceive()) {
      next = socket;
      longest = since;
    }
  }
  if (next === null) return null;
  const message = next.tryReceive();
  if (message === undefined) return null;
  served.set(coreOf(next), ++services);
  return { socket: next, message };
}

function arrival<S extends AnyReadable>(
  sockets: readonly S[],
  options: ArrivalOptions,
  strict: boolean,
): Promise<Arrival<S>> {
  const cores = sockets.map((socket) => coreOf(socket));
  const { reactor } = cores[0];
  const { signal, timeout } = options;
  return new Promise((resolve, reject) => {
    const timer = new Timer(() => fail(timedOut(timeout!)));
    let over = false;
    const end = () => {
      over = true;
      for (const core of cores) core.watchers.delete(watcher);
      reactor.timers.clear(timer);
      signal?.removeEventListener("abort", aborted);
      reactor.release();
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const aborted = () => fail(abortReason(signal!));
    // To take a message may bring in others, which is told while it is taken.
    let taking = false;
    let told = false;
    const taken = () => {
      taking = true;
      let found: Arrival<S> | null;
      do {
        told = false;
        found = take(sockets);
      } while (found === null && told);
      taking = false;
      return found;
    };
    const watcher: Watcher = {
      changed: () => {
        told = true;
        if (taking || over) return;
        const found = taken();
        if (found !== null) {
          end();
          resolve(found);
        } else {
          const open = cores.filter((core) => core.closed === null).length;
          if (open === 0 || (strict && open < cores.length)) fail(ended(cores));
        }
      },
    };
    reactor.hold();
    for (const core of cores) core.watchers.add(watcher);
    signal?.addEventListener("abort", aborted);
    if (timeout !== undefined && timeout >= 0) {
      reactor.timers.set(timer, reactor.now() + timeout);
    }
  });
}

/** The error of one who waits for sockets that are closed, or some of which are. */
function ended(cores: readonly SocketCore[]): ZmqError {
  for (const why of ["lost", "terminated"]) {
    const core = cores.find(({ closed }) => closed === why);
    if (core !== undefined) return core.closedError();
  }
  return cores.some((core) => core.closed === null)
    ? new ZmqError(
      "EAGAIN",
      "A socket was closed while its message was awaited",
    )
    : new ZmqError("EBADF", "Cannot receive: all sockets are closed");
}

function timedOut(timeout: number): ZmqError {
  return new ZmqError(
    "EAGAIN",
    `Cannot receive within ${timeout} ms: no message came to any of the sockets; wait longer`,
  );
}
