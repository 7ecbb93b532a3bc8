// The send and the receive of a socket that wait: at most one of each, and a
// second is EBUSY. What is out of turn (REQ, REP) waits too. When the time is up
// the operation is tried once more and rejects with what that gives.
//
//   pending ──a change──> tried again ──done──> settled
//      └──time is up, or close──> tried a last time ──> settled

import type { ErrorCode } from "../base/errors.ts";
import { keep, type Message as Frames } from "../base/message.ts";
import { Timer } from "../endpoints/timers.ts";
import {
  FULL,
  NO_PEER,
  type SendResult,
  SENT,
  STATE,
  UNREACHABLE,
} from "../routing/pattern.ts";
import type { SocketCore, Watcher } from "../sockets/core.ts";
import { errnoError } from "./errno_error.ts";

const DONE: Promise<void> = Promise.resolve();
/** Types whose peers are never waited for: a message that can't go is an error at once. */
const NEVER_WAITS: readonly string[] = ["PUB", "XPUB", "RADIO"];

/** An operation that waits. */
interface Pending<T> {
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
  /** Tries; true if it is settled. */
  attempt: () => boolean;
  /** Why it could not be done. */
  code: () => ErrorCode;
  timer: Timer | null;
  /** The socket: one for which somebody waits is not abandoned. */
  owner: object;
}

/** What a receive makes of the frames. */
export type Finish<T> = (frames: Frames | null) => T;

export class Operations implements Watcher {
  readonly #core: SocketCore;
  // deno-lint-ignore no-explicit-any -- what a receive gives differs
  #receiving: Pending<any> | null = null;
  #sending: Pending<void> | null = null;
  #busy = false;
  #again = false;

  constructor(core: SocketCore) {
    this.#core = core;
  }

  /** Whether anything waits. */
  get pending(): boolean {
    return this.#sending !== null || this.#receiving !== null;
  }

  /** Whether a send waits. */
  get sending(): boolean {
    return this.#sending !== null;
  }

  /** Sends frames that the caller has made. */
  send(frames: Frames, owner: object): Promise<void> {
    if (this.#sending !== null) {
      throw errnoError(
        "EBUSY",
        "Socket is busy writing; only one send operation may be in progress at any time",
      );
    }
    if (frames.length === 0) return DONE;
    const core = this.#core;
    let result = core.pattern.trySend(frames);
    if (result === SENT) {
      if (this.#receiving !== null) this.changed();
      return core.sends.accepted();
    }
    const timeout = core.options.sendTimeout;
    const hopeless = result === UNREACHABLE ||
      (result === FULL && NEVER_WAITS.includes(core.type));
    if (hopeless || timeout === 0) {
      return Promise.reject(errnoError(this.#refusal(result)));
    }
    const kept = keep(frames);
    return new Promise<void>((resolve, reject) => {
      const pending: Pending<void> = {
        owner,
        resolve,
        reject,
        attempt: () => {
          result = core.pattern.trySend(kept);
          if (result === SENT) this.#settleSend(() => resolve());
          else if (result === UNREACHABLE) {
            this.#settleSend(() => reject(errnoError("EHOSTUNREACH")));
          }
          return this.#sending !== pending;
        },
        code: () => this.#refusal(result),
        timer: this.#limit(timeout, () => this.#expire(pending)),
      };
      this.#sending = pending;
      this.#watch();
    });
  }

  /** Receives; `finish` makes what the caller gets, of `null` when the socket is closed. */
  receive<T>(
    finish: Finish<T>,
    ends: boolean,
    owner: object,
  ): Promise<T> {
    if (this.#receiving !== null) {
      throw errnoError(
        "EBUSY",
        "Socket is busy reading; only one receive operation may be in progress at any time",
      );
    }
    const core = this.#core;
    const frames = core.pattern.tryReceive();
    if (frames !== null) {
      if (this.#sending !== null) this.changed();
      const { turn } = core.reactor;
      const given = finish(frames);
      return turn.spend()
        ? Promise.resolve(given)
        : turn.next().then(() => given);
    }
    const timeout = core.options.receiveTimeout;
    if (timeout === 0) return Promise.reject(errnoError(this.#silence()));
    return new Promise<T>((resolve, reject) => {
      const pending: Pending<T> = {
        owner,
        resolve,
        reject: (error) => ends ? resolve(finish(null)) : reject(error),
        attempt: () => {
          const frames = core.pattern.tryReceive();
          if (frames === null) return false;
          this.#settleReceive(() => resolve(finish(frames)));
          return true;
        },
        code: () => this.#silence(),
        timer: this.#limit(timeout, () => {
          pending.reject = reject;
          this.#expire(pending);
        }),
      };
      this.#receiving = pending;
      this.#watch();
    });
  }

  /** The socket is about to be closed: a last attempt, and what that gives. */
  tryLast(): void {
    if (this.#sending !== null) this.#expire(this.#sending);
    if (this.#receiving !== null) this.#expire(this.#receiving);
  }

  changed(): void {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    do {
      this.#again = false;
      if (this.#core.closed === null) {
        // A receive may make it this side's turn to send, and the reverse.
        const received = this.#receiving?.attempt() ?? false;
        const sent = this.#sending?.attempt() ?? false;
        if (received || sent) this.#again = true;
      } else this.#close();
    } while (this.#again && this.pending);
    this.#busy = false;
  }

  #close(): void {
    const { closed } = this.#core;
    const code = closed === "terminated" ? "ETERM" : "EAGAIN";
    const [sending, receiving] = [this.#sending, this.#receiving];
    if (sending !== null) {
      this.#settleSend(() => sending.reject(errnoError(code)));
    }
    if (receiving !== null) {
      this.#settleReceive(() => receiving.reject(errnoError(code)));
    }
  }

  // deno-lint-ignore no-explicit-any -- what a receive gives differs
  #expire(pending: Pending<any>): void {
    this.changed();
    const error = () => pending.reject(errnoError(pending.code()));
    if (pending === this.#sending) this.#settleSend(error);
    else if (pending === this.#receiving) this.#settleReceive(error);
  }

  #refusal(result: SendResult): ErrorCode {
    const { pattern } = this.#core;
    if (result === STATE) return "EFSM";
    if (result === UNREACHABLE) return "EHOSTUNREACH";
    return result === NO_PEER && pattern.addressed ? "EHOSTUNREACH" : "EAGAIN";
  }

  #silence(): ErrorCode {
    return this.#core.pattern.mute ? "EFSM" : "EAGAIN";
  }

  #limit(timeout: number, late: () => void): Timer | null {
    if (timeout < 0) return null;
    const { reactor } = this.#core;
    const timer = new Timer(late);
    reactor.timers.set(timer, reactor.now() + timeout);
    return timer;
  }

  /** The process lives while an operation waits. */
  #watch(): void {
    this.#core.watchers.add(this);
    this.#core.reactor.hold();
  }

  #settleSend(settle: () => void): void {
    this.#unwatch(this.#sending!);
    this.#sending = null;
    this.#rest();
    settle();
  }

  #settleReceive(settle: () => void): void {
    this.#unwatch(this.#receiving!);
    this.#receiving = null;
    this.#rest();
    settle();
  }

  // deno-lint-ignore no-explicit-any -- what a receive gives differs
  #unwatch(pending: Pending<any>): void {
    const { reactor } = this.#core;
    if (pending.timer !== null) reactor.timers.clear(pending.timer);
    reactor.release();
  }

  #rest(): void {
    if (!this.pending) this.#core.watchers.delete(this);
  }
}
