import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Client,
  Dealer,
  Dish,
  Gather,
  Peer,
  Radio,
  Router,
  Scatter,
  Server,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`a Server knows its Clients by numbers, over ${transport}`, () =>
    withSockets(async (keep) => {
      const server = keep(new Server());
      const [a, b] = [keep(new Client()), keep(new Client())];
      await join(server, a, transport);
      await join(server, b, transport);
      await a.send("from a");
      const [numberOfA, body] = await server.receive();
      assert.deepEqual(texts([body]), ["from a"]);
      assert.ok(Number.isInteger(numberOfA) && numberOfA > 0);
      await b.send("from b");
      const [numberOfB] = await server.receive();
      assert.notEqual(numberOfA, numberOfB);
      await server.send([numberOfB, "to b"]);
      await server.send([numberOfA, "to a"]);
      assert.deepEqual(texts(await a.receive()), ["to a"]);
      assert.deepEqual(texts(await b.receive()), ["to b"]);
      await assert.rejects(server.send([12345, "nobody"]), {
        code: "EHOSTUNREACH",
      });
      const three = [numberOfA, "x", "y"] as unknown as [number, string];
      await assert.rejects(server.send(three), { code: "EINVAL" });
      const text = ["1", "x"] as unknown as [number, string];
      await assert.rejects(server.send(text), TypeError);
      const two = ["x", "y"] as unknown as string;
      await assert.rejects(a.send(two), { code: "EINVAL" });
      server.disconnectPeer(numberOfA);
      await assert.rejects(server.send([numberOfA, "gone"]), {
        code: "EHOSTUNREACH",
      });
      assert.throws(() => server.disconnectPeer(numberOfA), {
        code: "EHOSTUNREACH",
      });
    }));

  test(`a Server waits for a full Client and drops nothing, over ${transport}`, () =>
    withSockets(async (keep) => {
      const server = keep(new Server({ sendHighWaterMark: 2 }));
      const client = keep(new Client({ receiveHighWaterMark: 2 }));
      const other = keep(new Client());
      await join(server, client, transport);
      await client.send("hello");
      const [number] = await server.receive();
      const large = new Uint8Array(1_000_000);
      let sent = 0;
      while (server.trySend([number, large])) {
        sent++;
        await sleep(5);
      }
      const last = server.send([number, "last"]);
      await join(server, other, transport);
      await other.send("hello");
      const [another] = await server.receive();
      await within("another is served", server.send([another, "hello"]));
      for (let i = 0; i < sent; i++) await client.receive();
      await last;
      assert.deepEqual(texts(await client.receive()), ["last"]);
    }));

  test(`Peers give each other numbers, at once when they connect, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [a, b] = [keep(new Peer()), keep(new Peer())];
      await b.bind(endpoint(transport));
      const number = a.connectPeer(b.lastEndpoint!);
      assert.ok(number > 0);
      await a.send([number, "hello"]);
      const [from, body] = await b.receive();
      assert.deepEqual(texts([body]), ["hello"]);
      await b.send([from, "back"]);
      const [again, answer] = await a.receive();
      assert.equal(again, number);
      assert.deepEqual(texts([answer]), ["back"]);
      a.disconnectPeer(number);
      await assert.rejects(a.send([number, "x"]), { code: "EHOSTUNREACH" });
      await until("the other has noticed", () => b.stats().peers === 0);
      a.immediate = true;
      assert.throws(() => a.connectPeer("tcp://127.0.0.1:1"), {
        code: "EFAULT",
      });
    }));

  test(`Scatter spreads single frames evenly over Gathers, over ${transport}`, () =>
    withSockets(async (keep) => {
      const scatter = keep(new Scatter());
      const gathers = [keep(new Gather()), keep(new Gather())];
      for (const gather of gathers) await join(gather, scatter, transport);
      for (let i = 0; i < 10; i++) await scatter.send(`${i}`);
      for (const gather of gathers) {
        await until("half is here", () => gather.stats().receiveQueue === 5);
      }
      const two = ["x", "y"] as unknown as string;
      await assert.rejects(scatter.send(two), { code: "EINVAL" });
    }));

  test(`a Dish hears the groups it has joined, and only those, over ${transport}`, () =>
    withSockets(async (keep) => {
      const radio = keep(new Radio());
      const dish = keep(new Dish());
      await join(radio, dish, transport);
      dish.join("news");
      const heard = async () => texts(await within("news", dish.receive()));
      const waiting = heard();
      let done = false;
      waiting.then(() => done = true);
      while (!done) {
        await radio.sendMany([["newsletter", "no"], ["news", "yes"]]);
        await sleep(5);
      }
      assert.deepEqual(await waiting, ["news", "yes"]);
      dish.join("", "x".repeat(255));
      await sleep(50);
      while (dish.tryReceive() !== undefined);
      await radio.send(["", "to the empty group"]);
      assert.deepEqual(await heard(), ["", "to the empty group"]);
      await radio.send(["x".repeat(255), "a long name"]);
      assert.equal((await heard())[0].length, 255);
      dish.leave("news");
      await sleep(50);
      await radio.sendMany([["news", "no more"], ["", "end"]]);
      assert.deepEqual(await heard(), ["", "end"]);
    }));

  test(`a hello is the first message of each connection, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router({ helloMessage: "from the router" }));
      const dealer = keep(
        new Dealer({ helloMessage: "from the dealer", routingId: "X" }),
      );
      dealer.connect; // connects before the other is there, where it can
      if (transport === "inproc") {
        dealer.connect("inproc://hello");
        await dealer.send("queued before");
        await router.bind("inproc://hello");
      } else {
        await join(router, dealer, transport);
        await dealer.send("queued before");
      }
      assert.deepEqual(texts(await router.receive()), ["X", "from the dealer"]);
      assert.deepEqual(texts(await router.receive()), ["X", "queued before"]);
      assert.deepEqual(texts(await dealer.receive()), ["from the router"]);
      const server = keep(new Server({ helloMessage: "HELLO" }));
      const client = keep(new Client());
      await join(server, client, transport);
      assert.deepEqual(texts(await client.receive()), ["HELLO"]);
    }));

  test(`a Server that asked for it hears when a Client has gone, over ${transport}`, () =>
    withSockets(async (keep) => {
      const server = keep(new Server({ disconnectMessage: "D" }));
      const client = keep(new Client());
      const address = await join(server, client, transport);
      await client.send("hello");
      const [number] = await server.receive();
      client.disconnect(address);
      const [gone, body] = await within("the notice", server.receive());
      assert.equal(gone, number);
      assert.deepEqual(texts([body]), ["D"]);
    }));
}

test("inproc: a Server that waits for a full Client is told that it has gone", () =>
  withSockets(async (keep) => {
    const server = keep(new Server({ sendHighWaterMark: 2 }));
    const client = keep(new Client({ receiveHighWaterMark: 2 }));
    await join(server, client, "inproc");
    await client.send("hello");
    const [number] = await server.receive();
    while (server.trySend([number, "fill"]));
    const told = assert.rejects(server.send([number, "lost"]), {
      code: "EHOSTUNREACH",
    });
    client.close();
    await within("it is told", told);
  }));

test("a Server and a Peer are writable whoever is there: what comes of a send depends on whom it is for", () =>
  withSockets((keep) => {
    for (const socket of [keep(new Server()), keep(new Peer())]) {
      assert.equal(socket.writable, true);
      assert.equal(socket.getOption(15), 2);
      assert.throws(() => socket.trySend([1, "x"]), { code: "EHOSTUNREACH" });
    }
  }));

test("a Client that asked for it hears when its connection breaks", () =>
  withSockets(async (keep) => {
    const server = new Server();
    const client = keep(new Client({ hiccupMessage: "HICCUP" }));
    await join(server, client, "tcp");
    await server.closeAsync();
    assert.deepEqual(texts(await client.receive()), ["HICCUP"]);
  }));

test("joining twice, leaving what was not joined and long names are EINVAL", () =>
  withSockets((keep) => {
    const dish = keep(new Dish());
    dish.join("a");
    assert.throws(() => dish.join("a"), { code: "EINVAL" });
    assert.throws(() => dish.leave("b"), { code: "EINVAL" });
    assert.throws(() => dish.join("x".repeat(256)), { code: "EINVAL" });
    const radio = keep(new Radio());
    assert.throws(() => radio.trySend(["x".repeat(256), "body"]), {
      code: "EINVAL",
    });
  }));

test("a Dish joins again after a reconnect", () =>
  withSockets(async (keep) => {
    const first = new Radio();
    const dish = keep(new Dish({ reconnectInterval: 10 }));
    dish.join("news");
    const address = await join(first, dish, "tcp");
    await first.closeAsync();
    const second = keep(new Radio());
    await second.bind(address);
    let heard = false;
    const hearing = dish.receive().then(() => heard = true);
    while (!heard) {
      await second.send(["news", "again"]);
      await sleep(5);
    }
    await hearing;
  }));

test("a Radio that connects forgets the groups of a Dish that comes back in others", () =>
  withSockets(async (keep) => {
    const radio = keep(
      new Radio({ reconnectInterval: 10, maxSubscriptions: 1 }),
    );
    let address = "tcp://127.0.0.1:*";
    for (const group of ["A", "B", "C"]) {
      const dish = keep(new Dish());
      dish.join(group);
      await dish.bind(address);
      if (group === "A") radio.connect(dish.lastEndpoint!);
      address = dish.lastEndpoint!;
      let heard = false;
      const hearing = dish.receive().then(() => heard = true);
      await until("it hears its group", () => {
        radio.send([group, "hello"]);
        return heard;
      });
      await hearing;
      await dish.closeAsync();
    }
  }));

test("a Radio with noDrop waits for a full Dish", () =>
  withSockets(async (keep) => {
    const radio = keep(new Radio({ noDrop: true, sendHighWaterMark: 5 }));
    const dish = keep(new Dish({ receiveHighWaterMark: 5 }));
    dish.join("g");
    await join(radio, dish, "inproc");
    let sent = 0;
    while (radio.trySend(["g", `${sent}`])) sent++;
    assert.ok(sent >= 9 && sent <= 10, `${sent}`);
    const last = radio.send(["g", "last"]);
    for (let i = 0; i < sent; i++) {
      assert.deepEqual(texts(await dish.receive()), ["g", `${i}`]);
    }
    await last;
    assert.deepEqual(texts(await dish.receive()), ["g", "last"]);
  }));

test("a Radio that waits for a full Dish goes on once that has left, and without noDrop", () =>
  withSockets(async (keep) => {
    for (const how of ["leave", "noDrop"]) {
      const radio = keep(new Radio({ noDrop: true, sendHighWaterMark: 1 }));
      const dish = keep(new Dish({ receiveHighWaterMark: 1 }));
      dish.join("g");
      await join(radio, dish, "inproc");
      while (radio.trySend(["g", "x"]));
      const waiting = [radio.send(["g", "y"]), radio.send(["h", "z"])];
      if (how === "leave") dish.leave("g");
      else radio.noDrop = false;
      await within("they are sent", Promise.all(waiting));
    }
  }));

test("a mandatory Router that waits for a full Dealer goes on once it is not mandatory", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ mandatory: true, sendHighWaterMark: 1 }));
    const dealer = keep(
      new Dealer({ routingId: "d", receiveHighWaterMark: 1 }),
    );
    await join(router, dealer, "inproc");
    while (router.trySend(["d", "x"]));
    const waiting = router.send(["d", "y"]);
    router.mandatory = false;
    await within("it is dropped", waiting);
  }));
