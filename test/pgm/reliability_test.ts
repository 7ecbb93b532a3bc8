// Reliable multicast in a simulated world that loses, doubles and reorders: every
// subscriber gets every message in order, or is told of a loss.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SimulatedWorld } from "../../src/testing/testing.ts";
import { Context, Publisher, Subscriber } from "../../mod.ts";
import { dataPacket, ODATA, spmPacket } from "../../src/pgm/packet.ts";
import type {
  DatagramHandler,
  DatagramSocket,
} from "../../src/runtime/adapter.ts";
import { generator } from "../../adapters/simulated/random.ts";

const GROUP = "239.192.1.1";
const ADDRESS = `epgm://eth0;${GROUP}:5555`;

/** What a world is made of. */
interface Story {
  readonly seed: number;
  readonly loss: number;
  readonly rate?: number;
  readonly recoveryInterval?: number;
  readonly messages?: number;
}

interface Listener {
  readonly socket: Subscriber;
  /** The numbers that came of each publisher. */
  readonly heard: Map<string, number[]>;
  losses: number;
  damaged: number;
}

/** A message of a publisher: its name, a number, and bytes that can be checked. */
function message(name: string, i: number, length: number): Uint8Array[] {
  const parts = [new TextEncoder().encode(`${name} ${i} ${length}`)];
  for (let part = 0; part < i % 3; part++) {
    parts.push(new Uint8Array(length).fill(i + part));
  }
  return parts;
}

function take(listener: Listener): void {
  for (;;) {
    const got = listener.socket.tryReceive();
    if (got === undefined) return;
    const [name, i, length] = new TextDecoder().decode(got[0]).split(" ");
    const want = message(name, Number(i), Number(length));
    const whole = got.length === want.length &&
      got.every((frame, at) => Buffer.compare(frame, want[at]) === 0);
    if (!whole) listener.damaged++;
    const numbers = listener.heard.get(name) ?? [];
    listener.heard.set(name, numbers);
    numbers.push(Number(i));
  }
}

/** Two publishers and three subscribers; what each heard at the end. */
async function play(story: Story): Promise<{
  listeners: Listener[];
  sent: number;
  late: Listener;
}> {
  const { seed, loss, rate = 8000, recoveryInterval = 20_000 } = story;
  const { messages = 150 } = story;
  const world = new SimulatedWorld({
    seed,
    loss,
    duplication: 0.1,
    disorder: 30,
  });
  const random = generator(seed);
  const contexts: Context[] = [];
  const context = (name: string) => {
    const made = new Context({ adapter: world.host(name).adapter() });
    contexts.push(made);
    return made;
  };
  const options = { rate, recoveryInterval };
  const listen = (name: string): Listener => {
    const socket = new Subscriber({
      ...options,
      context: context(name),
      receiveHighWaterMark: 0,
    });
    const listener: Listener = {
      socket,
      heard: new Map(),
      losses: 0,
      damaged: 0,
    };
    socket.events.on("loss", () => listener.losses++);
    socket.subscribe("");
    socket.connect(ADDRESS);
    return listener;
  };
  const listeners = ["c", "d", "e"].map(listen);
  const publishers = ["a", "b"].map((name) => {
    const socket = new Publisher({
      ...options,
      context: context(name),
      sendHighWaterMark: 0,
    });
    socket.bind(ADDRESS);
    return { name, socket };
  });
  await world.run(500);
  let late: Listener | null = null;
  // Who missed that a publisher told of itself begins where it hears it first.
  for (let i = 0; i < messages; i++) {
    for (const { name, socket } of publishers) {
      const length = Math.floor(random() ** 3 * 4000);
      socket.trySend(message(name, i, length));
    }
    if (random() < 0.3) await world.run(random() * 60);
    if (i === messages >> 1) late = listen("f");
    for (const listener of listeners) take(listener);
  }
  for (let i = 0; i < 30; i++) {
    await world.run(1000);
    for (const listener of [...listeners, late!]) take(listener);
  }
  const ended = Promise.all(contexts.map((one) => one.terminate()));
  await world.run(60_000);
  await ended;
  return { listeners, sent: messages, late: late! };
}

/** In order, without a gap that no loss explains, and nothing twice. */
function check(listener: Listener, sent: number): void {
  assert.equal(listener.damaged, 0, "whole messages");
  for (const name of ["a", "b"]) {
    const numbers = listener.heard.get(name) ?? [];
    assert.ok(numbers.length > 0, `${name} was heard`);
    let gaps = 0;
    for (let i = 1; i < numbers.length; i++) {
      assert.ok(numbers[i] > numbers[i - 1], "in order, and once");
      if (numbers[i] !== numbers[i - 1] + 1) gaps++;
    }
    if (listener.losses === 0) {
      assert.equal(gaps, 0, "a gap is told of");
      assert.equal(numbers.at(-1), sent - 1, "all to the end");
    }
  }
}

for (let seed = 1; seed <= 12; seed++) {
  test(`with one packet in five lost every message arrives, seed ${seed}`, async () => {
    const { listeners, sent, late } = await play({ seed, loss: 0.2 });
    for (const listener of [...listeners, late]) {
      check(listener, sent);
      assert.equal(listener.losses, 0, "the window is long enough");
    }
  });
}

for (let seed = 21; seed <= 26; seed++) {
  test(`where the window is too short, what is lost is told, seed ${seed}`, async () => {
    const { listeners, sent } = await play({
      seed,
      loss: 0.4,
      rate: 4000,
      recoveryInterval: 60,
    });
    for (const listener of listeners) check(listener, sent);
    assert.ok(listeners.some((one) => one.losses > 0), "something was lost");
  });
}

/** A world with one subscriber, and somebody who sends it whatever packets. */
async function withStranger(
  run: (
    subscriber: Subscriber,
    send: (bytes: Uint8Array) => Promise<void>,
    events: string[],
  ) => Promise<void>,
): Promise<void> {
  const world = new SimulatedWorld({ seed: 3, latency: [1, 1] });
  const context = new Context({ adapter: world.host("here").adapter() });
  const subscriber = new Subscriber({ context, receiveHighWaterMark: 0 });
  const events: string[] = [];
  subscriber.events.on("loss", ({ error }) => events.push(error.code));
  subscriber.events.on(
    "datagram:error",
    ({ error }) => events.push(error.code),
  );
  subscriber.subscribe("");
  subscriber.connect(ADDRESS);
  await world.run(10);
  let socket: DatagramSocket | null = null;
  const open = () => {
    const handler: DatagramHandler = {
      opened: (opened) => socket = opened,
      datagram: () => {},
      drained: () => {},
      closed: () => {},
    };
    world.host("there").adapter().openDatagrams({
      kind: "udp",
      host: "*",
      port: 0,
      shared: false,
      ipv6: false,
      to: { host: GROUP, port: 5555 },
      group: "",
      interface: "",
      loop: true,
      hops: 1,
      largest: 1500,
      usual: 1500,
    }, handler);
  };
  open();
  await world.run(5);
  await run(subscriber, async (bytes) => {
    socket!.send(bytes, null);
    await world.run(20);
  }, events);
  const ended = context.terminate();
  await world.run(1000);
  await ended;
}

const TSI = { gsi: Uint8Array.of(1, 2, 3, 4, 5, 6), port: 77 };
const tsdu = (text: string) =>
  Uint8Array.of(0, 0, text.length + 1, 0, ...new TextEncoder().encode(text));
const data = (sqn: number, text: string, trail = 0, tsi = TSI) =>
  dataPacket(ODATA, tsi, 5555, sqn, trail, tsdu(text));
const next = (subscriber: Subscriber) => {
  const got = subscriber.tryReceive();
  return got === undefined ? undefined : new TextDecoder().decode(got[0]);
};

test("a number that jumps by 2^31 alone is not believed, and the stream goes on", () =>
  withStranger(async (subscriber, send, events) => {
    await send(data(10, "one"));
    await send(data(10 + 2 ** 31, "forged", 10));
    await send(data((10 - 2 ** 31) >>> 0, "forged"));
    await send(data(11, "two"));
    assert.equal(next(subscriber), "one");
    assert.equal(next(subscriber), "two");
    assert.equal(next(subscriber), undefined);
    assert.deepEqual(events, []);
  }));

test("a jump that goes on is a loss, and the stream begins anew there", () =>
  withStranger(async (subscriber, send, events) => {
    await send(data(10, "one"));
    await send(data(5_000_010, "a", 5_000_000));
    await send(data(5_000_011, "b", 5_000_000));
    await send(data(5_000_012, "c", 5_000_000));
    assert.equal(next(subscriber), "one");
    assert.equal(next(subscriber), "b");
    assert.equal(next(subscriber), "c");
    assert.deepEqual(events, ["ECONNRESET"]);
  }));

test("garbage and packets that lie about themselves are told of, once a second, and do no harm", () =>
  withStranger(async (subscriber, send, events) => {
    await send(data(1, "one"));
    await send(new Uint8Array(40).fill(1));
    await send(Uint8Array.of(1));
    const beyond = Uint8Array.of(0x7f, 0xff, 3, 0, 0x61, 0x62);
    await send(dataPacket(ODATA, TSI, 5555, 2, 0, beyond));
    await send(dataPacket(ODATA, TSI, 5555, 3, 0, Uint8Array.of(0)));
    await send(data(4, "two"));
    assert.equal(next(subscriber), "one");
    assert.equal(next(subscriber), "two");
    assert.deepEqual(events, ["EBADMSG"]);
  }));

test("a frame that is too large breaks the stream of its source only, which begins anew", () =>
  withStranger(async (subscriber, send, events) => {
    const huge = Uint8Array.of(0, 0, 0xff, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 1);
    await send(dataPacket(ODATA, TSI, 5555, 1, 0, huge));
    const other = { ...TSI, port: 78 };
    await send(data(1, "other", 0, other));
    await send(data(2, "later"));
    assert.equal(next(subscriber), "other");
    assert.equal(next(subscriber), "later");
    assert.deepEqual(events, ["EBADMSG"]);
  }));

test("five hundred forged sources leave those that are heard in place", () =>
  withStranger(async (subscriber, send, events) => {
    await send(data(1, "one"));
    for (let port = 100; port < 600; port++) {
      await send(spmPacket(
        { ...TSI, port },
        5555,
        1,
        0,
        9,
        [10, 0, 0, 2],
        false,
      ));
    }
    await send(data(2, "two"));
    assert.equal(next(subscriber), "one");
    assert.equal(next(subscriber), "two");
    assert.ok(events.every((code) => code === "EMFILE"));
  }));

test("publishers that are closed at once make room for others", async () => {
  const world = new SimulatedWorld({ seed: 5, latency: [1, 1] });
  const contexts = ["here", "there"].map((name) =>
    new Context({ adapter: world.host(name).adapter() })
  );
  const subscriber = new Subscriber({
    context: contexts[0],
    receiveHighWaterMark: 0,
  });
  const events: string[] = [];
  subscriber.events.on(
    "datagram:error",
    ({ error }) => void events.push(error.code),
  );
  subscriber.subscribe("");
  subscriber.connect(ADDRESS);
  await world.run(10);
  for (let i = 0; i < 300; i++) {
    const publisher = new Publisher({ context: contexts[1], linger: 0 });
    publisher.bind(ADDRESS);
    await world.run(5);
    publisher.trySend(`${i}`);
    await world.run(5);
    publisher.close();
    await world.run(5);
  }
  assert.equal(subscriber.stats().receiveQueue, 300);
  assert.deepEqual(events, []);
  const ended = Promise.all(contexts.map((one) => one.terminate()));
  await world.run(1000);
  await ended;
});

test("of a source that has told of itself the first packets are asked for, too", () =>
  withStranger(async (subscriber, send, events) => {
    const path = spmPacket(TSI, 5555, 1, 0, 0xffffffff, [10, 0, 0, 2], false);
    await send(path);
    await send(data(2, "three"));
    assert.equal(next(subscriber), undefined);
    await send(data(1, "two"));
    await send(data(0, "one"));
    for (const text of ["one", "two", "three"]) {
      assert.equal(next(subscriber), text);
    }
    assert.deepEqual(events, []);
  }));

test("a subscriber whose own socket opens after that of its group begins when it is open", async () => {
  const world = new SimulatedWorld({ seed: 3 });
  const source = new Context({ adapter: world.host("source").adapter() });
  const adapter = world.host("sink").adapter();
  const open = adapter.openDatagrams.bind(adapter);
  let late = true;
  adapter.openDatagrams = (target, handler) => {
    if (!late) return open(target, handler);
    late = false;
    const { opened } = handler;
    handler.opened = (socket: DatagramSocket) =>
      world.after(300, () => opened.call(handler, socket));
    return open(target, handler as DatagramHandler);
  };
  const publisher = new Publisher({ context: source });
  publisher.connect(ADDRESS);
  await world.run(100);
  const subscriber = new Subscriber({ context: new Context({ adapter }) });
  subscriber.subscribe("");
  subscriber.connect(ADDRESS);
  for (let i = 0; i < 100; i++) {
    await publisher.send(`${i}`);
    await world.run(10);
  }
  await world.run(1000);
  const heard: string[] = [];
  for (;;) {
    const message = subscriber.tryReceive();
    if (message === undefined) break;
    heard.push(new TextDecoder().decode(message[0]));
  }
  assert.equal(heard.at(-1), "99");
  assert.deepEqual(
    heard.map(Number),
    Array.from({ length: heard.length }, (_, i) => 100 - heard.length + i),
  );
});
