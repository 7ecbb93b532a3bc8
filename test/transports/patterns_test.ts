// Every pattern over every transport, on the event loop of this thread.

import { test } from "node:test";
import { CLASSES } from "../support/sockets.ts";
import { patternsSuite } from "./patterns_suite.ts";

for (const [name, run] of patternsSuite("", CLASSES)) test(name, run);
