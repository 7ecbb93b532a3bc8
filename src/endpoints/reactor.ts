// What the endpoints of a context share: the runtime's adapter, its parts, the time,
// the turn, chance, the reserve for large bodies, and the hold on the process.
//
// The process lives while somebody waits for an operation, or while accepted
// messages have not been sent. A hold that ends is let go a moment later, so
// that a program which waits, works and waits again pays nothing for it; at once
// when no socket is left, so that nothing of them is.

import { readUint32 } from "../base/frame.ts";
import type { Adapter } from "../runtime/adapter.ts";
import { Reserve } from "../zmtp/reserve.ts";
import type { Carriers } from "./carrier.ts";
import type { Curve } from "./curve_part.ts";
import { Timer, Timers } from "./timers.ts";
import { Turn } from "./turn.ts";

/** What peers of one context may make us set aside for large bodies, in bytes. */
const RESERVED_BYTES = 4294967296;
/** How long after its last use the hold on the process is let go, in milliseconds. */
const HOLD_MS = 20;
const CHANCES = 64;

/** What endpoints are made of, as far as programs differ. */
export interface Parts {
  /** What carries messages out of the process. */
  readonly carriers: Carriers;
  /** Loads CURVE, when it is first needed. */
  readonly curve: () => Promise<Curve>;
}

export class Reactor {
  readonly adapter: Adapter;
  readonly parts: Parts;
  readonly timers: Timers;
  readonly turn: Turn;
  readonly reserve: Reserve = new Reserve(RESERVED_BYTES);
  readonly #chances = new Uint8Array(CHANCES * 4);
  #chance = CHANCES;
  #holds = 0;
  #held = false;
  /** Whether more may be waited for soon, as long as there are sockets. */
  #occupied = true;
  readonly #letGo: Timer;

  constructor(adapter: Adapter, parts: Parts) {
    this.adapter = adapter;
    this.parts = parts;
    this.timers = new Timers(adapter.clock);
    this.turn = new Turn((fn) => adapter.endOfTurn(fn), () => this.now());
    this.#letGo = new Timer(() => this.#release());
  }

  /** Milliseconds; never goes back. */
  now(): number {
    return this.adapter.clock.now();
  }

  /** A random number of 32 bits. */
  random32(): number {
    if (this.#chance === CHANCES) {
      this.adapter.entropy(this.#chances);
      this.#chance = 0;
    }
    return readUint32(this.#chances, 4 * this.#chance++);
  }

  /** A random number from 0 to below 1. */
  random(): number {
    return this.random32() / 4294967296;
  }

  /** Whether something keeps the process alive. */
  get held(): boolean {
    return this.#holds > 0;
  }

  /** Keeps the process alive until `release`; counted. */
  hold(): void {
    this.#holds++;
    if (this.#held) return;
    this.#held = true;
    this.adapter.clock.ref();
  }

  /** Takes one hold back. */
  release(): void {
    this.#holds--;
    if (!this.#occupied) this.#release();
    else if (this.#holds === 0 && this.#letGo.at === Infinity) {
      this.timers.set(this.#letGo, this.now() + HOLD_MS);
    }
  }

  /** There is a socket, or none any more. */
  occupy(occupied: boolean): void {
    this.#occupied = occupied;
    if (!occupied) this.#release();
  }

  /** Keeps the process alive for so many milliseconds; the result lets it go before, and `over` is called at the end. */
  stay(milliseconds: number, over: () => void): () => void {
    this.hold();
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.timers.clear(timer);
      this.release();
    };
    const timer = new Timer(() => {
      release();
      over();
    });
    this.timers.set(timer, this.now() + milliseconds);
    return release;
  }

  #release(): void {
    if (this.#holds > 0 || !this.#held) return;
    this.timers.clear(this.#letGo);
    this.#held = false;
    this.adapter.clock.unref();
  }
}
