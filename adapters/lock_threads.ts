// Threads where a lock is free once its holder's thread has ended: Deno. What others
// say comes by a BroadcastChannel.

import type { ThreadGroup } from "../src/runtime/threads.ts";
import { PlatformThreads } from "./platform_threads.ts";

interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal },
    granted: () => Promise<void> | void,
  ): Promise<void>;
}

const { navigator, setTimeout } = globalThis as unknown as {
  navigator?: { locks?: Locks };
  setTimeout(fn: () => void, milliseconds: number): unknown;
};

/** The lock of this thread while it is in a group: it keeps a program of Deno's alive. */
let ownLock: string | null = null;
let freeOwnLock: () => void = () => {};
let groups = 0;
/** Groups that wait to be opened, after the last channel was closed. */
let waiting: (() => void)[] | null = null;

/** Where locks are free once their holder's thread has ended: Deno. */
export class LockThreads extends PlatformThreads {
  readonly together = false;

  override group(
    name: string,
    heard: (message: unknown) => void,
  ): ThreadGroup {
    let group: ThreadGroup | null = null;
    let closed = false;
    const posts: unknown[] = [];
    const open = () => {
      if (closed) return;
      group = super.group(name, heard);
      for (const message of posts) group.post(message);
    };
    groups++;
    if (waiting === null) open();
    else waiting.push(open);
    return {
      post: (message) =>
        group === null ? posts.push(message) : group.post(message),
      close: () => {
        closed = true;
        group?.close();
        if (--groups > 0) return;
        ownLock = null;
        freeOwnLock();
        if (waiting === null) openLater();
      },
    };
  }

  life(): string {
    if (ownLock === null) {
      ownLock = `nought-${crypto.randomUUID()}`;
      const held = new Promise<void>((resolve) => freeOwnLock = resolve);
      navigator?.locks?.request(ownLock, {}, () => held)
        .catch(() => {});
    }
    return ownLock;
  }

  whenEnded(life: string, fn: () => void): () => void {
    if (life === ownLock) return () => {};
    const cancel = new AbortController();
    navigator?.locks?.request(life, { signal: cancel.signal }, fn)
      .catch(() => {});
    return () => cancel.abort();
  }
}

/** On Deno a channel is deaf and mute that is opened before the last one's end has come through. */
function openLater(): void {
  waiting = [];
  const open = () => {
    const opens = waiting!;
    waiting = null;
    for (const open of opens) open();
  };
  // A turn's timers come before the rest of it.
  setTimeout(() => setTimeout(open, 0), 0);
}
