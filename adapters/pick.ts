// Chooses the adapter of the runtime at hand, when the first socket is made.

import type { Adapter } from "../src/runtime/adapter.ts";
import { BunAdapter } from "./bun.ts";
import { CloudflareAdapter } from "./cloudflare.ts";
import { coded } from "./coded.ts";
import { DenoAdapter } from "./deno.ts";
import { NodeAdapter } from "./node.ts";

/** What tells runtimes apart. */
interface Globals {
  readonly Bun?: unknown;
  readonly Deno?: unknown;
  /** Of Cloudflare Workers, which have Node's modules too. */
  readonly WebSocketPair?: unknown;
  readonly process?: { readonly getBuiltinModule?: unknown };
}

/** The adapter of this runtime. */
export function pickAdapter(globals = globalThis as Globals): Adapter {
  if (globals.Bun !== undefined) return new BunAdapter();
  if (globals.Deno !== undefined) return new DenoAdapter();
  if (globals.WebSocketPair !== undefined) return new CloudflareAdapter();
  if (globals.process?.getBuiltinModule !== undefined) return new NodeAdapter();
  throw coded(
    "ENOTSUP",
    "ENOTSUP: sockets take Deno, Bun, or Node 22.12 and later; " +
      "in browsers, import @nought/zeromq/browser",
  );
}
