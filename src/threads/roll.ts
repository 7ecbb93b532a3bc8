// Who has a ZAP handler bound in another thread, as they tell: whoever joins asks, and
// all who have one answer.

import type { Threads } from "../runtime/threads.ts";
import type { Sign } from "./signs.ts";

export class Roll {
  readonly #threads: Threads;
  readonly #ended: (sign: Sign) => void;
  /** Members, and what looks no more whether their threads have ended. */
  readonly #members = new Map<string, () => void>();

  /** `ended` is told of the signs of members whose threads have ended. */
  constructor(threads: Threads, ended: (sign: Sign) => void) {
    this.#threads = threads;
    this.#ended = ended;
  }

  /** Whether somebody has one. */
  get any(): boolean {
    return this.#members.size > 0;
  }

  /** A member, whose thread has this `life`, has one. */
  joined(id: string, life: string, sign: Sign | null): void {
    this.left(id);
    const cancel = this.#threads.whenEnded(life, () => {
      if (sign !== null) this.#ended(sign);
      this.left(id);
    });
    this.#members.set(id, cancel);
  }

  /** A member has gone, or has none any more. */
  left(id: string): void {
    this.#members.get(id)?.();
    this.#members.delete(id);
  }

  close(): void {
    for (const id of [...this.#members.keys()]) this.left(id);
  }
}
