// The context of a simulated thread: the first of a process shares it, and all others join.

import { Context } from "../../mod.ts";
import type { SimulatedThread } from "../../adapters/simulated/threads.ts";
import {
  SimulatedAdapter,
  type SimulatedHost,
} from "../../src/testing/testing.ts";
import { ARENA } from "../../src/threads/arena.ts";
import { asProgram } from "../support/program.ts";

/** Joins the first one, if there is one; `arena` makes what all have their links in, or each link has its own memory. */
export function threadContext(
  first: Context | undefined,
  host: SimulatedHost,
  thread: SimulatedThread,
  arena: (() => SharedArrayBuffer) | null = null,
): Context {
  const adapter = new SimulatedAdapter(host, thread);
  const program = arena === null
    ? {}
    : { groupMemory: { ...ARENA, make: arena } };
  return asProgram(
    program,
    () =>
      first === undefined
        ? new Context({ adapter })
        : Context.join(first.share(), { adapter }),
  );
}
