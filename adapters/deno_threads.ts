// Threads on Deno. There a channel is deaf and mute, for good, that is opened after a
// thread's last one was closed, but before the end of that has come through: which is
// with the rest of what came in, of which there may be a lot.

import { LockThreads } from "./lock_threads.ts";
import { openChannel } from "./platform_threads.ts";

const { BroadcastChannel, setTimeout } = globalThis as unknown as {
  readonly BroadcastChannel: Parameters<typeof openChannel>[0];
  setTimeout(fn: () => void, milliseconds: number): unknown;
};

/** Turns after which it was not this thread's last: the program has some of its own. */
const MOST_TURNS = 100;

export class DenoThreads extends LockThreads {
  protected override async closed(): Promise<void> {
    // It is mute once the end has come through.
    const probe = openChannel(BroadcastChannel, "nought-probe", () => {});
    for (let turn = 0; turn < MOST_TURNS && speaks(); turn++) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
    }
    probe.close();

    function speaks(): boolean {
      try {
        probe.postMessage(null);
        return true;
      } catch {
        return false;
      }
    }
  }
}
