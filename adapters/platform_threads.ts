// What threads have on every platform: who hears of whom by a BroadcastChannel, and
// memory that they share.

import type { ThreadGroup, Threads } from "../src/runtime/threads.ts";

/** A BroadcastChannel. */
export interface Channel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
  unref?(): void;
}

type Channels = new (name: string) => Channel;

// Node makes some globals when they are first asked for, which not every program does.
const globals = globalThis as unknown as {
  readonly BroadcastChannel: Channels;
  setTimeout(fn: () => void, milliseconds: number): unknown;
};
const { setTimeout } = globals;

/** Joins those who know a name; it does not keep the process alive where that can be had. */
export function openChannel(
  channels: Channels,
  name: string,
  heard: (message: unknown) => void,
): Channel {
  const channel = new channels(name);
  channel.onmessage = ({ data }) => heard(data);
  channel.unref?.();
  return channel;
}

/** What all platforms have for threads. */
export abstract class PlatformThreads implements Threads {
  abstract readonly together: boolean;
  abstract readonly lossy: boolean;
  readonly #later: (fn: () => void) => void;

  /** Done `later`: browsers make who sets timers in a row wait. */
  constructor(
    later: (fn: () => void) => void = (fn) => void setTimeout(fn, 0),
  ) {
    this.#later = later;
  }

  group(name: string, heard: (message: unknown) => void): ThreadGroup {
    const channel = this.open(name, heard);
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
    else this.#later(fn);
  }

  protected open(name: string, heard: (message: unknown) => void): Channel {
    return openChannel(globals.BroadcastChannel, name, heard);
  }

  abstract life(): string;
  abstract whenEnded(life: string, fn: () => void): () => void;
}
