// A pair of servers of which one serves at a time. Each tells the other what it
// takes itself for; who hears nothing from an active other one, and is asked by a
// client that cannot reach it either, takes over. That both must agree is what
// keeps two servers that only lost sight of each other from serving both.
//
//     waiting ──other is active──> passive ──other is silent, a client asks──> active
//        └──primary: other waits too, or is silent and a client asks──> active
//
// See server.ts for how to use it.

import { Publisher, Subscriber, text } from "../../../mod.ts";

export type Role = "primary" | "backup";
export type State = "waiting" | "active" | "passive";

export interface StarOptions {
  /** Who serves first if both are there. */
  role: Role;
  /** The endpoint to tell the own state at, and the one where the other tells its. */
  here: string;
  there: string;
  /** Milliseconds between two tellings. */
  interval: number;
  /** Called whenever the state changes. */
  changed?: (state: State) => void;
}

/** So many tellings may be missing before the other is taken for dead. */
const LIVENESS = 3;

export class BinaryStar {
  readonly #options: StarOptions;
  #state: State = "waiting";
  /** When the other is taken for dead unless it says something. */
  #expires = Infinity;

  constructor(options: StarOptions) {
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  /** Tells and listens; rejects if both come to serve, or neither. */
  async run(): Promise<never> {
    const { here, there, interval } = this.#options;
    const own = new Publisher();
    const other = new Subscriber();
    await own.bind(here);
    other.subscribe();
    other.connect(there);
    this.#hope();
    setInterval(() => own.trySend(this.#state), interval);
    for (;;) {
      const [state] = await other.receive();
      this.#hear(text(state) as State);
      this.#hope();
    }
  }

  /** Whether to serve a client that asks now; being asked may be what decides it. */
  serves(): boolean {
    const backupWaits = this.#state === "waiting" &&
      this.#options.role === "backup";
    if (!backupWaits && Date.now() > this.#expires) this.#become("active");
    return this.#state === "active";
  }

  #hear(other: State): void {
    const own = this.#state;
    if (own !== "waiting" && own === other) {
      throw new Error(`both are ${own}: one has to be started anew`);
    }
    if (own === "waiting" && other === "active") this.#become("passive");
    if (own === "passive" && other === "waiting") this.#become("active");
    const first = this.#options.role === "primary";
    if (own === "waiting" && other === "waiting" && first) {
      this.#become("active");
    }
  }

  #hope(): void {
    this.#expires = Date.now() + this.#options.interval * LIVENESS;
  }

  #become(state: State): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.changed?.(state);
  }
}
