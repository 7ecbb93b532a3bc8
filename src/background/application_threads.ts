// The background threads of a context, seen from its application: which endpoint is
// kept by which of them (`affinity`, or the one that keeps the fewest).

import { codeOf, ZmqError } from "../base/errors.ts";
import type { Told } from "../base/event.ts";
import type { Fault } from "../base/fault.ts";
import type { OptionValue, OptionValues } from "../base/option_types.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import type { IoThreads, ServedSocket } from "../endpoints/io_threads.ts";
import type { Opening, Wanted } from "../endpoints/carrier.ts";
import type { Reactor } from "../endpoints/reactor.ts";
import { type Judges, judgesOf, securityOf } from "../endpoints/security.ts";
import type { Admission } from "../endpoints/socket_side.ts";
import type { IoThread } from "../runtime/io_thread.ts";
import { ApplicationEnd } from "./application_end.ts";
import { Link, type LinkMemory, linkMemory } from "./link.ts";
import { APPLICATION, portMemory, ThreadPort } from "./thread_port.ts";
import {
  eventErrorOf,
  type Order,
  type PlainError,
  plainFault,
  type Report,
  type ThreadData,
} from "./words.ts";

/** What the platform does for them. */
export interface Platform {
  /** Starts a thread, and calls `ended` when it has died. */
  start(data: ThreadData, ended: (why: string) => void): IoThread;
  /** Blocks this thread while a number is what it was, for so many milliseconds at most. */
  blockWhile(
    ints: Int32Array<SharedArrayBuffer>,
    index: number,
    value: number,
    milliseconds: number,
  ): void;
}

/** Bits of `affinity` that can be told apart. */
const MOST_BITS = 31;
/**
 * How long a thread may take to start while the application is blocked, which hears of
 * no error then.
 */
const START_MS = 30_000;

export class ApplicationThreads implements IoThreads {
  readonly reactor: Reactor;
  /** Counts what the threads have told. */
  readonly told: SharedArrayBuffer = new SharedArrayBuffer(4);
  readonly #count: number;
  readonly #platform: Platform;
  readonly #threads: (KnownThread | null)[];
  /** Resolve once threads that were given up have ended. */
  readonly #endings: Promise<void>[] = [];

  constructor(reactor: Reactor, count: number, platform: Platform) {
    this.reactor = reactor;
    this.#count = Math.max(1, count);
    this.#platform = platform;
    this.#threads = new Array(this.#count).fill(null);
  }

  open(wanted: Wanted, socket: ServedSocket): Opening {
    // What is wrong with it is said at once.
    if (wanted.carrier.over === "streams") {
      securityOf(socket.options, this.reactor.adapter);
    }
    try {
      return this.#choose(socket.options.affinity).open(wanted, socket);
    } catch (error) {
      throw new ZmqError(codeOf(error), (error as Error).message, {
        address: wanted.address,
        cause: error,
      });
    }
  }

  configured(socket: ServedSocket, name: keyof OptionValues): void {
    for (const thread of this.#threads) thread?.configured(socket, name);
  }

  wait(milliseconds: number): void {
    // Nobody else ends the turn while this thread blocks.
    this.reactor.turn.end();
    const told = new Int32Array(this.told);
    const before = Atomics.load(told, 0);
    if (this.#pump()) return;
    let left = milliseconds;
    for (const thread of this.#threads) {
      if (thread === null) continue;
      const { startsWithin } = thread;
      left = Math.min(left, startsWithin);
      if (startsWithin <= 0) this.#endings.push(thread.giveUp());
    }
    if (left > 0) this.#platform.blockWhile(told, 0, before, left);
    this.#pump();
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread?.end()));
    await Promise.all(this.#endings);
  }

  #pump(): boolean {
    this.reactor.turn.entered();
    let any = false;
    for (const thread of this.#threads) {
      if (thread?.pump() === true) any = true;
    }
    return any;
  }

  /** The thread that keeps the fewest endpoints, of those that `affinity` names. */
  #choose(affinity: number): KnownThread {
    let best = -1;
    for (let i = 0; i < this.#count; i++) {
      const named = affinity === 0 || i >= MOST_BITS ||
        (Math.floor(affinity / 2 ** i) & 1) === 1;
      if (!named) continue;
      if (best < 0 || this.#load(i) < this.#load(best)) best = i;
    }
    if (best < 0) best = 0;
    const found = this.#threads[best];
    if (found !== null && !found.dead) return found;
    return this.#threads[best] = new KnownThread(this, this.#platform);
  }

  #load(index: number): number {
    return this.#threads[index]?.load ?? 0;
  }
}

/** One thread. */
class KnownThread {
  dead = false;
  readonly reactor: Reactor;
  readonly #began: number;
  readonly #thread: IoThread;
  readonly #port: ThreadPort;
  readonly #sockets = new Map<ServedSocket, number>();
  readonly #endpoints = new Map<number, FarEndpoint>();
  readonly #questions = new Map<number, () => void>();
  #numbers = 0;

  constructor(owner: ApplicationThreads, platform: Platform) {
    this.reactor = owner.reactor;
    this.#began = this.reactor.now();
    const memory = portMemory();
    this.#thread = platform.start(
      { port: memory, told: owner.told },
      (why) => this.#died(why),
    );
    this.#port = new ThreadPort(
      APPLICATION,
      this.#thread.channel,
      memory,
      owner.told,
      (word) => this.#hear(word as Report),
    );
    this.#port.listen(
      () => this.reactor.turn.entered(),
      (fn) => this.reactor.adapter.endOfTurn(fn),
    );
  }

  get load(): number {
    return this.#endpoints.size;
  }

  pump(): boolean {
    return !this.dead && this.#port.pump();
  }

  /** How long it may still take to start. */
  get startsWithin(): number {
    if (this.dead || this.#port.met) return Infinity;
    return this.#began + START_MS - this.reactor.now();
  }

  /** It has not started: it counts as dead, and does nothing later of what it was told. */
  giveUp(): Promise<void> {
    this.#died(`it did not start within ${START_MS / 1000} s`);
    return this.end();
  }

  say(order: Order): void {
    if (!this.dead) this.#port.say(order);
  }

  open(wanted: Wanted, socket: ServedSocket): Opening {
    const endpoint = new FarEndpoint(
      this,
      ++this.#numbers,
      wanted,
      socket,
    );
    this.#endpoints.set(endpoint.number, endpoint);
    return {
      endpoint,
      start: (told) => endpoint.open(this.#numberOf(socket), told),
    };
  }

  configured(socket: ServedSocket, name: keyof OptionValues): void {
    const number = this.#sockets.get(socket);
    if (number === undefined) return;
    const value = socket.options[name];
    this.say({
      is: "option",
      socket: number,
      name,
      value: plain(value) as OptionValue,
    });
  }

  /** Memory of a new link. */
  memory({ options }: ServedSocket): LinkMemory {
    return linkMemory(this.#port.nextNumber(), options);
  }

  link(memory: LinkMemory): Link {
    return new Link(memory, this.#port, this.reactor.reserve);
  }

  /** An endpoint is over. */
  forget(endpoint: FarEndpoint): void {
    this.#endpoints.delete(endpoint.number);
    const { socket } = endpoint;
    for (const other of this.#endpoints.values()) {
      if (other.socket === socket) return;
    }
    const number = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    if (number !== undefined) this.say({ is: "forget", socket: number });
  }

  async end(): Promise<void> {
    this.dead = true;
    await this.#thread.end();
  }

  #numberOf(socket: ServedSocket): number {
    const known = this.#sockets.get(socket);
    if (known !== undefined) return known;
    const number = ++this.#numbers;
    this.#sockets.set(socket, number);
    const options: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(socket.options)) {
      options[name] = plain(value);
    }
    this.say({ is: "socket", socket: number, type: socket.type, options });
    return number;
  }

  #hear(report: Report): void {
    if (report.is === "died") {
      this.#died(report.why);
      return;
    }
    if (report.is === "withdraw") {
      this.#questions.get(report.question)?.();
      this.#questions.delete(report.question);
      return;
    }
    const endpoint = this.#endpoints.get(report.endpoint);
    if (endpoint === undefined) return;
    if (report.is === "opened") endpoint.opened(report.address, report.error);
    else if (report.is === "closed") endpoint.closedNow();
    else if (report.is === "over") endpoint.over();
    else if (report.is === "pipe") endpoint.join(report.pipe);
    else if (report.is === "event") {
      const { event, error } = report;
      endpoint.emit(
        error === undefined
          ? event
          : { ...event, error: eventErrorOf(error) } as Told,
      );
    } else this.#judge(endpoint, report);
  }

  #judge(
    { socket, judges }: FarEndpoint,
    { question, credentials, address }: Report & { is: "ask" },
  ): void {
    const answer = ({ fault, properties }: Admission) => {
      this.#questions.delete(question);
      this.say({ is: "answer", question, fault: told(fault), properties });
    };
    const found = socket.authority.judge(credentials, address, judges);
    if ("fault" in found) {
      answer(found);
      return;
    }
    const said = found.answer;
    if ("fault" in said) answer(said);
    else {
      this.#questions.set(question, () => found.withdraw());
      said.then(answer);
    }
  }

  #died(why: string): void {
    this.dead = true;
    const sockets = new Set<ServedSocket>();
    for (const endpoint of [...this.#endpoints.values()]) {
      sockets.add(endpoint.socket);
      endpoint.lost(why);
    }
    for (const socket of sockets) {
      socket.lost(`its background thread has died (${why})`);
    }
  }
}

/** An endpoint that a thread keeps. */
class FarEndpoint implements Endpoint {
  address: string;
  readonly number: number;
  readonly socket: ServedSocket;
  readonly judges: Judges;
  readonly #thread: KnownThread;
  readonly #wanted: Wanted;
  readonly #ends = new Set<ApplicationEnd>();
  #settle: ((error: PlainError | null) => void) | null = null;
  /** Whether it is bound to something, and whether it was closed. */
  #listens = false;
  #closed = false;
  #resolveClosed: () => void = () => {};
  readonly #whenClosed = new Promise<void>((resolve) =>
    this.#resolveClosed = resolve
  );
  #over = false;

  constructor(
    thread: KnownThread,
    number: number,
    wanted: Wanted,
    socket: ServedSocket,
  ) {
    this.#thread = thread;
    this.number = number;
    this.#wanted = wanted;
    this.address = wanted.address;
    this.socket = socket;
    this.judges = judgesOf(socket.options);
  }

  /** Has it opened. */
  open(
    socket: number,
    told?: (error: ZmqError | null) => void,
  ): Promise<void> | null {
    const { address, bind, givenId, carrier } = this.#wanted;
    const publishes = this.socket.type === "PUB" || this.socket.type === "XPUB";
    const lasting = carrier.over === "streams"
      ? !bind && !this.socket.options.immediate
      : carrier.over === "datagrams"
      ? !bind
      : publishes;
    const pipe = lasting ? this.#thread.memory(this.socket) : null;
    this.#thread.say({
      is: "open",
      socket,
      endpoint: this.number,
      address,
      bind,
      givenId,
      pipe,
    });
    if (pipe !== null) this.#join(pipe, true, carrier.over === "datagrams");
    if (!bind && carrier.over === "streams") return null;
    return new Promise((resolve, reject) => {
      this.#settle = (plain) => {
        this.#settle = null;
        const error = plain === null ? null : this.#errorOf(plain);
        told?.(error);
        if (error === null) resolve();
        else reject(error);
      };
    });
  }

  /** A pipe that the thread has made. */
  join(memory: LinkMemory): void {
    this.#join(memory, false, false);
  }

  opened(address: string, error: PlainError | null): void {
    this.address = address;
    if (this.#settle !== null) this.#settle(error);
    else if (error !== null) {
      this.socket.emit({
        type: "close",
        address: this.address,
        error: eventErrorOf(error),
      });
    }
  }

  /** Passes on what the thread has told. */
  emit(event: Told): void {
    if (event.type === "bind") this.#listens = true;
    // That a listener is closed was told when it was; one that is given up never was one.
    if (this.#closed && (event.type === "close" || event.type === "bind")) {
      return;
    }
    this.socket.emit(event);
  }

  /** It listens no more. */
  closedNow(): void {
    this.#resolveClosed();
  }

  whenClosed(): Promise<void> {
    return this.#whenClosed;
  }

  close(discard: boolean): void {
    this.#tellClosed();
    if (this.#thread.dead) {
      this.over();
      return;
    }
    for (const end of this.#ends) end.part();
    const { closed } = this.socket;
    this.#thread.say({ is: "close", endpoint: this.number, discard, closed });
  }

  abort(): void {
    this.#tellClosed();
    const { closed } = this.socket;
    if (closed === null) {
      this.#settle?.({ message: "it was given up", code: "EAGAIN" });
    }
    if (this.#thread.dead) {
      this.over();
      return;
    }
    for (const end of this.#ends) end.part();
    this.#thread.say({ is: "abort", endpoint: this.number, closed });
  }

  /** Nothing more comes of it. */
  over(): void {
    if (this.#over) return;
    this.#over = true;
    for (const end of [...this.#ends]) end.finish();
    this.#ends.clear();
    this.#settle?.(null);
    this.#resolveClosed();
    this.#thread.forget(this);
    this.socket.endpointOver(this);
  }

  /** The thread has died. */
  lost(why: string): void {
    const message = `the background thread has died: ${why}`;
    const error = { message, code: "EIO" };
    this.socket.emit({
      type: "close",
      address: this.address,
      error: eventErrorOf(error),
    });
    this.#settle?.(error);
    this.over();
  }

  #join(memory: LinkMemory, lasting: boolean, unfiltered: boolean): void {
    const end: ApplicationEnd = new ApplicationEnd(
      this.socket,
      this.#thread.link(memory),
      this.#wanted.givenId,
      () => {
        this.#ends.delete(end);
        end.finish();
      },
    );
    this.#ends.add(end);
    end.begin(lasting, unfiltered);
  }

  /** A listener that is closed says so at once: the socket may not listen to it later. */
  #tellClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#listens) {
      this.socket.emit({ type: "close", address: this.address });
    }
  }

  #errorOf(error: PlainError): ZmqError {
    const { message, code } = error;
    const prefix = `${code}: `;
    const text = message.startsWith(prefix)
      ? message.slice(prefix.length)
      : message;
    return new ZmqError(codeOf(error), text, {
      address: this.address,
    });
  }
}

/** A value of an option that can be posted; whoever decides about peers stays here. */
function plain(value: unknown): unknown {
  return typeof value === "function" ? true : value;
}

function told(fault: Fault | null) {
  return fault === null ? null : plainFault(fault);
}
