// udp: groups and datagrams over the network of this machine, and what does not
// fit it.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { Context, Datagram, Dish, Pull, Radio } from "../../mod.ts";
import { background } from "../../src/background/background.ts";
import { SimulatedWorld } from "../../src/testing/testing.ts";
import { texts } from "../support/bytes.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

const LOOPBACK = "udp://127.0.0.1:*";

/** A plain socket of this runtime. */
async function plain(): Promise<{
  port: number;
  got: Uint8Array[];
  send(bytes: Uint8Array, port: number): void;
  close(): void;
}> {
  const socket = createSocket("udp4");
  const got: Uint8Array[] = [];
  socket.on("message", (bytes) => got.push(new Uint8Array(bytes)));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    got,
    send: (bytes, port) => socket.send(bytes, port, "127.0.0.1"),
    close: () => socket.close(),
  };
}

const port = (address: string) => Number(address.split(":").at(-1));

/** Sends until something has been heard: a datagram may come before its reader. */
async function hears(
  radio: Radio,
  dish: Dish,
  group: string,
): Promise<string[]> {
  let heard: string[] | null = null;
  const hearing = dish.receive().then((message) => heard = texts(message));
  while (heard === null) {
    await radio.send([group, "body"]);
    await sleep(5);
  }
  await hearing;
  return heard;
}

test("an address that was unbound, or whose socket was closed, is free at once", () =>
  withSockets(async (keep) => {
    const make = [() => keep(new Dish()), () => keep(new Datagram())];
    for (const one of make) {
      const first = one();
      await first.bind("udp://127.0.0.1:*");
      const address = first.lastEndpoint!;
      await first.unbind(address);
      await first.bind(address);
      await first.closeAsync();
      const second = one();
      await second.bind(address);
      await second.closeAsync();
    }
  }));

test("a Dish gets the groups that it joined, from a Radio over udp", () =>
  withSockets(async (keep) => {
    const dish = keep(new Dish());
    dish.join("news");
    await dish.bind(LOOPBACK);
    assert.match(dish.lastEndpoint!, /^udp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    const radio = keep(new Radio());
    radio.connect(dish.lastEndpoint!);
    for (const group of ["other", "news", "newsroom", "news"]) {
      await radio.send([group, group]);
    }
    assert.deepEqual(texts(await dish.receive()), ["news", "news"]);
    assert.deepEqual(texts(await dish.receive()), ["news", "news"]);
    dish.leave("news");
    dish.join("later");
    await radio.send(["news", "1"]);
    await radio.send(["later", "2"]);
    assert.deepEqual(texts(await dish.receive()), ["later", "2"]);
  }));

test("a group is heard by several Dishes on one port", () =>
  withSockets(async (keep) => {
    const [one, two] = [keep(new Dish()), keep(new Dish())];
    one.join("g");
    two.join("g");
    await one.bind("udp://127.0.0.1;239.192.7.1:*");
    const address = one.lastEndpoint!;
    assert.match(address, /^udp:\/\/127\.0\.0\.1;239\.192\.7\.1:[1-9]\d*$/);
    await two.bind(address);
    const radio = keep(new Radio());
    radio.connect(address);
    assert.deepEqual(await hears(radio, one, "g"), ["g", "body"]);
    assert.deepEqual(await hears(radio, two, "g"), ["g", "body"]);
  }));

test("a Radio and a Dish speak IPv6 when they may", () =>
  withSockets(async (keep) => {
    const dish = keep(new Dish({ ipv6: true }));
    dish.join("g");
    await dish.bind("udp://[::1]:*");
    const radio = keep(new Radio({ ipv6: true }));
    radio.connect(dish.lastEndpoint!);
    assert.deepEqual(await hears(radio, dish, "g"), ["g", "body"]);
    const four = keep(new Dish());
    await assert.rejects(four.bind("udp://[::1]:*"), { code: "ENODEV" });
  }));

test("a bind that the socket's close overtakes is told EBADF", () =>
  withSockets(async (keep) => {
    const dish = keep(new Dish());
    const bound = dish.bind("udp://127.0.0.1:*");
    dish.close();
    await assert.rejects(bound, { code: "EBADF" });
  }));

test("two Datagrams send to each other by address", () =>
  withSockets(async (keep) => {
    const [a, b] = [keep(new Datagram()), keep(new Datagram())];
    await a.bind(LOOPBACK);
    await b.bind(LOOPBACK);
    await a.send([b.lastEndpoint!.slice(6), "question"]);
    const [from, question] = await b.receive();
    assert.equal(texts([from])[0], `${a.lastEndpoint!.slice(6)}\0`);
    assert.deepEqual(texts([question]), ["question"]);
    await b.send([from, "answer"]);
    assert.deepEqual(texts((await a.receive()).slice(1)), ["answer"]);
    await b.send(["nowhere", "lost"]);
    await b.send(["1.2.3.4:0", "lost"]);
    await b.send([from, ""]);
    assert.deepEqual(texts((await a.receive()).slice(1)), [""]);
    await b.send([from, "next"]);
    assert.deepEqual(texts((await a.receive()).slice(1)), ["next"]);
  }));

test("a datagram is the name of a group, its length before it, and a body", () =>
  withSockets(async (keep) => {
    const peer = await plain();
    try {
      const radio = keep(new Radio());
      radio.connect(`udp://127.0.0.1:${peer.port}`);
      await radio.send(["grp", "body"]);
      await radio.send(["", "x"]);
      await until("they came", () => peer.got.length === 2);
      assert.equal(
        Buffer.from(peer.got[0]).toString("hex"),
        "03677270626f6479",
      );
      assert.equal(Buffer.from(peer.got[1]).toString("hex"), "0078");
    } finally {
      peer.close();
    }
  }));

for (const threads of [{}, { background }]) {
  const where = "background" in threads
    ? ", with its endpoint in a thread"
    : "";
  test(`a Datagram has one endpoint: binding it again is EBUSY, and the first goes on${where}`, async () => {
    await using context = new Context(threads);
    using a = new Datagram({ context });
    using b = new Datagram({ context });
    const busy = { name: "ZmqError", code: "EBUSY" };
    const first = a.bind(LOOPBACK);
    await assert.rejects(a.bind(LOOPBACK), busy);
    await first;
    const address = a.lastEndpoint!;
    await assert.rejects(a.bind(LOOPBACK), busy);
    assert.equal(a.lastEndpoint, address);
    await b.bind(LOOPBACK);
    await b.send([address.slice("udp://".length), "hello"]);
    assert.deepEqual(texts((await a.receive()).slice(1)), ["hello"]);
    a.unbind(address);
    await a.bind(LOOPBACK);
    await b.send([a.lastEndpoint!.slice("udp://".length), "there"]);
    assert.deepEqual(texts((await a.receive()).slice(1)), ["there"]);
  });
}

test("a datagram that holds at most 8192 bytes is sent; a longer one is a drop of a Radio, and EMSGSIZE for a Datagram", () =>
  withSockets(async (keep) => {
    const peer = await plain();
    try {
      const radio = keep(new Radio());
      radio.connect(`udp://127.0.0.1:${peer.port}`);
      await radio.send(["g", new Uint8Array(8191)]);
      await radio.send(["g", new Uint8Array(8190)]);
      await until("one came", () => peer.got.length === 1);
      assert.equal(peer.got[0].length, 8192);
      assert.equal(radio.stats().drops, 1);
      const datagram = keep(new Datagram());
      await datagram.bind(LOOPBACK);
      const to = `127.0.0.1:${peer.port}`;
      await assert.rejects(
        async () => await datagram.send([to, new Uint8Array(8193)]),
        { code: "EMSGSIZE" },
      );
      await datagram.send([to, new Uint8Array(8192)]);
      await until("the other came", () => peer.got.length === 2);
    } finally {
      peer.close();
    }
  }));

test("a Datagram gets an empty datagram, and sends one", () =>
  withSockets(async (keep) => {
    const peer = await plain();
    try {
      const datagram = keep(new Datagram());
      await datagram.bind(LOOPBACK);
      peer.send(Uint8Array.of(), port(datagram.lastEndpoint!));
      const [from, body] = await within("it comes", datagram.receive());
      assert.equal(body.length, 0);
      await datagram.send([from, body]);
      await until("it came back", () => peer.got.length === 1);
      assert.equal(peer.got[0].length, 0);
    } finally {
      peer.close();
    }
  }));

test("a Dish drops datagrams that are cut short, empty or too long, and goes on", () =>
  withSockets(async (keep) => {
    const peer = await plain();
    try {
      const dish = keep(new Dish());
      dish.join("ok");
      await dish.bind(LOOPBACK);
      const to = port(dish.lastEndpoint!);
      const random = new Uint8Array(700).map((_, i) => i * 73);
      for (
        const bad of [
          Uint8Array.of(),
          Uint8Array.of(5, 1, 2),
          Uint8Array.of(255),
          new Uint8Array(9000),
          random,
        ]
      ) peer.send(bad, to);
      await sleep(20);
      peer.send(Uint8Array.of(2, 0x6f, 0x6b, 1), to);
      const [, body] = await within("the good one", dish.receive());
      assert.deepEqual([...body], [1]);
      assert.ok(dish.stats().drops >= 3, "drops are counted");
    } finally {
      peer.close();
    }
  }));

test("a Dish that nobody reads keeps as many messages as its high-water mark says", () =>
  withSockets(async (keep) => {
    const dish = keep(new Dish({ receiveHighWaterMark: 10 }));
    dish.join("g");
    await dish.bind(LOOPBACK);
    const radio = keep(new Radio());
    radio.connect(dish.lastEndpoint!);
    for (let i = 0; i < 100; i++) {
      await radio.send(["g", `${i}`]);
      await sleep(0);
    }
    await until("some were dropped", () => dish.stats().drops > 0);
    let count = 0;
    while (dish.tryReceive() !== undefined) count++;
    assert.equal(count, 10);
  }));

test("udp takes a Radio that connects, a Dish and a Datagram that bind, and nobody else", () =>
  withSockets(async (keep) => {
    const address = "udp://127.0.0.1:5555";
    const refused = { code: "ENOCOMPATPROTO" };
    await assert.rejects(keep(new Radio()).bind(address), refused);
    await assert.rejects(keep(new Pull()).bind(address), refused);
    assert.throws(() => keep(new Dish()).connect(address), refused);
    assert.throws(() => keep(new Datagram()).connect(address), refused);
    assert.throws(() => keep(new Pull()).connect(address), refused);
  }));

test("a Datagram of both families sends to addresses of IPv4 as they are written", () =>
  withSockets(async (keep) => {
    const both = keep(new Datagram({ ipv6: true }));
    const four = keep(new Datagram());
    await both.bind("udp://*:*");
    await four.bind(LOOPBACK);
    await both.send([four.lastEndpoint!.slice(6), "hello"]);
    const [from, body] = await within("it comes", four.receive());
    assert.deepEqual(texts([from, body]), [
      `127.0.0.1:${port(both.lastEndpoint!)}\0`,
      "hello",
    ]);
    await four.send([from, "answer"]);
    const [mapped, answer] = await both.receive();
    assert.deepEqual(texts([answer]), ["answer"]);
    await both.send([mapped, "again"]);
    assert.deepEqual(texts((await four.receive()).slice(1)), ["again"]);
  }));

test("addresses of udp that break a rule are refused", () =>
  withSockets(async (keep) => {
    const dish = keep(new Dish());
    // What takes the scope of an address takes an unknown one for the system's choice.
    const six = keep(new Dish({ ipv6: true }));
    await assert.rejects(six.bind("udp://nosuch0;[ff02::7:2]:*"), {
      code: "ENODEV",
    });
    for (
      const [address, code] of [
        ["udp://127.0.0.1", "EINVAL"],
        ["udp://:5555", "EINVAL"],
        ["udp://127.0.0.1:70000", "EINVAL"],
        ["udp://127.0.0.1;127.0.0.1:5555", "EINVAL"],
        ["udp://127.0.0.1;[ff02::1]:5555", "ENODEV"],
        ["udp://nosuch0;239.192.7.2:*", "ENODEV"],
        ["udp://constructor;239.192.7.2:*", "ENODEV"],
        ["udp://192.0.2.1:*", "EADDRNOTAVAIL"],
      ]
    ) await assert.rejects(dish.bind(address), { code }, address);
    const radio = keep(new Radio());
    for (const address of ["udp://*:5555", "udp://127.0.0.1:0"]) {
      assert.throws(() => radio.connect(address), { code: "EINVAL" }, address);
    }
  }));

test("a port that is taken is EADDRINUSE, and free again after unbind", () =>
  withSockets(async (keep) => {
    const [one, two] = [keep(new Dish()), keep(new Dish())];
    await one.bind(LOOPBACK);
    const address = one.lastEndpoint!;
    await assert.rejects(two.bind(address), { code: "EADDRINUSE" });
    one.unbind(address);
    const free = async () => {
      for (;;) {
        try {
          return await two.bind(address);
        } catch {
          await sleep(5);
        }
      }
    };
    await within("it is free", free());
  }));

test("what a Radio sent right before it closes still leaves", () =>
  withSockets(async (keep) => {
    const peer = await plain();
    try {
      const radio = new Radio();
      radio.connect(`udp://127.0.0.1:${peer.port}`);
      for (let i = 0; i < 50; i++) await radio.send(["g", `${i}`]);
      await radio.closeAsync();
      await until("all came", () => peer.got.length === 50);
      keep(new Dish());
    } finally {
      peer.close();
    }
  }));

test("multicastLoop and multicastHops reach the socket, and hosts that lose datagrams lose messages, in a simulated world", async () => {
  const world = new SimulatedWorld({ seed: 5, loss: 0.3, duplication: 0.1 });
  const here = new Context({ adapter: world.host("here").adapter() });
  const there = new Context({ adapter: world.host("there").adapter() });
  const far = new Dish({ context: there });
  const near = new Dish({ context: here });
  for (const dish of [far, near]) {
    dish.join("g");
    dish.bind("udp://239.192.7.3:5555");
  }
  await world.run(10);
  const radio = new Radio({ context: here, multicastLoop: false });
  radio.connect("udp://239.192.7.3:5555");
  for (let i = 0; i < 200; i++) radio.send(["g", `${i}`]);
  await world.run(1000);
  const got = new Set<string>();
  let copies = 0;
  for (let m = far.tryReceive(); m !== undefined; m = far.tryReceive()) {
    got.add(texts(m)[1]);
    copies++;
  }
  assert.ok(got.size > 100 && got.size < 180, `${got.size} of 200`);
  assert.ok(copies > got.size, "some came twice");
  assert.equal(near.tryReceive(), undefined);
  const ended = Promise.all([here.terminate(), there.terminate()]);
  await world.run(1000);
  await ended;
});
