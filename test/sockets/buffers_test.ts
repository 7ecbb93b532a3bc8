import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Dealer,
  Publisher,
  Pull,
  Push,
  Reply,
  Router,
  Subscriber,
  text,
  XPublisher,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import {
  freeEndpoint,
  join,
  TRANSPORTS,
  tuned,
  withSockets,
} from "../support/sockets.ts";
import { transferAway } from "../support/transfer.ts";
import { sleep, until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`${transport}: frames of up to 4096 bytes may be changed as soon as send has returned`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      for (const length of [1, 64, 1000, 4096]) {
        const given = new Uint8Array(length).fill(1);
        const sent = push.send([given, "x"]);
        given.fill(2);
        await sent;
        push.trySend(given);
        given.fill(3);
        const many = push.sendMany([given, [given]]);
        given.fill(4);
        await many;
        for (const expected of [1, 2, 3, 3]) {
          const [frame] = await pull.receive();
          assert.equal(frame.length, length);
          assert.ok(
            frame.every((byte) => byte === expected),
            `${length}: ${expected}`,
          );
        }
      }
    }));

  test(`${transport}: with copy large frames may be changed as well`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      const given = new Uint8Array(1_000_000).fill(1);
      const sent = push.send(given, { copy: true });
      given.fill(2);
      await sent;
      const [frame] = await pull.receive();
      assert.ok(frame.every((byte) => byte === 1));
      const many = push.sendMany([given, ["x", given]], { copy: true });
      given.fill(3);
      await many;
      for (let i = 0; i < 2; i++) {
        const message = await pull.receive();
        assert.ok(message[i].every((byte) => byte === 2));
      }
    }));

  test(`${transport}: a large frame that is transferred away before it has left harms no other message`, () =>
    withSockets(async (keep) => {
      for (const binds of ["push", "pull"]) {
        const push = keep(new Push({ linger: 0 }));
        const pull = keep(new Pull({ receiveHighWaterMark: 1 }));
        if (binds === "push") await join(push, pull, transport);
        else await join(pull, push, transport);
        // The first is under way when it goes, and the second is still to come.
        const given = [40_000_000, 1_000_000].map((n) => new Uint8Array(n));
        await push.sendMany(["a", "b", ...given, "last"]);
        await sleep(50);
        const moved = given.map((frame) =>
          structuredClone(frame, { transfer: [frame.buffer] })
        );
        const received: Uint8Array[] = [];
        while (received.length < 5) {
          const [frame] = await within("a message", pull.receive());
          received.push(frame);
        }
        assert.equal(text(received[4]), "last");
        assert.equal(moved[0].length, 40_000_000);
        if (transport === "inproc") continue;
        assert.deepEqual(received.slice(2, 4).map((f) => f.length), [
          40_000_000,
          1_000_000,
        ]);
      }
    }));
}

test("tcp: a large frame may be changed once a flushed send has resolved", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pull = keep(new Pull());
    await join(pull, push, "tcp");
    const given = new Uint8Array(20_000_000).fill(1);
    let flushed = false;
    const sent = push.send(given, { flushed: true }).then(() => {
      flushed = true;
      given.fill(2);
    });
    assert.equal(flushed, false);
    const [frame] = await pull.receive();
    assert.ok(frame.every((byte) => byte === 1));
    await within("it is flushed", sent);
  }));

test("tcp: a flushed send that waits for a peer resolves once it has gone out", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    await push.bind("tcp://127.0.0.1:*");
    const sent = push.send("x", { flushed: true });
    const pull = keep(new Pull());
    pull.connect(push.lastEndpoint!);
    await within("it is flushed", sent);
    assert.deepEqual(texts(await pull.receive()), ["x"]);
  }));

test("a signal ends the wait of a flushed send for a peer, and what was accepted goes out", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pull = keep(new Pull());
    const endpoint = await freeEndpoint("tcp");
    push.connect(endpoint);
    const stop = new AbortController();
    const { signal } = stop;
    const options = { flushed: true, signal };
    const sent = [push.send("one", options), push.sendMany(["two"], options)];
    const ends = sent.map((one) => assert.rejects(one, { name: "AbortError" }));
    await sleep(0);
    stop.abort();
    await within("they end", Promise.all(ends));
    await pull.bind(endpoint);
    assert.deepEqual(texts(await pull.receive()), ["one"]);
    assert.deepEqual(texts(await pull.receive()), ["two"]);
    // A signal that is aborted later than it mattered is no matter.
    const late = new AbortController();
    await push.send("three", { flushed: true, signal: late.signal });
    late.abort();
    assert.deepEqual(texts(await pull.receive()), ["three"]);
    const soon = new AbortController();
    const words = function* () {
      yield "four";
      soon.abort();
    };
    push.disconnect(endpoint);
    await pull.closeAsync();
    const unsent = keep(new Push());
    unsent.connect(endpoint);
    const many = unsent.sendMany(words(), {
      flushed: true,
      signal: soon.signal,
    });
    await assert.rejects(within("it ends", many), { name: "AbortError" });
  }));

test("tcp: what sendMany sends is flushed, all of it, or it says so", () =>
  withSockets(async (keep) => {
    const push = new Push();
    push.connect(await freeEndpoint("tcp"));
    const lost = push.sendMany(["x", "y"], { flushed: true });
    await assert.rejects(
      Promise.race([lost, push.closeAsync({ linger: 0 }).then(() => lost)]),
      { code: "ECONNRESET" },
    );
    const other = keep(new Push({ sendHighWaterMark: 1 }));
    await other.bind("tcp://127.0.0.1:*");
    const sent = other.sendMany(["a", "b", "c"], { flushed: true });
    const pull = keep(new Pull());
    pull.connect(other.lastEndpoint!);
    await within("it is flushed", sent);
    assert.equal(other.stats().sendQueue, 0);
    for (const letter of ["a", "b", "c"]) {
      assert.equal(text((await pull.receive())[0]), letter);
    }
  }));

test("tcp: a flushed send whose connection ends first says so", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const peer = await RawPeer.listen("PULL");
    try {
      push.connect(peer.address);
      await peer.shakenHands();
      peer.pause();
      const sent = push.send(new Uint8Array(64_000_000), { flushed: true });
      const outcome = sent.then(() => "flushed", (error) => error.code);
      await until("it is under way", () => push.stats().sendQueue === 1);
      await peer.close();
      assert.equal(await within("it is settled", outcome), "ECONNRESET");
    } finally {
      await peer.close();
    }
  }));

test("tcp: a flushed publication resolves when every subscriber's is out", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher());
    const subscribers = [keep(new Subscriber()), keep(new Subscriber())];
    await publisher.bind("tcp://127.0.0.1:*");
    for (const subscriber of subscribers) {
      subscriber.subscribe("x");
      subscriber.connect(publisher.lastEndpoint!);
      await tuned(publisher, subscriber, "x");
    }
    const given = new Uint8Array(3_000_000).fill(1);
    await publisher.send(["x", given], { flushed: true });
    given.fill(2);
    await publisher.send("nobody asked", { flushed: true });
    for (const subscriber of subscribers) {
      let message = await subscriber.receive();
      while (message.length < 2) message = await subscriber.receive();
      assert.ok(message[1].every((byte) => byte === 1));
    }
  }));

test("inproc: a large frame is passed by reference, a small one isn't", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pull = keep(new Pull());
    await join(pull, push, "inproc");
    const large = new Uint8Array(4097);
    const small = new Uint8Array(4096);
    await push.send([large, small]);
    const [first, second] = await pull.receive();
    assert.equal(first.buffer, large.buffer);
    assert.notEqual(second.buffer, small.buffer);
  }));

test("inproc: a fan-out shares its large frames", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher());
    const subscribers = [keep(new Subscriber()), keep(new Subscriber())];
    for (const subscriber of subscribers) {
      subscriber.subscribe("");
      if (subscriber === subscribers[0]) {
        await join(publisher, subscriber, "inproc");
      } else subscriber.connect(publisher.lastEndpoint!);
    }
    const large = new Uint8Array(100_000);
    await publisher.send(large);
    for (const subscriber of subscribers) {
      assert.equal((await subscriber.receive())[0].buffer, large.buffer);
    }
  }));

for (const transport of TRANSPORTS) {
  test(`${transport}: received frames are nobody else's to overwrite`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      const kept: Uint8Array[] = [];
      for (let i = 0; i < 3000; i++) {
        await push.send(new Uint8Array(1 + i % 300).fill(i % 251));
        if (i % 7 === 6) {
          while (kept.length <= i) kept.push((await pull.receive())[0]);
        }
      }
      while (kept.length < 3000) kept.push((await pull.receive())[0]);
      kept.forEach((frame, i) => {
        assert.equal(frame.length, 1 + i % 300);
        assert.ok(frame.every((byte) => byte === i % 251));
      });
    }));

  test(`${transport}: whoever transfers a frame's buffer away harms nobody but himself`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push({ reconnectInterval: 5 }));
      const pull = keep(new Pull());
      const [otherPush, otherPull] = [keep(new Push()), keep(new Pull())];
      await join(pull, push, transport);
      await join(otherPull, otherPush, transport);
      for (let round = 0; round < 20; round++) {
        for (let i = 0; i < 5; i++) await push.send(`${round}.${i}`);
        for (let i = 0; i < 5; i++) await otherPush.send(`${round}.${i}`);
        // All that came with it may go with it, but the connection goes on.
        const [frame] = await within("a message", pull.receive());
        transferAway(frame);
        for (let i = 0; i < 5; i++) {
          assert.equal(text((await otherPull.receive())[0]), `${round}.${i}`);
        }
        await push.send("marker");
        for (;;) {
          const message = await within("the marker", pull.receive());
          if (text(message[0]) === "marker") break;
        }
      }
    }));
}

test("a manual XPublisher knows who asked, though notices went with memory that was transferred away", () =>
  withSockets(async (keep) => {
    const publisher = keep(new XPublisher({ manual: true }));
    const [first, second] = [keep(new Subscriber()), keep(new Subscriber())];
    first.subscribe("a1", "a2", "a3");
    await join(publisher, first, "tcp");
    const waiting = (count: number) => () =>
      publisher.stats().receiveQueue === count;
    await until("all was asked", waiting(3));
    const [notice] = await publisher.receive();
    transferAway(notice);
    second.subscribe("b");
    second.connect(publisher.lastEndpoint!);
    await until("the second asks", waiting(3));
    assert.deepEqual(texts(await publisher.receive()), ["\x01b"]);
    publisher.subscribe("b");
    await publisher.send("b hello");
    const heard = await within("who asked hears", second.receive());
    assert.deepEqual(texts(heard), ["b hello"]);
  }));

test("a Reply answers a request of a new connection, though older ones went with memory that was transferred away", () =>
  withSockets(async (keep) => {
    const reply = keep(new Reply({ reconnectInterval: 10 }));
    const before = new Dealer();
    await join(before, reply, "tcp");
    const address = before.lastEndpoint!;
    // Smaller frames are copies on some runtimes. The last two come by one read.
    const large = new Uint8Array(200);
    await before.sendMany(Array.from({ length: 3 }, () => ["", large]));
    await until("all are here", () => reply.stats().receiveQueue === 3);
    await reply.receive();
    await reply.send("one");
    const [request] = await reply.receive();
    let gone = false;
    reply.events.on("disconnect", () => gone = true);
    await before.closeAsync();
    await until("it has gone", () => gone);
    transferAway(request);
    await reply.send("to nobody");
    const after = keep(new Dealer());
    await after.bind(address);
    await after.send(["", "fresh"]);
    assert.deepEqual(texts(await within("a request", reply.receive())), [
      "fresh",
    ]);
    await reply.send("answer");
    assert.deepEqual(texts(await within("an answer", after.receive())), [
      "",
      "answer",
    ]);
  }));

test("a Router with handover hears whose name it is, though messages of the one before went with memory that was transferred away", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ handover: true }));
    const [first, second] = [1, 2].map(() =>
      keep(new Dealer({ routingId: "N" }))
    );
    await join(router, first, "tcp");
    // Smaller frames are copies on some runtimes. The last two come by one read.
    await first.sendMany(new Array(3).fill(new Uint8Array(200)));
    const queued = (count: number) => () =>
      router.stats().receiveQueue === count;
    await until("all are here", queued(3));
    await router.receive();
    const [, body] = await router.receive();
    second.connect(router.lastEndpoint!);
    await second.send("b1");
    await until("it has come", queued(2));
    transferAway(body);
    await first.send("a4");
    const heard = await within("the new one is heard", router.receive());
    assert.deepEqual(texts(heard), ["N", "b1"]);
    assert.equal(router.readable, false);
  }));
