// Every pattern over every transport, by one table: what a program does doesn't
// depend on what stands before `://`. And what several at once, a loss and a peer
// that means harm do to each.

import assert from "node:assert/strict";
import { type Channel, type Pair, type Socket, text } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { GARBAGE, RawPeer } from "../support/raw_peer.ts";
import {
  type CLASSES,
  endpoint,
  freeEndpoint,
  join,
  type Transport,
  TRANSPORTS,
  tuned,
  withSockets,
} from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

type Keep = <S extends Socket>(socket: S) => S;

const LARGE = new Uint8Array(200_000).fill(7);

/** The tests of the suite by name, with sockets of these classes. */
export function patternsSuite(
  where: string,
  classes: typeof CLASSES,
): [name: string, run: () => Promise<void>][] {
  const tests: [name: string, run: () => Promise<void>][] = [];
  const test = (name: string, run: () => Promise<void>) =>
    void tests.push([name, run]);
  const {
    Channel,
    Client,
    Dealer,
    Dish,
    Gather,
    Pair,
    Peer,
    Publisher,
    Pull,
    Push,
    Radio,
    Reply,
    Request,
    Router,
    Scatter,
    Server,
    Subscriber,
    XPublisher,
    XSubscriber,
  } = classes;

  /** What each pattern does once two have met. */
  const PATTERNS: Record<
    string,
    (keep: Keep, transport: Transport) => Promise<void>
  > = {
    "Push and Pull": async (keep, transport) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      for (let i = 0; i < 500; i++) await push.send([`${i}`, "more"]);
      for (let i = 0; i < 500; i++) {
        assert.deepEqual(texts(await pull.receive()), [`${i}`, "more"]);
      }
      await push.send(LARGE);
      assert.deepEqual((await pull.receive())[0], LARGE);
    },
    "Request and Reply": async (keep, transport) => {
      const request = keep(new Request());
      const reply = keep(new Reply());
      await join(reply, request, transport);
      for (let i = 0; i < 20; i++) {
        await request.send(["question", `${i}`]);
        assert.deepEqual(texts(await reply.receive()), ["question", `${i}`]);
        await reply.send(["answer", `${i}`]);
        assert.deepEqual(texts(await request.receive()), ["answer", `${i}`]);
      }
    },
    "Dealer and Router": async (keep, transport) => {
      const dealer = keep(new Dealer({ routingId: "one" }));
      const router = keep(new Router({ mandatory: true }));
      await join(router, dealer, transport);
      await dealer.send("hello");
      assert.deepEqual(texts(await router.receive()), ["one", "hello"]);
      await router.send(["one", "back"]);
      assert.deepEqual(texts(await dealer.receive()), ["back"]);
    },
    "Publisher and Subscriber": async (keep, transport) => {
      const publisher = keep(new Publisher());
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("a");
      await join(publisher, subscriber, transport);
      await tuned(publisher, subscriber, "a");
      for (const topic of ["b", "a1", "b", "a2"]) await publisher.send(topic);
      assert.deepEqual(texts(await subscriber.receive()), ["a1"]);
      assert.deepEqual(texts(await subscriber.receive()), ["a2"]);
    },
    "XPublisher and XSubscriber": async (keep, transport) => {
      const publisher = keep(new XPublisher());
      const subscriber = keep(new XSubscriber());
      await join(publisher, subscriber, transport);
      await subscriber.send("\x01topic");
      assert.deepEqual(texts(await publisher.receive()), ["\x01topic"]);
      await publisher.send(["topic", "x"]);
      assert.deepEqual(texts(await subscriber.receive()), ["topic", "x"]);
    },
    "Radio and Dish": async (keep, transport) => {
      const radio = keep(new Radio());
      const dish = keep(new Dish());
      dish.join("news");
      await join(radio, dish, transport);
      let heard = false;
      const hearing = dish.receive().then((message) => {
        heard = true;
        return message;
      });
      while (!heard) {
        await radio.send(["news", "x"]);
        await sleep(2);
      }
      assert.deepEqual(texts(await hearing), ["news", "x"]);
    },
  };

  /** Pairs whose two sides send to each other. */
  const BOTH_WAYS: [string, () => Channel | Pair, () => Channel | Pair][] = [
    ["Pair and Pair", () => new Pair(), () => new Pair()],
    ["Channel and Channel", () => new Channel(), () => new Channel()],
  ];
  for (const [name, makeBound, makeConnected] of BOTH_WAYS) {
    PATTERNS[name] = async (keep, transport) => {
      const bound = keep(makeBound());
      const connected = keep(makeConnected());
      await join(bound, connected, transport);
      await connected.send("there");
      assert.equal(text((await bound.receive())[0]), "there");
      await bound.send("and back");
      assert.equal(text((await connected.receive())[0]), "and back");
    };
  }
  PATTERNS["Scatter and Gather"] = async (keep, transport) => {
    const scatter = keep(new Scatter());
    const gather = keep(new Gather());
    await join(gather, scatter, transport);
    await scatter.send("x");
    assert.equal(text((await gather.receive())[0]), "x");
  };
  PATTERNS["Client and Server"] = async (keep, transport) => {
    const client = keep(new Client());
    const server = keep(new Server());
    await join(server, client, transport);
    await client.send("x");
    const [number, body] = await server.receive();
    assert.equal(text(body), "x");
    await server.send([number, "y"]);
    assert.equal(text((await client.receive())[0]), "y");
  };
  PATTERNS["Peer and Peer"] = async (keep, transport) => {
    const bound = keep(new Peer());
    const connected = keep(new Peer());
    await bound.bind(endpoint(transport));
    const number = await connected.connectPeer(bound.lastEndpoint!);
    await connected.send([number, "x"]);
    const [back, body] = await bound.receive();
    assert.equal(text(body), "x");
    await bound.send([back, "y"]);
    assert.equal(text((await connected.receive())[1]), "y");
  };

  for (const transport of TRANSPORTS) {
    for (const [name, run] of Object.entries(PATTERNS)) {
      test(`${where}${transport}: ${name}`, () =>
        withSockets((keep) => within(name, run(keep, transport), 30_000)));
    }

    test(`${where}${transport}: what is unbound serves nobody, and can be bound again`, () =>
      withSockets(async (keep) => {
        const pull = keep(new Pull());
        const push = keep(new Push({ reconnectInterval: 10 }));
        const address = await freeEndpoint(transport);
        await pull.bind(address);
        assert.equal(pull.lastEndpoint, address);
        await pull.unbind(address);
        await assert.rejects(pull.unbind(address), { code: "ENOENT" });
        push.connect(address);
        await push.send("waits");
        await pull.bind(address);
        assert.deepEqual(texts(await pull.receive()), ["waits"]);
      }));
  }

  test(`${where}one socket is bound to and connected to all transports at once`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      const subscribers = TRANSPORTS.map(() => keep(new Subscriber()));
      for (const [i, transport] of TRANSPORTS.entries()) {
        subscribers[i].subscribe("");
        await join(publisher, subscribers[i], transport);
      }
      for (const [i, subscriber] of subscribers.entries()) {
        await tuned(publisher, subscriber, `topic ${i}`);
      }
      const marker = "to all";
      await publisher.send(marker);
      for (const subscriber of subscribers) {
        let got = "";
        while (got !== marker) got = texts(await subscriber.receive())[0];
      }
      const push = keep(new Push());
      const pulls = TRANSPORTS.map(() => keep(new Pull()));
      for (const [i, transport] of TRANSPORTS.entries()) {
        await pulls[i].bind(endpoint(transport));
        push.connect(pulls[i].lastEndpoint!);
      }
      const all = 100 * TRANSPORTS.length;
      for (let i = 0; i < all; i++) await push.send(`${i}`);
      for (const pull of pulls) {
        for (let i = 0; i < 100; i++) await pull.receive();
        assert.equal(pull.tryReceive(), undefined);
      }
    }));

  for (const transport of ["tcp", "ipc"] as const) {
    test(`${where}${transport}: a connector finds the one who takes the address of one who has gone`, () =>
      withSockets(async (keep) => {
        const push = keep(new Push({ reconnectInterval: 10 }));
        const first = new Pull();
        const address = await join(first, push, transport);
        await push.send("1");
        assert.deepEqual(texts(await first.receive()), ["1"]);
        await first.closeAsync({ linger: 0 });
        await until("it has gone", () => push.stats().sendQueue === 0);
        const second = keep(new Pull());
        if (transport === "tcp") await second.bind(address);
        else {
          // The folder of ipc://* went with it.
          const path = await freeEndpoint("ipc");
          await second.bind(path);
          push.connect(path);
        }
        await push.send("2");
        await push.send("3");
        const got = texts(await within("a message", second.receive()));
        assert.match(got[0], /^[23]$/);
      }));

    test(`${where}${transport}: peers that talk garbage, or leave within a greeting, harm nobody else`, () =>
      withSockets(async (keep) => {
        const pull = keep(new Pull());
        const push = keep(new Push());
        const faults: string[] = [];
        pull.events.on(
          "handshake:error:protocol",
          () => faults.push("protocol"),
        );
        pull.events.on("handshake:error:other", () => faults.push("other"));
        const address = await join(pull, push, transport);
        for (let i = 0; i < 10; i++) {
          const peer = await RawPeer.connect(address, "PUSH");
          peer.write(GARBAGE);
          await within("it is hung up on", peer.closed);
          await peer.close();
          const leaver = await RawPeer.connect(address, "PUSH");
          leaver.write(GARBAGE.subarray(0, 0));
          await leaver.close();
        }
        await until("all are told of", () => faults.length >= 20);
        assert.equal(faults.filter((one) => one === "protocol").length, 10);
        assert.equal(pull.stats().peers, 1);
        await push.send("still here");
        assert.deepEqual(texts(await pull.receive()), ["still here"]);
      }));
  }
  return tests;
}
