import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher, Subscriber, text } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import {
  endpoint,
  join,
  TRANSPORTS,
  tuned,
  withSockets,
} from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`with conflate every subscription counts, over ${transport}`, () =>
    withSockets(async (keep) => {
      for (const binds of ["publisher", "subscriber"]) {
        for (const conflate of [true, false]) {
          const publisher = keep(new Publisher({ conflate }));
          const subscriber = keep(new Subscriber({ conflate: !conflate }));
          subscriber.subscribe("a", "b", "c");
          if (binds === "publisher") {
            await join(publisher, subscriber, transport);
          } else await join(subscriber, publisher, transport);
          await tuned(publisher, subscriber, "a");
          for (const topic of ["a", "b", "c"]) {
            await publisher.send(topic);
            const heard = await within("it hears", subscriber.receive());
            assert.deepEqual(texts(heard), [topic]);
          }
        }
      }
    }));

  test(`${transport}: a Subscriber gets what begins with what it asked for`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("a", "bc");
      await join(publisher, subscriber, transport);
      await tuned(publisher, subscriber, "a");
      for (const topic of ["a", "b", "ab", "bc", "bcd", "c", ""]) {
        await publisher.send([topic, "body"]);
      }
      await publisher.send("a.end");
      const got: string[] = [];
      for (;;) {
        const [topic] = texts(await subscriber.receive());
        if (topic === "a.end") break;
        got.push(topic);
      }
      assert.deepEqual(got, ["a", "ab", "bc", "bcd"]);
    }));

  test(`${transport}: no prefix asks for everything, none asked for gets nothing`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      const [all, nothing] = [keep(new Subscriber()), keep(new Subscriber())];
      all.subscribe();
      await join(publisher, all, transport);
      nothing.connect(publisher.lastEndpoint!);
      await tuned(publisher, all, "x");
      await publisher.send("");
      assert.deepEqual(texts(await all.receive()), [""]);
      await sleep(30);
      assert.equal(nothing.tryReceive(), undefined);
    }));

  test(`${transport}: subscriptions are counted, and taken back one by one`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("a", "a", "z");
      await join(publisher, subscriber, transport);
      await tuned(publisher, subscriber, "z");
      subscriber.unsubscribe("a");
      subscriber.unsubscribe("never asked for");
      await publisher.send("a1");
      assert.deepEqual(texts(await subscriber.receive()), ["a1"]);
      subscriber.unsubscribe("a");
      await publisher.send("a2");
      await publisher.send("z");
      assert.deepEqual(texts(await subscriber.receive()), ["z"]);
    }));

  test(`${transport}: subscriptions made while connected act at once`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      const subscriber = keep(new Subscriber());
      await join(publisher, subscriber, transport);
      subscriber.subscribe("late");
      await tuned(publisher, subscriber, "late");
    }));

  test(`${transport}: each of many Subscribers gets its own`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      await publisher.bind(endpoint(transport));
      const subscribers = Array.from({ length: 8 }, (_, i) => {
        const subscriber = keep(new Subscriber());
        subscriber.subscribe(`${i % 4}`, "all");
        subscriber.connect(publisher.lastEndpoint!);
        return subscriber;
      });
      for (const subscriber of subscribers) {
        await tuned(publisher, subscriber, "all");
      }
      await sleep(20);
      for (const subscriber of subscribers) {
        while (subscriber.tryReceive() !== undefined);
      }
      const large = "x".repeat(50_000);
      for (let i = 0; i < 4; i++) await publisher.send([`${i}`, large]);
      for (const [i, subscriber] of subscribers.entries()) {
        const message = texts(await subscriber.receive());
        assert.deepEqual(message, [`${i % 4}`, large]);
        assert.equal(subscriber.tryReceive(), undefined);
      }
    }));

  test(`${transport}: a Publisher never waits, with nobody there or somebody who doesn't read`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher({ sendHighWaterMark: 5 }));
      assert.equal(publisher.writable, true);
      await publisher.send("into the void");
      const subscriber = keep(new Subscriber({ receiveHighWaterMark: 5 }));
      subscriber.subscribe("");
      await join(publisher, subscriber, transport);
      await tuned(publisher, subscriber, "");
      const body = new Uint8Array(100_000);
      let sent = 0;
      while (publisher.stats().drops === 0) {
        await publisher.send(body);
        assert.ok(++sent < 2000, "nothing was ever dropped");
      }
      assert.equal(publisher.writable, true);
      const dropped = publisher.stats().drops;
      let got = 0;
      while (got < sent - dropped) {
        assert.equal((await subscriber.receive())[0].length, 100_000);
        got++;
      }
      await sleep(30);
      assert.equal(subscriber.tryReceive(), undefined);
    }));
}

test("a Subscriber tells a publisher that comes back all that it wants", () =>
  withSockets(async (keep) => {
    const first = new Publisher();
    const subscriber = keep(new Subscriber({ reconnectInterval: 10 }));
    subscriber.subscribe("a", "b", "b", "c");
    subscriber.unsubscribe("c");
    const address = await join(first, subscriber, "tcp");
    await tuned(first, subscriber, "a");
    await first.closeAsync();
    subscriber.subscribe("d");
    const second = keep(new Publisher());
    await second.bind(address);
    await tuned(second, subscriber, "b");
    for (const topic of ["a", "b", "c", "d"]) await second.send(topic);
    for (const topic of ["a", "b", "d"]) {
      assert.deepEqual(texts(await subscriber.receive()), [topic]);
    }
  }));

test("a Publisher may connect, and Subscribers bind", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher());
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("x");
    await subscriber.bind("tcp://127.0.0.1:*");
    publisher.connect(subscriber.lastEndpoint!);
    await tuned(publisher, subscriber, "x");
  }));

test("after a Subscriber took a subscription back nothing of it is received, even what was there", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher());
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("a", "b");
    await join(publisher, subscriber, "tcp");
    await tuned(publisher, subscriber, "a");
    await publisher.send("a1");
    await publisher.send("b1");
    await until("both are there", () => subscriber.stats().receiveQueue === 2);
    subscriber.unsubscribe("a");
    assert.equal(subscriber.readable, true);
    assert.deepEqual(texts(await subscriber.receive()), ["b1"]);
  }));

test("topics of 245, 246, 255 and 256 bytes work", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher());
    const subscriber = keep(new Subscriber());
    const topics = [245, 246, 255, 256].map((n) => `${n}`.padEnd(n, "x"));
    subscriber.subscribe("go", ...topics);
    await join(publisher, subscriber, "tcp");
    await tuned(publisher, subscriber, "go");
    for (const topic of topics) {
      await publisher.send(topic.slice(0, -1));
      await publisher.send(topic);
      assert.equal(text((await subscriber.receive())[0]), topic);
    }
  }));
