// What is behind every socket class: its options, its endpoints and pipes, the
// lines of those who wait, and how it ends.
//
//   open ──close()──> lingering ──everything sent, or time is up──> gone

import { codeOf, type ErrorCode, ZmqError } from "../base/errors.ts";
import type { EventPeer, Told } from "../base/event.ts";
import { choiceOf, type MechanismChoice } from "../base/mechanism_choice.ts";
import type {
  OptionName,
  OptionValue,
  OptionValues,
} from "../base/option_types.ts";
import {
  checkOption,
  defaultsOf,
  type OptionRow,
  optionsOf,
} from "../base/options.ts";
import type { Fault } from "../base/fault.ts";
import { EMPTY } from "../base/message.ts";
import type { SocketType } from "../base/socket_type.ts";
import { bindAddress, connectAddress } from "../endpoints/address.ts";
import type { Opening, Wanted } from "../endpoints/carrier.ts";
import type { Endpoint, EndpointOwner } from "../endpoints/endpoint.ts";
import { emitEnd, eventError } from "../endpoints/failure.ts";
import type { IoThreads, ServedSocket } from "../endpoints/io_threads.ts";
import { OneHold } from "../endpoints/one_hold.ts";
import type { Reactor } from "../endpoints/reactor.ts";
import {
  type Authority,
  ownRoutingId,
  type SocketSide,
} from "../endpoints/socket_side.ts";
import type { SocketSwap, Swap } from "../endpoints/swap.ts";
import { Timer } from "../endpoints/timers.ts";
import { zwsSettings } from "../endpoints/wrapping.ts";
import type { InboundQueue } from "../routing/inbound_queue.ts";
import type { OutboundLog } from "../routing/outbound_log.ts";
import type { Host, Pattern } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import type {
  DatagramTarget,
  StreamHandler,
  StreamTarget,
} from "../runtime/adapter.ts";
import type { Around } from "../transports/stream_transport.ts";
import type { ZwsSettings } from "../zws/played_stream.ts";
import type { InprocMember, InprocRegistry } from "../transports/inproc.ts";
import { type AnyEndpoint, EndpointBook } from "./endpoint_book.ts";
import { Gatekeeper, mayAskHandler } from "./gatekeeper.ts";
import { Observer } from "./observer.ts";
import { ReceiveQueue } from "./receive_queue.ts";
import { checkScheme } from "./schemes.ts";
import { SendQueue } from "./send_queue.ts";
import { type Shape, shapeOf } from "./shape.ts";

/** What a socket needs of its context. */
export interface Surroundings {
  readonly reactor: Reactor;
  /** Whether the context has threads for network transports (`ioThreads`). */
  readonly networked: boolean;
  readonly inproc: InprocRegistry;
  /** The background threads of the context, started if they are not; null if it has none. */
  readonly threads: () => IoThreads | null;
  /** What queues spill into; null if they don't. */
  readonly swap: Swap | null;
  /** Options of new sockets that the context decides. */
  readonly defaults: Partial<OptionValues>;
  /** A socket is gone. */
  gone(core: SocketCore): void;
}

/** Makes the pattern of a socket type. */
export type MakePattern = (host: Host, core: SocketCore) => Pattern;

/** A second connect to the same address does nothing (zmq_connect(3)), but within the process. */
const CONNECTS_ONCE: readonly SocketType[] = ["REQ", "DEALER", "PUB", "SUB"];
/** Options of what queues spill into. */
const SWAPS: readonly OptionName[] = ["swapSize", "swapDirectory"];
/** Options that bound the queues of the pipes there are. */
const BOUNDS: readonly OptionName[] = [
  "sendHighWaterMark",
  "receiveHighWaterMark",
  "sendBytesLimit",
  "receiveBytesLimit",
];
/** Endpoints that were given up are remembered up to this number. */
const MOST_GIVEN_UP = 100;
/** With no linger, what the kernel has not taken after so many milliseconds is dropped. */
const NO_LINGER_MS = 250;

/** The endpoint of WebSockets that were attached. */
export interface Attached extends Endpoint {
  /** Takes one in; what it brings goes to the result. */
  admit(around: Around): StreamHandler;
}

/** Somebody who watches a socket from outside: a proxy, or one who waits for several sockets. */
export interface Watcher {
  /** It may have a message, or room for one, or be closed. */
  changed(): void;
}

/** Figures of peers that have gone. */
interface Past {
  drops: number;
  messagesIn: number;
  messagesOut: number;
  bytesIn: number;
  bytesOut: number;
  reconnects: number;
}

export class SocketCore implements ServedSocket, InprocMember, Host {
  readonly type: SocketType;
  readonly reactor: Reactor;
  readonly options: OptionValues;
  readonly rows: ReadonlyMap<string, OptionRow>;
  /** How a message to be sent is made of what the caller gives; `null` is as it stands. */
  readonly shape: Shape | null;
  readonly pattern: Pattern;
  readonly sends: SendQueue;
  readonly receives: ReceiveQueue;
  /** Others who wait for this socket, to be told when it is closed. */
  readonly lines: { rejectAll(error: ZmqError): void }[] = [];
  readonly pipes: Set<Pipe> = new Set();
  /** Why it is closed, or null. */
  closed: "closed" | "terminated" | "lost" | null = null;
  /** Why nothing can be sent or received: it is closed, or a proxy has it. */
  barrier: "closed" | "terminated" | "lost" | "proxied" | null = null;
  /** Endpoints that were given up for good, the latest ones. */
  readonly givenUp: { address: string; code: string }[] = [];
  readonly watchers: Set<Watcher> = new Set();
  /** Figures of peers that have gone. */
  readonly past: Past = {
    drops: 0,
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    reconnects: 0,
  };
  /** Who lets its peers in. */
  readonly authority: Authority;
  lastEndpoint: string | null = null;
  /** Whether an option that is turned off leaves NULL, as in libzmq, whatever keys there are. */
  lastDecides = false;
  /** The queues of new pipes, if they spill. */
  queues: (() => [inbound: InboundQueue, log: OutboundLog]) | undefined =
    undefined;
  /** The background threads, once an endpoint is theirs. */
  threads: IoThreads | null = null;
  #why = "";

  readonly #surroundings: Surroundings;
  /** What was bound or connected, and whether it was bound. */
  readonly #endpoints = new EndpointBook();
  /** Everything that is not over yet, also what was unbound or disconnected. */
  readonly #live = new Set<AnyEndpoint>();
  readonly #timers = new Set<Timer>();
  /** What `close` was given. */
  #lingers: number | null = null;
  /** What is remembered of the input of pipes that are no more. */
  readonly #remembered = new WeakMap<Pipe, { come: number; bytes: number }>();
  #observer: Observer | null = null;
  #attached: Attached | null = null;
  #binding = 0;
  #swap: SocketSwap | null = null;
  readonly #hold: OneHold;
  #resolveGone: () => void = () => {};
  /** Resolves when everything is over after a close. */
  readonly #gone: Promise<void>;

  constructor(
    type: SocketType,
    surroundings: Surroundings,
    makePattern: MakePattern,
  ) {
    this.type = type;
    this.#surroundings = surroundings;
    this.reactor = surroundings.reactor;
    this.#hold = new OneHold(this.reactor);
    this.options = { ...defaultsOf(type), ...surroundings.defaults };
    if (defaultsOf(type).linger === 0) this.options.linger = 0;
    this.rows = optionsOf(type);
    this.authority = new Gatekeeper(
      surroundings.inproc,
      () => this.routingId,
    );
    this.shape = shapeOf(type);
    this.pattern = makePattern(this, this);
    this.sends = new SendQueue(this);
    this.receives = new ReceiveQueue(this);
    this.#gone = new Promise((resolve) => this.#resolveGone = resolve);
    this.pattern.configured();
  }

  get routingId(): Uint8Array {
    return ownRoutingId(this);
  }

  /** The events; kept from the first time they are asked for. */
  get events(): Observer {
    if (this.#observer === null) {
      this.#observer = new Observer(this.reactor);
      if (this.closed !== null) this.#observer.close();
    }
    return this.#observer;
  }

  /** Messages that were dropped because a peer was full. */
  get drops(): number {
    let drops = this.past.drops;
    for (const pipe of this.pipes) drops += pipe.drops;
    return drops;
  }

  /** Pipes with messages to receive whose peers have gone. */
  get left(): readonly Pipe[] {
    return this.closed === null ? this.pattern.left : [];
  }

  /** The error of a call on a closed socket. */
  closedError(): ZmqError {
    if (this.closed === null) {
      return new ZmqError(
        "EBUSY",
        "A proxy sends and receives for this socket; end the proxy first",
      );
    }
    if (this.closed === "lost") {
      return new ZmqError(
        "EIO",
        `The socket was lost: ${this.#why}; make a new one`,
      );
    }
    return this.closed === "terminated"
      ? new ZmqError("ETERM", "The context of this socket was terminated")
      : new ZmqError("EBADF", "The socket is closed; make a new one");
  }

  checkOpen(): void {
    if (this.closed !== null) throw this.closedError();
  }

  // Options.

  setOption(name: OptionName, value: unknown): void {
    const { adapter } = this.reactor;
    const row = this.rows.get(name)!;
    if (SWAPS.includes(name)) this.#checkSwap(name, value);
    const options = this.options as unknown as Record<string, OptionValue>;
    options[name] = checkOption(
      row,
      value,
      adapter.features,
      adapter.name,
      options[name],
    );
    const choice = choiceOf(this.options, name, this.lastDecides);
    if (choice !== null) this.#choose(choice);
    if (row.live) this.pattern.configured();
    if (name === "swapSize") this.#makeSwap();
    if (BOUNDS.includes(name)) {
      for (const pipe of this.pipes) pipe.wire?.adjust();
    }
    this.threads?.configured(this, name);
  }

  /** Takes a mechanism, in place of the one before. */
  #choose(choice: MechanismChoice): void {
    const { options } = this;
    options.mechanism = choice;
    options.plainServer = choice === "PLAIN server";
    options.curveServer = choice === "CURVE server";
    this.threads?.configured(this, "mechanism");
  }

  /** Spilling has to be had, and the folder to be one that files can be made in. */
  #checkSwap(name: OptionName, value: unknown): void {
    const { swap } = this.#surroundings;
    if (value === 0 || value === null) return;
    if (swap === null || this.background !== null) {
      throw new ZmqError(
        "ENOTSUP",
        swap === null
          ? `Cannot set ${name}: its context has no swap; make it with { swap } of @nought/zeromq/swap`
          : `Cannot set ${name}: background threads keep the queues of this context, and they don't swap`,
      );
    }
    const folder = name === "swapDirectory"
      ? `${value}`
      : this.options.swapDirectory;
    try {
      swap.check(folder);
    } catch (cause) {
      const { message } = cause as Error;
      throw new ZmqError(codeOf(cause), `Cannot set ${name}: ${message}`, {
        cause,
      });
    }
  }

  #makeSwap(): void {
    const { swap } = this.#surroundings;
    this.#swap ??= swap?.socket(this) ?? null;
    this.queues = this.options.swapSize > 0 && this.#swap !== null
      ? () => this.#swap!.queues()
      : undefined;
  }

  // Endpoints.

  async bind(address: string): Promise<void> {
    await this.bindNow(address);
  }

  /**
   * Binds. Gives `null` where that is done, and otherwise resolves once it is; `told` is
   * called as soon as it is known, with an error or null. What is `begun` may be given up
   * by an abort, where another thread keeps it.
   */
  bindNow(
    address: string,
    told?: (error: ZmqError | null) => void,
    begun?: (endpoint: Endpoint) => void,
  ): Promise<void> | null {
    this.checkOpen();
    checkScheme(this.type, address, true);
    const { carrier, place } = bindAddress(
      address,
      this.reactor.parts.carriers,
    );
    if (carrier === null) {
      this.#add(this.#surroundings.inproc.bind(address, this, this), true);
      return null;
    }
    // A background thread says that it is bound before the pattern can refuse it.
    const busy = this.#endpoints.size > 0 || this.#binding > 0;
    if (this.type === "DGRAM" && busy) {
      throw new ZmqError(
        "EBUSY",
        `Cannot bind ${address}: a Datagram has one endpoint`,
        { address },
      );
    }
    const { endpoint, start } = this.#make({
      address,
      carrier,
      place,
      bind: true,
      givenId: EMPTY,
    });
    this.#live.add(endpoint);
    begun?.(endpoint);
    let opening: Promise<void> | null;
    try {
      opening = start((error) => {
        if (error === null && this.closed === null) {
          this.#add(endpoint, true, address);
        }
        told?.(error);
      });
    } catch (error) {
      this.endpointOver(endpoint);
      throw error;
    }
    if (opening !== null) return this.#bound(endpoint, address, opening);
    this.#add(endpoint, true, address);
    return null;
  }

  async #bound(
    endpoint: Endpoint,
    address: string,
    listening: Promise<void>,
  ): Promise<void> {
    this.#binding++;
    this.reactor.hold();
    try {
      await listening;
    } catch (error) {
      this.endpointOver(endpoint);
      if (this.closed !== null) throw this.closedError();
      throw error;
    } finally {
      this.#binding--;
      this.reactor.release();
      this.#checkGone();
    }
    if (this.closed !== null) throw this.closedError();
    if (!this.#endpoints.has(endpoint)) this.#add(endpoint, true, address);
  }

  /** Takes in a WebSocket of a server of the user's; what it brings goes to the result. */
  attachWebSocket(
    make: (settings: ZwsSettings) => Around,
    open: (socket: SocketSide, owner: EndpointOwner) => Attached,
  ): StreamHandler {
    this.checkOpen();
    checkScheme(this.type, "ws://", true);
    if (this.#attached === null) {
      this.#attached = open(this, this);
      this.#enlist(this.#attached, true);
    }
    return this.#attached.admit(make(zwsSettings(this)));
  }

  /** Unbinds; gives what resolves once that is done, where it takes another thread. */
  unbind(address: string): Promise<unknown> | null {
    this.checkOpen();
    const waiting: Promise<void>[] = [];
    for (const endpoint of this.#take(address, true)) {
      this.#close(endpoint, this.options.linger);
      const closed = (endpoint as Endpoint).whenClosed?.();
      if (closed !== undefined) waiting.push(closed);
    }
    return waiting.length > 0 ? this.#held(Promise.all(waiting)) : null;
  }

  /** The background threads of its context, if it has some. */
  get background(): IoThreads | null {
    return this.#surroundings.threads();
  }

  /** The process lives until it is done. */
  async #held(work: Promise<unknown>): Promise<void> {
    this.reactor.hold();
    await work;
    this.reactor.release();
  }

  connect(address: string, givenId: Uint8Array = EMPTY): void {
    this.checkOpen();
    checkScheme(this.type, address, false);
    const { carrier, place } = connectAddress(
      address,
      this.reactor.parts.carriers,
    );
    if (carrier === null) {
      const { inproc } = this.#surroundings;
      const connection = inproc.connect(address, this, this, givenId);
      if (connection.over) this.lastEndpoint = address;
      else this.#add(connection, false);
      return;
    }
    const again = CONNECTS_ONCE.includes(this.type) &&
      this.#endpoints.find(address, false).length > 0;
    if (again) return;
    const { endpoint, start } = this.#make({
      address,
      carrier,
      place,
      bind: false,
      givenId,
    });
    this.#add(endpoint, false);
    start()?.catch((error) => this.emit({ type: "close", address, error }));
  }

  disconnect(address: string): void {
    this.checkOpen();
    for (const endpoint of this.#take(address, false)) {
      this.#close(endpoint, this.options.linger);
    }
  }

  endpointOver(endpoint: AnyEndpoint): void {
    this.#live.delete(endpoint);
    if (endpoint === this.#attached) this.#attached = null;
    this.#endpoints.delete(endpoint);
    this.#checkGone();
  }

  // Pipes.

  attach(pipe: Pipe): void {
    pipe.pattern = this.pattern;
    this.pipes.add(pipe);
    this.pattern.attached(pipe);
  }

  detach(pipe: Pipe): void {
    if (!this.pipes.delete(pipe)) return;
    this.#remember(pipe);
    pipe.open = false;
    pipe.inbound.parted();
    this.pattern.detached(pipe);
  }

  inputOver(pipe: Pipe): void {
    if (!this.pipes.has(pipe)) this.#rememberInput(pipe);
  }

  // Host: what the pattern tells.

  readable(): void {
    this.receives.drain();
    if (this.watchers.size > 0) this.tellWatchers();
  }

  writable(): void {
    this.sends.drain();
    if (this.watchers.size > 0) this.tellWatchers();
  }

  pressed(): void {
    this.sends.press();
  }

  ahead(): void {
    this.sends.ahead();
  }

  caughtUp(): void {
    this.sends.caughtUp();
  }

  dropped(): void {
    this.past.drops++;
  }

  get observed(): boolean {
    return this.#observer !== null;
  }

  emit(event: Told): void {
    const gaveUp = event.type === "stopped" || event.type === "close";
    if (gaveUp && event.error !== undefined) {
      const { address, error } = event;
      this.givenUp.push({ address, code: error.code });
      if (this.givenUp.length > MOST_GIVEN_UP) this.givenUp.shift();
    }
    if (event.type !== "stopped") this.#observer?.emit(event);
  }

  cutOff(
    address: string,
    peer: EventPeer,
    fault: Fault,
    connected: boolean,
  ): void {
    emitEnd(this, address, peer, "traffic", fault);
    if (connected) {
      this.emit({ type: "close", address, error: eventError(fault) });
    }
  }

  // The end.

  /** How long what it sent may take, once it is closed. */
  get lingers(): number {
    return patienceOf(this.#lingers ?? this.options.linger);
  }

  /** Closes; what was accepted is sent for up to `linger` milliseconds (-1: for ever). */
  close(
    linger: number,
    why: "closed" | "terminated" | "lost" = "closed",
  ): void {
    if (this.closed !== null) return;
    this.closed = why;
    this.barrier = why;
    this.#lingers = linger;
    const error = why === "closed" ? closedMeanwhile() : this.closedError();
    this.sends.close(error);
    this.receives.close(error);
    for (const line of this.lines) line.rejectAll(error);
    if (linger !== 0) this.#hold.take();
    for (const pipe of [...this.pipes]) {
      if (pipe.mate !== null) pipe.close();
    }
    for (const endpoint of [...this.#live]) this.#close(endpoint, linger);
    for (const pipe of [...this.pipes]) this.detach(pipe);
    this.#endpoints.clear();
    this.#swap?.close();
    this.tellWatchers();
    this.#observer?.close();
    this.#checkGone();
  }

  /** It is closed: what lingers has this time left, if it had more. */
  hasten(linger: number): void {
    for (const endpoint of this.#live) this.#limit(endpoint, linger);
  }

  /** A thread that carries endpoints of it has died: nothing more can come of it. */
  lost(why: string): void {
    this.#why = why;
    this.close(0, "lost");
  }

  /** Resolves when everything is over after a close; the process lives as long. */
  async whenGone(): Promise<void> {
    this.reactor.hold();
    await this.#gone;
    this.reactor.release();
  }

  /** Whoever watches it looks what there is. */
  tellWatchers(): void {
    for (const watcher of [...this.watchers]) watcher.changed();
  }

  #remember(pipe: Pipe): void {
    const { past } = this;
    past.drops += pipe.drops;
    this.#rememberInput(pipe);
    past.messagesOut += pipe.messagesOut;
    past.bytesOut += pipe.bytesOut;
    past.reconnects += Math.max(0, pipe.reconnects);
  }

  #rememberInput(pipe: Pipe): void {
    const { past } = this;
    const { come, bytes } = pipe.inbound;
    const known = this.#remembered.get(pipe);
    past.messagesIn += come - (known?.come ?? 0);
    past.bytesIn += bytes - (known?.bytes ?? 0);
    this.#remembered.set(pipe, { come, bytes });
  }

  /** Plans an endpoint, here or in the background, and makes it if it is permitted. */
  #make(wanted: Wanted): Opening {
    const { targets, make } = wanted.carrier.plan(wanted, this, this);
    for (const target of targets) this.#permit(wanted.address, target);
    if (mayAskHandler(this.options)) this.#surroundings.inproc.meetOthers();
    const threads = this.#surroundings.threads();
    if (threads === null) return make();
    this.threads = threads;
    return threads.open(wanted, this);
  }

  #permit(address: string, target: StreamTarget | DatagramTarget): void {
    if (!this.#surroundings.networked) {
      throw new ZmqError(
        "EMTHREAD",
        `Cannot use ${address}: the context has ioThreads 0, which leaves only inproc`,
        { address },
      );
    }
    const cause = this.reactor.adapter.forbids(target);
    if (cause === null) return;
    const { code, message } = cause as Error & { code: ErrorCode };
    throw new ZmqError(
      code,
      `Cannot use ${address}: ${message}`,
      { address, cause },
    );
  }

  #add(endpoint: AnyEndpoint, bound: boolean, given?: string): void {
    this.#enlist(endpoint, bound, given);
    this.lastEndpoint = endpoint.address;
  }

  #enlist(
    endpoint: AnyEndpoint,
    bound: boolean,
    given?: string,
  ): void {
    this.#live.add(endpoint);
    this.#endpoints.add(endpoint, bound, given);
  }

  /** Its endpoints and peers, in words. */
  summary(): string {
    if (this.closed !== null) return this.closed;
    const words = this.#endpoints.words();
    return [...words, `peers: ${this.pipes.size}`].join(", ");
  }

  #take(address: string, bound: boolean): AnyEndpoint[] {
    const found = this.#endpoints.find(address, bound);
    if (found.length === 0) {
      // What was given up is gone already, and no mistake.
      const gone = !bound &&
        this.givenUp.some((one) => one.address === address);
      if (gone) return found;
      // What is no address at all is said first.
      const { carriers } = this.reactor.parts;
      checkScheme(this.type, address, bound);
      if (bound) bindAddress(address, carriers);
      else connectAddress(address, carriers);
      const how = bound ? "bound" : "connected";
      throw new ZmqError(
        "ENOENT",
        `There is no endpoint ${address} that this socket ${how} to; use the address that lastEndpoint gave`,
        { address },
      );
    }
    for (const endpoint of found) this.#endpoints.delete(endpoint);
    return found;
  }

  #close(endpoint: AnyEndpoint, linger: number): void {
    endpoint.close(linger === 0);
    this.#limit(endpoint, linger);
  }

  /** Ends an endpoint in so many milliseconds, if it is not over by then. */
  #limit(endpoint: AnyEndpoint, linger: number): void {
    if (!this.#live.has(endpoint) || linger < 0) return;
    const timer: Timer = new Timer(() => {
      this.#timers.delete(timer);
      if (this.#live.has(endpoint)) endpoint.abort();
    });
    this.#timers.add(timer);
    this.reactor.timers.set(timer, this.reactor.now() + patienceOf(linger));
  }

  #checkGone(): void {
    if (this.closed === null || this.#live.size > 0 || this.#binding > 0) {
      return;
    }
    for (const timer of this.#timers) this.reactor.timers.clear(timer);
    this.#timers.clear();
    this.#hold.letGo();
    this.#surroundings.gone(this);
    this.#resolveGone();
  }
}

/** How long what was accepted may take, in milliseconds; -1 for ever. */
function patienceOf(linger: number): number {
  return linger === 0 ? NO_LINGER_MS : linger;
}

/** What those are told who waited when a socket was closed. */
export function closedMeanwhile(): ZmqError {
  return new ZmqError(
    "EAGAIN",
    "The socket was closed while the operation waited",
  );
}
