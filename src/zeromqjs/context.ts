// Context of zeromq.js: options as properties, and no way to end it. The context
// of the library behind it is made when the first option or socket asks for it.

import { Context as MainContext, defaultContext } from "../../mod.ts";
import type { Context as AnyContext } from "../sockets/context.ts";
import { checkArity, errnoError, translated } from "./errno_error.ts";
import {
  checkedId,
  checkSetting,
  mustBeBoolean,
  mustBeNumber,
  whole,
} from "./option_properties.ts";

/** Options of a {@linkcode Context}. */
export interface ContextOptions {
  /** `ZMQ_IO_THREADS`; 0 leaves only inproc. Default 1. */
  ioThreads?: number;
  /** `ZMQ_MAX_SOCKETS`. Default 1023. */
  maxSockets?: number;
  /** `ZMQ_MAX_MSGSZ`, in bytes. Default 2147483647. */
  maxMessageSize?: number;
  /** `ZMQ_IPV6`: `ipv6` of new sockets. Default false. */
  ipv6?: boolean;
  /** `ZMQ_BLOCKY`: false gives new sockets `linger` 0. Default true. */
  blocky?: boolean;
  /** `ZMQ_THREAD_PRIORITY`: without effect; there are no threads. */
  threadPriority?: number;
  /** `ZMQ_THREAD_SCHED_POLICY`: without effect; there are no threads. */
  threadSchedulingPolicy?: number;
}

type Name = Exclude<keyof ContextOptions, `thread${string}`>;

const BOTH: Readonly<Record<number, Name>> = {
  1: "ioThreads",
  2: "maxSockets",
  5: "maxMessageSize",
  42: "ipv6",
  70: "blocky",
};
/** Options that can be read, by libzmq's numbers. */
const READ: Readonly<Record<number, Name | "maxSocketsLimit">> = {
  ...BOTH,
  3: "maxSocketsLimit",
};
/** Options that can be set; 3 is another one than what is read by it. */
const SET: Readonly<Record<number, keyof ContextOptions>> = {
  ...BOTH,
  3: "threadPriority",
  4: "threadSchedulingPolicy",
};

/** What the one common context is made with. */
const COMMON: object = {};

/** The library's context behind one of zeromq.js. */
export let mainContextOf: (context: Context) => AnyContext;

/** Sockets that can meet over inproc, and what they share. */
export class Context {
  readonly #make: () => AnyContext;
  #main: AnyContext | null = null;
  /** What was asked for; libzmq takes numbers above its limit, too. */
  #maxSockets = 0;

  /** Makes a context with these options. */
  constructor(options: ContextOptions = {}) {
    const common = (options as unknown) === COMMON;
    this.#make = common ? defaultContext : () => new MainContext();
    Object.seal(this);
    if (common) return;
    if (typeof options !== "object" || options === null) {
      throw new TypeError("Options must be an object");
    }
    Object.assign(this, options);
  }

  static {
    mainContextOf = (context) => {
      if (context.#main === null || context.#main.closed) {
        context.#main = context.#make();
      }
      return context.#main;
    };
  }

  /** `ZMQ_IO_THREADS`. */
  get ioThreads(): number {
    return mainContextOf(this).ioThreads;
  }
  set ioThreads(value: number) {
    const number = whole(value);
    translated(() => mainContextOf(this).ioThreads = number);
  }

  /** `ZMQ_MAX_SOCKETS`: more is EMFILE. */
  get maxSockets(): number {
    const { maxSockets } = mainContextOf(this);
    return maxSockets < this.maxSocketsLimit
      ? maxSockets
      : Math.max(maxSockets, this.#maxSockets);
  }
  set maxSockets(value: number) {
    const number = whole(value);
    const most = Math.min(number, this.maxSocketsLimit);
    translated(() => mainContextOf(this).maxSockets = most);
    this.#maxSockets = number;
  }

  /** `ZMQ_SOCKET_LIMIT`: the most that `maxSockets` does something for. */
  get maxSocketsLimit(): number {
    return mainContextOf(this).maxSocketsLimit;
  }

  /** `ZMQ_MAX_MSGSZ`. */
  get maxMessageSize(): number {
    return mainContextOf(this).maxMessageSize;
  }
  set maxMessageSize(value: number) {
    const number = whole(value);
    translated(() => mainContextOf(this).maxMessageSize = number);
  }

  /** `ZMQ_IPV6`. */
  get ipv6(): boolean {
    return mainContextOf(this).ipv6;
  }
  set ipv6(value: boolean) {
    mustBeBoolean(value);
    mainContextOf(this).ipv6 = value;
  }

  /** `ZMQ_BLOCKY`. */
  get blocky(): boolean {
    return mainContextOf(this).blocky;
  }
  set blocky(value: boolean) {
    mustBeBoolean(value);
    mainContextOf(this).blocky = value;
  }

  /** `ZMQ_THREAD_PRIORITY`: without effect. */
  set threadPriority(value: number) {
    mustBeNumber(value);
  }

  /** `ZMQ_THREAD_SCHED_POLICY`: without effect. */
  set threadSchedulingPolicy(value: number) {
    mustBeNumber(value);
  }

  /** The value of a boolean option, by libzmq's number. */
  protected getBoolOption(option: number): boolean {
    checkArity(arguments.length, 1);
    return Boolean(this.#get(option));
  }

  /** Sets a boolean option, by libzmq's number. */
  protected setBoolOption(option: number, value: boolean): void {
    checkSetting(option, arguments.length);
    mustBeBoolean(value);
    this.#set(option, value);
  }

  /** The value of a number, by libzmq's number; of a boolean, 0 or 1. */
  protected getInt32Option(option: number): number {
    checkArity(arguments.length, 1);
    return Number(this.#get(option));
  }

  /** Sets a number, by libzmq's number; a boolean by 0 or 1. */
  protected setInt32Option(option: number, value: number): void {
    checkSetting(option, arguments.length);
    mustBeNumber(value);
    this.#set(option, value);
  }

  #get(option: number): number | boolean {
    return this[named(READ, option)];
  }

  #set(option: number, value: number | boolean): void {
    const name = named(SET, option);
    const target = this as unknown as Record<string, number | boolean>;
    target[name] = name === "ipv6" || name === "blocky"
      ? Boolean(value)
      : Number(value);
  }
}

/** The context of sockets that aren't given one; the library's own classes use it too. */
export const context: Context = /* @__PURE__ */ new Context(COMMON);

function named<T>(names: Readonly<Record<number, T>>, option: unknown): T {
  const name = names[checkedId(option)];
  if (name === undefined) throw errnoError("EINVAL");
  return name;
}
