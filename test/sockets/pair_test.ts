import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel, Pair } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`a Pair talks both ways with one peer, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [a, b] = [keep(new Pair()), keep(new Pair())];
      await assert.rejects(a.send("x", { timeout: 0 }), { code: "EAGAIN" });
      await join(a, b, transport);
      await a.send(["to", "b"]);
      await b.send("to a");
      assert.deepEqual(texts(await b.receive()), ["to", "b"]);
      assert.deepEqual(texts(await a.receive()), ["to a"]);
    }));

  test(`a Pair turns a second peer away until the first has gone, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [a, b, c] = [1, 2, 3].map(() =>
        keep(new Pair({ reconnectInterval: 20 }))
      );
      await a.bind(endpoint(transport));
      b.connect(a.lastEndpoint!);
      await b.send("b");
      assert.deepEqual(texts(await a.receive()), ["b"]);
      c.connect(a.lastEndpoint!);
      await c.send("c", { timeout: 50 }).catch(() => {});
      await a.send("for b");
      assert.deepEqual(texts(await b.receive()), ["for b"]);
      assert.equal(a.readable, false);
      await b.closeAsync();
      await until("b has gone", () => !a.writable || a.stats().peers > 0);
      if (transport === "inproc") c.connect(a.lastEndpoint!);
      await within("c is let in", c.send("c again"));
      for (;;) {
        const [body] = texts(await within("c is heard", a.receive()));
        if (body === "c again") break;
      }
    }));

  test(`a Channel takes messages of one frame only, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [a, b] = [keep(new Channel()), keep(new Channel())];
      await join(a, b, transport);
      await a.send(["one"]);
      assert.deepEqual(texts(await b.receive()), ["one"]);
      await b.send("two");
      assert.deepEqual(texts(await a.receive()), ["two"]);
      const two = ["one", "two"] as unknown as string;
      await assert.rejects(a.send(two), {
        code: "EINVAL",
        message: /a message of a Channel is one frame/,
      });
      assert.throws(() => a.trySend(two), { code: "EINVAL" });
      await assert.rejects(a.sendMany([two]), { code: "EINVAL" });
      assert.equal(a.threadSafe, true);
    }));
}

test("messages that a Pair accepted before it has a peer reach the first that comes", () =>
  withSockets(async (keep) => {
    const [a, b] = [keep(new Pair()), keep(new Pair())];
    b.connect("inproc://pair-later");
    await b.sendMany(["1", "2", "3"]);
    await a.bind("inproc://pair-later");
    for (const expected of ["1", "2", "3"]) {
      assert.deepEqual(texts(await a.receive()), [expected]);
    }
  }));

test("a Pair that was connected to by one who has a peer is free for another, over inproc", () =>
  withSockets(async (keep) => {
    const [taken, first, second, other] = [1, 2, 3, 4].map(() =>
      keep(new Pair())
    );
    await first.bind("inproc://pair-first");
    await second.bind("inproc://pair-second");
    taken.connect("inproc://pair-first");
    taken.connect("inproc://pair-second");
    other.connect("inproc://pair-second");
    await other.send("hello", { timeout: 1000 });
    assert.deepEqual(texts(await second.receive()), ["hello"]);
  }));

test("a Pair that was turned away can be closed, over inproc", () =>
  withSockets(async (keep) => {
    const [a, b] = [keep(new Pair()), keep(new Pair())];
    await a.bind("inproc://pair-full");
    b.connect("inproc://pair-full");
    const late = new Pair();
    late.connect("inproc://pair-full");
    assert.equal(late.lastEndpoint, "inproc://pair-full");
    await within("it is closed", late.closeAsync());
  }));
