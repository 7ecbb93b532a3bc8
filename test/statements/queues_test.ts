// Statements on queues and on PUB and SUB (see coverage_test.ts).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Proxy,
  Publisher,
  Pull,
  Push,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { hex, texts } from "../support/bytes.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { until } from "../support/wait.ts";

test("inproc: with the default marks 2000 messages wait for a reader, and no more", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push());
    await join(pull, push, "inproc");
    let sent = 0;
    while (push.trySend(`${sent}`)) sent++;
    assert.equal(sent, 2000);
    for (let i = 0; i < sent; i++) {
      assert.deepEqual(texts(await pull.receive()), [`${i}`]);
    }
  }));

for (const transport of TRANSPORTS) {
  test(`an XPublisher takes as many as its mark while nobody reads, and all arrive, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ sendHighWaterMark: 100 }));
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("");
      await join(publisher, subscriber, transport);
      await publisher.receive();
      for (let i = 0; i < 100; i++) assert.ok(publisher.trySend(`${i}`));
      for (let i = 0; i < 100; i++) {
        assert.deepEqual(texts(await subscriber.receive()), [`${i}`]);
      }
      assert.equal(publisher.stats().drops, 0);
    }));

  test(`with noDrop 6000 publications at marks of 2000 say EAGAIN now and then and all arrive, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(
        new XPublisher({ noDrop: true, sendHighWaterMark: 2000 }),
      );
      const subscriber = keep(new Subscriber({ receiveHighWaterMark: 2000 }));
      subscriber.subscribe("");
      await join(publisher, subscriber, transport);
      await publisher.receive();
      // Large enough for the kernel not to take them all.
      const body = new Uint8Array(transport === "inproc" ? 10 : 4000);
      let refused = 0;
      let received = 0;
      for (let sent = 0; sent < 6000;) {
        if (publisher.trySend(body)) {
          sent++;
          continue;
        }
        refused++;
        for (let i = 0; i < 500; i++, received++) await subscriber.receive();
      }
      assert.ok(refused > 0);
      for (; received < 6000; received++) await subscriber.receive();
      assert.equal(subscriber.tryReceive(), undefined);
      assert.equal(publisher.stats().drops, 0);
    }));

  test(`unsubscribing from what was never subscribed to tells nobody, and the last of two reports the end, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ verbosity: "allSubsUnsubs" }));
      const [a, b] = [keep(new Subscriber()), keep(new Subscriber())];
      await join(publisher, a, transport);
      await join(publisher, b, transport);
      a.unsubscribe("never");
      a.subscribe("A");
      a.subscribe("A");
      assert.deepEqual(await words(publisher, 2), ["0141", "0141"]);
      a.unsubscribe("A");
      a.subscribe("B");
      assert.deepEqual(await words(publisher, 1), ["0142"]);
      publisher.verbosity = null;
      b.subscribe("A");
      b.subscribe("C");
      assert.deepEqual(await words(publisher, 1), ["0143"]);
      a.unsubscribe("A");
      a.subscribe("D");
      assert.deepEqual(await words(publisher, 1), ["0144"]);
      b.unsubscribe("A");
      assert.deepEqual(await words(publisher, 1), ["0041"]);
    }));

  test(`in manual mode two subscribers that leave say so both, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ manual: true }));
      const subscribers = [keep(new Subscriber()), keep(new Subscriber())];
      for (const subscriber of subscribers) {
        await join(publisher, subscriber, transport);
        subscriber.subscribe("A");
        assert.deepEqual(await words(publisher, 1), ["0141"]);
        publisher.subscribe("B");
      }
      for (const subscriber of subscribers) subscriber.close();
      assert.deepEqual(await words(publisher, 2), ["0041", "0041"]);
      assert.equal(publisher.topicsCount, 0);
    }));

  test(`a Subscriber that did not ask for the welcome doesn't see it, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ welcomeMessage: "W" }));
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("A");
      await join(publisher, subscriber, transport);
      assert.deepEqual(await words(publisher, 1), ["0141"]);
      await publisher.send("A");
      assert.deepEqual(texts(await subscriber.receive()), ["A"]);
    }));

  test(`disconnecting makes an XPublisher read the unsubscription, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher());
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("A");
      const address = await join(publisher, subscriber, transport);
      assert.deepEqual(await words(publisher, 1), ["0141"]);
      for (const body of ["A1", "A2", "A3"]) await publisher.send(body);
      for (const body of ["A1", "A2", "A3"]) {
        assert.deepEqual(texts(await subscriber.receive()), [body]);
      }
      subscriber.disconnect(address);
      assert.deepEqual(await words(publisher, 1), ["0041"]);
      await publisher.send("A4");
      assert.equal(subscriber.tryReceive(), undefined);
    }));

  test(`a Subscriber and an XSubscriber that never asked get nothing, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      const silent = [keep(new Subscriber()), keep(new XSubscriber())];
      const asking = keep(new Subscriber());
      asking.subscribe("");
      await publisher.bind(endpoint(transport));
      for (const subscriber of [...silent, asking]) {
        subscriber.connect(publisher.lastEndpoint!);
      }
      await until(
        "all are here",
        () => publisher.stats().peers === 3 && publisher.topicsCount === 1,
      );
      await publisher.send("x");
      assert.deepEqual(texts(await asking.receive()), ["x"]);
      for (const subscriber of silent) {
        assert.equal(subscriber.tryReceive(), undefined);
      }
    }));

  test(`a proxy whose back end nobody reads ends with its sockets, over ${transport}`, () =>
    withSockets(async (keep) => {
      const front = keep(new Pull());
      const back = keep(new Push({ sendHighWaterMark: 1 }));
      const push = keep(new Push());
      await join(front, push, transport);
      const proxy = new Proxy(front, back);
      const run = proxy.run();
      await push.sendMany(["1", "2", "3"]);
      await until("some wait", () => front.stats().receiveQueue > 0);
      back.close();
      await run;
    }));
}

async function words(publisher: XPublisher, count: number): Promise<string[]> {
  const heard = [];
  for (let i = 0; i < count; i++) {
    heard.push((await publisher.receive()).map(hex).join(" "));
  }
  return heard;
}
