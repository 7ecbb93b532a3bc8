// Threads of one process in a simulated world: words between them take their time and
// may be lost, what changes in shared memory is noticed a little later, and a thread
// may end at any time.

import type { ThreadGroup, Threads } from "../../src/runtime/threads.ts";
import type { SimulatedWorld } from "./world.ts";

/** Somebody in a group. */
interface Member {
  readonly thread: SimulatedThread;
  readonly heard: (message: unknown) => void;
  /** When the last word comes here that was said: they stay in order. */
  last: number;
}

/** Somebody who waits for a number in memory to change. */
interface Wait {
  readonly thread: SimulatedThread;
  readonly ints: Int32Array;
  readonly index: number;
  readonly value: number;
  readonly fn: () => void;
}

/** Somebody who wants to know when a thread ends. */
interface Watch {
  readonly thread: SimulatedThread;
  readonly life: string;
  readonly fn: () => void;
}

/** The threads of a process. */
export class SimulatedProcess {
  readonly world: SimulatedWorld;
  /** How likely it is that a word to a group is lost. */
  readonly loss: number;
  readonly groups: Map<string, Set<Member>> = new Map();
  readonly waits: Set<Wait> = new Set();
  readonly watches: Set<Watch> = new Set();
  /** The lives of those that have ended, as others know. */
  readonly over: Set<string> = new Set();
  /** How a thread does something. */
  does: (thread: SimulatedThread, fn: () => void) => void = (_thread, fn) =>
    fn();
  #threads = 0;

  constructor(world: SimulatedWorld, loss = 0) {
    this.world = world;
    this.loss = loss;
    world.watch(() => this.#look());
  }

  /** How many are in groups, wait for memory to change, or for a thread to end. */
  get busy(): number {
    let members = 0;
    for (const group of this.groups.values()) members += group.size;
    return members + this.waits.size + this.watches.size;
  }

  /** Another thread of it. */
  thread(): SimulatedThread {
    return new SimulatedThread(this, `${this.#threads++}`);
  }

  #look(): void {
    for (const wait of this.waits) {
      if (Atomics.load(wait.ints, wait.index) === wait.value) continue;
      this.waits.delete(wait);
      this.world.after(this.world.latency(), () => {
        if (wait.thread.alive) this.does(wait.thread, wait.fn);
      });
    }
  }
}

/** One of them. */
export class SimulatedThread implements Threads {
  readonly together = false;
  readonly lossy: boolean;
  /** Whether it has not ended. */
  alive = true;
  readonly #process: SimulatedProcess;
  readonly #life: string;

  /** Made by {@linkcode SimulatedProcess.thread}. */
  constructor(process: SimulatedProcess, life: string) {
    this.#process = process;
    this.#life = life;
    this.lossy = process.loss > 0;
  }

  life(): string {
    return this.#life;
  }

  group(name: string, heard: (message: unknown) => void): ThreadGroup {
    const { groups } = this.#process;
    const group = groups.get(name) ?? new Set();
    groups.set(name, group);
    const member = { thread: this, heard, last: 0 };
    group.add(member);
    return {
      post: (message) => {
        for (const other of group) {
          if (other !== member) this.#tell(group, other, message);
        }
      },
      close: () => group.delete(member),
    };
  }

  whenChanged(
    ints: Int32Array,
    index: number,
    value: number,
    fn: () => void,
  ): void {
    this.#process.waits.add({ thread: this, ints, index, value, fn });
  }

  whenEnded(life: string, fn: () => void): () => void {
    const { over, watches, world } = this.#process;
    const watch = { thread: this, life, fn };
    watches.add(watch);
    if (over.has(life)) {
      world.after(world.latency(), () => {
        if (watches.delete(watch)) this.#process.does(this, fn);
      });
    }
    return () => watches.delete(watch);
  }

  /** Ends it in the midst of whatever it does; others hear of that later. */
  kill(): void {
    this.alive = false;
    const process = this.#process;
    const { groups, over, waits, watches, world } = process;
    for (const kept of [...groups.values(), waits, watches]) {
      for (const one of kept) {
        if (one.thread === this) (kept as Set<unknown>).delete(one);
      }
    }
    world.after(world.latency(), () => {
      over.add(this.#life);
      for (const watch of watches) {
        if (watch.life !== this.#life || !watches.delete(watch)) continue;
        process.does(watch.thread, watch.fn);
      }
    });
  }

  #tell(group: Set<Member>, member: Member, message: unknown): void {
    const process = this.#process;
    const { loss, world } = process;
    if (loss > 0 && world.random() < loss) return;
    member.last = Math.max(member.last, world.now + world.latency());
    world.after(member.last - world.now, () => {
      if (!group.has(member)) return;
      process.does(member.thread, () => member.heard(message));
    });
  }
}
