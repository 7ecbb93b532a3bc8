// Every pattern over every transport once more, with connections kept by background
// threads.

import { after, test } from "node:test";
import { Context, type Socket } from "../../mod.ts";
import { background } from "../../src/background/background.ts";
import { CLASSES } from "../support/sockets.ts";
import { patternsSuite } from "../transports/patterns_suite.ts";

const context = new Context({ background, ioThreads: 2 });
after(() => context.terminate());

type AnyClass = new (options: object) => Socket;

const classes = Object.fromEntries(
  Object.entries(CLASSES).map(([name, Base]) => [
    name,
    class extends (Base as AnyClass) {
      constructor(options: object = {}) {
        super({ context, ...options });
      }
    },
  ]),
) as unknown as typeof CLASSES;

for (const [name, run] of patternsSuite("in the background, ", classes)) {
  test(name, run);
}
