// Chunks that many connections have read in the same turn of the event loop, handed
// over a few at a time: whoever waits for messages takes those of one chunk while they
// are in the processor's cache. Deno completes reads together; its promises would take
// a message of each connection in turn, which with a hundred of them costs a third of
// their rate (`bench fanout`).

import { endOfTurn } from "./platform.ts";

/** Somebody whose chunk waits. */
export interface Arriving {
  /** Its turn has come. */
  arrive(): void;
}

/** Bytes that are handed over before other connections have to wait. */
const AT_ONCE = 65536;

let left = AT_ONCE;
/** Who was the last before they had to, and goes on. */
let last: Arriving | null = null;
let waiting: Arriving[] = [];
let at = 0;

/** Whether a chunk of so many bytes may be handed over now; else `arrive` is called. */
export function arrives(bytes: number, who: Arriving): boolean {
  if (last !== null && who !== last) {
    waiting.push(who);
    return false;
  }
  arrived(bytes, who);
  return true;
}

/** So many bytes are handed over. */
export function arrived(bytes: number, who: Arriving): void {
  left -= bytes;
  if (left > 0 || last !== null) return;
  last = who;
  endOfTurn(next);
}

function next(): void {
  left = AT_ONCE;
  last = null;
  while (last === null && at < waiting.length) waiting[at++].arrive();
  if (at === waiting.length) {
    waiting = [];
    at = 0;
  }
}
