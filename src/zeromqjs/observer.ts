// Observer of zeromq.js: the events of a socket, read one by one or given to
// listeners. It hangs itself where the core tells its events, beside others that
// watch the same socket.

import type { EventEmitter } from "node:events";
import type { EventPeer, SocketEvent } from "../base/event.ts";
import type { SocketCore } from "../sockets/core.ts";
import {
  asEventError,
  checkArity,
  type ErrnoError,
  errnoError,
} from "./errno_error.ts";
import { eventEmitter } from "./platform.ts";

/** Events that are kept while nobody reads; then the oldest go. */
const MOST_KEPT = 1000;

/** A refusal by whoever authenticates: `status` is 300, 400 or 500. */
export interface AuthError extends Error {
  /** The status. */
  status: 300 | 400 | 500;
}

/** A breach of the protocol. */
export interface ProtoError extends Error {
  /** Such as `"ERR_ZMTP_MECHANISM_MISMATCH"`. */
  code: string;
}

interface Addressed<T extends string> {
  /** What happened. */
  type: T;
  /** Our endpoint. */
  address: string;
  /** The other end, where it is known; zeromq.js does not tell it. */
  peer?: EventPeer;
}

interface Failed<T extends string, E = ErrnoError> extends Addressed<T> {
  /** Why. */
  error: E;
}

/** An event of a socket. */
export type Event =
  | Addressed<"accept">
  | Failed<"accept:error">
  | Addressed<"bind">
  | Failed<"bind:error">
  | Addressed<"connect">
  | Addressed<"connect:delay">
  | (Addressed<"connect:retry"> & {
    /** Milliseconds until the next attempt. */
    interval: number;
  })
  | Addressed<"close">
  | Failed<"close:error">
  | Addressed<"disconnect">
  | { type: "end" }
  | Addressed<"handshake">
  | Failed<"handshake:error:protocol", ProtoError>
  | Failed<"handshake:error:auth", AuthError>
  | Failed<"handshake:error:other">
  | { type: "unknown"; address?: string };

/** The name of an event. */
export type EventType = Event["type"];

/** The event of a name. */
export type EventOfType<E extends EventType = EventType> = Expand<
  Extract<Event, { type: E }>
>;

type Expand<T> = T extends infer O ? { [K in keyof O]: O[K] } : never;

/** What `on` and `off` give back: Node's emitter, as far as it is promised. */
export interface EventSubscriber {
  /** Calls `listener` for each event of a type. */
  on<E extends EventType>(
    type: E,
    listener: (data: EventOfType<E>) => void,
  ): EventSubscriber;
  /** Calls `listener` no more. */
  off<E extends EventType>(
    type: E,
    listener: (data: EventOfType<E>) => void,
  ): EventSubscriber;
}

/** Finds what is behind a socket; set by it, as neither file can import the other. */
export const observed: { of: (socket: object) => SocketCore } = {
  of: () => {
    throw new Error("Invalid argument");
  },
};

const taps = new WeakMap<SocketCore, Set<(event: SocketEvent) => void>>();

/** Hears the events of a core. */
function tap(core: SocketCore, listener: (event: SocketEvent) => void): void {
  let listeners = taps.get(core);
  if (listeners === undefined) {
    const all = listeners = new Set();
    taps.set(core, all);
    // The core's own observer keeps events for a reader that never comes.
    core.events.emit = (event) => {
      for (const one of [...all]) one(event);
    };
  }
  listeners.add(listener);
}

/** An event as zeromq.js would have it. */
function shown(event: SocketEvent): Event {
  if (!("error" in event) || event.error === undefined) return event as Event;
  return { ...event, error: asEventError(event.error) } as Event;
}

interface Waiting {
  resolve: (event: Event) => void;
  reject: (error: unknown) => void;
}

/**
 * The events of a socket; `socket.events` has one. Read them (`receive`, or an
 * iteration) or listen to them (`on`, `off`), one of the two. Listeners and
 * reading keep the process alive. Events before there was an observer are lost.
 */
export class Observer {
  readonly #core: SocketCore;
  readonly #listener: (event: SocketEvent) => void;
  #events: Event[] = [];
  #waiting: Waiting | null = null;
  #emitter: EventEmitter | null = null;
  #scheduled = false;
  #closed = false;
  readonly #socket: WeakRef<object>;
  /** The socket, while somebody reads: it is not abandoned then. */
  #kept: object | null = null;

  /** Watches a socket. */
  constructor(socket: object) {
    if (typeof socket !== "object" || socket === null) {
      throw new TypeError("Socket must be a socket object");
    }
    this.#core = observed.of(socket);
    this.#socket = new WeakRef(socket);
    if (this.#core.closed !== null) throw errnoError("ENOTSOCK");
    this.#listener = (event) => this.#heard(shown(event));
    tap(this.#core, this.#listener);
  }

  /** Whether it is closed: by `close`, or as the last event was read. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Ends it; whoever waits for an event is told ENOTSOCK. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events = [];
    taps.get(this.#core)?.delete(this.#listener);
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#letGo();
    waiting?.reject(errnoError("ENOTSOCK"));
  }

  /** The next event. The last one is `end`. */
  receive(): Promise<Event> {
    checkArity(arguments.length, 0);
    if (this.#emitter !== null) {
      throw new Error(
        "Observer is in event emitter mode. After a call to events.on() it is not possible to read events with events.receive().",
      );
    }
    if (this.#closed) throw errnoError("EBADF");
    return this.#next();
  }

  /** Calls `listener` for each event of a type. */
  on<E extends EventType>(
    type: E,
    listener: (data: EventOfType<E>) => void,
  ): EventSubscriber {
    return this.#emitting().on(type, listener) as unknown as EventSubscriber;
  }

  /** Calls `listener` no more. */
  off<E extends EventType>(
    type: E,
    listener: (data: EventOfType<E>) => void,
  ): EventSubscriber {
    return this.#emitting().off(type, listener) as unknown as EventSubscriber;
  }

  /** One event after another, until it is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined> {
    return {
      next: async () => {
        if (this.#closed) return { done: true, value: undefined };
        return { done: false, value: await this.receive() };
      },
    };
  }

  #next(): Promise<Event> {
    if (this.#waiting !== null) {
      throw errnoError(
        "EBUSY",
        "Observer is busy reading; only one receive operation may be in progress at any time",
      );
    }
    const event = this.#events.shift();
    if (event !== undefined) {
      if (event.type === "end") this.close();
      return Promise.resolve(event);
    }
    this.#hold(this.#socket.deref() ?? this.#core);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #heard(event: Event): void {
    if (this.#closed) return;
    const waiting = this.#waiting;
    if (waiting === null) {
      this.#events.push(event);
      if (this.#emitter !== null) this.#schedule();
      else if (this.#events.length > MOST_KEPT) this.#events.shift();
      return;
    }
    this.#waiting = null;
    this.#letGo();
    if (event.type === "end") this.close();
    waiting.resolve(event);
  }

  #emitting(): EventEmitter {
    if (this.#emitter === null) {
      this.#emitter = new (eventEmitter())();
      if (!this.#closed) {
        // Listeners alone don't keep a socket that nobody can reach.
        this.#hold(this.#core);
        this.#schedule();
      }
    }
    return this.#emitter;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    Promise.resolve().then(() => {
      this.#scheduled = false;
      for (;;) {
        const event = this.#events.shift();
        if (event === undefined) return;
        if (event.type === "end") this.close();
        try {
          this.#emitter!.emit(event.type, event);
        } catch (error) {
          // The listener's own fault: reported as an unhandled rejection.
          Promise.reject(error);
        }
      }
    });
  }

  #hold(kept: object): void {
    if (this.#kept !== null) return;
    this.#kept = kept;
    this.#core.reactor.hold();
  }

  #letGo(): void {
    if (this.#kept === null) return;
    this.#kept = null;
    this.#core.reactor.release();
  }
}
