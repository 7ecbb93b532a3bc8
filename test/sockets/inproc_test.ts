import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  text,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { endpoint, withSockets } from "../support/sockets.ts";
import { until } from "../support/wait.ts";

test("ten connects meet one bind, whichever comes first", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const pushes = Array.from({ length: 10 }, () => keep(new Push()));
    for (const push of pushes.slice(0, 5)) push.connect(address);
    for (const [i, push] of pushes.slice(0, 5).entries()) {
      await push.send(`${i}`);
    }
    const pull = keep(new Pull());
    await pull.bind(address);
    for (const push of pushes.slice(5)) push.connect(address);
    for (const [i, push] of pushes.slice(5).entries()) {
      await push.send(`${i + 5}`);
    }
    const got = new Set<string>();
    for (let i = 0; i < 10; i++) got.add(text((await pull.receive())[0]));
    assert.equal(got.size, 10);
  }));

test("what was sent before its sender closed reaches who binds later, of any type", () =>
  withSockets(async (keep) => {
    for (
      const [sender, receiver, received] of [
        [new Push(), new Pull(), ["hello"]],
        [new Dealer({ routingId: "d" }), new Router(), ["d", "hello"]],
        [new Request({ routingId: "r" }), new Router(), ["r", "", "hello"]],
        [new Request(), new Reply(), ["hello"]],
        [new Dealer(), new Dealer(), ["hello"]],
        [new Pair(), new Pair(), ["hello"]],
      ] as const
    ) {
      const address = endpoint("inproc");
      keep(receiver);
      sender.connect(address);
      await sender.send("hello");
      sender.close();
      await receiver.bind(address);
      assert.deepEqual(texts(await receiver.receive()), received);
      assert.equal(receiver.stats().peers, 0);
    }
  }));

test("what a Publisher sends before the bind is nobody's", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const publisher = keep(new Publisher());
    publisher.connect(address);
    await publisher.send("too early");
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("");
    await subscriber.bind(address);
    await publisher.send("in time");
    assert.deepEqual(texts(await subscriber.receive()), ["in time"]);
  }));

test("unbinding leaves the pipes there are, and frees the name", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const [first, second] = [keep(new Pull()), keep(new Pull())];
    await first.bind(address);
    const push = keep(new Push());
    push.connect(address);
    await first.unbind(address);
    await second.bind(address);
    await push.send("to the first");
    assert.deepEqual(texts(await first.receive()), ["to the first"]);
    const other = keep(new Push());
    other.connect(address);
    await other.send("to the second");
    assert.deepEqual(texts(await second.receive()), ["to the second"]);
  }));

test("disconnecting ends both pipes, and what was sent can still be read", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const pull = keep(new Pull());
    const push = keep(new Push());
    await pull.bind(address);
    push.connect(address);
    await push.send("last words");
    push.disconnect(address);
    assert.equal(push.stats().peers + pull.stats().peers, 0);
    assert.equal(push.trySend("x"), false);
    assert.deepEqual(texts(await pull.receive()), ["last words"]);
  }));

test("closing the bound end ends the other, which is not connected again", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const pull = new Pull();
    const push = keep(new Push());
    await pull.bind(address);
    push.connect(address);
    await pull.closeAsync();
    assert.equal(push.stats().peers, 0);
    const next = keep(new Pull());
    await next.bind(address);
    assert.equal(push.stats().peers, 0);
    assert.throws(() => push.disconnect(address), { code: "ENOENT" });
  }));

test("socket types are not checked", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const [a, b] = [keep(new Push()), keep(new Push())];
    await a.bind(address);
    b.connect(address);
    await a.send("to a Push");
    assert.equal(a.stats().sendQueue, 0);
  }));

test("a subscriber that leaves takes its subscriptions with it", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const publisher = keep(new Publisher());
    await publisher.bind(address);
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("a");
    subscriber.connect(address);
    for (let i = 0; i < 3; i++) await publisher.send(`a${i}`);
    subscriber.disconnect(address);
    await publisher.send("a3");
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(texts(await subscriber.receive()), [`a${i}`]);
    }
    assert.equal(subscriber.tryReceive(), undefined);
  }));

test("a Reply keeps asker and envelope over many inproc Requests", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const reply = keep(new Reply());
    await reply.bind(address);
    const requests = Array.from({ length: 20 }, () => keep(new Request()));
    for (const request of requests) request.connect(address);
    const rounds = requests.map((request, i) => request.request(`${i}`));
    await until("they have asked", () => reply.stats().receiveQueue === 20);
    for (let i = 0; i < 20; i++) {
      const [asked] = texts(await reply.receive());
      await reply.send(`re ${asked}`);
    }
    for (const [i, round] of rounds.entries()) {
      assert.deepEqual(texts(await round), [`re ${i}`]);
    }
  }));

test("fifty connects and binds in any order all meet", () =>
  withSockets(async (keep) => {
    const sends: Promise<void>[] = [];
    const pulls: Pull[] = [];
    for (let i = 0; i < 50; i++) {
      const address = endpoint("inproc");
      const push = keep(new Push());
      const pull = keep(new Pull());
      if (i % 2 === 0) push.connect(address);
      sends.push(pull.bind(address));
      if (i % 2 === 1) push.connect(address);
      sends.push(push.send(`${i}`));
      pulls.push(pull);
    }
    await Promise.all(sends);
    for (const [i, pull] of pulls.entries()) {
      assert.deepEqual(texts(await pull.receive()), [`${i}`]);
    }
  }));
