// When to try to connect again (ZMQ_RECONNECT_IVL, ZMQ_RECONNECT_IVL_MAX):
// without a maximum, the interval and up to as much again by chance, so that
// many peers don't come back at once; with one, the interval doubled each time
// up to the maximum.

export class Retry {
  readonly #interval: number;
  readonly #maximum: number;
  #last = 0;

  /** Milliseconds: the base interval (0 and below: never again) and the maximum (0: none). */
  constructor(interval: number, maximum: number) {
    this.#interval = interval;
    this.#maximum = maximum;
  }

  /** Whether there is no next attempt. */
  get never(): boolean {
    return this.#interval <= 0;
  }

  /** The delay before the next attempt, where there is one; `chance` is from 0 to below 1. */
  next(chance: number): number {
    if (this.#maximum <= 0) {
      return this.#interval + Math.floor(chance * this.#interval);
    }
    const wanted = this.#last === 0 ? this.#interval : this.#last * 2;
    this.#last = Math.min(wanted, this.#maximum);
    return this.#last;
  }

  /** A connection came about: the next delay is the base interval again. */
  reset(): void {
    this.#last = 0;
  }
}
