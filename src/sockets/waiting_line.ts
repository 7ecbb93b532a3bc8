// Those who wait for an operation, first come first served. While anybody
// waits, the process is kept alive. A waiter can leave from anywhere in the
// line: when its time is up, or when its signal says so.

import type { Reactor } from "../endpoints/reactor.ts";
import type { Timer } from "../endpoints/timers.ts";
import type { AbortLike } from "../runtime/abort.ts";

/** Somebody who waits for a `T`. */
export abstract class Waiting<T> {
  resolve: (value: T) => void = nothing;
  reject: (error: unknown) => void = nothing;
  settled = false;
  before: Waiting<T> | null = null;
  after: Waiting<T> | null = null;
  timer: Timer | null = null;
  signal: AbortLike | null = null;
}

/** Those whom one signal takes out: runtimes look at all its listeners to add one. */
interface Abortable<W> {
  readonly waiting: Set<W>;
  readonly aborted: () => void;
}

/** What a waiter of this kind waits for. */
type Awaited<W> = W extends Waiting<infer T> ? T : never;

// deno-lint-ignore no-explicit-any -- a line holds waiters of one kind
export class WaitingLine<W extends Waiting<any>> {
  size = 0;
  readonly #reactor: Reactor;
  #first: W | null = null;
  #last: W | null = null;
  readonly #signals = new Map<AbortLike, Abortable<W>>();

  constructor(reactor: Reactor) {
    this.#reactor = reactor;
  }

  /** Whose turn it is. */
  get first(): W | null {
    return this.#first;
  }

  /** Somebody joins at the end. */
  add(waiting: W): Promise<Awaited<W>> {
    if (this.#last === null) this.#first = waiting;
    else this.#last.after = waiting;
    waiting.before = this.#last;
    this.#last = waiting;
    if (++this.size === 1) this.#reactor.hold();
    return new Promise((resolve, reject) => {
      waiting.resolve = resolve;
      waiting.reject = reject;
    });
  }

  /** Calls a timer when a waiter's time is up. */
  limit(waiting: W, timer: Timer, milliseconds: number): void {
    waiting.timer = timer;
    this.#reactor.timers.set(timer, this.#reactor.now() + milliseconds);
  }

  /** Lets a signal take a waiter out; `next` is called for those behind. */
  abortable(waiting: W, signal: AbortLike, next: () => void): void {
    // Whoever made the messages may have aborted it meanwhile.
    if (signal.aborted) {
      this.reject(waiting, abortReason(signal));
      return;
    }
    waiting.signal = signal;
    const known = this.#signals.get(signal);
    if (known !== undefined) {
      known.waiting.add(waiting);
      return;
    }
    const all = new Set([waiting]);
    const aborted = () => {
      for (const one of all) this.reject(one, abortReason(signal));
      next();
    };
    this.#signals.set(signal, { waiting: all, aborted });
    signal.addEventListener("abort", aborted);
  }

  /** A waiter has what it waited for. */
  resolve(waiting: W, value: Awaited<W>): void {
    this.remove(waiting);
    waiting.resolve(value);
  }

  /** A waiter won't have what it waited for. */
  reject(waiting: W, error: unknown): void {
    this.remove(waiting);
    waiting.reject(error);
  }

  /** Nobody here will have what they waited for. */
  rejectAll(error: unknown): void {
    while (this.#first !== null) this.reject(this.#first, error);
  }

  /** Takes a waiter out. */
  remove(waiting: W): void {
    if (waiting.settled) return;
    waiting.settled = true;
    const before = waiting.before as W | null;
    const after = waiting.after as W | null;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    if (waiting.timer !== null) this.#reactor.timers.clear(waiting.timer);
    if (waiting.signal !== null) this.#forget(waiting, waiting.signal);
    if (--this.size === 0) this.#reactor.release();
  }

  /** A signal has nothing to do with a waiter any more. */
  #forget(waiting: W, signal: AbortLike): void {
    const known = this.#signals.get(signal)!;
    known.waiting.delete(waiting);
    if (known.waiting.size > 0) return;
    this.#signals.delete(signal);
    signal.removeEventListener("abort", known.aborted);
  }
}

/** What a call rejects with whose signal was aborted. */
export function abortReason(signal: AbortLike): unknown {
  if (signal.reason !== undefined) return signal.reason;
  const error = new Error("The operation was aborted");
  error.name = "AbortError";
  return error;
}

function nothing(): void {}
