import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Subscriber,
} from "../../mod.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";

/**
 * Runs `work` in a loop until a timer of 10 ms fires, and tells how many
 * operations that took. If the loop never lets the timer in, it gives up.
 */
async function untilTimer(work: () => Promise<unknown>): Promise<number> {
  const timer: { fired: boolean; at: number } = { fired: false, at: 0 };
  const began = performance.now();
  setTimeout(() => {
    timer.fired = true;
    timer.at = performance.now();
  }, 10);
  let count = 0;
  while (!timer.fired) {
    await work();
    count++;
    if ((count & 255) === 0 && performance.now() - began > 3000) {
      assert.fail("the timer did not fire for three seconds");
    }
  }
  return count;
}

test("a loop that awaits publications lets timers in, with subscribers and without", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher());
    // Not a turn for each, however busy the machine is now and then.
    let most = 0;
    for (let i = 0; i < 20 && most <= 100; i++) {
      most = Math.max(most, await untilTimer(() => publisher.send("x")));
    }
    assert.ok(most > 100);
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("");
    await join(publisher, subscriber, "tcp");
    await untilTimer(() => publisher.send("x"));
    await untilTimer(() => publisher.sendMany(["x", "y"]));
  }));

for (const transport of TRANSPORTS) {
  test(`${transport}: request and reply back and forth let timers in`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request());
      const reply = keep(new Reply());
      await join(reply, request, transport);
      (async () => {
        for await (const asked of reply) await reply.send(asked);
      })();
      await untilTimer(async () => {
        await request.send("x");
        await request.receive();
      });
      await untilTimer(() => request.request("x"));
    }));

  test(`${transport}: push and pull in one loop let timers in`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      await untilTimer(async () => {
        await push.send("x");
        await pull.receive();
      });
    }));
}

test("reading what is there already lets timers in", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ sendHighWaterMark: 0 }));
    const pull = keep(new Pull({ receiveHighWaterMark: 0 }));
    await join(pull, push, "inproc");
    for (let i = 0; i < 400_000; i++) push.trySend("x");
    let left = 400_000;
    await untilTimer(async () => {
      if (left-- > 0) await pull.receive();
      else await new Promise((resolve) => setTimeout(resolve, 1));
    });
    const signal = new AbortController().signal;
    for (let i = 0; i < 400_000; i++) push.trySend("x");
    await untilTimer(async () => {
      if (left-- > -300_000) await pull.receive({ signal });
      else await new Promise((resolve) => setTimeout(resolve, 1));
    });
  }));

test("an endless sendMany lets timers in", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ sendHighWaterMark: 0 }));
    const pull = keep(new Pull({ receiveHighWaterMark: 0, conflate: true }));
    await pull.bind(endpoint("inproc"));
    push.connect(pull.lastEndpoint!);
    let stop = false;
    setTimeout(() => stop = true, 10);
    const began = performance.now();
    await push.sendMany(function* () {
      while (!stop) {
        yield "x";
        if (performance.now() - began > 3000) {
          assert.fail("no timer for three seconds");
        }
      }
    }());
  }));
