// Threads where the one that made another tells the rest of its end: Node and Bun.

import type { ThreadGroup } from "../src/runtime/threads.ts";
import { nodeThreads, onWorker } from "./platform.ts";
import {
  type Channel,
  openChannel,
  PlatformThreads,
} from "./platform_threads.ts";

const ENDS = "nought-thread-ends";

/** Threads that are watched, by their names. */
const watched = new Map<string, Set<() => void>>();
let ends: Channel | null = null;

/** Where the thread that made another is told of its end: Node and Bun. */
export class NodeThreads extends PlatformThreads {
  readonly together = true;

  override group(
    name: string,
    heard: (message: unknown) => void,
  ): ThreadGroup {
    if (ends === null) {
      ends = openChannel(ENDS, (life) => ended(life as string));
      onWorker((threadId) => {
        const life = `${threadId}`;
        ended(life);
        ends?.postMessage(life);
      });
    }
    return super.group(name, heard);
  }

  life(): string {
    return `${nodeThreads().threadId}`;
  }

  whenEnded(life: string, fn: () => void): () => void {
    const fns = watched.get(life) ?? new Set();
    watched.set(life, fns);
    fns.add(fn);
    return () => {
      fns.delete(fn);
      if (fns.size === 0) watched.delete(life);
    };
  }
}

function ended(life: string): void {
  for (const fn of [...watched.get(life) ?? []]) fn();
  watched.delete(life);
}
