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
   * first. Within the process (inproc) a large body belongs to the receiver.
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
  readonly #list: readonly Sendable[] | null;
  readonly #iterator: Iterator<Sendable> | null;
  #at = 0;

  constructor(messages: Iterable<Sendable>) {
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
}

class WaitingSend extends Waiting<void> {
  frames: Message;
  /** What is sent after `frames`, one by one. */
  readonly rest: Cursor | null;
  readonly flushed: boolean;
  /** Why it waits. */
  result: SendResult = SENT;

  constructor(
    frames: Message,
    rest: Cursor | null,
    flushed: boolean,
  ) {
    super();
    this.frames = frames;
    this.rest = rest;
    this.flushed = flushed;
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
    if (this.#blocked) return this.#wait(frames, null, NO_OPTIONS);
    const result = core.pattern.trySend(frames);
    if (result === SENT) return this.accepted();
    return this.#refused(result, frames, null, NO_OPTIONS);
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
  sendMany(messages: Iterable<Sendable>, options?: SendOptions): Promise<void> {
    const core = this.#core;
    if (core.barrier !== null) return Promise.reject(core.closedError());
    const aborted = options?.signal?.aborted;
    if (aborted) return Promise.reject(abortReason(options!.signal!));
    const rest = new Cursor(messages);
    if (this.#blocked) return this.#wait([], rest, options ?? NO_OPTIONS);
    try {
      const left = this.#sendRest(rest);
      if (left === null) return this.accepted();
      return this.#wait(left, rest, options ?? NO_OPTIONS);
    } catch (error) {
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
        const after = waiting.after as WaitingSend | null;
        // One that is addressed holds up no other; in a line it does.
        if (!this.#advance(waiting) && !this.#core.pattern.addressed) break;
        waiting = after;
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
    if (options.signal?.aborted) {
      return Promise.reject(abortReason(options.signal));
    }
    const given = options.copy
      ? frames.map((frame) => new Uint8Array(frame))
      : frames;
    if (this.#blocked) return this.#wait(given, null, options);
    const pipes: Pipe[] = [];
    if (options.flushed) trace.pipes = pipes;
    const result = this.#core.pattern.trySend(given);
    trace.pipes = null;
    if (result !== SENT) return this.#refused(result, given, null, options);
    return options.flushed ? this.#flushed(pipes) : this.accepted();
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
    rest: Cursor | null,
    options: SendOptions,
  ): Promise<void> {
    if (result === STATE) return Promise.reject(outOfTurn());
    if (result === UNREACHABLE) return Promise.reject(unreachable());
    return this.#wait(frames, rest, options, result);
  }

  #wait(
    frames: Message,
    rest: Cursor | null,
    options: SendOptions,
    result: SendResult = SENT,
  ): Promise<void> {
    const core = this.#core;
    if (frames.length === 0 && rest === null) return DONE;
    const timeout = options.timeout ?? core.options.sendTimeout;
    if (timeout === 0 && !this.#pressed) {
      return Promise.reject(this.#late(result, 0));
    }
    if (core.pattern.oneAtATime && this.#line.size > 0) {
      return Promise.reject(outOfTurn());
    }
    if (this.#line.size >= core.options.maxPendingSends) return this.#tooMany();
    const waiting = new WaitingSend(
      keep(frames),
      rest,
      options.flushed === true,
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
    const pipes: Pipe[] = [];
    try {
      if (waiting.flushed) trace.pipes = pipes;
      const { frames, rest } = waiting;
      const result = frames.length === 0
        ? SENT
        : this.#core.pattern.trySend(frames);
      if (result === STATE || result === UNREACHABLE) {
        this.#line.reject(
          waiting,
          result === STATE ? outOfTurn() : unreachable(),
        );
        return true;
      }
      waiting.result = result;
      if (result !== SENT) return false;
      if (rest !== null) {
        const left = this.#sendRest(rest);
        if (left !== null) {
          waiting.frames = keep(left);
          if (this.#pressed) this.#giveWay().then(() => this.drain());
          return false;
        }
      }
    } catch (error) {
      this.#line.reject(waiting, error);
      return true;
    } finally {
      trace.pipes = null;
    }
    if (waiting.flushed && pipes.length > 0) {
      const { resolve, reject } = waiting;
      this.#line.remove(waiting);
      this.#flushed(pipes).then(resolve, reject);
    } else {
      this.#line.resolve(waiting, undefined);
    }
    return true;
  }

  /** Sends one after another; gives back the one that has to wait, if any. */
  #sendRest(rest: Cursor): Message | null {
    const { pattern } = this.#core;
    for (let sent = 0;; sent++) {
      if (!rest.advance()) return null;
      const frames = this.#borrow(rest.value);
      if (frames.length === 0) continue;
      if (this.#pressed || sent >= BURST) {
        this.#pressed = true;
        return frames;
      }
      const result = pattern.trySend(frames);
      if (result === STATE) throw outOfTurn();
      if (result === UNREACHABLE) throw unreachable();
      if (result !== SENT) return frames;
    }
  }

  #flushed(pipes: Pipe[]): Promise<void> {
    let waiting = 1;
    return new Promise((resolve, reject) => {
      const done = (taken: boolean) => {
        waiting--;
        if (!taken) reject(lostOnTheWay());
        else if (waiting === 0) resolve();
      };
      for (const pipe of pipes) {
        if (pipe.log === null) continue;
        waiting++;
        pipe.log.whenTaken(done);
      }
      done(true);
    });
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
