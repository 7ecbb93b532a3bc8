// Socket of zeromq.js: a socket of the library behind it, with the calls, errors
// and states of zeromq.js around. While a bind, an unbind or a proxy is under way
// it is blocked, and a close waits.

import { ZmqError } from "../base/errors.ts";
import type { OptionValue } from "../base/option_types.ts";
import { SOCKET_TYPES, type SocketType } from "../base/socket_type.ts";
import * as curve from "../endpoints/curve.ts";
import { provideCurve } from "../endpoints/curve_part.ts";
import { connectName } from "../sockets/dealer_router.ts";
import type { SocketCore } from "../sockets/core.ts";
import { coreOf, type Socket as MainSocket } from "../sockets/socket.ts";
import type { Context } from "./context.ts";
import { Context as AnyContext, context, mainContextOf } from "./context.ts";
import {
  asErrnoError,
  checkArity,
  errnoError,
  translated,
} from "./errno_error.ts";
import { mainSocket } from "./main_socket.ts";
import { observed, Observer } from "./observer.ts";
import { Operations } from "./operations.ts";
import {
  asBool,
  asNumber,
  asText,
  checkSetting,
  defineOptions,
  mustBeBoolean,
  mustBeNumber,
  mustBeText,
  optionByNumber,
  type Optioned,
  setOptionByNumber,
  typeWithNumber,
} from "./option_properties.ts";
import { OptionStore } from "./option_store.ts";
import type { CommonProperties } from "./option_types.ts";
import { warn } from "./platform.ts";

/** What is behind a socket; for the other classes. */
export class Inside implements Optioned {
  readonly main: MainSocket;
  readonly core: SocketCore;
  readonly store: OptionStore;
  readonly operations: Operations;
  readonly context: Context;
  readonly sends: boolean;
  readonly receives: boolean;
  /** Binds and connects that stand. */
  endpoints = 0;
  /** Binds, unbinds and proxies under way. */
  blocked = 0;
  /** Whether it is to be closed when nothing is under way. */
  closing = false;

  constructor(main: MainSocket, context: Context) {
    this.main = main;
    this.core = coreOf(main);
    this.core.lastDecides = true;
    this.store = new OptionStore(this.core);
    this.operations = new Operations(this.core);
    this.context = context;
    ({ sends: this.sends, receives: this.receives } =
      SOCKET_TYPES[this.core.type]);
  }

  get fresh(): boolean {
    return this.endpoints === 0 && this.blocked === 0;
  }

  /** Throws if a method can't be called now. */
  check(): void {
    if (this.core.closed !== null) throw errnoError("EBADF");
    if (this.blocked > 0) {
      throw errnoError(
        "EBUSY",
        "Socket is blocked by a bind or unbind operation",
      );
    }
  }

  /** Does something during which the socket is blocked. */
  async blocking(work: () => Promise<void> | void): Promise<void> {
    this.blocked++;
    try {
      await work();
    } catch (error) {
      throw asErrnoError(error);
    } finally {
      this.blocked--;
      if (this.closing && this.blocked === 0) this.close();
    }
  }

  close(): void {
    if (this.blocked > 0) {
      this.closing = true;
      return;
    }
    if (this.core.closed !== null) return;
    this.operations.tryLast();
    this.main.close();
  }
}

/** What is behind a socket. */
export let insideOf: (socket: object) => Inside;

let abandoned: FinalizationRegistry<Inside> | undefined;

/** A socket. Use one of the classes that extend this one, or extend it. */
export abstract class Socket {
  readonly #inside: Inside;
  #events: Observer | null = null;

  /** Makes a socket of a type, by libzmq's number, with these options. */
  constructor(type: number, options: object = {}) {
    const name = typeWithNumber(type);
    if (typeof options !== "object" || options === null) {
      throw new TypeError("Options must be an object");
    }
    const { context: given, ...rest } = options as { context?: unknown };
    if ("context" in options && !(given instanceof AnyContext)) {
      throw new Error("Invalid argument: the option context takes a Context");
    }
    const owner = (given ?? context) as Context;
    const main = translated(() => mainSocket(name, mainContextOf(owner)));
    this.#inside = new Inside(main, owner);
    Object.seal(this);
    // One that nobody can reach is closed.
    abandoned ??= new FinalizationRegistry((inside) => inside.close());
    abandoned.register(this, this.#inside);
    try {
      Object.assign(this, rest);
    } catch (error) {
      main.close();
      throw error;
    }
  }

  static {
    insideOf = (socket) => {
      if (typeof socket === "object" && socket !== null && #inside in socket) {
        return socket.#inside;
      }
      throw new Error("Invalid argument: this is no socket");
    };
    observed.of = (socket) => insideOf(socket).core;
    defineOptions(Socket.prototype, null, insideOf);
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#inside.core.closed !== null;
  }

  /** Whether a receive would be done at once. */
  get readable(): boolean {
    const { core } = this.#inside;
    return core.closed === null && core.pattern.canReceive();
  }

  /** Whether a send would be done at once. */
  get writable(): boolean {
    const { core, operations } = this.#inside;
    return core.closed === null && !operations.sending &&
      core.pattern.canSend();
  }

  /** The context it was made in; `undefined` once closed. */
  get context(): Context {
    const { core, context } = this.#inside;
    return (core.closed === null ? context : undefined) as Context;
  }

  /** What happens to its connections, from the first time this is looked at. */
  get events(): Observer {
    this.#inside.store.check();
    this.#events ??= new Observer(this);
    return this.#events;
  }

  /** libzmq's number of the type. */
  get type(): number {
    this.#inside.store.check();
    return this.#inside.main.type;
  }

  /** What was bound or connected last, with its real port; `null` before the first. */
  get lastEndpoint(): string | null {
    this.#inside.store.check();
    return this.#inside.core.lastEndpoint;
  }

  /** The security mechanism; `null` is none. */
  get securityMechanism(): null | "plain" | "curve" | "gssapi" {
    this.#inside.store.check();
    return this.#inside.main.securityMechanism;
  }

  /** Whether libzmq lets several threads use this type. */
  get threadSafe(): boolean {
    this.#inside.store.check();
    return this.#inside.main.threadSafe;
  }

  /**
   * Listens at an endpoint. Until this is settled the socket is blocked: its
   * methods throw EBUSY, and `close` waits.
   */
  bind(address: string): Promise<void> {
    checkAddress(address, arguments.length);
    const inside = this.#inside;
    inside.check();
    return inside.blocking(async () => {
      await inside.core.bind(address);
      inside.endpoints++;
    });
  }

  /** Stops listening at an endpoint. */
  unbind(address: string): Promise<void> {
    checkAddress(address, arguments.length);
    const inside = this.#inside;
    inside.check();
    return inside.blocking(async () => {
      await null;
      await end(inside, address, "unbind");
      inside.endpoints--;
    });
  }

  /**
   * Listens at an endpoint, and throws what is in its way. Only a name that has
   * to be looked up can't be waited for: what goes wrong after the return is then
   * a `bind:error` event and a warning of the process, and `lastEndpoint` tells
   * the address only once the socket listens.
   */
  bindSync(address: string): void {
    checkAddress(address, arguments.length);
    const inside = this.#inside;
    const { core } = inside;
    inside.check();
    // Who is asked at once has no time to load anything.
    provideCurve(curve);
    translated(() => {
      core.bindNow(address)?.catch((error) => {
        if (core.closed !== null) return;
        warn(`bindSync("${address}"): ${error.message}`);
      });
    });
    inside.endpoints++;
  }

  /** Stops listening at an endpoint, at once. */
  unbindSync(address: string): void {
    checkAddress(address, arguments.length);
    const inside = this.#inside;
    inside.check();
    translated(() => end(inside, address, "unbind"));
    inside.endpoints--;
  }

  /** Connects to an endpoint, now or as soon as somebody listens there. */
  connect(address: string): void {
    connect(this, address, arguments.length, undefined);
  }

  /** Ends a connection; the address is the text that `connect` was given. */
  disconnect(address: string): void {
    checkAddress(address, arguments.length);
    const inside = this.#inside;
    inside.check();
    translated(() => end(inside, address, "disconnect"));
    inside.endpoints--;
  }

  /**
   * Closes it. What waits gets a last attempt, and what that gives; what was accepted is
   * sent in the background for up to `linger` milliseconds.
   */
  close(): void {
    checkArity(arguments.length, 0);
    this.#inside.close();
  }

  /** The value of a boolean option, by libzmq's number. */
  protected getBoolOption(option: number): boolean {
    checkArity(arguments.length, 1);
    return asBool(this.#get(option));
  }

  /** Sets a boolean option, by libzmq's number. */
  protected setBoolOption(option: number, value: boolean): void {
    checkSetting(option, arguments.length);
    mustBeBoolean(value);
    this.#set(option, value);
  }

  /** The value of an option of 32 bits. */
  protected getInt32Option(option: number): number {
    checkArity(arguments.length, 1);
    return asNumber(this.#get(option));
  }

  /** Sets an option of 32 bits. */
  protected setInt32Option(option: number, value: number): void {
    checkSetting(option, arguments.length);
    mustBeNumber(value);
    this.#set(option, value);
  }

  /** The value of an unsigned option of 32 bits. */
  protected getUint32Option(option: number): number {
    checkArity(arguments.length, 1);
    return asNumber(this.#get(option));
  }

  /** Sets an unsigned option of 32 bits. */
  protected setUint32Option(option: number, value: number): void {
    checkSetting(option, arguments.length);
    mustBeNumber(value);
    this.#set(option, value);
  }

  /** The value of an option of 64 bits. */
  protected getInt64Option(option: number): number {
    checkArity(arguments.length, 1);
    return asNumber(this.#get(option));
  }

  /** Sets an option of 64 bits. */
  protected setInt64Option(option: number, value: number): void {
    checkSetting(option, arguments.length);
    mustBeNumber(value);
    this.#set(option, value);
  }

  /** The value of an unsigned option of 64 bits. */
  protected getUint64Option(option: number): number {
    checkArity(arguments.length, 1);
    return asNumber(this.#get(option));
  }

  /** Sets an unsigned option of 64 bits. */
  protected setUint64Option(option: number, value: number): void {
    checkSetting(option, arguments.length);
    mustBeNumber(value);
    this.#set(option, value);
  }

  /** The value of an option that is text. */
  protected getStringOption(option: number): string | null {
    checkArity(arguments.length, 1);
    return asText(this.#get(option));
  }

  /** Sets an option that is text. */
  protected setStringOption(
    option: number,
    value: string | Uint8Array | null,
  ): void {
    checkSetting(option, arguments.length);
    mustBeText(value);
    this.#set(option, value);
  }

  #get(option: number): OptionValue {
    return optionByNumber(this.#inside, option);
  }

  #set(option: number, value: OptionValue): void {
    setOptionByNumber(this.#inside, option, value);
  }
}

/** A socket has the common options as properties. */
export interface Socket extends CommonProperties {}

/** Connects; `name` is how a Router or Stream knows the peer. */
export function connect(
  socket: Socket,
  address: string,
  given: number,
  name: { routingId?: string } | undefined,
): void {
  checkAddress(address, name === undefined ? given : 1);
  const inside = insideOf(socket);
  inside.check();
  translated(() => {
    const { core } = inside;
    const { has } = core.pattern as { has?: (id: Uint8Array) => boolean };
    core.connect(
      address,
      connectName(
        { routingId: name?.routingId || undefined },
        (id) => has?.call(core.pattern, id) ?? false,
      ),
    );
  });
  inside.endpoints++;
}

/** Gives a class the options of a type. */
export function withOptions(prototype: object, type: SocketType): void {
  defineOptions(prototype, type, insideOf);
}

/** Schemes that libzmq knows; what it can't parse behind them stands for no endpoint. */
const KNOWN = /^(?:tcp|ipc|inproc|udp|ws|wss|pgm|epgm|norm|tipc|vmci):\/\/./;

/** Ends an endpoint. As in libzmq both ways end what was bound and what was connected. */
function end(
  { core }: Inside,
  address: string,
  way: "unbind" | "disconnect",
): Promise<unknown> | null | void {
  try {
    return core[way](address);
  } catch (error) {
    if (!(error instanceof ZmqError) || !KNOWN.test(address)) throw error;
    if (error.code === "ENOENT") {
      return core[way === "unbind" ? "disconnect" : "unbind"](address);
    }
    if (error.code !== "EINVAL" && error.code !== "ENAMETOOLONG") throw error;
    throw new ZmqError("ENOENT", error.message, { address, cause: error });
  }
}

function checkAddress(address: unknown, given: number): void {
  if (typeof address !== "string") {
    throw new TypeError("Address must be a string");
  }
  checkArity(given, 1);
}
