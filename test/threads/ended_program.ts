// A thread of ended_test.ts: says by what others learn of its end.

import { parentPort } from "node:worker_threads";
import { pickAdapter } from "../../adapters/pick.ts";

const threads = pickAdapter().threads!;
threads.group("nought-ended-test", () => {});
parentPort!.postMessage(threads.life());
parentPort!.on("message", () => {});
