// What contexts live on that are given no adapter of their own: an entry says it when it
// is loaded, mod.ts for the runtimes and browser.ts for pages.

import type { Parts } from "../endpoints/reactor.ts";
import type { Adapter } from "../runtime/adapter.ts";
import type { GroupMemory } from "../threads/link_memory.ts";

/** What programs differ in. */
export interface Program extends Parts {
  /** Finds the runtime at hand. */
  readonly pick: () => Adapter;
  /** Memory for groups, where threads can't tell each other of any later. */
  readonly groupMemory?: GroupMemory;
}

let said: Program | null = null;

/** Says what this program is; `unless` leaves it at what another entry has said. */
export function runsAs(program: Program, unless = false): void {
  if (!unless || said === null) said = program;
}

/** What this program is. */
export function programAtHand(): Program {
  return said!;
}
