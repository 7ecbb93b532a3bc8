// Every pattern over every transport, on the event loop of this thread.

import { CLASSES } from "../support/sockets.ts";
import { patternsSuite } from "./patterns_suite.ts";

patternsSuite("", CLASSES);
