// Statements on connecting, binding, STREAM, heartbeats, contexts and options (see
// coverage_test.ts).

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import {
  Client,
  Context,
  Dealer,
  type Event,
  Peer,
  Publisher,
  Pull,
  Push,
  receiveAny,
  Router,
  Server,
  type Socket,
  Stream,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import {
  endpoint,
  freeEndpoint,
  join,
  TRANSPORTS,
  withSockets,
} from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";
import { greeting } from "../support/zmtp.ts";

/** Collects the events of a socket, by their types. */
function watch(socket: Socket): string[] {
  const seen: string[] = [];
  const { events } = socket;
  (async () => {
    for await (const event of events as AsyncIterable<Event>) {
      seen.push(event.type);
    }
  })();
  return seen;
}

/** An address of loopback where nobody listens. */
async function freeAddress(): Promise<string> {
  const pull = new Pull();
  await pull.bind("tcp://127.0.0.1:*");
  const address = pull.lastEndpoint!;
  await pull.closeAsync();
  return address;
}

test("terminating a context with connects that nobody has bound does not hang", async () => {
  const context = new Context();
  const push = new Push({ context, linger: 0 });
  const pull = new Pull({ context });
  push.connect("inproc://nobody");
  pull.connect("inproc://nobody");
  await push.send("x");
  await within("it ends", context.terminate());
});

test("terminating a context under a connect that is being made is safe", async () => {
  const context = new Context();
  const push = new Push({ context, linger: 0 });
  push.connect(await freeAddress());
  push.connect("inproc://later");
  const ended = context.terminate();
  assert.throws(() => push.connect("inproc://even-later"), { code: "ETERM" });
  await within("it ends", ended);
});

test("an inproc name that was unbound can be bound by another socket", () =>
  withSockets(async (keep) => {
    const [first, second] = [keep(new Pull()), keep(new Pull())];
    await first.bind("inproc://name");
    await first.unbind("inproc://name");
    await second.bind("inproc://name");
    const push = keep(new Push());
    push.connect("inproc://name");
    await push.send("x");
    assert.deepEqual(texts(await second.receive()), ["x"]);
    assert.equal(first.tryReceive(), undefined);
  }));

test("inproc: a Router gets three frames of a Dealer's two", () =>
  withSockets(async (keep) => {
    const [router, dealer] = [keep(new Router()), keep(new Dealer())];
    await join(router, dealer, "inproc");
    await dealer.send(["one", "two"]);
    const [id, ...rest] = await router.receive();
    assert.equal(id.length, 5);
    assert.deepEqual(texts(rest), ["one", "two"]);
  }));

test("with ipv6 an IPv4 address is unbound by what lastEndpoint gave", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ ipv6: true }));
    await pull.bind("tcp://127.0.0.1:*");
    assert.match(pull.lastEndpoint!, /^tcp:\/\/127\.0\.0\.1:\d+$/);
    await pull.unbind(pull.lastEndpoint!);
  }));

test("each bind and connect is the last endpoint", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const first = pull.lastEndpoint!;
    await pull.bind("tcp://127.0.0.1:0");
    assert.notEqual(pull.lastEndpoint, first);
    assert.match(pull.lastEndpoint!, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    pull.connect("tcp://localhost:1");
    assert.equal(pull.lastEndpoint, "tcp://localhost:1");
    pull.connect("inproc://anything");
    assert.equal(pull.lastEndpoint, "inproc://anything");
  }));

test("names and addresses of both families connect at once", () =>
  withSockets((keep) => {
    const push = keep(new Push({ ipv6: true, linger: 0 }));
    for (const host of ["localhost", "nowhere.invalid", "[::1]", "127.0.0.1"]) {
      push.connect(`tcp://${host}:1`);
      push.disconnect(`tcp://${host}:1`);
    }
    for (const wrong of ["tcp://:1", "tcp://a b:1", "tcp://a:b"]) {
      assert.throws(() => push.connect(wrong), { code: "EINVAL" }, wrong);
    }
    assert.throws(() => push.connect("nope://a:1"), {
      code: "EPROTONOSUPPORT",
    });
  }));

test("reconnectStop 1 ends with the first connection that is refused", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ reconnectStop: 1, reconnectInterval: 1 }));
    const seen = watch(push);
    push.connect("tcp://127.0.0.1:1");
    await until("it is over", () => push.stats().peers === 0);
    push.close();
    await until("all is seen", () => seen.includes("end"));
    assert.deepEqual(seen, ["connect:delay", "close", "end"]);
  }));

test("reconnectStop 2 ends with the first handshake that fails", () =>
  withSockets(async (keep) => {
    const raw = await RawPeer.listen("PULL");
    const push = keep(new Push({ reconnectStop: 2, reconnectInterval: 1 }));
    const seen = watch(push);
    push.connect(raw.address);
    await raw.connected();
    raw.write(greeting());
    await raw.read(64);
    await raw.close();
    await until("it is over", () => push.stats().peers === 0);
    push.close();
    await until("all is seen", () => seen.includes("end"));
    assert.deepEqual(seen, [
      "connect:delay",
      "connect",
      "handshake:error:other",
      "disconnect",
      "end",
    ]);
  }));

test("reconnectStop 4 ends what was disconnected, though messages wait for it", () =>
  withSockets(async (keep) => {
    for (const reconnectStop of [4, 0]) {
      const address = await freeAddress();
      const push = keep(new Push({ reconnectStop, reconnectInterval: 1 }));
      push.connect(address);
      await push.send("waits");
      push.disconnect(address);
      if (reconnectStop === 4) {
        await within("it is closed", push.closeAsync({ linger: -1 }));
        continue;
      }
      push.close();
      const pull = keep(new Pull());
      await pull.bind(address);
      assert.deepEqual(texts(await pull.receive()), ["waits"]);
    }
  }));

test("reconnectStop 4 lets a socket that is closed linger", () =>
  withSockets(async (keep) => {
    const address = await freeAddress();
    const push = new Push({ reconnectStop: 4, reconnectInterval: 1 });
    push.connect(address);
    await push.send("waits");
    push.close();
    const pull = keep(new Pull());
    await pull.bind(address);
    assert.deepEqual(texts(await pull.receive()), ["waits"]);
  }));

test("tcpAcceptFilter serves those it lists, and nobody else", () =>
  withSockets(async (keep) => {
    for (const wrong of ["nonsense", "1.2.3.4/33", "1.2.3/8", ""]) {
      assert.throws(() => new Pull({ tcpAcceptFilter: wrong }), {
        code: "EINVAL",
      }, wrong);
    }
    const filters: [string[], boolean][] = [
      [["10.0.0.0/8"], false],
      [["10.0.0.0/8", "127.0.0.1"], true],
      [["127.0.0.0/8"], true],
      [["::1"], false],
    ];
    for (const [filter, served] of filters) {
      const pull = keep(new Pull({ tcpAcceptFilter: filter }));
      const refused: string[] = [];
      pull.events.on("accept:error", ({ error }) => refused.push(error.code));
      await pull.bind("tcp://127.0.0.1:*");
      const raw = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
      if (served) {
        await raw.shakenHands();
      } else {
        await within("it is hung up on", raw.closed);
        await until("it is an event", () => refused.length > 0);
        assert.equal(refused[0], "EACCES");
        assert.equal(raw.unread, 0);
      }
      await raw.close();
      pull.tcpAcceptFilter = null;
      assert.equal(pull.tcpAcceptFilter, null);
    }
    const one = keep(new Pull());
    one.setOption(38, "10.0.0.0/8");
    one.setOption(38, "127.0.0.1");
    assert.deepEqual(one.tcpAcceptFilter, ["10.0.0.0/8", "127.0.0.1"]);
  }));

test("a Stream tells the address of its peer with each message", () =>
  withSockets(async (keep) => {
    const stream = keep(new Stream());
    await stream.bind("tcp://127.0.0.1:*");
    const port = Number(stream.lastEndpoint!.split(":").at(-1));
    const client = connect(port, "127.0.0.1");
    client.write("x");
    for (const expected of ["", "x"]) {
      const { parts, properties } = await stream.receiveWithMetadata();
      assert.deepEqual(texts([parts[1]]), [expected]);
      assert.equal(properties["Peer-Address"], "127.0.0.1");
    }
    client.destroy();
  }));

test("8193 bytes to a Stream are all there", () =>
  withSockets(async (keep) => {
    const stream = keep(new Stream());
    await stream.bind("tcp://127.0.0.1:*");
    const other = keep(new Stream());
    other.connect(stream.lastEndpoint!);
    const [id] = await other.receive();
    const body = new Uint8Array(8193).map((_, i) => i & 255);
    await other.send([id, body]);
    const [name] = await stream.receive();
    const heard: number[] = [];
    while (heard.length < body.length) {
      const [from, part] = await stream.receive();
      assert.deepEqual(from, name);
      heard.push(...part);
    }
    assert.deepEqual(heard, [...body]);
  }));

test("a Stream may close a peer that is in the middle of a handshake", () =>
  withSockets(async (keep) => {
    const stream = keep(new Stream());
    await stream.bind("tcp://127.0.0.1:*");
    const dealer = keep(new Dealer({ reconnectInterval: -1 }));
    const seen = watch(dealer);
    dealer.connect(stream.lastEndpoint!);
    const [id] = await stream.receive();
    await stream.send([id, greeting().subarray(0, 20)]);
    await stream.send([id, ""]);
    await until("it has gone", () => seen.includes("disconnect"));
    assert.ok(seen.includes("handshake:error:other"));
    await assert.rejects(stream.send([id, ""]), { code: "EHOSTUNREACH" });
  }));

test("a silent peer is dropped when the handshake takes too long, on either side", () =>
  withSockets(async (keep) => {
    const bound = keep(new Dealer({ handshakeInterval: 50 }));
    const there = watch(bound);
    await bound.bind("tcp://127.0.0.1:*");
    const silent = await RawPeer.connect(bound.lastEndpoint!, "DEALER");
    const stream = keep(new Stream());
    await stream.bind("tcp://127.0.0.1:*");
    const connected = keep(
      new Dealer({ handshakeInterval: 50, reconnectInterval: -1 }),
    );
    const here = watch(connected);
    connected.connect(stream.lastEndpoint!);
    const over = (seen: string[]) => seen.includes("disconnect");
    await until("both have given up", () => over(there) && over(here));
    assert.deepEqual(there, [
      "bind",
      "accept",
      "handshake:error:other",
      "disconnect",
    ]);
    assert.deepEqual(here.slice(0, 4), [
      "connect:delay",
      "connect",
      "handshake:error:other",
      "disconnect",
    ]);
    await silent.close();
    assert.equal(new Dealer().handshakeInterval, 30000);
  }));

for (const transport of TRANSPORTS) {
  test(`a hello is heard by both when the bind comes late, over ${transport}`, () =>
    withSockets(async (keep) => {
      const address = await freeEndpoint(transport);
      const a = keep(
        new Dealer({ helloMessage: "from a", reconnectInterval: 5 }),
      );
      a.connect(address);
      await a.send("after the hello");
      const b = keep(new Router({ helloMessage: "from b" }));
      await b.bind(address);
      assert.deepEqual(texts(await b.receive())[1], "from a");
      assert.deepEqual(texts(await b.receive())[1], "after the hello");
      assert.deepEqual(texts(await a.receive()), ["from b"]);
    }));

  test(`a Server hears of a Client that disconnects, over ${transport}`, () =>
    withSockets(async (keep) => {
      const server = keep(new Server({ disconnectMessage: "D" }));
      const client = keep(new Client());
      const address = await join(server, client, transport);
      await client.send("x");
      const [number] = await server.receive();
      client.disconnect(address);
      const [gone, body] = await server.receive();
      assert.equal(gone, number);
      assert.deepEqual(texts([body]), ["D"]);
      await assert.rejects(server.send([number, "x"]), {
        code: "EHOSTUNREACH",
      });
    }));

  test(`messages of Client and Server are one frame, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [server, client] = [keep(new Server()), keep(new Client())];
      await join(server, client, transport);
      const two = ["a", "b"] as unknown as string;
      await assert.rejects(client.send(two), { code: "EINVAL" });
      await client.send("one");
      const [number] = await server.receive();
      assert.ok(number > 0 && number <= 0xffffffff);
      const three = [number, "a", "b"] as unknown as [number, string];
      await assert.rejects(server.send(three), { code: "EINVAL" });
      await server.send([number, "back"]);
      const message = await client.receive();
      assert.deepEqual(texts(message), ["back"]);
    }));

  test(`a Peer that was disconnected can't be sent to by its number, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [a, b] = [keep(new Peer()), keep(new Peer())];
      await b.bind(endpoint(transport));
      const number = a.connectPeer(b.lastEndpoint!);
      await a.send([number, "x"]);
      const [back] = await b.receive();
      b.disconnectPeer(back);
      await assert.rejects(b.send([back, "x"]), { code: "EHOSTUNREACH" });
      assert.throws(() => b.disconnectPeer(back), { code: "EHOSTUNREACH" });
    }));

  test(`receiveAny takes the same socket twice for one, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [pull, push] = [keep(new Pull()), keep(new Push())];
      await join(pull, push, transport);
      const waiting = receiveAny([pull, pull]);
      await push.send("x");
      const { socket, message } = await waiting;
      assert.equal(socket, pull);
      assert.deepEqual(texts(message), ["x"]);
      assert.equal(pull.tryReceive(), undefined);
    }));
}

test("kernel buffers and interface are the system's unless set", () =>
  withSockets((keep) => {
    const dealer = keep(new Dealer());
    assert.equal(dealer.sendBufferSize, -1);
    assert.equal(dealer.getOption(12), -1);
    assert.equal(dealer.interface, null);
    assert.throws(() => dealer.getOption(9999), { code: "EINVAL" });
  }));

test("closing sockets makes room for others where there were too many", () =>
  withSockets(async (keep) => {
    const context = new Context({ maxSockets: 2 });
    const [a] = [new Publisher({ context }), new Publisher({ context })];
    assert.throws(() => new Publisher({ context }), { code: "EMFILE" });
    await a.closeAsync();
    keep(new Publisher({ context }));
    await context.terminate();
  }));
