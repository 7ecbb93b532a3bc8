// Socket of zeromq.js 5: an emitter around a socket of zeromq.js 6. Sends wait in
// a queue without bound; binds and unbinds are done one after another, and what
// would meet one under way waits for it.

import type { EventEmitter } from "node:events";
import type { OptionValue } from "../base/option_types.ts";
import { encodeText } from "../base/utf8.ts";
import { OneHold } from "../endpoints/one_hold.ts";
import type { ReadableSocket, WritableSocket } from "./directions.ts";
import type { ErrnoError } from "./errno_error.ts";
import type { Message, MessageLike } from "./message.ts";
import { type Event, Observer } from "./observer.ts";
import { eventEmitter } from "./platform.ts";
import { insideOf, type Socket as NewSocket } from "./socket.ts";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "./sockets.ts";
import { ZMQ_SNDMORE, ZMQ_SUBSCRIBE, ZMQ_UNSUBSCRIBE } from "./v5_constants.ts";
import {
  optionNumber,
  options,
  readOption,
  writeOption,
} from "./v5_options.ts";

/** The types of sockets. */
export type SocketType =
  | "pair"
  | "req"
  | "rep"
  | "pub"
  | "sub"
  | "dealer"
  | "xreq"
  | "router"
  | "xrep"
  | "pull"
  | "push"
  | "xpub"
  | "xsub"
  | "stream";

/** Told that something is done, or why not. */
export type Callback = (error?: Error) => void;

/** Programs were written with this type, and don't ask for null. */
// deno-lint-ignore no-explicit-any -- as zeromq.js has it
type Untyped = any;

/** What monitoring emits, by the event of zeromq.js 6 that it comes from. */
const MONITORED: Readonly<Record<string, string>> = {
  "connect": "connect",
  "connect:delay": "connect_delay",
  "connect:retry": "connect_retry",
  "bind": "listen",
  "bind:error": "bind_error",
  "accept": "accept",
  "accept:error": "accept_error",
  "close": "close",
  "close:error": "close_error",
  "disconnect": "disconnect",
};

const Emitter: typeof EventEmitter = eventEmitter();

/** A message that waits to be sent. */
interface Queued {
  readonly parts: MessageLike[];
  readonly done: Callback | undefined;
}

/** A socket; `socket(type)` makes one. */
export class Socket extends Emitter {
  /** The type, as it was given. */
  readonly type: SocketType;
  readonly #socket: NewSocket;
  /** Parts of a message whose last part has not come. */
  #parts: MessageLike[] = [];
  #queue: Queued[] = [];
  #flushing = false;
  #paused = false;
  #receiving = false;
  /** A message that came while it was paused. */
  #held: Message[] | null = null;
  /** Binds and unbinds that are not done. */
  #under = 0;
  #last: Promise<void> = Promise.resolve();
  #observer: Observer | null = null;
  /** Who can receive keeps the program alive, listened to or not. */
  readonly #hold: OneHold;
  readonly #added = (event: unknown): void => {
    if (event === "message") Promise.resolve().then(() => this.#receive());
  };

  /** Makes a socket. */
  constructor(type: SocketType) {
    super();
    this.type = type;
    this.#socket = made(type);
    this.#hold = new OneHold(insideOf(this.#socket).core.reactor);
    if (insideOf(this.#socket).receives) this.#hold.take();
    define();
    this.on("newListener", this.#added);
  }

  /** Removes listeners; those that come later are told of messages all the same. */
  override removeAllListeners(event?: string | symbol): this {
    if (event === undefined) super.removeAllListeners();
    else super.removeAllListeners(event);
    // It may be there: without an argument, Node calls this for each event too.
    this.off("newListener", this.#added);
    return this.on("newListener", this.#added);
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#socket.closed;
  }

  /** Listens at an endpoint; emits `bind`. */
  bind(address: string, done?: Callback): this {
    return this.#change("bind", address, done);
  }

  /** Stops listening at an endpoint; emits `unbind`. */
  unbind(address: string, done?: Callback): this {
    return this.#change("unbind", address, done);
  }

  /** Connects to an endpoint. */
  connect(address: string): this {
    this.#whenFree(() => this.#socket.connect(address));
    return this;
  }

  /** Ends a connection. */
  disconnect(address: string): this {
    this.#whenFree(() => this.#socket.disconnect(address));
    return this;
  }

  /** Sends a message, or with `ZMQ_SNDMORE` a part of one. */
  send(
    message: MessageLike | MessageLike[],
    flags: number | null = 0,
    done?: Callback,
  ): this {
    if (Array.isArray(message)) this.#parts.push(...message);
    else this.#parts.push(message);
    if (((flags ?? 0) & ZMQ_SNDMORE) !== 0) return this;
    const parts = this.#parts;
    this.#parts = [];
    if (!insideOf(this.#socket).sends) {
      throw new Error("Cannot send on this socket type.");
    }
    this.#queue.push({ parts, done });
    this.#flush();
    return this;
  }

  /** There is no such method any more. */
  read(): never {
    throw new Error(
      "read() has been removed from compatibility mode; use on('message', ...) instead.",
    );
  }

  /** Begins to listen at an endpoint; see `bindSync` of zeromq.js 6. */
  bindSync(address: string): void {
    this.#socket.bindSync(address);
  }

  /** Stops listening at an endpoint. */
  unbindSync(address: string): void {
    this.#socket.unbindSync(address);
  }

  /** Emits and sends no messages until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  /** Emits and sends messages again. */
  resume(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = null;
    if (held !== null && !this.closed) this.#tell("message", held);
    this.#receive();
    this.#flush();
  }

  /** Closes it. */
  close(): this {
    this.#hold.letGo();
    this.#socket.close();
    return this;
  }

  /** Emits what happens to connections; both arguments are without effect. */
  monitor(_interval?: number, _most?: number): this {
    if (this.#observer !== null) return this;
    const observer = this.#observer = new Observer(this.#socket);
    for (const [type, name] of Object.entries(MONITORED)) {
      observer.on(type as Event["type"], (event) => {
        const { interval, address, error } = event as {
          interval?: number;
          address?: string;
          error?: ErrnoError;
        };
        // Only failures tell their error; here more events have one.
        const failed = type.endsWith(":error") ? error : undefined;
        this.emit(name, interval ?? failed?.errno, address, failed);
      });
    }
    return this;
  }

  /** Ends `monitor`. */
  unmonitor(): this {
    this.#observer?.close();
    this.#observer = null;
    return this;
  }

  /** Asks for messages that begin with this. */
  subscribe(prefix: Uint8Array | string): this {
    this.#subscriber().subscribe(prefix);
    return this;
  }

  /** Takes back what `subscribe` asked for. */
  unsubscribe(prefix: Uint8Array | string): this {
    this.#subscriber().unsubscribe(prefix);
    return this;
  }

  /** Sets an option, by number or short name. */
  setsockopt(option: number | string, value: Untyped): this {
    const number = optionNumber(option);
    if (number === ZMQ_SUBSCRIBE) return this.subscribe(value as string);
    if (number === ZMQ_UNSUBSCRIBE) return this.unsubscribe(value as string);
    writeOption(this.#socket, number, value);
    return this;
  }

  /** The value of an option, by number or short name; booleans are 0 and 1. */
  getsockopt(option: number | string): OptionValue {
    return readOption(this.#socket, optionNumber(option));
  }

  #change(
    what: "bind" | "unbind",
    address: string,
    done: Callback | undefined,
  ): this {
    const change = () => this.#socket[what](address);
    // With nothing under way, what is wrong with the call is thrown by it.
    const begun = this.#under === 0 ? change() : this.#last.then(change);
    this.#under++;
    const over = begun.finally(() => this.#under--);
    over.then(
      () => {
        this.emit(what, address);
        done?.();
      },
      (error) => this.#failed(error, done),
    ).catch((error) => this.#throwLater(error));
    const goOn = () => {
      this.#flush();
      this.#receive();
    };
    this.#last = over.then(goOn, goOn);
    return this;
  }

  /** Does something at once, or when nothing is under way that blocks the socket. */
  #whenFree(work: () => void): void {
    if (this.#under === 0) {
      work();
      return;
    }
    const over = this.#last.then(work);
    over.catch((error) => this.#failed(error, undefined));
    this.#last = over.catch(() => {});
  }

  #failed(error: Error, done: Callback | undefined): void {
    if (done === undefined) this.emit("error", error);
    else done(error);
  }

  /** Sends what can be sent at once, and waits with the rest. */
  async #flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    const socket = this.#socket as WritableSocket;
    const { operations } = insideOf(socket);
    const wanted = () =>
      this.#queue.length > 0 && !this.#paused && !this.closed &&
      this.#under === 0;
    while (wanted()) {
      const { parts, done } = this.#queue.shift()!;
      let sent: Promise<void>;
      try {
        sent = socket.send(parts);
      } catch (error) {
        sent = Promise.reject(error);
      }
      sent.then(() => done?.(), (error) => this.#failed(error, done))
        .catch((error) => this.#throwLater(error));
      if (operations.sending) await sent.catch(() => {});
    }
    this.#flushing = false;
  }

  async #receive(): Promise<void> {
    const socket = this.#socket as ReadableSocket;
    const { core, receives } = insideOf(socket);
    const { turn } = core.reactor;
    const wanted = () =>
      !this.#paused && !this.closed && this.#under === 0 &&
      this.listenerCount("message") > 0;
    if (this.#receiving || !receives) return;
    this.#receiving = true;
    while (wanted()) {
      try {
        const message = await socket.receive();
        if (this.#paused) this.#held = message;
        else if (!this.closed) this.#tell("message", message);
      } catch (error) {
        if (this.closed) break;
        this.#tell("error", [error]);
        // Without a timeout it would fail again at once, and nothing else run.
        await turn.next();
      }
    }
    this.#receiving = false;
  }

  /** Emits; what a listener throws is an uncaught exception, and stops nothing here. */
  #tell(event: string, told: readonly unknown[]): void {
    try {
      this.emit(event, ...told);
    } catch (error) {
      this.#throwLater(error);
    }
  }

  #throwLater(error: unknown): void {
    insideOf(this.#socket).core.reactor.adapter.endOfTurn(() => {
      throw error;
    });
  }

  #subscriber(): Subscriber {
    if (this.#socket instanceof Subscriber) return this.#socket;
    throw new Error("Subscriber socket required");
  }
}

/**
 * It has short names of options as properties, and as with zeromq.js whatever else
 * a program gives it.
 */
export interface Socket {
  /** Options and constants, by the names of zeromq.js 5. */
  [key: string]: Untyped;
  /** `ZMQ_AFFINITY`. */
  affinity: number;
  /** `ZMQ_BACKLOG`. */
  backlog: number;
  /** `ZMQ_ROUTING_ID`. */
  identity: Untyped;
  /** `ZMQ_LINGER`. */
  linger: number;
  /** `ZMQ_RATE`. */
  rate: number;
  /** `ZMQ_RCVBUF`. */
  rcvbuf: number;
  /** `ZMQ_LAST_ENDPOINT`. */
  readonly last_endpoint: Untyped;
  /** `ZMQ_RECONNECT_IVL`. */
  reconnect_ivl: number;
  /** `ZMQ_RECOVERY_IVL`. */
  recovery_ivl: number;
  /** `ZMQ_SNDBUF`. */
  sndbuf: number;
  /** `ZMQ_MECHANISM`. */
  readonly mechanism: number;
  /** `ZMQ_PLAIN_SERVER`. */
  plain_server: number;
  /** `ZMQ_PLAIN_USERNAME`. */
  plain_username: Untyped;
  /** `ZMQ_PLAIN_PASSWORD`. */
  plain_password: Untyped;
  /** `ZMQ_CURVE_SERVER`. */
  curve_server: number;
  /** `ZMQ_CURVE_PUBLICKEY`. */
  curve_publickey: Untyped;
  /** `ZMQ_CURVE_SECRETKEY`. */
  curve_secretkey: Untyped;
  /** `ZMQ_CURVE_SERVERKEY`. */
  curve_serverkey: Untyped;
  /** `ZMQ_ZAP_DOMAIN`. */
  zap_domain: Untyped;
  /** `ZMQ_HEARTBEAT_IVL`. */
  heartbeat_ivl: number;
  /** `ZMQ_HEARTBEAT_TTL`. */
  heartbeat_ttl: number;
  /** `ZMQ_HEARTBEAT_TIMEOUT`. */
  heartbeat_timeout: number;
  /** `ZMQ_CONNECT_TIMEOUT`. */
  connect_timeout: number;
}

let defined = false;

/** Gives the class its properties when the first socket is made. */
function define(): void {
  if (defined) return;
  defined = true;
  const prototype = Socket.prototype;
  for (const name of Object.keys(options)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Socket) {
        return this.getsockopt(name);
      },
      set(this: Socket, value: OptionValue) {
        this.setsockopt(
          name,
          typeof value === "string" ? encodeText(value) : value,
        );
      },
    });
  }
}

function made(type: SocketType): NewSocket {
  switch (type) {
    case "pair":
      return new Pair();
    case "req":
      return new Request();
    case "rep":
      return new Reply();
    case "pub":
      return new Publisher();
    case "sub":
      return new Subscriber();
    case "dealer":
    case "xreq":
      return new Dealer();
    case "router":
    case "xrep":
      return new Router();
    case "pull":
      return new Pull();
    case "push":
      return new Push();
    case "xpub":
      return new XPublisher();
    case "xsub":
      return new XSubscriber();
    case "stream":
      return new Stream();
    default:
      throw new Error(`Invalid socket type: ${type}`);
  }
}
