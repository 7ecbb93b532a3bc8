// Who is cut off as soon as it was let in: it hears that the handshake was through
// before the connection ends, as at libzmq's sockets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pair, type Socket } from "../../mod.ts";
import { endpoint, withSockets } from "../support/sockets.ts";
import { until } from "../support/wait.ts";

const SEEN = [
  ...["handshake", "disconnect", "handshake:error:protocol"] as const,
  ...["handshake:error:auth", "handshake:error:other"] as const,
];

/** What becomes of a socket's connection, until it ends. */
function course(socket: Socket): { events: string[]; over(): boolean } {
  const events: string[] = [];
  for (const type of SEEN) socket.events.on(type, () => events.push(type));
  return { events, over: () => events.some((type) => type !== "handshake") };
}

const THROUGH = ["handshake", "disconnect"];

for (const transport of ["tcp", "ipc"] as const) {
  test(`a Pair that comes second is let in before it is turned away, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [bound, first] = [keep(new Pair()), keep(new Pair())];
      await bound.bind(endpoint(transport));
      first.connect(bound.lastEndpoint!);
      await first.send("here");
      await bound.receive();
      const second = keep(new Pair({ reconnectInterval: -1 }));
      const here = course(bound);
      const there = course(second);
      second.connect(bound.lastEndpoint!);
      await until("both ends are over", () => here.over() && there.over());
      assert.deepEqual(here.events, THROUGH);
      assert.deepEqual(there.events, THROUGH);
    }));
}
