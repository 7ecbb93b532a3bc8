// Threads where a lock is free once its holder's thread has ended: Deno and
// browsers. What others say comes by a BroadcastChannel.

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

/**
 * How long a channel is kept that nobody needs, in milliseconds: a Deno that is closing
 * its last one leaves the next one deaf, if that is opened meanwhile.
 */
const KEPT_MS = 50;

/** The lock of this thread while it is in a group: it keeps a program of Deno's alive. */
let ownLock: string | null = null;
let freeOwnLock: () => void = () => {};
let groups = 0;

/** Where locks are free once their holder's thread has ended: Deno and browsers. */
export class LockThreads extends PlatformThreads {
  readonly together = false;

  override group(
    name: string,
    heard: (message: unknown) => void,
  ): ThreadGroup {
    let open = true;
    const { post, close } = super.group(name, (message) => {
      if (open) heard(message);
    });
    groups++;
    const end = () => {
      close();
      if (--groups > 0) return;
      ownLock = null;
      freeOwnLock();
    };
    return {
      post,
      close: () => {
        open = false;
        setTimeout(end, KEPT_MS);
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
