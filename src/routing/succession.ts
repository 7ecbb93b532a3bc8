// Peers that had the same name one after another (ROUTER): what each of them said is
// heard before anything of the next, so that a peer that comes back, or takes its own
// name over, doesn't overtake itself.

import type { FairQueue } from "./fair_queue.ts";
import type { Pipe } from "./pipe.ts";

export class Succession {
  readonly #queue: FairQueue;
  /** Who had a name last, of those who are still to be heard. */
  readonly #last = new Map<string, Pipe>();
  /** The names of those. */
  readonly #names = new Map<Pipe, string>();
  /** Who is heard next after whom. */
  readonly #next = new Map<Pipe, Pipe>();
  /** Those who are next. */
  readonly #waiting = new Set<Pipe>();

  constructor(queue: FairQueue) {
    this.#queue = queue;
    queue.onLeave = (pipe) => this.#over(pipe);
  }

  /** Pipes whose peers have gone, and that wait for their turn with what they left. */
  get closed(): Pipe[] {
    return [...this.#waiting].filter((pipe) => !pipe.open);
  }

  /** Whether a pipe isn't heard yet. */
  holds(pipe: Pipe): boolean {
    return this.#waiting.has(pipe);
  }

  /** A pipe gets a name: it is heard once nobody is who had it. */
  enter(name: string, pipe: Pipe): void {
    const last = this.#last.get(name);
    if (last === undefined) {
      this.#queue.add(pipe);
      return;
    }
    const next = this.#next.get(last);
    if (next !== undefined) this.#next.set(pipe, next);
    this.#next.set(last, pipe);
    this.#waiting.add(pipe);
  }

  /** A pipe has its name no more. */
  leave(name: string, pipe: Pipe): void {
    const waits = this.#waiting.has(pipe);
    if (waits && pipe.inbound.count === 0 && !pipe.expecting) {
      this.#waiting.delete(pipe);
      this.#next.delete(this.#last.get(name)!);
    } else if (waits || this.#queue.has(pipe)) {
      this.#last.set(name, pipe);
      this.#names.set(pipe, name);
    }
  }

  /** A pipe that is still heard, or waits to be, has its name back. */
  back(pipe: Pipe): void {
    if (!this.#waiting.has(pipe)) this.#over(pipe);
    else {
      const name = this.#names.get(pipe)!;
      this.#names.delete(pipe);
      if (this.#last.get(name) === pipe) this.#lastIsBefore(name, pipe);
    }
  }

  /** Who is heard before a pipe is the last of its name that is not there any more. */
  #lastIsBefore(name: string, pipe: Pipe): void {
    for (const [before, next] of this.#next) {
      if (next === pipe) this.#last.set(name, before);
    }
  }

  /** A pipe has been heard to its end. */
  #over(pipe: Pipe): void {
    const name = this.#names.get(pipe);
    if (name === undefined) return;
    this.#names.delete(pipe);
    if (this.#last.get(name) === pipe) this.#last.delete(name);
    const next = this.#next.get(pipe);
    if (next === undefined) return;
    this.#next.delete(pipe);
    this.#follow(next);
  }

  /** It is a pipe's turn, and that of the one after it, if it is there to stay. */
  #follow(pipe: Pipe): void {
    this.#waiting.delete(pipe);
    this.#queue.add(pipe);
    if (this.#names.has(pipe)) return;
    const next = this.#next.get(pipe);
    if (next === undefined) return;
    this.#next.delete(pipe);
    this.#follow(next);
  }
}
