// What a thread runs that an application makes a Worker for.

import "../../src/background/worker.ts";
