// Threads where a Worker's end is told by itself, or if it is terminated by the
// thread that made it: Node and Bun.

import type { ThreadGroup } from "../src/runtime/threads.ts";
import { nodeThreads, onExit, onWorker } from "./platform.ts";
import {
  type Channel,
  openChannel,
  PlatformThreads,
} from "./platform_threads.ts";

const ENDS = "nought-thread-ends";
/** Ends that are remembered: one may be told of before somebody asks. */
const MOST_ENDS = 1024;

/** Threads that are watched, by their names. */
const watched = new Map<string, Set<() => void>>();
const over = new Set<string>();
let ends: Channel | null = null;
let telling = false;

/** Where threads and those who made them tell of their ends: Node and Bun. */
export class NodeThreads extends PlatformThreads {
  readonly together = true;
  readonly lossy = false;

  constructor() {
    super();
    if (telling) return;
    telling = true;
    // Workers that were made before tell of their ends only if they aren't terminated.
    onWorker((threadId) => tell(`${threadId}`));
    onExit(() => ends !== null && tell(this.life()));
  }

  override group(
    name: string,
    heard: (message: unknown) => void,
  ): ThreadGroup {
    ends ??= open(ENDS, (life) => ended(life as string));
    return super.group(name, heard);
  }

  protected override open(
    name: string,
    heard: (message: unknown) => void,
  ): Channel {
    return open(name, heard);
  }

  life(): string {
    return `${nodeThreads().threadId}`;
  }

  whenEnded(life: string, fn: () => void): () => void {
    const fns = watched.get(life) ?? new Set();
    watched.set(life, fns);
    fns.add(fn);
    if (over.has(life)) Promise.resolve().then(() => ended(life));
    return () => {
      fns.delete(fn);
      if (fns.size === 0 && watched.get(life) === fns) watched.delete(life);
    };
  }
}

/** Of the module's, as not every DOM that tests on Node run in has them. */
function open(name: string, heard: (message: unknown) => void): Channel {
  return openChannel(nodeThreads().BroadcastChannel, name, heard);
}

function tell(life: string): void {
  ended(life);
  const channel = ends ?? open(ENDS, () => {});
  channel.postMessage(life);
  if (ends === null) channel.close();
}

function ended(life: string): void {
  over.add(life);
  if (over.size > MOST_ENDS) over.delete(over.values().next().value!);
  const fns = watched.get(life);
  // Who asks meanwhile is told next.
  watched.delete(life);
  for (const fn of fns ?? []) fn();
}
