import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { inspect } from "node:util";
import { Publisher, Pull, Push, Request, Subscriber, text } from "../../mod.ts";
import { blackHole } from "../support/black_hole.ts";
import { texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { freeEndpoint, join, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { frame, message } from "../support/zmtp.ts";

const hasIpv6 = Object.values(networkInterfaces()).flat().some((address) =>
  address?.address === "::1"
);

test("a port of * or 0 is a free one, and lastEndpoint tells which", () =>
  withSockets(async (keep) => {
    for (const wish of ["tcp://127.0.0.1:*", "tcp://127.0.0.1:0"]) {
      const pull = keep(new Pull());
      await pull.bind(wish);
      assert.match(pull.lastEndpoint!, /^tcp:\/\/127\.0\.0\.1:[1-9]\d+$/);
    }
  }));

test("a host of * is every interface, and what lastEndpoint says can be connected to and unbound", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push());
    await pull.bind("tcp://*:*");
    const address = pull.lastEndpoint!;
    assert.match(address, /^tcp:\/\/0\.0\.0\.0:\d+$/);
    push.connect(address);
    await push.send("x");
    assert.deepEqual(texts(await pull.receive()), ["x"]);
    push.disconnect(address);
    await pull.unbind(address);
  }));

test("console.log shows a socket's endpoints and how many peers there are", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    assert.equal(inspect(pull), "Pull { peers: 0 }");
    await pull.bind("inproc://shown");
    const push = keep(new Push());
    push.connect("inproc://shown");
    assert.equal(inspect(pull), "Pull { bound: inproc://shown, peers: 1 }");
    assert.equal(
      inspect([push]),
      "[ Push { connected: inproc://shown, peers: 1 } ]",
    );
    push.close();
    assert.equal(inspect(push), "Push { closed }");
    assert.match(inspect(Push.prototype), /^(?:Push|WritableSocket)\b/);
  }));

test("with ipv6 a host of * takes both families, in brackets", () =>
  withSockets(async (keep) => {
    if (!hasIpv6) return;
    const pull = keep(new Pull({ ipv6: true }));
    await pull.bind("tcp://*:*");
    assert.match(pull.lastEndpoint!, /^tcp:\/\/\[::\]:\d+$/);
    const port = pull.lastEndpoint!.split(":").at(-1);
    const four = keep(new Push());
    four.connect(`tcp://127.0.0.1:${port}`);
    await four.send("4");
    const six = keep(new Push({ ipv6: true }));
    six.connect(`tcp://[::1]:${port}`);
    await six.send("6");
    const got = [
      text((await pull.receive())[0]),
      text((await pull.receive())[0]),
    ];
    assert.deepEqual(got.sort(), ["4", "6"]);
    await pull.bind("tcp://[::1]:*");
    assert.match(pull.lastEndpoint!, /^tcp:\/\/\[::1\]:\d+$/);
    await pull.bind("tcp://::1:*");
    assert.match(pull.lastEndpoint!, /^tcp:\/\/\[::1\]:\d+$/);
  }));

test("hosts can be names, and interfaces where one binds", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind("tcp://localhost:*");
    const push = keep(new Push());
    push.connect(`tcp://localhost:${pull.lastEndpoint!.split(":").at(-1)}`);
    await push.send("x");
    assert.deepEqual(texts(await pull.receive()), ["x"]);
    await pull.bind("tcp://lo:*");
    assert.match(pull.lastEndpoint!, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  }));

test("a name that isn't there doesn't throw: it is looked up again at each attempt", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ reconnectInterval: 10 }));
    const { events } = push;
    push.connect("tcp://nowhere.invalid:5555");
    let retries = 0;
    for await (const event of events) {
      if (event.type === "connect:retry" && ++retries === 2) break;
    }
  }));

test("binding where one can't be says why", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await assert.rejects(pull.bind("tcp://192.0.2.1:*"), {
      code: "EADDRNOTAVAIL",
    });
    await assert.rejects(pull.bind("tcp://nowhere.invalid:*"), {
      code: "ENODEV",
    });
    await assert.rejects(pull.bind("tcp://[::1]:*"), { code: "ENODEV" });
    const schemes = ["vsock", "udp6", "tipc", "vmci", "pgm", "norm", "bogus"];
    for (const scheme of schemes) {
      await assert.rejects(pull.bind(`${scheme}://x`), {
        code: "EPROTONOSUPPORT",
      });
    }
    await assert.rejects(pull.bind(`inproc://${"x".repeat(257)}`), {
      code: "EINVAL",
    });
  }));

test("an endpoint is unbound by its address and by the one it was given, unless that left something to be chosen", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push());
    const free = (await freeEndpoint("tcp")).split(":").at(-1)!;
    for (
      const given of [
        `tcp://localhost:${free}`,
        `tcp://*:${free}`,
        `ws://127.0.0.1:${free}`,
      ]
    ) {
      await pull.bind(given);
      assert.notEqual(pull.lastEndpoint, given);
      await pull.unbind(given);
      await pull.bind(given);
      await pull.unbind(pull.lastEndpoint!);
      push.connect(given.replace("*", "localhost"));
      push.disconnect(given.replace("*", "localhost"));
    }
    for (
      const given of ["tcp://127.0.0.1:*", "ws://127.0.0.1:*/x", "ipc://*"]
    ) {
      await pull.bind(given);
      await assert.rejects(pull.unbind(given), { code: "ENOENT" });
    }
  }));

test("unbinding ends the connections that came in, and nothing else", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pulls = [keep(new Pull()), keep(new Pull())];
    await push.bind("tcp://127.0.0.1:*");
    const first = push.lastEndpoint!;
    pulls[0].connect(first);
    await push.bind("tcp://127.0.0.1:*");
    pulls[1].connect(push.lastEndpoint!);
    await until("both have come", () => push.stats().peers === 2);
    await push.unbind(first);
    await until("one has gone", () => push.stats().peers === 1);
    for (let i = 0; i < 3; i++) await push.send(`${i}`);
    for (let i = 0; i < 3; i++) {
      assert.equal(text((await pulls[1].receive())[0]), `${i}`);
    }
    await push.unbind(push.lastEndpoint!);
    await until("the other has gone", () => push.stats().peers === 0);
    assert.equal(push.trySend("x"), false);
  }));

test("disconnecting ends a connection after what was accepted has gone out", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pull = keep(new Pull());
    const address = await join(pull, push, "tcp");
    for (let i = 0; i < 500; i++) await push.send(`${i}`);
    push.disconnect(address);
    assert.equal(push.trySend("x"), false);
    for (let i = 0; i < 500; i++) {
      assert.equal(text((await pull.receive())[0]), `${i}`);
    }
    await until("it has gone", () => pull.stats().peers === 0);
  }));

test("a second connect to the same address does nothing on Request, Publisher and Subscriber, and connects again on others", () =>
  withSockets((keep) => {
    const cases = [
      [new Request(), 1],
      [new Publisher(), 1],
      [new Subscriber(), 1],
      [new Push(), 2],
      [new Pull(), 2],
    ] as const;
    for (const [socket, peers] of cases) {
      keep(socket);
      socket.connect("tcp://127.0.0.1:1");
      socket.connect("tcp://127.0.0.1:1");
      assert.equal(socket.stats().peers, peers);
      socket.disconnect("tcp://127.0.0.1:1");
      assert.equal(socket.stats().peers, 0);
    }
  }));

test("what was given up may be disconnected as well, and connected again", () =>
  withSockets(async (keep) => {
    const address = await freeEndpoint("tcp");
    const push = keep(new Push({ plainUsername: "a", plainPassword: "b" }));
    const pull = keep(new Pull());
    await pull.bind(address);
    push.connect(address);
    await until("it gives up", () => push.stats().givenUp.length === 1);
    push.disconnect(address);
    assert.throws(() => push.disconnect("tcp://127.0.0.1:1"), {
      code: "ENOENT",
    });
    push.plainUsername = null;
    push.connect(address);
    await push.send("again");
    assert.deepEqual(texts(await pull.receive()), ["again"]);
  }));

test("a connector that an option stops after a handshake, or a connection, counts as given up, without an event", () =>
  withSockets(async (keep) => {
    for (
      const [options, handshaken] of [
        [{ reconnectStop: 2, handshakeInterval: 50 }, false],
        [{ reconnectInterval: -1, handshakeInterval: 50 }, false],
        [{ reconnectInterval: -1 }, true],
      ] as const
    ) {
      const deaf = createServer((socket) => void socket.resume());
      deaf.listen(0, "127.0.0.1");
      await once(deaf, "listening");
      const { port } = deaf.address() as AddressInfo;
      const pull = new Pull();
      await pull.bind("tcp://127.0.0.1:*");
      const address = handshaken
        ? pull.lastEndpoint!
        : `tcp://127.0.0.1:${port}`;
      const push = keep(new Push({ ...options, linger: 0 }));
      const closed: (string | undefined)[] = [];
      push.events.on("close", ({ error }) => closed.push(error?.code));
      push.connect(address);
      if (handshaken) {
        await push.send("x");
        await pull.receive();
      }
      await pull.closeAsync();
      const code = handshaken ? "EPIPE" : "ETIMEDOUT";
      await until("it stops", () => push.stats().givenUp.length > 0);
      assert.deepEqual(push.stats().givenUp, [{ address, code }]);
      await sleep(1);
      assert.deepEqual(closed, []);
      push.disconnect(address);
      deaf.close();
    }
  }));

test("what was sent while a peer was away arrives when it is back, in order and once", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ reconnectInterval: 10 }));
    const first = new Pull();
    const address = await join(first, push, "tcp");
    await push.send("first");
    assert.deepEqual(texts(await first.receive()), ["first"]);
    await first.closeAsync();
    await until("it is away", () => push.stats().sendQueue === 0);
    await sleep(20);
    for (let i = 0; i < 100; i++) await push.send(`${i}`);
    const second = keep(new Pull());
    await second.bind(address);
    for (let i = 0; i < 100; i++) {
      assert.equal(text((await second.receive())[0]), `${i}`);
    }
    await sleep(20);
    assert.equal(second.tryReceive(), undefined);
  }));

test("of a connection that dies, only what was handed to it is lost", () =>
  withSockets(async (keep) => {
    const push = keep(
      new Push({ reconnectInterval: 10, sendHighWaterMark: 0 }),
    );
    const peer = await RawPeer.listen("PULL");
    push.connect(peer.address);
    await peer.shakenHands();
    peer.pause();
    const body = "x".repeat(10_000);
    let sent = 0;
    while (push.stats().sendQueue < 1000) {
      await push.send([`${sent++}`, body]);
      if (sent % 100 === 0) await sleep(1);
    }
    await peer.close();
    const pull = keep(new Pull());
    await pull.bind(peer.address);
    const got: number[] = [];
    while (got.at(-1) !== sent - 1) {
      const message = await within("a message", pull.receive());
      assert.equal(message.length, 2);
      assert.equal(message[1].length, 10_000);
      got.push(Number(text(message[0])));
    }
    // From some message on every one is there, once and in order.
    got.forEach((number, i) => assert.equal(number, got[0] + i));
    assert.ok(
      got.length > 900,
      `only ${got.length} of the 1000 that waited came`,
    );
  }));

test("with a reconnect interval of -1 nobody comes back by himself", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ reconnectInterval: -1 }));
    const first = new Pull();
    const address = await join(first, push, "tcp");
    await first.closeAsync();
    await until("it has gone", () => push.stats().peers === 0);
    const second = keep(new Pull());
    await second.bind(address);
    await sleep(100);
    assert.equal(second.stats().peers, 0);
    push.connect(address);
    await push.send("x");
    assert.deepEqual(texts(await second.receive()), ["x"]);
  }));

test("a connector that gives up for good says why", () =>
  withSockets(async (keep) => {
    const hole = await blackHole();
    try {
      for (
        const [address, options, code] of [
          ["tcp://127.0.0.1:1", { reconnectInterval: -1 }, "ECONNREFUSED"],
          ["tcp://127.0.0.1:1", { reconnectStop: 1 }, "ECONNREFUSED"],
          [
            `tcp://127.0.0.1:${hole.port}`,
            { reconnectInterval: -1, connectTimeout: 50 },
            "ETIMEDOUT",
          ],
          ["tcp://127.0.0.1:1", { reconnectInterval: 1 }, undefined],
        ] as const
      ) {
        const push = keep(new Push(options));
        const closes: unknown[] = [];
        push.events.on("close", ({ error }) => closes.push(error?.code));
        push.connect(address);
        const send = push.send("", { timeout: 5000 });
        await until("it has failed", () => closes.length > 0);
        assert.deepEqual(closes.slice(0, 1), [code]);
        push.close();
        await Promise.allSettled([send]);
      }
    } finally {
      await hole.close();
    }
  }));

test("immediate sends to complete connections only", () =>
  withSockets(async (keep) => {
    for (const immediate of [false, true]) {
      const push = keep(new Push({ immediate, linger: 0 }));
      const pull = keep(new Pull());
      await join(pull, push, "tcp");
      await until("it is writable", () => push.writable);
      push.connect("tcp://127.0.0.1:1");
      for (let i = 0; i < 10; i++) await push.send(`${i}`);
      await sleep(30);
      assert.equal(pull.stats().receiveQueue, immediate ? 10 : 5);
    }
  }));

test("immediate: a peer that goes leaves nothing to send to, and one that comes back does", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ immediate: true, reconnectInterval: 10 }));
    const first = new Pull();
    const address = await join(first, push, "tcp");
    await push.send("x");
    await first.closeAsync();
    await until("it has gone", () => push.stats().peers === 0);
    await assert.rejects(push.send("y", { timeout: 0 }), { code: "EAGAIN" });
    const second = keep(new Pull());
    await second.bind(address);
    await push.send("z");
    assert.deepEqual(texts(await second.receive()), ["z"]);
  }));

test("handshakeInterval ends a connection whose peer says nothing, and one that says a byte now and then", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ handshakeInterval: 300 }));
    await pull.bind("tcp://127.0.0.1:*");
    const silent = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
    const slow = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
    const drip = setInterval(
      () => slow.gone || slow.write(Uint8Array.of(0xff)),
      100,
    );
    await within("the silent one", silent.closed);
    await within("the slow one", slow.closed);
    clearInterval(drip);
    await silent.close();
    await slow.close();
  }));

test("maxMessageSize hangs up on a larger frame, takes one of its size, and lets others be", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ maxMessageSize: 1000 }));
    await pull.bind("tcp://127.0.0.1:*");
    const push = keep(new Push());
    push.connect(pull.lastEndpoint!);
    const offender = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
    await offender.shakenHands();
    offender.write(message("x".repeat(1000)));
    assert.equal((await pull.receive())[0].length, 1000);
    offender.write(frame(0, "x".repeat(1001)));
    await within("it is cut off", offender.closed);
    await push.send("fine");
    assert.deepEqual(texts(await pull.receive()), ["fine"]);
    await offender.close();
  }));

test("heartbeats give up a peer that is silent and keep one that answers", () =>
  withSockets(async (keep) => {
    const pull = keep(
      new Pull({ heartbeatInterval: 50, heartbeatTimeout: 100 }),
    );
    await pull.bind("tcp://127.0.0.1:*");
    const silent = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
    await silent.shakenHands();
    const push = keep(new Push());
    push.connect(pull.lastEndpoint!);
    await within("the silent one", silent.closed);
    await sleep(200);
    assert.equal(pull.stats().peers, 1);
    await push.send("still here");
    assert.deepEqual(texts(await pull.receive()), ["still here"]);
    await silent.close();
  }));

test("a time to live makes the other side hang up when we fall silent", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
    await peer.shakenHands();
    peer.write(frame(4, Uint8Array.of(4, 0x50, 0x49, 0x4e, 0x47, 0, 1)));
    await within("it hangs up", peer.closed);
    await peer.close();
  }));

test("a peer of ZMTP 3.0 subscribes and is subscribed to by messages", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher());
    await publisher.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(publisher.lastEndpoint!, "SUB");
    await peer.shakenHands(0);
    peer.write(message("\u0001a"));
    await until("it is subscribed", () => {
      publisher.trySend("ab");
      return peer.unread > 0;
    });
    peer.write(message("\u0000a"));
    await peer.close();
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("AB");
    const listener = await RawPeer.listen("PUB");
    subscriber.connect(listener.address);
    await listener.shakenHands(0);
    assert.deepEqual([...await listener.read(5)], [0, 3, 1, 65, 66]);
    await listener.close();
  }));

test("reconnecting takes the base interval and up to as much again, or doubles up to the maximum", () =>
  withSockets(async (keep) => {
    for (const maximum of [0, 80]) {
      const push = keep(
        new Push({ reconnectInterval: 20, reconnectMaxInterval: maximum }),
      );
      const { events } = push;
      push.connect("tcp://127.0.0.1:1");
      const intervals: number[] = [];
      for await (const event of events) {
        if (event.type !== "connect:retry") continue;
        intervals.push(event.interval);
        if (intervals.length === 5) break;
      }
      if (maximum === 0) {
        assert.ok(intervals.every((i) => i >= 20 && i < 40), intervals.join());
      } else {
        assert.deepEqual(intervals, [20, 40, 80, 80, 80]);
      }
    }
  }));
