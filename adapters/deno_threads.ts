// Threads on Deno. There a channel is deaf and mute, for good, that is opened after a
// thread's last one was closed, but before the end of that has come through: which is
// with the rest of what came in, of which there may be a lot. It hears and speaks again
// once another one is opened.

import { LockThreads } from "./lock_threads.ts";
import { type Channel, openChannel } from "./platform_threads.ts";

const { BroadcastChannel, setTimeout, clearTimeout } =
  globalThis as unknown as {
    readonly BroadcastChannel: Parameters<typeof openChannel>[0];
    setTimeout(fn: () => void, milliseconds: number): number;
    clearTimeout(timer: number): void;
  };

/** How long it is looked whether a channel is deaf, in milliseconds: twice as late each time. */
const LAST_LOOK_MS = 512;

export class DenoThreads extends LockThreads {
  protected override open(
    name: string,
    heard: (message: unknown) => void,
  ): Channel {
    return new WatchedChannel(super.open(name, heard));
  }
}

/** A channel that is looked after until it has shown that it hears. */
class WatchedChannel implements Channel {
  onmessage = null;
  readonly #channel: Channel;
  /** Mute when the channel is, which is asked without a word to others. */
  #probe: Channel = probe();
  /** What was said until then, and may have to be said again; `null` afterwards. */
  #said: unknown[] | null = [];
  #timer = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#look(0);
  }

  postMessage(message: unknown): void {
    if (this.#said === null) {
      this.#channel.postMessage(message);
      return;
    }
    this.#said.push(message);
    if (speaks(this.#channel, message)) return;
    this.#wake();
  }

  close(): void {
    this.#trust();
    this.#channel.close();
  }

  #look(patience: number): void {
    this.#timer = setTimeout(() => {
      if (!speaks(this.#probe, null)) this.#wake();
      else if (patience < LAST_LOOK_MS) this.#look(2 * patience || 1);
      else this.#trust();
    }, patience);
  }

  #wake(): void {
    const deaf = this.#probe;
    this.#probe = probe();
    deaf.close();
    for (const message of this.#said!) this.#channel.postMessage(message);
    this.#trust();
  }

  #trust(): void {
    clearTimeout(this.#timer);
    this.#said = null;
    this.#probe.close();
  }
}

function probe(): Channel {
  return openChannel(BroadcastChannel, "nought-probe", () => {});
}

function speaks(channel: Channel, message: unknown): boolean {
  try {
    channel.postMessage(message);
    return true;
  } catch {
    return false;
  }
}
