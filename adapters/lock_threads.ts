// Threads where a lock is free once its holder's thread has ended: Deno and browsers.
// What others say comes by a BroadcastChannel.

import type { ThreadGroup } from "../src/runtime/threads.ts";
import { PlatformThreads } from "./platform_threads.ts";

interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal },
    granted: () => Promise<void> | void,
  ): Promise<void>;
}

const globals = globalThis as unknown as {
  readonly navigator?: { locks?: Locks };
};
/** Node makes its `navigator` when it is first asked for. */
const locks = () => globals.navigator?.locks;

/** The lock of a thread while it is in a group: it keeps a program of Deno's alive. */
interface OwnLock {
  readonly life: string;
  readonly granted: Promise<void>;
  readonly free: () => void;
}

let own: OwnLock | null = null;
let groups = 0;

/** Where locks are free once their holder's thread has ended: Deno and browsers. */
export class LockThreads extends PlatformThreads {
  readonly together = false;
  readonly lossy = true;

  override group(
    name: string,
    heard: (message: unknown) => void,
  ): ThreadGroup {
    let group: ThreadGroup | null = null;
    let closed = false;
    const posts: unknown[] = [];
    groups++;
    own ??= takeLock();
    // Whoever hears of this thread asks for its lock, which others must not have then.
    own.granted.then(() => {
      if (closed) return;
      group = super.group(name, heard);
      for (const message of posts) group.post(message);
    });
    return {
      post: (message) =>
        group === null ? posts.push(message) : group.post(message),
      close: () => {
        closed = true;
        group?.close();
        if (--groups > 0) return;
        own?.free();
        own = null;
      },
    };
  }

  life(): string {
    own ??= takeLock();
    return own.life;
  }

  whenEnded(life: string, fn: () => void): () => void {
    if (life === own?.life) return () => {};
    const cancel = new AbortController();
    locks()?.request(nameOf(life), { signal: cancel.signal }, fn)
      .catch(() => {});
    return () => cancel.abort();
  }
}

function takeLock(): OwnLock {
  const life = `${crypto.getRandomValues(new BigUint64Array(1))[0]}`;
  let free = () => {};
  const held = new Promise<void>((resolve) => free = resolve);
  const granted = new Promise<void>((resolve) => {
    const hold = () => {
      resolve();
      return held;
    };
    const asked = locks()?.request(nameOf(life), {}, hold);
    if (asked === undefined) resolve();
    else asked.catch(resolve);
  });
  return { life, granted, free };
}

function nameOf(life: string): string {
  return `nought-${life}`;
}
