// A sender that is ahead of its wire waits for it, for a little: it stays close behind,
// and is never held up by a peer that takes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Context,
  Publisher,
  Pull,
  Push,
  Router,
  Subscriber,
} from "../../mod.ts";
import { SimulatedWorld } from "../../src/testing/testing.ts";

const BODY = new Uint8Array(16_000);
/** What a sender may be ahead, and what the network holds here, in bytes. */
const AHEAD = 262_144;
const WINDOW = 65_536;

function contexts() {
  const world = new SimulatedWorld({
    window: [WINDOW, WINDOW],
    latency: [0.01, 0.02],
    piece: WINDOW,
  });
  const [here, there] = ["here", "there"].map((name) =>
    new Context({ adapter: world.host(name).adapter() })
  );
  return { world, here, there };
}

/** Sends one message after another, and counts. */
function sending(send: () => Promise<void>, times: number) {
  const state = { sent: 0 };
  (async () => {
    for (; state.sent < times; state.sent++) await send();
  })();
  return state;
}

test("a sender stays close behind a peer that takes what comes, however fast it is", async () => {
  const { world, here, there } = contexts();
  const pull = new Pull({ context: there });
  pull.bind("tcp://10.0.0.2:5555");
  const push = new Push({ context: here });
  push.connect("tcp://10.0.0.2:5555");
  await world.run(50);
  const state = sending(() => push.send(BODY), 200);
  let got = 0;
  (async () => {
    for await (const _ of pull) got++;
  })();
  let most = 0;
  while (got < 200) {
    await world.run(1);
    most = Math.max(most, push.stats().sendQueueBytes);
  }
  assert.equal(state.sent, 200);
  assert.ok(most > AHEAD / 2, `${most} bytes waited at most`);
  assert.ok(most < AHEAD + 5 * BODY.length, `${most} bytes waited`);
  push.close();
  pull.close();
});

test("a peer that takes nothing holds a sender up for a moment, and no more", async () => {
  const { world, here, there } = contexts();
  const pull = new Pull({ context: there, receiveHighWaterMark: 1 });
  pull.bind("tcp://10.0.0.2:5555");
  const push = new Push({ context: here });
  push.connect("tcp://10.0.0.2:5555");
  await world.run(50);
  const state = sending(() => push.send(BODY), 900);
  await world.run(3);
  // The network holds some of it.
  const waiting = push.stats().sendQueueBytes;
  assert.ok(waiting < AHEAD + 5 * BODY.length, `${waiting} bytes waited`);
  assert.ok(state.sent < 30, "it waits");
  await world.run(200);
  assert.equal(state.sent, 900);
  push.close();
  pull.close();
});

test("publishers, and routers, wait for nobody who is slow", async () => {
  const { world, here, there } = contexts();
  const publisher = new Publisher({ context: here });
  publisher.bind("tcp://10.0.0.1:5555");
  const subscriber = new Subscriber({
    context: there,
    receiveHighWaterMark: 1,
  });
  subscriber.subscribe();
  subscriber.connect("tcp://10.0.0.1:5555");
  const router = new Router({ context: here, mandatory: true });
  router.bind("tcp://10.0.0.1:5556");
  const peer = new Router({
    context: there,
    receiveHighWaterMark: 1,
    routingId: "slow",
  });
  peer.connect("tcp://10.0.0.1:5556");
  await world.run(50);
  const published = sending(() => publisher.send(BODY), 400);
  const routed = sending(() => router.send(["slow", BODY]), 400);
  await world.run(3);
  assert.equal(published.sent, 400);
  assert.equal(routed.sent, 400);
  for (const socket of [publisher, subscriber, router, peer]) socket.close();
});
