// Sends that wait for room or for a peer, in order. A send that finds room and
// nobody before it is done at once and makes no promise of its own.

import { ZmqError } from "../base/errors.ts";
import {
  EMPTY,
  keep,
  type Message,
  type MessageLike,
  toFrame,
  toFrames,
} from "../base/message.ts";
import { Timer } from "../endpoints/timers.ts";
import {
  NO_PEER,
  type SendResult,
  SENT,
  STATE,
  UNREACHABLE,
} from "../routing/pattern.ts";
import { type Pipe, trace } from "../routing/pipe.ts";
import type { AbortLike } from "../runtime/abort.ts";
import { refusedBy } from "./call_limits.ts";
import type { SocketCore } from "./core.ts";
import { abortReason, Waiting, WaitingLine } from "./waiting_line.ts";

/** How to send. */
export interface SendOptions {
  /** Takes the send back while it waits; the message is then not sent. */
  signal?: AbortLike;
  /** Milliseconds to wait, in place of the option `sendTimeout`. */
  timeout?: number;
  /**
   * Copy large bodies too, so that all of what was given may be changed as soon
   * as the call has returned. Bodies up to 4096 bytes are always copied.
   */
  copy?: boolean;
  /**
   * Resolve only when the kernel has taken the whole message, after which large
   * bodies may be changed too. Rejects with ECONNRESET if the connection died
   * first. `timeout` counts until it is accepted; `signal` ends the wait for the
   * kernel as well, and what was accepted goes out all the same. Within the process
   * (inproc) a large body belongs to the receiver.
   */
  flushed?: boolean;
}

/** One thing to send, or several. */
export type Sendable = MessageLike | readonly MessageLike[];

const DONE: Promise<void> = Promise.resolve();
/** Sends of one `sendMany` that may be done at once before the turn has to end. */
const BURST = 4096;
/** Turns that a send gives way for at most: Deno looks at its I/O every 61 or so. */
export const MOST_TURNS = 80;
/** Milliseconds that a send gives way for at most where a background thread, or a disk, has to catch up. */
const PATIENT_MS = 20;
/** Milliseconds that a send waits at most for a wire to catch up, and how often in vain. */
const CATCH_UP_MS = 4;
const MOST_IN_VAIN = 25;
/** Rejections of one turn after which a loop that never awaits is stopped by a throw. */
const PATIENCE = 1048576;

/** Where a `sendMany` has got to; an array is walked without an object for each step. */
class Cursor {
  value: unknown = undefined;
  /** Whether all of what is sent is copied. */
  readonly copy: boolean;
  readonly #list: readonly Sendable[] | null;
  readonly #iterator: Iterator<Sendable> | null;
  #at = 0;

  constructor(messages: Iterable<Sendable>, copy: boolean) {
    this.copy = copy;
    const list = Array.isArray(messages);
    this.#list = list ? messages as readonly Sendable[] : null;
    this.#iterator = list ? null : messages[Symbol.iterator]();
  }

  /** Goes on to the next `value`; false if there is none. */
  advance(): boolean {
    const list = this.#list;
    if (list !== null) {
      if (this.#at >= list.length) return false;
      this.value = list[this.#at++];
      return true;
    }
    const next = this.#iterator!.next();
    if (next.done) return false;
    this.value = next.value;
    return true;
  }

  /** Something failed, and nothing more is asked for: a generator's `finally` runs, and fails in vain. */
  end(): void {
    try {
      this.#iterator?.return?.();
    } catch {
      // What failed first is told, as by `for...of`.
    }
  }
}

/** What is to be flushed: resolves once the kernel has taken all that the pipes took. */
class Flushing {
  readonly done: Promise<void>;
  /** The pipes that have just taken a message. */
  readonly pipes: Pipe[] = [];
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #left = 1;
  readonly #taken: (taken: boolean) => void = (taken) => {
    this.#left--;
    if (!taken) this.#reject(lostOnTheWay());
    else if (this.#left === 0) this.#resolve();
  };

  readonly #signal: AbortLike | undefined;

  /** One that waits no longer once the signal is aborted. */
  constructor(signal: AbortLike | undefined) {
    this.#signal = signal;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever sends is told of it when all is accepted.
    this.done.catch(() => {});
  }

  /** Waits for the message that the pipes have taken, too. */
  watch(): void {
    for (const { log } of this.pipes.splice(0)) {
      if (log === null) continue;
      this.#left++;
      log.whenTaken(this.#taken);
    }
  }

  /** Nothing more is sent. */
  end(): Promise<void> {
    this.#taken(true);
    const signal = this.#signal;
    if (signal !== undefined && this.#left > 0) {
      const stop = () => this.#reject(abortReason(signal));
      if (signal.aborted) stop();
      const over = () => signal.removeEventListener("abort", stop);
      signal.addEventListener("abort", stop);
      this.done.then(over, over);
    }
    return this.done;
  }
}

class WaitingSend extends Waiting<void> {
  frames: Message;
  /** What is sent after `frames`, one by one. */
  readonly rest: Cursor | null;
  readonly flushing: Flushing | null;
  /** Whether it waits for nothing but to have given way (timeout 0). */
  readonly hasty: boolean;
  /** Why it waits. */
  result: SendResult = SENT;

  constructor(
    frames: Message,
    rest: Cursor | null,
    flushing: Flushing | null,
    hasty: boolean,
  ) {
    super();
    this.frames = frames;
    this.rest = rest;
    this.flushing = flushing;
    this.hasty = hasty;
  }
}

export class SendQueue {
  readonly #core: SocketCore;
  readonly #line: WaitingLine<WaitingSend>;
  /** The array around a single frame, used again for each. */
  readonly #one: Message = [EMPTY];
  /** Whether the next send should give way before it is done. */
  #pressed = false;
  #givingWay: Promise<void> | null = null;
  /** Whether giving way was of no use the last time. */
  #tired = false;
  /** Whether that is for a wire to catch up, and what is done once it has. */
  #outrun = false;
  #goOn: () => void = () => {};
  readonly #patience = new Timer(() => {
    this.#inVain++;
    this.#goOn();
  });
  /** Waits in a row in which no wire caught up. */
  #inVain = 0;
  #draining = false;
  #busy: Promise<never> | null = null;
  #busyTurn = -1;
  #busyCount = 0;

  constructor(core: SocketCore) {
    this.#core = core;
    this.#line = new WaitingLine(core.reactor);
  }

  /** How many sends wait. */
  get size(): number {
    return this.#line.size;
  }

  /** Whether a send has to wait for those before it. */
  get #blocked(): boolean {
    return this.#line.size > 0 && !this.#core.pattern.addressed;
  }

  /** A queue is so full that a sender should give way. */
  press(): void {
    this.#pressed = true;
  }

  /** A wire has so much to write that a sender should wait, for a little. */
  ahead(): void {
    if (this.#inVain >= MOST_IN_VAIN) return;
    this.#pressed = true;
    this.#outrun = true;
  }

  /** It has caught up. */
  caughtUp(): void {
    this.#inVain = 0;
    if (this.#outrun) {
      this.#pressed = false;
      this.#outrun = false;
    }
    this.#core.reactor.timers.clear(this.#patience);
    this.#goOn();
  }

  /** Sends a message. */
  send(message: unknown, options?: SendOptions): Promise<void> {
    const core = this.#core;
    if (core.barrier !== null) return Promise.reject(core.closedError());
    let frames: Message;
    try {
      frames = this.#borrow(message);
    } catch (error) {
      return Promise.reject(error);
    }
    if (frames.length === 0) return DONE;
    if (options !== undefined) return this.#sendWith(frames, options);
    if (this.#blocked) return this.#wait(frames, null, NO_OPTIONS, null);
    const result = core.pattern.trySend(frames);
    if (result === SENT) return this.accepted();
    return this.#refused(result, frames, NO_OPTIONS, null);
  }

  /** Sends a message if that can be done at once. */
  trySend(message: unknown): boolean {
    const core = this.#core;
    if (core.barrier !== null) throw core.closedError();
    const frames = this.#borrow(message);
    if (frames.length === 0) return true;
    if (this.#blocked) return false;
    const result = core.pattern.trySend(frames);
    this.#one[0] = EMPTY;
    if (result === STATE) throw outOfTurn();
    if (result === UNREACHABLE) throw unreachable();
    return result === SENT;
  }

  /** Sends messages in order; done when the last is accepted. */
  sendMany(
    messages: Iterable<Sendable>,
    options: SendOptions = NO_OPTIONS,
  ): Promise<void> {
    const core = this.#core;
    if (core.barrier !== null) return Promise.reject(core.closedError());
    const { signal, copy = false, flushed } = options;
    const refused = refusedBy(options);
    if (refused !== undefined) return Promise.reject(refused);
    const flushing = flushed ? new Flushing(signal) : null;
    let rest: Cursor | null = null;
    try {
      rest = new Cursor(messages, copy);
      const left = this.#blocked ? [] : this.#sendRest(rest, flushing);
      if (left === null) return flushing?.end() ?? this.accepted();
      const waiting = this.#wait(left, rest, options, flushing);
      if (Array.isArray(messages)) return waiting;
      return waiting.catch((error) => {
        rest!.end();
        throw error;
      });
    } catch (error) {
      rest?.end();
      return Promise.reject(error);
    }
  }

  /** A peer has room, or there is a new one: those who wait go on. */
  drain(): void {
    if (this.#draining || this.#line.size === 0) return;
    this.#draining = true;
    try {
      let waiting = this.#line.first;
      while (waiting !== null) {
        // One that is addressed holds up no other; in a line it does.
        if (!this.#advance(waiting) && !this.#core.pattern.addressed) break;
        // Meanwhile a generator may have sent, or taken back, what is behind it.
        do waiting = waiting.after as WaitingSend | null; while (
          waiting?.settled
        );
      }
    } finally {
      this.#draining = false;
    }
  }

  /** The socket is closed: those who wait are told why. */
  close(error: ZmqError): void {
    this.#line.rejectAll(error);
  }

  #sendWith(frames: Message, options: SendOptions): Promise<void> {
    const refused = refusedBy(options);
    if (refused !== undefined) return Promise.reject(refused);
    const given = options.copy ? copied(frames) : frames;
    const flushing = options.flushed ? new Flushing(options.signal) : null;
    if (this.#blocked) return this.#wait(given, null, options, flushing);
    const result = this.#trySend(given, flushing);
    if (result !== SENT) return this.#refused(result, given, options, flushing);
    this.#one[0] = EMPTY;
    return flushing?.end() ?? this.accepted();
  }

  /** What a send that was taken resolves with: at once, unless it should give way. */
  accepted(): Promise<void> {
    this.#one[0] = EMPTY;
    const turn = this.#core.reactor.turn;
    if (this.#pressed) return this.#giveWay();
    return turn.spend() ? DONE : turn.next();
  }

  /**
   * Resolves when the queues that a sender should give way to have eased, or
   * after so many turns as a runtime may need to get round to its I/O.
   */
  #giveWay(): Promise<void> {
    const outrun = this.#outrun;
    this.#pressed = false;
    this.#outrun = false;
    if (this.#givingWay === null) {
      const way = outrun ? this.#letWireCatchUp() : this.#letTurnsPass();
      this.#givingWay = way.then(() => {
        this.#givingWay = null;
      });
    }
    return this.#givingWay;
  }

  #letWireCatchUp(): Promise<void> {
    const { reactor } = this.#core;
    reactor.timers.set(this.#patience, reactor.now() + CATCH_UP_MS);
    return new Promise((resolve) => this.#goOn = resolve);
  }

  async #letTurnsPass(): Promise<void> {
    const { pattern, reactor, threads, queues } = this.#core;
    // Threads and disks take their time, unless they have shown that they get nowhere.
    const elsewhere = threads !== null || queues !== undefined;
    const until = elsewhere && !this.#tired ? reactor.now() + PATIENT_MS : 0;
    let turns = 0;
    let strained: boolean;
    do {
      await reactor.turn.next();
      strained = pattern.strained();
    } while (strained && (++turns < MOST_TURNS || reactor.now() < until));
    this.#tired = strained;
  }

  #refused(
    result: SendResult,
    frames: Message,
    options: SendOptions,
    flushing: Flushing | null,
  ): Promise<void> {
    if (result === STATE) return Promise.reject(outOfTurn());
    if (result === UNREACHABLE) return Promise.reject(unreachable());
    return this.#wait(frames, null, options, flushing, result);
  }

  #wait(
    frames: Message,
    rest: Cursor | null,
    options: SendOptions,
    flushing: Flushing | null,
    result: SendResult = SENT,
  ): Promise<void> {
    const core = this.#core;
    if (frames.length === 0 && rest === null) return DONE;
    const timeout = options.timeout ?? core.options.sendTimeout;
    if (timeout === 0 && (!this.#pressed || this.#blocked)) {
      return Promise.reject(this.#late(result, 0));
    }
    if (core.pattern.oneAtATime && this.#line.size > 0) {
      return Promise.reject(outOfTurn());
    }
    if (this.#line.size >= core.options.maxPendingSends) return this.#tooMany();
    const waiting = new WaitingSend(
      keep(frames),
      rest,
      flushing,
      timeout === 0,
    );
    waiting.result = result;
    this.#one[0] = EMPTY;
    const promise = this.#line.add(waiting);
    if (timeout > 0) {
      const timer = new Timer(() => {
        this.drain();
        if (!waiting.settled) {
          this.#line.reject(waiting, this.#late(waiting.result, timeout));
        }
        this.drain();
      });
      this.#line.limit(waiting, timer, timeout);
    }
    if (options.signal !== undefined) {
      this.#line.abortable(waiting, options.signal, () => this.drain());
    }
    if (this.#pressed) this.#giveWay().then(() => this.drain());
    return promise;
  }

  /** Sends what one waiter has to send; false if it goes on waiting. */
  #advance(waiting: WaitingSend): boolean {
    const { frames, rest, flushing } = waiting;
    try {
      const result = frames.length === 0
        ? SENT
        : this.#trySend(frames, flushing);
      if (result === STATE || result === UNREACHABLE) {
        this.#line.reject(
          waiting,
          result === STATE ? outOfTurn() : unreachable(),
        );
        return true;
      }
      waiting.result = result;
      if (result !== SENT) return this.#goesAway(waiting);
      if (rest !== null) {
        const left = this.#sendRest(rest, flushing, waiting);
        if (left !== null) {
          waiting.frames = keep(left);
          if (!this.#pressed) return this.#goesAway(waiting);
          this.#giveWay().then(() => this.drain());
          return false;
        }
      }
    } catch (error) {
      this.#line.reject(waiting, error);
      return true;
    }
    if (flushing !== null) {
      const { resolve, reject } = waiting;
      this.#line.remove(waiting);
      flushing.end().then(resolve, reject);
    } else {
      this.#line.resolve(waiting, undefined);
    }
    return true;
  }

  /** Whether one that can't be sent leaves the line, as it was to be sent at once. */
  #goesAway(waiting: WaitingSend): boolean {
    if (!waiting.hasty) return false;
    this.#line.reject(waiting, this.#late(waiting.result, 0));
    return true;
  }

  /** Sends one after another; gives back the one that has to wait, if any. */
  #sendRest(
    rest: Cursor,
    flushing: Flushing | null,
    waiting: WaitingSend | null = null,
  ): Message | null {
    const core = this.#core;
    for (let sent = 0;; sent++) {
      if (!rest.advance()) return null;
      // Whoever makes the messages may have closed it.
      if (core.closed !== null) throw core.closedError();
      // Or taken it back.
      if (waiting?.settled) return null;
      const given = this.#borrow(rest.value);
      if (given.length === 0) continue;
      const frames = rest.copy ? copied(given) : given;
      if (this.#pressed || sent >= BURST) {
        this.#pressed = true;
        return frames;
      }
      const result = this.#trySend(frames, flushing);
      if (result === STATE) throw outOfTurn();
      if (result === UNREACHABLE) throw unreachable();
      if (result !== SENT) return frames;
    }
  }

  /** Has the pattern send a message, and sees what becomes of it if it is to be flushed. */
  #trySend(frames: Message, flushing: Flushing | null): SendResult {
    const { pattern } = this.#core;
    if (flushing === null) return pattern.trySend(frames);
    trace.pipes = flushing.pipes;
    try {
      return pattern.trySend(frames);
    } finally {
      trace.pipes = null;
      flushing.watch();
    }
  }

  /**
   * One rejected promise for a whole turn, since a loop that never awaits would
   * pile up millions; in the end only a throw can stop it.
   */
  #tooMany(): Promise<never> {
    const turn = this.#core.reactor.turn;
    if (this.#busy === null || this.#busyTurn !== turn.number) {
      this.#busyTurn = turn.number;
      this.#busyCount = 0;
      this.#busy = Promise.reject(this.#busyError());
      turn.next();
    }
    if (++this.#busyCount > PATIENCE) throw this.#busyError();
    return this.#busy;
  }

  #busyError(): ZmqError {
    const most = this.#core.options.maxPendingSends;
    return new ZmqError(
      "EBUSY",
      `Cannot send: ${most} sends wait already; await each send, or raise maxPendingSends`,
    );
  }

  /** The error of a send whose time is up, by what it waited for. */
  #late(result: SendResult, timeout: number): ZmqError {
    const addressed = result === NO_PEER && this.#core.pattern.addressed;
    return addressed ? unreachable() : timedOut(timeout);
  }

  /** The frames of a message; a single frame is put in an array that is used again. */
  #borrow(message: unknown): Message {
    const { shape } = this.#core;
    if (shape !== null) return shape(message);
    if (Array.isArray(message)) return toFrames(message);
    this.#one[0] = toFrame(message);
    return this.#one;
  }
}

const NO_OPTIONS: SendOptions = {};

function copied(frames: Message): Message {
  return frames.map((frame) => new Uint8Array(frame));
}

function outOfTurn(): ZmqError {
  return new ZmqError(
    "EFSM",
    "Cannot send: it is not this socket's turn; receive first",
  );
}

function unreachable(): ZmqError {
  return new ZmqError(
    "EHOSTUNREACH",
    "Cannot send: no peer has the id in front of the message; use one that was received from, and is still connected",
  );
}

function timedOut(timeout: number): ZmqError {
  return new ZmqError(
    "EAGAIN",
    `Cannot send within ${timeout} ms: no peer is there that has room; wait for one, or raise sendTimeout`,
  );
}

function lostOnTheWay(): ZmqError {
  return new ZmqError(
    "ECONNRESET",
    "Cannot say that the message was sent: its connection ended first; send it again if that does no harm",
  );
}
