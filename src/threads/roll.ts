// What is bound in other threads, as they tell: whoever joins asks, and all answer.

import type { Threads } from "../runtime/threads.ts";
import type { Sign } from "./signs.ts";

/** One context of another thread. */
interface Member {
  /** What it has bound, and the sign of that, if it has one. */
  readonly names: Map<string, Sign | null>;
  readonly cancel: () => void;
}

export class Roll {
  readonly #threads: Threads;
  readonly #ended: (sign: Sign) => void;
  readonly #members = new Map<string, Member>();

  /** `ended` is told of the signs of members whose threads have ended. */
  constructor(threads: Threads, ended: (sign: Sign) => void) {
    this.#threads = threads;
    this.#ended = ended;
  }

  /** A name was bound by a member, whose thread has this `life`. */
  bound(id: string, life: string, name: string, sign: Sign | null): void {
    let member = this.#members.get(id);
    if (member === undefined) {
      const names = new Map<string, Sign | null>();
      const cancel = this.#threads.whenEnded(life, () => {
        for (const one of names.values()) if (one !== null) this.#ended(one);
        this.left(id);
      });
      member = { names, cancel };
      this.#members.set(id, member);
    }
    member.names.set(name, sign);
  }

  /** A member has unbound a name. */
  unbound(id: string, name: string): void {
    const names = this.#members.get(id)?.names;
    names?.delete(name);
    if (names?.size === 0) this.left(id);
  }

  /** A member has gone, or has nothing bound. */
  left(id: string): void {
    this.#members.get(id)?.cancel();
    this.#members.delete(id);
  }

  /** Whether somebody has bound a name. */
  has(name: string): boolean {
    for (const { names } of this.#members.values()) {
      if (names.has(name)) return true;
    }
    return false;
  }

  close(): void {
    for (const id of [...this.#members.keys()]) this.left(id);
  }
}
