import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../../mod.ts";
import { hex, texts } from "../support/bytes.ts";
import { join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

/** A subscription or its end as an XPublisher gives it: `+topic` or `-topic`. */
async function word(publisher: XPublisher): Promise<string> {
  const [frame] = await within("a word of a subscriber", publisher.receive());
  const topic = texts([frame.subarray(1)])[0];
  return frame[0] === 1 ? `+${topic}` : frame[0] === 0 ? `-${topic}` : "?";
}

for (const transport of TRANSPORTS) {
  test(`an XPublisher reports the first subscription and the last unsubscription, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher());
      const [a, b] = [keep(new Subscriber()), keep(new Subscriber())];
      await join(publisher, a, transport);
      await join(publisher, b, transport);
      a.subscribe("A");
      assert.equal(await word(publisher), "+A");
      b.subscribe("A");
      b.subscribe("B");
      assert.equal(await word(publisher), "+B");
      assert.equal(publisher.topicsCount, 2);
      assert.equal(publisher.getOption(116), 2);
      a.unsubscribe("A");
      b.unsubscribe("B");
      assert.equal(await word(publisher), "-B");
      b.unsubscribe("A");
      assert.equal(await word(publisher), "-A");
      assert.equal(publisher.topicsCount, 0);
    }));

  test(`verbosity reports every subscription, and every unsubscription, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ verbosity: "allSubs" }));
      const [a, b] = [keep(new Subscriber()), keep(new Subscriber())];
      await join(publisher, a, transport);
      await join(publisher, b, transport);
      a.subscribe("A");
      assert.equal(await word(publisher), "+A");
      b.subscribe("A");
      assert.equal(await word(publisher), "+A");
      publisher.verbosity = "allSubsUnsubs";
      a.unsubscribe("A");
      assert.equal(await word(publisher), "-A");
      b.unsubscribe("A");
      assert.equal(await word(publisher), "-A");
      b.unsubscribe("nothing of the kind");
      b.subscribe("C");
      assert.equal(await word(publisher), "+C");
    }));

  test(`an XSubscriber asks behind what it has sent before, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher());
      const subscriber = keep(new XSubscriber());
      await join(publisher, subscriber, transport);
      await subscriber.send("\x01first");
      assert.equal(await word(publisher), "+first");
      const sent = ["one", "\x01A", "two", "\x01B", "\x00A", "three", "\x00B"];
      for (const message of sent) await subscriber.send(message);
      for (const message of sent) {
        const [frame] = await within("all of it", publisher.receive());
        assert.deepEqual(texts([frame]), [message]);
      }
    }));

  test(`a subscriber that leaves takes its subscriptions back, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher());
      const [a, b] = [keep(new Subscriber()), keep(new Subscriber())];
      await join(publisher, a, transport);
      await join(publisher, b, transport);
      a.subscribe("A", "common");
      assert.equal(await word(publisher), "+A");
      assert.equal(await word(publisher), "+common");
      b.subscribe("common", "B");
      assert.equal(await word(publisher), "+B");
      await a.closeAsync();
      assert.equal(await word(publisher), "-A");
      await b.closeAsync();
      const last = [await word(publisher), await word(publisher)].sort();
      assert.deepEqual(last, ["-B", "-common"]);
    }));

  test(`in manual mode the application decides what a subscriber gets, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ manual: true }));
      const subscriber = keep(new XSubscriber());
      await join(publisher, subscriber, transport);
      await subscriber.send("\u0001A");
      assert.equal(await word(publisher), "+A");
      publisher.subscribe("B");
      await publisher.sendMany(["A", "B"]);
      assert.deepEqual(texts(await subscriber.receive()), ["B"]);
      await subscriber.send("\u0000A");
      assert.equal(await word(publisher), "-A");
      publisher.unsubscribe("B");
      await publisher.sendMany(["A", "B"]);
      await subscriber.send("hello");
      assert.deepEqual(texts(await publisher.receive()), ["hello"]);
      publisher.subscribe("");
      await publisher.send("end");
      assert.deepEqual(texts(await subscriber.receive()), ["end"]);
    }));

  test(`in manual mode what a peer says otherwise doesn't change whom a prefix is for, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ manual: true }));
      const [asker, talker] = [1, 2].map(() => keep(new XSubscriber()));
      await join(publisher, asker, transport);
      await join(publisher, talker, transport);
      await asker.send("\u0001A");
      assert.equal(await word(publisher), "+A");
      for (const said of [["hello"], ["two", "frames"], [""]]) {
        await talker.send(said);
        assert.deepEqual(texts(await publisher.receive()), said);
      }
      publisher.subscribe("B");
      await publisher.send("B");
      assert.deepEqual(texts(await asker.receive()), ["B"]);
      assert.equal(talker.readable, false);
    }));

  test(`a message of a subscriber stays whole and is told once, whatever its later frames ask for, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ verbosity: "allSubs" }));
      const subscriber = keep(new XSubscriber());
      await join(publisher, subscriber, transport);
      // What is asked for before both ends have met is asked for once more then.
      await subscriber.send("\u0001Z");
      assert.equal(await word(publisher), "+Z");
      for (
        const [said, told] of [
          [["user", "\u0001A"], [["user", "\u0001A"]]],
          [["user", "\u0000A", "more"], [["user", "\u0000A", "more"]]],
          [["user", "\u0000A", "more"], [["user", "more"]]],
          [["\u0001B", "user"], [["\u0001B"], ["user"]]],
          [["\u0001C", "\u0001D"], [["\u0001C"], ["\u0001D"]]],
        ]
      ) {
        await subscriber.send(said as string[]);
        for (const one of told) {
          assert.deepEqual(texts(await publisher.receive()), one);
        }
      }
      assert.equal(publisher.readable, false);
      await publisher.sendMany(["A", "B", "C", "D"]);
      assert.deepEqual(texts(await subscriber.receive()), ["B"]);
    }));

  test(`in manual mode a subscriber that leaves takes its own words back, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ manual: true }));
      const first = keep(new Subscriber());
      await join(publisher, first, transport);
      first.subscribe("A");
      assert.equal(await word(publisher), "+A");
      publisher.subscribe("XA");
      await first.closeAsync();
      assert.equal(await word(publisher), "-A");
      assert.equal(publisher.topicsCount, 0);
      const second = keep(new XSubscriber());
      await join(publisher, second, transport);
      await second.send("\u0001B");
      assert.equal(await word(publisher), "+B");
      publisher.subscribe("XB");
      await publisher.sendMany(["XA", "XB"]);
      assert.deepEqual(texts(await second.receive()), ["XB"]);
    }));

  test(`the last value goes to the new subscriber only, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ manualLastValue: true }));
      const [a, b] = [keep(new Subscriber()), keep(new Subscriber())];
      await join(publisher, a, transport);
      await join(publisher, b, transport);
      a.subscribe("A");
      assert.equal(await word(publisher), "+A");
      publisher.subscribe("A");
      await publisher.send(["A", "cached for a"]);
      assert.deepEqual(texts(await a.receive()), ["A", "cached for a"]);
      b.subscribe("A");
      assert.equal(await word(publisher), "+A");
      publisher.subscribe("A");
      await publisher.send(["A", "cached for b"]);
      await publisher.send(["A", "for both"]);
      assert.deepEqual(texts(await b.receive()), ["A", "cached for b"]);
      assert.deepEqual(texts(await b.receive()), ["A", "for both"]);
      assert.deepEqual(texts(await a.receive()), ["A", "for both"]);
    }));

  test(`what an XPublisher has not read yet counts as waiting, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher());
      const subscriber = keep(new Subscriber());
      await join(publisher, subscriber, transport);
      subscriber.subscribe("A", "B");
      const waiting = () => publisher.stats().receiveQueue;
      await until("they are here", () => waiting() === 2);
      assert.ok(publisher.stats().receiveQueueBytes > 0);
      assert.equal(await word(publisher), "+A");
      assert.equal(waiting(), 1);
      assert.equal(await word(publisher), "+B");
      assert.equal(waiting(), 0);
      assert.equal(publisher.stats().receiveQueueBytes, 0);
    }));

  test(`a welcome is the first message of each subscriber, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ welcomeMessage: "W" }));
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("W");
      await join(publisher, subscriber, transport);
      assert.equal(await word(publisher), "+W");
      await publisher.send("W after");
      assert.deepEqual(texts(await subscriber.receive()), ["W"]);
      assert.deepEqual(texts(await subscriber.receive()), ["W after"]);
    }));

  test(`user messages go upstream, and a Publisher throws them away, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher());
      const plain = keep(new Publisher());
      const subscriber = keep(new XSubscriber());
      await join(publisher, subscriber, transport);
      await join(plain, subscriber, transport);
      await subscriber.send(["hello", "there"]);
      assert.deepEqual(texts(await publisher.receive()), ["hello", "there"]);
      await subscriber.send(["\u0001A", "rest"]);
      assert.equal(await word(publisher), "+A");
      assert.deepEqual(texts(await publisher.receive()), ["rest"]);
      await subscriber.send("");
      assert.deepEqual(texts(await publisher.receive()), [""]);
      await until("the other knows too", () => plain.topicsCount === 1);
      await plain.send("A from the plain one");
      assert.deepEqual(texts(await subscriber.receive()), [
        "A from the plain one",
      ]);
    }));

  test(`with onlyFirstSubscribe only the first frame is a subscription, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ onlyFirstSubscribe: true }));
      const subscriber = keep(new XSubscriber({ onlyFirstSubscribe: true }));
      await join(publisher, subscriber, transport);
      await subscriber.send(["user", "\u0001A"]);
      const message = await publisher.receive();
      assert.deepEqual(message.map(hex), ["75736572", "0141"]);
      assert.equal(publisher.topicsCount, 0);
    }));

  test(`an XSubscriber passes on every subscription, but only the last unsubscription, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new XPublisher({ verbosity: "allSubsUnsubs" }));
      const subscriber = keep(new XSubscriber());
      await join(publisher, subscriber, transport);
      // The handshake is over on both sides: what is sent before is told once.
      await subscriber.send("\u0001ready");
      assert.equal(await word(publisher), "+ready");
      await subscriber.send("\u0000ready");
      assert.equal(await word(publisher), "-ready");
      await subscriber.send("\u0001A");
      await subscriber.send("\u0001A");
      assert.equal(await word(publisher), "+A");
      assert.equal(await word(publisher), "+A");
      await subscriber.send("\u0000A");
      await subscriber.send("\u0000A");
      await subscriber.send("\u0000never");
      await subscriber.send("\u0001B");
      assert.equal(await word(publisher), "-A");
      assert.equal(await word(publisher), "+B");
      subscriber.verboseUnsubscribe = true;
      await subscriber.send("\u0000never");
      assert.equal(await word(publisher), "-never");
      assert.equal(subscriber.topicsCount, 1);
    }));

  test(`noDrop waits for a full subscriber and loses nothing, over ${transport}`, () =>
    withSockets(async (keep) => {
      for (const make of [XPublisher, Publisher]) {
        const publisher = keep(
          new make({ noDrop: true, sendHighWaterMark: 100, sendTimeout: 0 }),
        );
        const subscriber = keep(new Subscriber({ receiveHighWaterMark: 100 }));
        subscriber.subscribe("");
        await join(publisher, subscriber, transport);
        await until("it is known", () => publisher.topicsCount === 1);
        const body = new Uint8Array(10_000);
        let sent = 0;
        for (;;) {
          try {
            await publisher.send(body);
            sent++;
          } catch (error) {
            assert.equal((error as { code: string }).code, "EAGAIN");
            break;
          }
        }
        assert.ok(sent >= 99, `${sent}`);
        assert.equal(publisher.writable, false);
        const more = publisher.send("last", { timeout: -1 });
        for (let i = 0; i < sent; i++) {
          assert.equal((await subscriber.receive())[0].length, 10_000);
        }
        await more;
        assert.deepEqual(texts(await subscriber.receive()), ["last"]);
        assert.equal(publisher.stats().drops, 0);
      }
    }));

  test(`a send that waits for a full subscriber goes on once that asks for it no more, over ${transport}`, () =>
    withSockets(async (keep) => {
      for (const how of ["xpub", "pub", "manual"]) {
        const make = how === "pub" ? Publisher : XPublisher;
        const publisher = keep(
          new make({ noDrop: true, sendHighWaterMark: 1 }),
        );
        const subscriber = keep(new Subscriber({ receiveHighWaterMark: 1 }));
        if (how === "manual") (publisher as XPublisher).manual = true;
        subscriber.subscribe("");
        await join(publisher, subscriber, transport);
        if (publisher instanceof XPublisher) {
          await publisher.receive();
          if (how === "manual") publisher.subscribe("");
        } else await until("it is known", () => publisher.topicsCount === 1);
        const body = new Uint8Array(200_000);
        while (!await full(publisher)) publisher.trySend(body);
        const waiting = publisher.send("y");
        if (how === "manual") (publisher as XPublisher).unsubscribe("");
        else subscriber.unsubscribe("");
        await within("it is sent to nobody", waiting);
        await publisher.send("z");
      }
    }));

  test(`inverted, everybody gets what they did not ask for, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher({ invertMatching: true }));
      const [a, b] = [1, 2].map(() =>
        keep(new Subscriber({ invertMatching: true }))
      );
      await join(publisher, a, transport);
      await join(publisher, b, transport);
      a.subscribe("prefix1");
      b.subscribe("p2");
      await until("both are known", () => publisher.topicsCount === 2);
      await publisher.sendMany(["prefix1", "p2", "other"]);
      assert.deepEqual(texts(await a.receive()), ["p2"]);
      assert.deepEqual(texts(await a.receive()), ["other"]);
      assert.deepEqual(texts(await b.receive()), ["prefix1"]);
      assert.deepEqual(texts(await b.receive()), ["other"]);
    }));

  test(`topicsCount counts different prefixes, over ${transport}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      const subscriber = keep(new Subscriber());
      await join(publisher, subscriber, transport);
      subscriber.subscribe("A", "B", "AB", "A");
      assert.equal(subscriber.topicsCount, 3);
      await until("all are known", () => publisher.topicsCount === 3);
      subscriber.unsubscribe("A");
      assert.equal(subscriber.topicsCount, 3);
      subscriber.unsubscribe("A", "AB");
      assert.equal(subscriber.topicsCount, 1);
      await until("all are forgotten", () => publisher.topicsCount === 1);
    }));
}

test("an XSubscriber subscribes again after a reconnect, without the application", () =>
  withSockets(async (keep) => {
    const first = new XPublisher();
    const subscriber = keep(new XSubscriber({ reconnectInterval: 10 }));
    const address = await join(first, subscriber, "tcp");
    await subscriber.send("\u0001A");
    assert.equal(await word(first), "+A");
    await first.closeAsync();
    const second = keep(new XPublisher());
    await second.bind(address);
    assert.equal(await word(second), "+A");
  }));

test("subscribe and unsubscribe need manual mode", () =>
  withSockets((keep) => {
    const publisher = keep(new XPublisher());
    assert.throws(() => publisher.subscribe("A"), { code: "EINVAL" });
    assert.throws(() => publisher.setOption(6, "A"), { code: "EINVAL" });
    publisher.setOption(71, true);
    publisher.setOption(6, "A");
  }));

test("what is verbose, and IPv4 alone, go by numbers of their own, and are true or false", () =>
  withSockets((keep) => {
    const publisher = keep(new XPublisher());
    publisher.setOption(40, true);
    assert.equal(publisher.getOption(40), true);
    assert.equal(publisher.getOption(78), false);
    publisher.setOption(78, 1);
    assert.equal(publisher.getOption(78), true);
    publisher.setOption(31, false);
    assert.equal(publisher.ipv6, true);
    for (const id of [31, 40, 78]) {
      const before = publisher.getOption(id);
      for (const value of ["foo", null, -1, Number.NaN, new Uint8Array(1)]) {
        assert.throws(() => publisher.setOption(id, value), TypeError);
      }
      assert.equal(publisher.getOption(id), before);
    }
  }));

test("an XPublisher that nobody reads goes on publishing", () =>
  withSockets(async (keep) => {
    const publisher = keep(new XPublisher());
    const subscriber = keep(new Subscriber());
    await join(publisher, subscriber, "tcp");
    // Those that are made before the handshake is over go in any order.
    subscriber.subscribe("topic-0");
    await until("one is known", () => publisher.topicsCount === 1);
    for (let i = 1; i < 5000; i++) subscriber.subscribe(`topic-${i}`);
    await until("all are known", () => publisher.topicsCount === 5000);
    await publisher.send("topic-4999");
    assert.deepEqual(texts(await subscriber.receive()), ["topic-4999"]);
    assert.equal(await word(publisher), "+topic-0");
  }));

test("a proxy of XSubscriber and XPublisher copies subscriptions upstream and data down", () =>
  withSockets(async (keep) => {
    const source = keep(new Publisher());
    const upstream = keep(new XSubscriber());
    const downstream = keep(new XPublisher());
    const sink = keep(new Subscriber());
    await join(source, upstream, "tcp");
    await join(downstream, sink, "tcp");
    const copying = [
      (async () => {
        for await (const message of downstream) await upstream.send(message);
      })(),
      (async () => {
        for await (const message of upstream) await downstream.send(message);
      })(),
    ];
    sink.subscribe("A");
    await until("it went upstream", () => source.topicsCount === 1);
    await source.send("B not asked for");
    await source.send("A asked for");
    assert.deepEqual(texts(await sink.receive()), ["A asked for"]);
    downstream.close();
    upstream.close();
    await Promise.all(copying);
    await sleep(0);
  }));

test("what a peer asked for that an XPublisher connects to is taken back when it comes back and asks for something else", () =>
  withSockets(async (keep) => {
    const publisher = keep(
      new XPublisher({ reconnectInterval: 10, maxSubscriptions: 1 }),
    );
    let address = "tcp://127.0.0.1:*";
    for (const topic of ["A", "B", "C"]) {
      const subscriber = keep(new Subscriber());
      subscriber.subscribe(topic);
      await subscriber.bind(address);
      if (topic === "A") publisher.connect(subscriber.lastEndpoint!);
      else assert.match(await word(publisher), /^-[AB]$/);
      address = subscriber.lastEndpoint!;
      assert.equal(await word(publisher), `+${topic}`);
      assert.equal(publisher.topicsCount, 1);
      await publisher.send(topic);
      assert.deepEqual(texts(await subscriber.receive()), [topic]);
      await subscriber.closeAsync();
    }
  }));

/** Whether it has no room, and gets none soon. */
async function full(socket: Publisher | XPublisher): Promise<boolean> {
  for (let i = 0; i < 10; i++) {
    if (socket.writable) return false;
    await sleep(10);
  }
  return true;
}
