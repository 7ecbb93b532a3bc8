// What is bound in other threads, as they tell: whoever joins asks, and all answer.

import type { Threads } from "../runtime/threads.ts";

/** One context of another thread. */
interface Member {
  readonly names: Set<string>;
  readonly cancel: () => void;
}

export class Roll {
  readonly #threads: Threads;
  readonly #members = new Map<string, Member>();

  constructor(threads: Threads) {
    this.#threads = threads;
  }

  /** A name was bound by a member, whose thread has this `life`. */
  bound(id: string, life: string, name: string): void {
    let member = this.#members.get(id);
    if (member === undefined) {
      const cancel = this.#threads.whenEnded(life, () => this.left(id));
      member = { names: new Set(), cancel };
      this.#members.set(id, member);
    }
    member.names.add(name);
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
