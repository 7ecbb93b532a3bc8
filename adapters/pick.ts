// Chooses the adapter of the runtime at hand, when the first socket is made.

import type { Adapter } from "../src/runtime/adapter.ts";
import { BunAdapter } from "./bun.ts";
import { DenoAdapter } from "./deno.ts";
import { NodeAdapter } from "./node.ts";

/** The adapter of this runtime. */
export function pickAdapter(): Adapter {
  const globals = globalThis as { Deno?: unknown; Bun?: unknown };
  if (globals.Bun !== undefined) return new BunAdapter();
  if (globals.Deno !== undefined) return new DenoAdapter();
  return new NodeAdapter();
}
