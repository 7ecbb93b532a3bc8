// Statements on REQ, REP, DEALER, ROUTER (see coverage_test.ts).

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Pull, Push, Reply, Request, Router } from "../../mod.ts";
import { bytes, concat, texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import {
  endpoint,
  freeEndpoint,
  join,
  TRANSPORTS,
  withSockets,
} from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";
import { frame, greeting, message, property, ready } from "../support/zmtp.ts";

for (const transport of TRANSPORTS) {
  test(`a reply that is only a name is lost, and the next one arrives, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const request = keep(new Request());
      await join(router, request, transport);
      await request.send("question");
      const [id, delimiter] = await router.receive();
      await router.send([id]);
      await router.send([id, delimiter, "answer"]);
      assert.deepEqual(texts(await request.receive()), ["answer"]);
    }));

  test(`a reply with another number is skipped, and the right one taken, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const request = keep(new Request({ correlate: true, relaxed: true }));
      await join(router, request, transport);
      await request.send("question");
      const [id, number, delimiter, body] = await router.receive();
      assert.equal(number.length, 4);
      assert.equal(delimiter.length, 0);
      assert.deepEqual(texts([body]), ["question"]);
      const next = number.slice();
      new DataView(next.buffer).setUint32(
        0,
        new DataView(next.buffer).getUint32(0) + 1,
      );
      await router.send([id, next, delimiter, "wrong"]);
      await router.send([id, number, delimiter, "right"]);
      assert.deepEqual(texts(await request.receive()), ["right"]);
    }));

  test(`a relaxed Request asks five services in turn, and takes the last's reply only, over ${transport}`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request({ correlate: true, relaxed: true }));
      await request.bind(endpoint(transport));
      const services = [0, 1, 2, 3, 4].map(() => keep(new Reply()));
      for (const [i, service] of services.entries()) {
        service.connect(request.lastEndpoint!);
        await until("it is here", () => request.stats().peers === i + 1);
      }
      for (let round = 0; round < 6; round++) {
        assert.ok(request.writable);
        await request.send(`${round}`);
      }
      // The sixth goes to the first again: its pipe was kept.
      const [first, ...others] = services;
      for (const [i, service] of others.entries()) {
        assert.deepEqual(texts(await service.receive()), [`${i + 1}`]);
        await service.send(`stale ${i + 1}`);
      }
      assert.deepEqual(texts(await first.receive()), ["0"]);
      await first.send("stale 0");
      assert.deepEqual(texts(await first.receive()), ["5"]);
      await first.send("fresh");
      assert.deepEqual(texts(await request.receive()), ["fresh"]);
      await assert.rejects(request.receive(), { code: "EFSM" });
    }));

  test(`a relaxed request that waits for its peer is superseded, over ${transport}`, () =>
    withSockets(async (keep) => {
      const reply = keep(new Reply());
      const address = await freeEndpoint(transport);
      const request = keep(
        new Request({ correlate: true, relaxed: true, reconnectInterval: 10 }),
      );
      request.connect(address);
      await request.send("first");
      await request.send("second");
      await reply.bind(address);
      for (const asked of ["first", "second"]) {
        assert.deepEqual(texts(await reply.receive()), [asked]);
        await reply.send(`to ${asked}`);
      }
      assert.deepEqual(texts(await request.receive()), ["to second"]);
    }));

  test(`a Dealer takes from its peers in turn, over ${transport}`, () =>
    withSockets(async (keep) => {
      const dealer = keep(new Dealer());
      const others = [1, 2, 3].map(() => keep(new Dealer()));
      for (const other of others) await join(dealer, other, transport);
      for (const [i, other] of others.entries()) {
        await other.sendMany([`${i}`, `${i}`, `${i}`]);
      }
      await until("all is in", () => dealer.stats().receiveQueue === 9);
      for (let round = 0; round < 3; round++) {
        const heard = new Set<string>();
        for (let i = 0; i < 3; i++) heard.add(texts(await dealer.receive())[0]);
        assert.equal(heard.size, 3);
      }
    }));

  test(`a Router that was probed can speak first, over ${transport}`, () =>
    withSockets(async (keep) => {
      for (const make of [Dealer, Router]) {
        const router = keep(new Router({ mandatory: true }));
        const prober = keep(new make({ routingId: "X", probeRouter: true }));
        await join(router, prober, transport);
        assert.deepEqual(texts(await router.receive()), ["X", ""]);
        await router.send(["X", "hello"]);
        assert.equal(texts(await prober.receive()).at(-1), "hello");
      }
    }));

  test(`a mandatory Router refuses a full peer at once, drops nothing, and goes on when it is read, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(
        new Router({ mandatory: true, sendHighWaterMark: 1 }),
      );
      const dealer = keep(
        new Dealer({ routingId: "X", receiveHighWaterMark: 1 }),
      );
      await join(router, dealer, transport);
      await dealer.send("here");
      await router.receive();
      const body = new Uint8Array(1_000_000);
      let sent = 0;
      for (;;) {
        try {
          await router.send(["X", body], { timeout: 0 });
          sent++;
        } catch (error) {
          assert.equal((error as { code: string }).code, "EAGAIN");
          // The kernel may still take what waits.
          if (!await roomSoon(router)) break;
        }
      }
      assert.ok(sent >= 2);
      for (let i = 0; i < sent; i++) {
        assert.equal((await dealer.receive())[0].length, body.length);
      }
      await within("there is room", router.send(["X", "last"]));
      assert.deepEqual(texts(await dealer.receive()), ["last"]);
      assert.equal(router.stats().drops, 0);
    }));

  test(`each bit of notify tells of its own, over ${transport}`, () =>
    withSockets(async (keep) => {
      for (const notify of [1, 2]) {
        const router = keep(new Router({ notify }));
        const dealer = keep(new Dealer({ routingId: "X" }));
        await join(router, dealer, transport);
        await dealer.send("hello");
        const seen = [];
        if (notify === 1) seen.push(texts(await router.receive())[1]);
        assert.deepEqual(texts(await router.receive()), ["X", "hello"]);
        await dealer.closeAsync();
        await until("it has gone", () => router.stats().peers === 0);
        if (notify === 2) seen.push(texts(await router.receive())[1]);
        assert.deepEqual(seen, [""]);
        assert.equal(router.readable, false);
      }
      for (const wrong of [-1, 4]) {
        assert.throws(() => new Router({ notify: wrong }), { code: "EINVAL" });
      }
      assert.throws(() => keep(new Dealer()).setOption(97, 1), {
        code: "EINVAL",
      });
    }));

  test(`after a disconnect there is nobody to send to, over ${transport}`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull());
      const push = keep(new Push());
      const address = await join(pull, push, transport);
      await push.send("x");
      assert.deepEqual(texts(await pull.receive()), ["x"]);
      push.disconnect(address);
      await assert.rejects(push.send("y", { timeout: 0 }), { code: "EAGAIN" });
    }));
}

test("after an unbind there is nobody to send to", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pull = keep(new Pull());
    const address = await join(push, pull, "tcp");
    await push.send("x");
    assert.deepEqual(texts(await pull.receive()), ["x"]);
    await push.unbind(address);
    await assert.rejects(push.send("y", { timeout: 0 }), { code: "EAGAIN" });
  }));

test("a Router says nothing of who failed the handshake", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ notify: 3 }));
    await router.bind("tcp://127.0.0.1:*");
    let ended = 0;
    router.events.on("disconnect", () => ended++);
    const wrong = await RawPeer.connect(router.lastEndpoint!, "PUSH");
    wrong.write(concat(greeting(), ready("PUSH")));
    await within("it is refused", wrong.closed);
    const early = await RawPeer.connect(router.lastEndpoint!, "DEALER");
    early.write(greeting());
    await early.read(64);
    await early.close();
    await until("both are over", () => ended === 2);
    assert.equal(router.readable, false);
    await wrong.close();
  }));

test("of a message that its sender began and left nothing is seen but that he left", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ notify: 2 }));
    await router.bind("tcp://127.0.0.1:*");
    const raw = await RawPeer.connect(router.lastEndpoint!, "DEALER");
    raw.write(concat(
      greeting(),
      ready("DEALER", property("Identity", "X")),
      message("whole"),
      frame(1, "begun"),
    ));
    assert.deepEqual(texts(await router.receive()), ["X", "whole"]);
    await raw.close();
    assert.deepEqual(texts(await router.receive()), ["X", ""]);
    assert.equal(router.readable, false);
  }));

test("the name that connect gives goes to that connection, not to a peer that has not said its own", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ mandatory: true }));
    await router.bind("tcp://127.0.0.1:*");
    const unnamed = await RawPeer.connect(router.lastEndpoint!, "DEALER");
    unnamed.write(greeting());
    await unnamed.read(64);
    const dealer = keep(new Dealer());
    await dealer.bind("tcp://127.0.0.1:*");
    router.connect(dealer.lastEndpoint!, { routingId: "X" });
    unnamed.write(concat(ready("DEALER"), message("from the other")));
    const [id, body] = await router.receive();
    assert.deepEqual(texts([body]), ["from the other"]);
    assert.equal(id.length, 5);
    await router.send(["X", "for the dealer"]);
    assert.deepEqual(texts(await dealer.receive()), ["for the dealer"]);
    // It is spent: the next one is named as ever.
    const next = keep(new Dealer({ routingId: "own" }));
    await next.bind("tcp://127.0.0.1:*");
    router.connect(next.lastEndpoint!);
    await next.send("hello");
    assert.deepEqual(texts(await router.receive()), ["own", "hello"]);
    await unnamed.close();
  }));

test("two Routers meet by a name that connect gave, and one that it didn't", () =>
  withSockets(async (keep) => {
    for (const routingId of ["given", undefined]) {
      const a = keep(new Router({ routingId: "a" }));
      const b = keep(new Router({ mandatory: true, routingId: "b" }));
      await a.bind("tcp://127.0.0.1:*");
      const name = routingId ?? "a";
      b.connect(a.lastEndpoint!, { routingId });
      if (routingId === undefined) {
        await until("it is known", () => {
          try {
            return b.peerState(bytes('"a"')).writable;
          } catch {
            return false;
          }
        });
      }
      await b.send([name, "hello"]);
      assert.deepEqual(texts(await a.receive()), ["b", "hello"]);
      await a.send(["b", "back"]);
      assert.deepEqual(texts(await b.receive()), [name, "back"]);
    }
  }));

/** Whether a peer has room after a while: the kernel takes what it takes at once. */
async function roomSoon(router: Router): Promise<boolean> {
  for (let i = 0; i < 20; i++) {
    if (router.peerState("X").writable) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}
