// A context (zmq_ctx_new(3)): the sockets that can meet over inproc, and what
// they share of the runtime.

import { hexOf } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import { unknownOption } from "../base/options.ts";
import type { Background, IoThreads } from "../endpoints/io_threads.ts";
import { Reactor } from "../endpoints/reactor.ts";
import type { Swap } from "../endpoints/swap.ts";
import type { Adapter } from "../runtime/adapter.ts";
import type { Threads } from "../runtime/threads.ts";
import type { OptionValues } from "../base/option_types.ts";
import { type GroupMemory, OwnMemories } from "../threads/link_memory.ts";
import { Rendezvous } from "../threads/rendezvous.ts";
import { signMemory, Signs } from "../threads/signs.ts";
import { InprocRegistry } from "../transports/inproc.ts";
import type { SocketCore, Surroundings } from "./core.ts";
import { programAtHand } from "./program.ts";
import { ZAP_ADDRESS } from "./zap.ts";

/** Options of a {@linkcode Context}. */
export interface ContextOptions {
  /**
   * `ZMQ_IO_THREADS`: with `background`, how many threads there are; 0 leaves only
   * inproc. Default 1. Without, the work is done on the event loop of this thread.
   */
  ioThreads?: number;
  /**
   * Has connections kept by threads of their own: what `@nought/zeromq/background`
   * exports. Default: the event loop of this thread keeps them.
   */
  background?: Background;
  /**
   * Lets queues spill into files (`swapSize`): what `@nought/zeromq/swap` exports.
   * Default: they don't.
   */
  swap?: Swap;
  /** `ZMQ_MAX_SOCKETS`: sockets that may be open at once, 1 to 65535. Default 1023. */
  maxSockets?: number;
  /** `ZMQ_MAX_MSGSZ`: `maxMessageSize` of new sockets, in bytes. Default 2147483647: no limit. */
  maxMessageSize?: number;
  /** `ZMQ_IPV6`: `ipv6` of new sockets. Default false. */
  ipv6?: boolean;
  /** `ZMQ_BLOCKY`: false gives new sockets `linger` 0. Default true. */
  blocky?: boolean;
  /** The runtime it lives on. Default: the one at hand; see `@nought/zeromq/testing` for another. */
  adapter?: Adapter;
}

/** What {@linkcode Context.share} gives; it can be posted to any thread of the process. */
export interface SharedContext {
  /** The name that its members know. */
  readonly group: string;
  /** In browsers: where all connections between its members have their memory. */
  readonly memory?: SharedArrayBuffer;
  /** Where its members see at once whether one has bound a ZAP handler. */
  readonly signs?: SharedArrayBuffer;
}

const SOCKET_LIMIT = 65535;
const INT_MAX = 2147483647;
type Setting = Exclude<keyof ContextOptions, "adapter" | "background" | "swap">;
/** Options that are no settings. */
const PARTS: readonly string[] = ["adapter", "background", "swap"];
const NAMES: readonly Setting[] = [
  "ioThreads",
  "maxSockets",
  "maxMessageSize",
  "ipv6",
  "blocky",
];

/** The group of the default contexts of all threads, where those are one. */
const TOGETHER: SharedContext = { group: "nought-default" };

let common: Context | undefined;
let makeCommon: () => Context;

/** The context of sockets that aren't given one; made when it is first asked for. */
export function defaultContext(): Context {
  if (common === undefined || common.closed) common = makeCommon();
  return common;
}

/** What a new socket needs of its context, if the context takes one more. */
export let enterContext: (context: Context) => Surroundings;
/** Counts a new socket in. */
export let joinContext: (context: Context, core: SocketCore) => void;

/**
 * The sockets of a program, or of a part of it: inproc endpoints are names
 * within one context. Most programs never make one; sockets then share a
 * default context.
 *
 * @example
 * ```ts
 * import { Context, Pull, Push } from "@nought/zeromq";
 *
 * await using context = new Context();
 * const pull = new Pull({ context });
 * const push = new Push({ context });
 * await pull.bind("inproc://work");
 * push.connect("inproc://work");
 * await push.send("hello");
 * console.log((await pull.receive()).length); // 1
 * ```
 */
export class Context {
  readonly #reactor: Reactor;
  readonly #groupMemory: GroupMemory | null;
  readonly #inproc: InprocRegistry;
  readonly #sockets = new Set<SocketCore>();
  readonly #background: Background | null;
  readonly #swap: Swap | null;
  #threads: IoThreads | null = null;
  #terminated: Promise<void> | null = null;
  /** By what other threads know it. */
  #shared: SharedContext | null = null;
  #ioThreads = 1;
  #maxSockets = 1023;
  #maxMessageSize = INT_MAX;
  #ipv6 = false;
  #blocky = true;

  /** Makes a context. */
  constructor(options: ContextOptions = {}) {
    const program = programAtHand();
    this.#reactor = new Reactor(options.adapter ?? program.pick(), program);
    this.#inproc = new InprocRegistry(this.#reactor.adapter.frameCopies);
    this.#groupMemory = program.groupMemory ?? null;
    this.#background = options.background ?? null;
    this.#swap = options.swap ?? null;
    for (const [name, value] of Object.entries(options)) {
      if (PARTS.includes(name) || value === undefined) continue;
      if (!NAMES.includes(name as Setting)) {
        throw unknownOption("Context", name, [...NAMES, ...PARTS]);
      }
      (this as Record<string, unknown>)[name] = value;
    }
  }

  /**
   * Makes a context that meets one of another thread, by what its `share` gave:
   * their sockets are in reach of each other over `inproc://`.
   *
   * @throws {ZmqError} ENOTSUP where threads share no memory, as in a page that isn't
   * cross-origin isolated; EINVAL if not all that `share` gave is there.
   */
  static join(shared: SharedContext, options: ContextOptions = {}): Context {
    const context = new Context(options);
    context.#join(shared);
    return context;
  }

  /** `ZMQ_IO_THREADS`; see {@linkcode ContextOptions}. */
  get ioThreads(): number {
    return this.#ioThreads;
  }
  set ioThreads(value: number) {
    this.#ioThreads = number("ioThreads", value, 0, INT_MAX);
  }

  /** `ZMQ_MAX_SOCKETS`: opening more is EMFILE. */
  get maxSockets(): number {
    return this.#maxSockets;
  }
  set maxSockets(value: number) {
    this.#maxSockets = number("maxSockets", value, 1, SOCKET_LIMIT);
  }

  /** `ZMQ_SOCKET_LIMIT`: the most that `maxSockets` can be set to. */
  get maxSocketsLimit(): number {
    return SOCKET_LIMIT;
  }

  /** `ZMQ_MAX_MSGSZ`: `maxMessageSize` of new sockets. */
  get maxMessageSize(): number {
    return this.#maxMessageSize;
  }
  set maxMessageSize(value: number) {
    this.#maxMessageSize = number("maxMessageSize", value, 0, INT_MAX);
  }

  /** `ZMQ_IPV6`: `ipv6` of new sockets. */
  get ipv6(): boolean {
    return this.#ipv6;
  }
  set ipv6(value: boolean) {
    this.#ipv6 = boolean("ipv6", value);
  }

  /** `ZMQ_BLOCKY`: whether new sockets linger. */
  get blocky(): boolean {
    return this.#blocky;
  }
  set blocky(value: boolean) {
    this.#blocky = boolean("blocky", value);
  }

  /** Whether the context was terminated. */
  get closed(): boolean {
    return this.#terminated !== null;
  }

  /**
   * Ends every socket (zmq_ctx_term(3)): whoever waits is told ETERM, and no
   * new socket can be made. Resolves when what was accepted has been sent, or
   * the sockets' `linger` has passed.
   */
  terminate(): Promise<void> {
    if (this.#terminated === null) {
      const sockets = [...this.#sockets];
      const lingers = sockets.map((core) => core.options.linger);
      const linger = Math.min(...lingers) < 0 ? -1 : Math.max(-1, ...lingers);
      this.#terminated = Promise.all(
        sockets.map((core) => core.whenGone()),
      ).then(() => this.#inproc.settled(linger)).then(() => {
        this.#inproc.clear();
        return this.#threads?.end();
      });
      for (const core of sockets) {
        core.close(core.options.linger, "terminated");
      }
    }
    return this.#terminated;
  }

  /** The same as {@linkcode Context.terminate}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }

  /**
   * Lets contexts of other threads of this process join: post what this gives to
   * a Worker, and call `Context.join` with it there. Their sockets then meet over
   * `inproc://` as if they were in one thread: a name that is bound in one thread
   * can be connected to from all. Until this context is terminated it listens for
   * the others; on Deno that keeps the program alive.
   *
   * Bodies go through memory that both threads share: copied in, and out again.
   *
   * @throws {ZmqError} ENOTSUP where threads share no memory, as in a page that
   * isn't cross-origin isolated; ETERM once terminated.
   *
   * @example
   * ```ts
   * import { Context } from "@nought/zeromq";
   *
   * const context = new Context();
   * const shared = context.share(); // worker.postMessage(shared)
   * console.log(typeof shared.group); // "string"
   * await context.terminate();
   * ```
   */
  share(): SharedContext {
    this.#check();
    if (this.#shared === null) {
      const group = `nought-${this.#newId()}`;
      const memory = this.#groupMemory?.make();
      const signs = signMemory();
      this.#join(
        memory === undefined ? { group, signs } : { group, memory, signs },
      );
      this.#inproc.meetOthers();
    }
    return this.#shared!;
  }

  static {
    makeCommon = () => {
      const context = new Context();
      const { threads } = context.#reactor.adapter;
      if (threads?.together) context.#join(TOGETHER);
      return context;
    };
    enterContext = (context) => context.#enter();
    joinContext = (context, core) => {
      context.#sockets.add(core);
      context.#reactor.occupy(true);
    };
  }

  #newId(): string {
    const id = new Uint8Array(16);
    this.#reactor.adapter.entropy(id);
    return hexOf(id);
  }

  /** The threads of the runtime, for a context that can have to do with them. */
  #check(): Threads {
    if (this.#terminated !== null) {
      throw new ZmqError(
        "ETERM",
        "Cannot share a context that was terminated; make another one",
      );
    }
    const { name, threads } = this.#reactor.adapter;
    if (threads !== null) return threads;
    throw new ZmqError(
      "ENOTSUP",
      `Cannot share a context on ${name}: threads share no memory here; a page and its workers do if their headers are Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp`,
    );
  }

  #join(shared: SharedContext): void {
    const threads = this.#check();
    if (typeof shared?.group !== "string") {
      throw new TypeError(
        "Context.join takes what share() gave, as it was posted",
      );
    }
    const { group, memory, signs } = shared;
    const groupMemory = this.#groupMemory;
    if (groupMemory !== null && memory === undefined) {
      throw new ZmqError(
        "EINVAL",
        "Cannot join: the memory is missing; post all that share() gave",
      );
    }
    this.#shared = shared;
    this.#inproc.reach = () =>
      new Rendezvous(
        group,
        threads,
        groupMemory?.open(memory!, threads) ?? new OwnMemories(),
        ZAP_ADDRESS,
        signs === undefined ? null : new Signs(signs),
        this.#inproc,
        this.#reactor,
        this.#newId(),
      );
  }

  #enter(): Surroundings {
    if (this.#terminated !== null) {
      throw new ZmqError(
        "ETERM",
        "Cannot make a socket: its context was terminated; use another one",
      );
    }
    if (this.#sockets.size >= this.#maxSockets) {
      throw new ZmqError(
        "EMFILE",
        `Cannot make a socket: ${this.#maxSockets} are open; close some, or raise maxSockets of the context`,
      );
    }
    const defaults: Partial<OptionValues> = { ipv6: this.#ipv6 };
    if (!this.#blocky) defaults.linger = 0;
    if (this.#maxMessageSize < INT_MAX) {
      defaults.maxMessageSize = this.#maxMessageSize;
    }
    return {
      reactor: this.#reactor,
      networked: this.#ioThreads > 0,
      inproc: this.#inproc,
      threads: () =>
        this.#threads ??=
          this.#background?.threads(this.#reactor, this.#ioThreads) ?? null,
      swap: this.#swap,
      defaults,
      gone: (core) => {
        this.#sockets.delete(core);
        if (this.#sockets.size === 0) this.#reactor.occupy(false);
      },
    };
  }
}

function number(
  name: string,
  value: unknown,
  min: number,
  max: number,
): number {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(
      `Cannot set ${name}: it takes a number, not ${
        typeof value === "number" ? value : typeof value
      }`,
    );
  }
  const whole = Math.trunc(value);
  if (whole < min || whole > max) {
    throw new ZmqError(
      "EINVAL",
      `Cannot set ${name} to ${value}: it goes from ${min} to ${max}`,
    );
  }
  return whole;
}

function boolean(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(
    `Cannot set ${name}: it takes a boolean, not ${typeof value}`,
  );
}
