// The events of a socket for whoever wants to watch (zmq_socket_monitor(3)):
// kept in a bounded ring from the moment somebody looks, read one by one or
// given to listeners. Listeners are called after the library's own work, never
// within it.

import { ZmqError } from "../base/errors.ts";
import type { EventOfType, EventType, SocketEvent } from "../base/event.ts";
import type { Reactor } from "../endpoints/reactor.ts";
import type { AbortLike } from "../runtime/abort.ts";
import { refusedBy } from "./call_limits.ts";
import { Waiting, WaitingLine } from "./waiting_line.ts";

/** Events that are kept for a reader that lags. */
const KEPT = 1000;

type Step = IteratorResult<SocketEvent, undefined>;
type Listener = (event: SocketEvent) => void;

class WaitingRead extends Waiting<Step> {}

const END: Step = { value: undefined, done: true };

/**
 * The events of a socket: `for await (const event of socket.events)`, or
 * `socket.events.on("connect", (event) => …)`, one of the two.
 *
 * Events are kept from the first time `socket.events` is looked at, so do that
 * before `bind` or `connect`. A reader that lags loses the oldest
 * ({@linkcode Observer.dropped} counts them). The last event is `end`.
 *
 * @example
 * ```ts
 * import { Push } from "@nought/zeromq";
 *
 * const push = new Push();
 * push.events.on("bind", (event) => console.log("bound to", event.address));
 * await push.bind("tcp://127.0.0.1:*");
 * push.close();
 * ```
 */
export class Observer {
  /** Events that were lost because nobody read them in time. */
  dropped = 0;
  readonly #reactor: Reactor;
  readonly #line: WaitingLine<WaitingRead>;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** What stands for listeners that hear of one event. */
  readonly #once = new WeakMap<Listener, Listener>();
  #events: SocketEvent[] = [];
  #emitting = false;
  #scheduled = false;
  #ended = false;
  #holding = false;

  /** Made by a socket; take it from `socket.events`. */
  constructor(reactor: Reactor) {
    this.#reactor = reactor;
    this.#line = new WaitingLine(reactor);
  }

  /** Whether nothing will come any more. */
  get closed(): boolean {
    return this.#ended;
  }

  /** Takes no more events; whoever waits is told that it is over. */
  close(): void {
    this.emit({ type: "end" });
  }

  /** Something happened; called by the socket. */
  emit(event: SocketEvent): void {
    if (this.#ended) return;
    if (event.type === "end") this.#ended = true;
    const waiting = this.#line.first;
    if (waiting !== null) {
      this.#line.resolve(waiting, { value: event, done: false });
      if (this.#ended) this.#finish();
      return;
    }
    this.#events.push(event);
    if (this.#events.length > KEPT) {
      this.#events.shift();
      this.dropped++;
    }
    if (this.#emitting) this.#schedule();
  }

  /**
   * The next event.
   *
   * @throws {ZmqError} EBADF once the `end` event has been read; EBUSY once somebody
   * listens by `on`.
   */
  async receive(options: { signal?: AbortLike } = {}): Promise<SocketEvent> {
    const step = await this.#next(options.signal);
    if (step.done) {
      throw new ZmqError(
        "EBADF",
        "Cannot receive events: the socket is closed",
      );
    }
    return step.value;
  }

  /**
   * Calls `listener` for each event of a type, from now on; the first `on` of all hears
   * what was kept for `receive`, too. The program stays alive for it, until `off` or the
   * socket's end.
   */
  on<T extends EventType>(
    type: T,
    listener: (event: EventOfType<T>) => void,
  ): this {
    const listeners = this.#listeners.get(type) ?? new Set();
    listeners.add(listener as Listener);
    this.#listeners.set(type, listeners);
    this.#emitting = true;
    if (!this.#holding && !this.#ended) {
      this.#holding = true;
      this.#reactor.hold();
    }
    this.#schedule();
    return this;
  }

  /** Calls `listener` for the next event of a type. */
  once<T extends EventType>(
    type: T,
    listener: (event: EventOfType<T>) => void,
  ): this {
    const given = listener as Listener;
    const only = this.#once.get(given) ?? ((event) => {
      this.off(event.type, only);
      given(event);
    });
    this.#once.set(given, only);
    return this.on(type, only);
  }

  /** Calls `listener` no more. */
  off<T extends EventType>(
    type: T,
    listener: (event: EventOfType<T>) => void,
  ): this {
    const listeners = this.#listeners.get(type);
    listeners?.delete(listener as Listener);
    listeners?.delete(this.#once.get(listener as Listener)!);
    if (listeners?.size === 0) this.#listeners.delete(type);
    if (this.#listeners.size === 0) this.#letGo();
    return this;
  }

  /** Every event until the socket is closed, `end` included; EBUSY where somebody listens by `on`. */
  [Symbol.asyncIterator](): AsyncIterator<SocketEvent, undefined> {
    return { next: () => this.#next(undefined) };
  }

  /** The same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #next(signal: AbortLike | undefined): Promise<Step> {
    if (this.#listeners.size === 0) this.#emitting = false;
    if (this.#emitting) {
      return Promise.reject(
        new ZmqError(
          "EBUSY",
          "Cannot receive events: listeners take them; use either on(), or receive() and for await",
        ),
      );
    }
    const refused = refusedBy({ signal });
    if (refused !== undefined) return Promise.reject(refused);
    const event = this.#events.shift();
    if (event !== undefined) {
      return Promise.resolve({ value: event, done: false });
    }
    if (this.#ended) return Promise.resolve(END);
    const waiting = new WaitingRead();
    const promise = this.#line.add(waiting) as Promise<Step>;
    if (signal !== undefined) {
      this.#line.abortable(waiting, signal, () => {});
    }
    return promise;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    Promise.resolve().then(() => this.#deliver());
  }

  #deliver(): void {
    this.#scheduled = false;
    for (;;) {
      const event = this.#events.shift();
      if (event === undefined) break;
      for (const listener of [...this.#listeners.get(event.type) ?? []]) {
        try {
          listener(event);
        } catch (error) {
          // The listener's own fault: reported as an unhandled rejection.
          Promise.reject(error);
        }
      }
      if (event.type === "end") this.#letGo();
    }
  }

  #finish(): void {
    for (;;) {
      const waiting = this.#line.first;
      if (waiting === null) return;
      this.#line.resolve(waiting, END);
    }
  }

  #letGo(): void {
    if (!this.#holding) return;
    this.#holding = false;
    this.#reactor.release();
  }
}
