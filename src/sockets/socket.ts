// What every socket class has: its options as properties, bind and connect,
// events, and the ways to close it.

import { mechanismOf } from "../base/mechanism_choice.ts";
import type {
  CommonOptions,
  OptionName,
  OptionValue,
} from "../base/option_types.ts";
import { type OptionRow, unknownOption } from "../base/options.ts";
import type { SocketType } from "../base/socket_type.ts";
import { SOCKET_TYPES } from "../base/socket_type.ts";
import { ZmqError } from "../base/errors.ts";
import type { EventPeer } from "../base/event.ts";
import type { Pipe } from "../routing/pipe.ts";
import {
  Context,
  defaultContext,
  enterContext,
  joinContext,
} from "./context.ts";
import { type MakePattern, SocketCore } from "./core.ts";
import type { Observer } from "./observer.ts";

/** Which context a new socket belongs to. */
export interface ContextOption {
  /** The context; by default the one that all sockets of this thread share. */
  context?: Context;
}

/** How long to try to send what was accepted, when closing. */
export interface CloseOptions {
  /** Milliseconds; -1 for ever. Default: the option `linger`, or 5000 if that is -1. */
  linger?: number;
}

/** Figures of a socket. */
export interface SocketStats {
  /** Peers that messages can go to or come from. */
  readonly peers: number;
  /** Messages that were dropped because a peer's queue was full, or the peer had gone. */
  readonly drops: number;
  /** Messages that wait to be sent, to peers that weren't disconnected. */
  readonly sendQueue: number;
  /** Messages that wait to be received. */
  readonly receiveQueue: number;
  /** Bytes in memory of messages that wait to be sent, with those of the same block that were sent. */
  readonly sendQueueBytes: number;
  /** Bytes in memory of messages that wait to be received, with those of the same block that were. */
  readonly receiveQueueBytes: number;
  /** Messages that wait in files, of both queues; those that wait to be sent are part of `sendQueue`, too. */
  readonly swapped: number;
  /** Their bytes. */
  readonly swappedBytes: number;
  /** Messages that came in, those that were not received yet included. */
  readonly messagesIn: number;
  /** Messages that were handed to the kernel, or to a peer in this process. */
  readonly messagesOut: number;
  /** Bytes of the messages that came in; over a wire with what is around their frames. */
  readonly bytesIn: number;
  /** Bytes of the messages that were handed over; over a wire with what is around their frames. */
  readonly bytesOut: number;
  /** Connections that took the place of one that was lost. */
  readonly reconnects: number;
  /** Endpoints that were connected and given up for good, and why. */
  readonly givenUp: readonly {
    readonly address: string;
    readonly code: string;
  }[];
  /** The same for each peer there is. */
  readonly perPeer: readonly PeerStats[];
}

/** Figures of one peer of a socket. */
export interface PeerStats {
  /** Who it is, once that is known. */
  readonly peer: EventPeer | null;
  /** Whether it is in this process, over inproc: queues are then shared by both ends. */
  readonly inproc: boolean;
  /** Messages that were dropped because its queue was full. */
  readonly drops: number;
  /** Messages that wait to be sent to it. */
  readonly sendQueue: number;
  /** How many may; 0 for no limit. */
  readonly sendHighWaterMark: number;
  /** Messages of it that wait to be received. */
  readonly receiveQueue: number;
  /** How many may; 0 for no limit. */
  readonly receiveHighWaterMark: number;
  /** As for the socket. */
  readonly sendQueueBytes: number;
  /** As for the socket. */
  readonly receiveQueueBytes: number;
  /** As for the socket. */
  readonly swapped: number;
  /** As for the socket. */
  readonly swappedBytes: number;
  /** As for the socket. */
  readonly messagesIn: number;
  /** As for the socket. */
  readonly messagesOut: number;
  /** As for the socket. */
  readonly bytesIn: number;
  /** As for the socket. */
  readonly bytesOut: number;
  /** Connections that took the place of one that was lost. */
  readonly reconnects: number;
}

/** What `closeAsync` and `await using` allow when `linger` is "for ever". */
const FINITE_LINGER_MS = 5000;

/** By what Deno, Bun and Node ask for the text that `console.log` prints. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** How a socket class is made. */
export interface Making {
  readonly type: SocketType;
  readonly pattern: MakePattern;
  /** The prototype that gets the options as properties. */
  readonly prototype: object;
}

/** The core of a socket; for the library. */
export let coreOf: (socket: Socket) => SocketCore;

/** The same of what a caller gave, which may be no socket. */
export let coreFor: (taker: string, socket: unknown) => SocketCore;

/**
 * A socket. Use one of the classes that extend this one.
 */
export abstract class Socket {
  readonly #core: SocketCore;
  readonly #context: Context;

  /** Made by a class of its own. */
  constructor(making: Making, options: object = {}) {
    const given = options as ContextOption;
    const context = given.context ?? defaultContext();
    if (!(context instanceof Context)) {
      throw new TypeError("The option context takes a Context");
    }
    this.#context = context;
    this.#core = new SocketCore(
      making.type,
      enterContext(context),
      making.pattern,
    );
    defineOptions(making.prototype, this.#core.rows);
    const owner = SOCKET_TYPES[making.type].name;
    for (const [name, value] of Object.entries(options).sort(folderFirst)) {
      if (name === "context" || value === undefined) continue;
      if (!this.#core.rows.has(name)) {
        throw unknownOption(owner, name, [...this.#core.rows.keys()]);
      }
      this.#core.setOption(name as OptionName, value);
    }
    joinContext(context, this.#core);
  }

  static {
    coreOf = (socket) => socket.#core;
    coreFor = (taker, socket) => {
      if (Object(socket) === socket && #core in (socket as object)) {
        return coreOf(socket as Socket);
      }
      throw new TypeError(
        `${taker} takes sockets that this copy of the library has made, not ${
          Object.prototype.toString.call(socket)
        }`,
      );
    };
    Object.setPrototypeOf(Socket.prototype, typoGuard());
    Object.defineProperty(Socket.prototype, INSPECT, {
      value(this: Socket) {
        const core = #core in this ? this.#core.summary() : "prototype";
        return `${this.constructor.name} { ${core} }`;
      },
    });
  }

  /** libzmq's number of the socket type (`ZMQ_TYPE`). */
  get type(): number {
    return SOCKET_TYPES[this.#core.type].id;
  }

  /** The context it was made in. */
  get context(): Context {
    return this.#context;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#core.closed !== null;
  }

  /**
   * `ZMQ_LAST_ENDPOINT`: the last endpoint bound, numeric and with its real
   * port, or connected, as it was given; `null` before the first.
   */
  get lastEndpoint(): string | null {
    return this.#core.lastEndpoint;
  }

  /** `ZMQ_MECHANISM`: the security mechanism; `null` is none. */
  get securityMechanism(): null | "plain" | "curve" | "gssapi" {
    const { mechanism } = mechanismOf(this.#core.options);
    return mechanism === "NULL"
      ? null
      : mechanism === "CURVE"
      ? "curve"
      : "plain";
  }

  /** `ZMQ_THREAD_SAFE`: true for the types that libzmq lets several threads use, whose messages are one frame. */
  get threadSafe(): boolean {
    return SOCKET_TYPES[this.#core.type].single;
  }

  /** What happens to its connections. Look at it before `bind` or `connect`: events before that are lost. */
  get events(): Observer {
    return this.#core.events;
  }

  /** Figures: peers, queues, drops. */
  stats(): SocketStats {
    const { pipes, left, drops, past, givenUp, pattern } = this.#core;
    const { count = 0, held = 0 } = pattern.kept ?? {};
    const perPeer = [...pipes].map(peerStats);
    const sum = (of: (peer: PeerStats) => number, peers = perPeer) =>
      peers.reduce((total, peer) => total + of(peer), 0);
    const all = [...perPeer, ...left.map(peerStats)];
    return {
      peers: perPeer.length,
      drops,
      sendQueue: sum((peer) => peer.sendQueue),
      receiveQueue: count + sum((peer) => peer.receiveQueue, all),
      sendQueueBytes: sum((peer) => peer.sendQueueBytes),
      receiveQueueBytes: held + sum((peer) => peer.receiveQueueBytes, all),
      swapped: sum((peer) => peer.swapped, all),
      swappedBytes: sum((peer) => peer.swappedBytes, all),
      messagesIn: past.messagesIn + sum((peer) => peer.messagesIn),
      messagesOut: past.messagesOut + sum((peer) => peer.messagesOut),
      bytesIn: past.bytesIn + sum((peer) => peer.bytesIn),
      bytesOut: past.bytesOut + sum((peer) => peer.bytesOut),
      reconnects: past.reconnects + sum((peer) => peer.reconnects),
      givenUp: [...givenUp],
      perPeer,
    };
  }

  /**
   * Listens at an endpoint (zmq_bind(3)): `tcp://host:port`, where the host is
   * an address, a name, an interface or `*`, and port `*` or 0 takes any free
   * one (see {@linkcode Socket.lastEndpoint}), or `inproc://name`.
   *
   * @throws {ZmqError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL,
   * EPROTONOSUPPORT, ENODEV; EIO if CURVE is wanted and can't be loaded; EBADF once
   * closed. All as a rejection.
   */
  async bind(address: string): Promise<void> {
    await this.#core.bind(text(address));
  }

  /**
   * Stops listening at an endpoint, and ends the connections that came to it
   * once what was accepted for them is sent (zmq_unbind(3)).
   *
   * @throws {ZmqError} ENOENT if it isn't bound; give what `lastEndpoint` gave.
   */
  async unbind(address: string): Promise<void> {
    await this.#core.unbind(text(address));
  }

  /**
   * Connects to an endpoint, now or as soon as somebody listens there, and
   * again whenever the connection is lost (zmq_connect(3)). Returns at once.
   * Over inproc it is for one peer, as in libzmq: once that has gone, connect anew;
   * and the types of the two sockets are nobody's concern.
   *
   * @throws {ZmqError} EINVAL, EPROTONOSUPPORT, EACCES; EBADF once closed.
   */
  connect(address: string): void {
    this.#core.connect(text(address));
  }

  /**
   * Ends a connection, or the attempts at one, once what was accepted for it is
   * sent (zmq_disconnect(3)). What has come from there can still be received. One
   * that was given up (see `stats`) may be disconnected, too.
   *
   * @throws {ZmqError} ENOENT if it isn't connected; give the same text.
   */
  disconnect(address: string): void {
    this.#core.disconnect(text(address));
  }

  /**
   * Closes it. Whoever waits for an operation is told EAGAIN, iterations end,
   * and what was accepted goes on being sent in the background for up to
   * `linger` milliseconds (-1, the default: for ever, and the process lives as
   * long). Closing twice is no matter.
   */
  close(): void {
    this.#core.close(this.#core.options.linger);
  }

  /**
   * Closes it and resolves once what was accepted has been sent, or the time
   * is up.
   *
   * @param options `linger` in milliseconds. The default is finite: the option
   * `linger`, or 5000 if that is -1. On a socket that is closed already it can only
   * shorten the time that is left.
   */
  async closeAsync(options: CloseOptions = {}): Promise<void> {
    const own = this.#core.options.linger;
    const linger = options.linger ?? (own < 0 ? FINITE_LINGER_MS : own);
    if (typeof linger !== "number" || Number.isNaN(linger)) {
      throw new TypeError("The option linger takes a number");
    }
    if (this.closed) this.#core.hasten(linger);
    else this.#core.close(linger);
    await this.#core.whenGone();
  }

  /** `using`: the same as {@linkcode Socket.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `await using`: the same as {@linkcode Socket.closeAsync}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.closeAsync();
  }

  /**
   * The value of an option by libzmq's number, such as 17 for `ZMQ_LINGER`.
   *
   * @throws {ZmqError} EINVAL if this type has no such option to read, ENOTSUP
   * for `ZMQ_FD`.
   */
  getOption(id: number): OptionValue {
    const read = READ_ONLY[id];
    if (read !== undefined) return read(this, this.#core);
    if (id === XPUB_VERBOSER && this.#core.rows.has("verbosity")) {
      return this.#core.options.verbosity === "allSubsUnsubs";
    }
    if (id === XPUB_VERBOSE && this.#core.rows.has("verbosity")) {
      return this.#core.options.verbosity !== null;
    }
    if (id === IPV4ONLY) return !this.#core.options.ipv6;
    if (id === ROUTING_ID && this.#core.type === "STREAM") {
      return (this.#core.pattern as unknown as { latest: Uint8Array }).latest;
    }
    const row = this.#row(id);
    return this.#core.options[row.name];
  }

  /**
   * Sets an option by libzmq's number; `ZMQ_SUBSCRIBE` (6) and `ZMQ_UNSUBSCRIBE`
   * (7) take a prefix.
   *
   * @throws {ZmqError} EINVAL if this type has no such option, or not this value;
   * ENOTSUP if the runtime can't do it; ENOTSOCK once closed.
   */
  setOption(id: number, value: OptionValue): void {
    if (id === SUBSCRIBE || id === UNSUBSCRIBE) {
      const method = id === SUBSCRIBE ? "subscribe" : "unsubscribe";
      const any = this as unknown as Record<string, unknown>;
      if (typeof any[method] !== "function") this.#row(id);
      (any[method] as (prefix: unknown) => void).call(this, value);
      return;
    }
    if (id === XPUB_VERBOSE || id === XPUB_VERBOSER) {
      const { name } = this.#row(XPUB_VERBOSE);
      setOption(this.#core, name, flag(id, value) ? VERBOSITIES[id] : null);
      return;
    }
    if (id === IPV4ONLY) {
      setOption(this.#core, "ipv6", !flag(id, value));
      return;
    }
    setOption(this.#core, this.#row(id).name, value);
  }

  #row(id: number): OptionRow {
    for (const row of this.#core.rows.values()) {
      if (row.id === id && id !== 0) return row;
    }
    throw new ZmqError(
      "EINVAL",
      `A socket of this type has no option with the number ${id}`,
    );
  }
}

// Numbers of options that are no properties, or two of which are one.
const ROUTING_ID = 5;
const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;
const IPV4ONLY = 31;
const XPUB_VERBOSE = 40;
const XPUB_VERBOSER = 78;
const VERBOSITIES: Record<number, string> = {
  [XPUB_VERBOSE]: "allSubs",
  [XPUB_VERBOSER]: "allSubsUnsubs",
};
/** libzmq's numbers of mechanisms. */
const MECHANISM_IDS = { NULL: 0, PLAIN: 1, CURVE: 2 };
/** Bits of `ZMQ_EVENTS`. */
const POLLIN = 1;
const POLLOUT = 2;

/** What can be read by number but not set. */
const READ_ONLY: Record<
  number,
  (socket: Socket, core: SocketCore) => OptionValue
> = {
  13: () => false,
  14: () => {
    throw new ZmqError(
      "ENOTSUP",
      "Cannot get ZMQ_FD: there is no descriptor behind a socket; await receive(), or receiveAny() for several sockets",
    );
  },
  15: (_, core) =>
    (core.pattern.canReceive() ? POLLIN : 0) |
    (core.pattern.canSend() ? POLLOUT : 0),
  16: (socket) => socket.type,
  32: (socket) => socket.lastEndpoint,
  43: (_, core) => MECHANISM_IDS[mechanismOf(core.options).mechanism],
  81: (socket) => socket.threadSafe,
  116: (_, core) => topicsOf(core),
};

function topicsOf(core: SocketCore): number {
  const { topics } = core.pattern as { topics?: number };
  if (topics !== undefined) return topics;
  throw new ZmqError(
    "EINVAL",
    "A socket of this type has no option with the number 116",
  );
}

/** A socket class has the common options as properties. */
export interface Socket extends CommonOptions {}

/** The folder of files is set before their size: it is looked at then. */
function folderFirst([a]: [string, unknown], [b]: [string, unknown]): number {
  return Number(b === "swapDirectory") - Number(a === "swapDirectory");
}

const defined = new WeakSet<object>();

/** Gives a class its options as properties, once. */
function defineOptions(
  prototype: object,
  rows: ReadonlyMap<string, OptionRow>,
): void {
  if (defined.has(prototype)) return;
  defined.add(prototype);
  for (const { name } of rows.values()) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: Socket) {
        return coreOf(this).options[name];
      },
      set(this: Socket, value: unknown) {
        setOption(coreOf(this), name, value);
      },
    });
  }
}

/** What turns an option without a property on or off, as 0 and 1 do in C. */
function flag(id: number, value: OptionValue): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number" && value >= 0) return value > 0;
  throw new TypeError(
    `Cannot set the option ${id}: it takes a boolean, not ${
      typeof value === "number" ? value : typeof value
    }`,
  );
}

function setOption(core: SocketCore, name: OptionName, value: unknown): void {
  if (core.closed !== null) {
    throw new ZmqError(
      "ENOTSOCK",
      `Cannot set ${name}: the socket is closed; make a new one`,
    );
  }
  core.setOption(name, value);
}

/**
 * Stands behind the classes in the prototype chain: an assignment gets here
 * only if there is no property of that name, so it is a mistyped option.
 */
function typoGuard(): object {
  return new Proxy(Object.prototype, {
    set(_target, name, value, receiver): boolean {
      if (typeof name === "symbol") {
        return Reflect.defineProperty(receiver, name, {
          value,
          writable: true,
          configurable: true,
        });
      }
      const { rows, type } = coreOf(receiver);
      throw unknownOption(SOCKET_TYPES[type].name, name, [...rows.keys()]);
    },
  });
}

function peerStats(pipe: Pipe): PeerStats {
  const out = pipe.log ?? pipe.out!;
  return {
    peer: pipe.peer === null ? null : {
      address: pipe.peer.address,
      routingId: pipe.peer.routingId,
      socketType: pipe.peer.socketType,
      mechanism: pipe.peer.mechanism,
    },
    inproc: pipe.log === null,
    drops: pipe.drops,
    sendQueue: out.count + (pipe.log?.away ?? 0),
    sendHighWaterMark: out.highWaterMark,
    receiveQueue: pipe.inbound.count,
    sendQueueBytes: pipe.log?.heldBytes ?? pipe.out!.held,
    receiveQueueBytes: pipe.inbound.held,
    swapped: pipe.inbound.swapped + (pipe.log?.swapped ?? 0),
    swappedBytes: pipe.inbound.swappedBytes + (pipe.log?.swappedBytes ?? 0),
    receiveHighWaterMark: pipe.inbound.highWaterMark,
    messagesIn: pipe.inbound.total + pipe.inbound.swapped,
    messagesOut: pipe.messagesOut,
    bytesIn: pipe.inbound.bytes,
    bytesOut: pipe.bytesOut,
    reconnects: Math.max(0, pipe.reconnects),
  };
}

function text(address: unknown): string {
  if (typeof address === "string") return address;
  throw new TypeError(
    `An endpoint is a string such as tcp://127.0.0.1:5555, not ${typeof address}`,
  );
}
