// epgm on the network of this machine: several publishers and subscribers in one
// group, addresses, and closing.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import {
  Publisher,
  Push,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { pickAdapter } from "../../adapters/pick.ts";
import type { DatagramTarget } from "../../src/runtime/adapter.ts";
import { texts } from "../support/bytes.ts";
import { RUNTIME, script } from "../support/runtime.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

const FAST = { rate: 100_000, recoveryInterval: 10_000 };
let nextPort = 20_000 + Math.floor(Math.random() * 20_000);
const group = () => `epgm://127.0.0.1;239.192.3.1:${nextPort++}`;

/** Sends until it is heard: what was sent before somebody listened is nobody's. */
async function tune(publisher: Publisher, subscriber: Subscriber) {
  let heard = false;
  const hearing = subscriber.receive().then(() => heard = true);
  while (!heard) {
    await publisher.send("tune");
    await sleep(10);
  }
  await hearing;
}

test("a second connect to the same group does nothing", () =>
  withSockets(async (keep) => {
    const address = group();
    const subscriber = keep(new Subscriber(FAST));
    subscriber.subscribe("");
    for (let i = 0; i < 2; i++) subscriber.connect(address);
    const publisher = keep(new Publisher(FAST));
    publisher.connect(address);
    await tune(publisher, subscriber);
    await publisher.send("once");
    const heard: string[] = [];
    while (heard.at(-1) !== "last") {
      if (heard.at(-1) === "once") await publisher.send("last");
      heard.push(...texts(await within("more", subscriber.receive())));
    }
    const rest = heard.filter((text) => text !== "tune");
    assert.deepEqual(rest, ["once", "last"]);
  }));

test("two publishers and two subscribers in one group, with filters", () =>
  withSockets(async (keep) => {
    const address = group();
    const subscribers = [
      keep(new Subscriber({ ...FAST, receiveHighWaterMark: 0 })),
      keep(new Subscriber({ ...FAST, receiveHighWaterMark: 0 })),
    ];
    for (const subscriber of subscribers) {
      subscriber.subscribe("tune");
      subscriber.connect(address);
    }
    const publishers = ["a", "b"].map((name) => ({
      name,
      socket: keep(new Publisher({ ...FAST, sendHighWaterMark: 0 })),
    }));
    for (const { socket } of publishers) await socket.bind(address);
    assert.equal(publishers[0].socket.lastEndpoint, address);
    for (const { socket } of publishers) {
      for (const subscriber of subscribers) await tune(socket, subscriber);
    }
    subscribers[0].subscribe("a");
    subscribers[1].subscribe("a", "b");
    for (let i = 0; i < 300; i++) {
      for (const { name, socket } of publishers) {
        await socket.send([`${name} ${i}`, new Uint8Array(i * 10)]);
      }
    }
    for (const [i, names] of [["a"], ["a", "b"]].entries()) {
      const counts = new Map(names.map((name) => [name, 0]));
      const all = async () => {
        while ([...counts.values()].some((count) => count < 300)) {
          const [head, body] = await subscribers[i].receive();
          const [name, number] = texts([head])[0].split(" ");
          if (name === "tune") continue;
          assert.equal(Number(number), counts.get(name), "in order");
          assert.equal(body.length, Number(number) * 10);
          counts.set(name, counts.get(name)! + 1);
        }
      };
      await within("all of them", all());
    }
  }));

test("an XPublisher sees one subscription to everything, and what an XSubscriber sends goes nowhere", () =>
  withSockets(async (keep) => {
    const address = group();
    const subscriber = keep(new XSubscriber(FAST));
    await subscriber.bind(address);
    const publisher = keep(new XPublisher(FAST));
    publisher.connect(address);
    assert.deepEqual(texts(await publisher.receive()), ["\x01"]);
    await subscriber.send("\x01topic");
    await subscriber.send("upstream");
    let heard = false;
    const hearing = subscriber.receive().then((got) => {
      heard = true;
      return got;
    });
    while (!heard) {
      await publisher.send("anything");
      await sleep(10);
    }
    assert.deepEqual(texts(await hearing), ["anything"]);
    await subscriber.send("upstream");
    assert.equal(publisher.tryReceive(), undefined);
  }));

test("what a Publisher accepted before it closed still leaves", () =>
  withSockets(async (keep) => {
    const address = group();
    const subscriber = keep(
      new Subscriber({ ...FAST, receiveHighWaterMark: 0 }),
    );
    subscriber.subscribe("");
    await subscriber.bind(address);
    const publisher = new Publisher({ ...FAST, sendHighWaterMark: 0 });
    await publisher.bind(address);
    await tune(publisher, subscriber);
    for (let i = 0; i < 200; i++) {
      await publisher.send(`${i} ${"x".repeat(1000)}`);
    }
    await publisher.closeAsync();
    const last = async () => {
      for (;;) {
        const [head] = texts(await subscriber.receive());
        if (head.startsWith("199 ")) return;
      }
    };
    await within("the last one", last());
  }));

test("packets that are larger than any before arrive, too", () =>
  withSockets(async (keep) => {
    const address = group();
    const subscriber = keep(new Subscriber(FAST));
    subscriber.subscribe("");
    subscriber.connect(address);
    const publisher = keep(
      new Publisher({ ...FAST, multicastMaxTransportDataUnit: 60_000 }),
    );
    await publisher.bind(address);
    await tune(publisher, subscriber);
    const lengths = [9000, 10, 20_000, 59_000, 30, 59_000];
    const bodies = lengths.map((n, i) => new Uint8Array(n).fill(i + 1));
    for (const body of bodies) {
      await publisher.send(body);
      // Each in a packet of its own.
      await sleep(5);
    }
    for (let i = 0; i < bodies.length;) {
      const [got] = await within("a message", subscriber.receive());
      if (texts([got])[0] === "tune") continue;
      assert.deepEqual(got, bodies[i++]);
    }
  }));

test("the first packet of a publisher arrives, however large the option lets it be", () =>
  withSockets(async (keep) => {
    const address = group();
    const large = { ...FAST, multicastMaxTransportDataUnit: 32_000 };
    const subscriber = keep(new Subscriber(large));
    subscriber.subscribe("");
    await subscriber.bind(address);
    const publisher = keep(new Publisher(large));
    await publisher.bind(address);
    await publisher.send(new Uint8Array(20_000).fill(1));
    const [got] = await within("it", subscriber.receive());
    assert.deepEqual(got, new Uint8Array(20_000).fill(1));
  }));

test("garbage sent to a group is an event, and the stream goes on", () =>
  withSockets(async (keep) => {
    const address = group();
    const subscriber = keep(new Subscriber(FAST));
    const events: string[] = [];
    subscriber.events.on(
      "datagram:error",
      ({ error }) => events.push(error.code),
    );
    subscriber.subscribe("");
    await subscriber.bind(address);
    const publisher = keep(new Publisher(FAST));
    await publisher.bind(address);
    await tune(publisher, subscriber);
    const stranger = createSocket("udp4");
    try {
      await new Promise<void>((resolve) =>
        stranger.bind(0, "127.0.0.1", resolve)
      );
      stranger.setMulticastInterface("127.0.0.1");
      const port = Number(address.split(":").at(-1));
      for (let i = 0; i < 50; i++) {
        const noise = new Uint8Array(i * 20).fill(i);
        stranger.send(noise, port, "239.192.3.1");
      }
      await until("it is told", () => events.length > 0);
      assert.deepEqual([...new Set(events)], ["EBADMSG"]);
    } finally {
      stranger.close();
    }
    await tune(publisher, subscriber);
  }));

test("epgm takes publishers and subscribers, and a multicast group of IPv4", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const refused = { code: "ENOCOMPATPROTO" };
    await assert.rejects(push.bind(group()), refused);
    assert.throws(() => push.connect(group()), refused);
    const publisher = keep(new Publisher());
    for (
      const [address, code] of [
        ["epgm://127.0.0.1;10.0.0.1:5555", "EINVAL"],
        ["epgm://127.0.0.1;239.192.3.1", "EINVAL"],
        ["epgm://127.0.0.1;239.192.3.1:0", "EINVAL"],
        ["epgm://a;b;c;239.192.3.1:5555", "EINVAL"],
        ["epgm://lo;[ff02::1]:5555", "EAFNOSUPPORT"],
        ["epgm://[::1];239.192.3.1:5555", "EAFNOSUPPORT"],
        ["epgm://nosuch0;239.192.3.1:5555", "ENODEV"],
        ["pgm://127.0.0.1;239.192.3.1:5555", "EPROTONOSUPPORT"],
      ]
    ) await assert.rejects(publisher.bind(address), { code }, address);
    await assert.rejects(publisher.bind("pgm://eth0;239.192.3.1:5555"), /epgm/);
  }));

test("under Deno the name of an interface needs --allow-sys=networkInterfaces, and says so", async () => {
  const permissions = ["--allow-net", "--allow-env=NOUGHT_NOTHING"];
  const address = "tcp://nosuch0:*";
  const program = script("transports/ipc_program.ts", [address, "close"], {
    permissions,
  });
  const said = await within("it is told", program.line());
  assert.equal(await within("it ends", program.exit), 0, program.errors());
  assert.match(
    said,
    RUNTIME === "deno"
      ? /^EACCES: .* or it needs --allow-sys=networkInterfaces$/
      : /^ENODEV: /,
  );
});

test("the interface can be left out, and nothing forbids that", () => {
  const adapter = pickAdapter();
  const target: DatagramTarget = {
    kind: "udp",
    host: "*",
    port: 5555,
    to: null,
    group: "",
    interface: "",
    ipv6: false,
    shared: true,
    loop: true,
    hops: 1,
    largest: 1500,
    usual: 1500,
  };
  assert.equal(adapter.forbids(target), null);
});

test("groups to receive from can be others than the one to send to", () =>
  withSockets(async (keep) => {
    const port = nextPort++;
    const both = keep(new Subscriber(FAST));
    both.subscribe("");
    await both.bind(
      `epgm://127.0.0.1;239.192.3.1,239.192.3.2;239.192.3.3:${port}`,
    );
    for (const last of [1, 2]) {
      const publisher = keep(new Publisher(FAST));
      await publisher.bind(`epgm://127.0.0.1;239.192.3.${last}:${port}`);
      await tune(publisher, both);
    }
  }));
