// The context of a simulated thread: the first of a process shares it, and all others join.

import { Context, type ContextOptions } from "../../mod.ts";
import { ARENA } from "../../src/threads/arena.ts";
import { asProgram } from "../support/program.ts";

/** Joins the first one, if there is one; `arena` makes what all have their links in, or each link has its own memory. */
export function threadContext(
  first: Context | undefined,
  options: ContextOptions,
  arena: (() => SharedArrayBuffer) | null = null,
): Context {
  const program = arena === null
    ? {}
    : { groupMemory: { ...ARENA, make: arena } };
  return asProgram(
    program,
    () =>
      first === undefined
        ? new Context(options)
        : Context.join(first.share(), options),
  );
}
