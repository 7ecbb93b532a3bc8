// Threads of one process: who hears of whom by a BroadcastChannel, memory they
// share, and how the end of one is noticed. On Deno a thread holds a lock that is
// free once it has ended; on Node and Bun the thread that made it tells the others.

import type { ThreadGroup, Threads } from "../src/runtime/threads.ts";
import { endOfTurn, nodeThreads, onWorker } from "./platform.ts";

interface Channel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
  unref?(): void;
}

interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal },
    granted: () => Promise<void> | void,
  ): Promise<void>;
}

interface Globals {
  BroadcastChannel: new (name: string) => Channel;
  navigator?: { locks?: Locks };
}

const globals = globalThis as unknown as Globals;
const ENDS = "nought-thread-ends";

/** Threads that are watched, by their names. */
const watched = new Map<string, Set<() => void>>();
let ends: Channel | null = null;
/** The lock of this thread while it is in a group: it keeps a program of Deno's alive. */
let ownLock: string | null = null;
let freeOwnLock: () => void = () => {};
let groups = 0;

function open(name: string, heard: (message: unknown) => void): Channel {
  const channel = new globals.BroadcastChannel(name);
  channel.onmessage = ({ data }) => heard(data);
  channel.unref?.();
  return channel;
}

/** What all server runtimes have for threads. */
abstract class ServerThreads implements Threads {
  abstract readonly together: boolean;

  group(name: string, heard: (message: unknown) => void): ThreadGroup {
    const channel = open(name, heard);
    return {
      post: (message) => channel.postMessage(message),
      close: () => channel.close(),
    };
  }

  whenChanged(
    ints: Int32Array<SharedArrayBuffer>,
    index: number,
    value: number,
    fn: () => void,
  ): void {
    const { async, value: woken } = Atomics.waitAsync(ints, index, value);
    // One that is rung at once, again and again, lets others in between.
    if (async) woken.then(fn);
    else endOfTurn(fn);
  }

  abstract life(): string;
  abstract whenEnded(life: string, fn: () => void): () => void;
}

/** Where the thread that made another is told of its end: Node and Bun. */
export class NodeThreads extends ServerThreads {
  readonly together = true;

  override group(
    name: string,
    heard: (message: unknown) => void,
  ): ThreadGroup {
    if (ends === null) {
      ends = open(ENDS, (life) => ended(life as string));
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

/** Where locks are free once their holder's thread has ended: Deno and browsers. */
export class LockThreads extends ServerThreads {
  readonly together = false;

  override group(
    name: string,
    heard: (message: unknown) => void,
  ): ThreadGroup {
    const { post, close } = super.group(name, heard);
    groups++;
    return {
      post,
      close: () => {
        close();
        if (--groups > 0) return;
        ownLock = null;
        freeOwnLock();
      },
    };
  }

  life(): string {
    if (ownLock === null) {
      ownLock = `nought-${crypto.randomUUID()}`;
      const held = new Promise<void>((resolve) => freeOwnLock = resolve);
      globals.navigator?.locks?.request(ownLock, {}, () => held)
        .catch(() => {});
    }
    return ownLock;
  }

  whenEnded(life: string, fn: () => void): () => void {
    if (life === ownLock) return () => {};
    const cancel = new AbortController();
    globals.navigator?.locks?.request(life, { signal: cancel.signal }, fn)
      .catch(() => {});
    return () => cancel.abort();
  }
}

function ended(life: string): void {
  for (const fn of [...watched.get(life) ?? []]) fn();
  watched.delete(life);
}
