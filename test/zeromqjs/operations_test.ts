// send and receive of the drop-in: what waits, what is EBUSY, what an expiry gives.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { until, within } from "../support/wait.ts";
import * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import { inproc, rejection, settles, thrown, withSockets } from "./support.ts";

async function pair(
  keep: <S extends zmq.Socket>(socket: S) => S,
): Promise<[zmq.Pair, zmq.Pair]> {
  const [a, b] = [keep(new zmq.Pair()), keep(new zmq.Pair())];
  const name = inproc();
  await a.bind(name);
  b.connect(name);
  return [a, b];
}

async function echo(value: unknown): Promise<string> {
  let got = "";
  await withSockets(async (keep) => {
    const [a, b] = await pair(keep);
    await a.send(value as zmq.MessageLike);
    got = (await b.receive()).map(String).join("|");
  });
  return got;
}

test("received parts are real Buffers, in a fresh array", () =>
  withSockets(async (keep) => {
    const [a, b] = await pair(keep);
    await a.send(["a", null, Buffer.from([1, 255])]);
    const parts = await b.receive();
    assert.ok(parts.every((part) => Buffer.isBuffer(part)));
    assert.equal(parts[0].toString(), "a");
    assert.equal(parts[1].length, 0);
    assert.equal(parts[2].toString("hex"), "01ff");
    assert.equal(`${parts[0]}`, "a");
  }));

test("over tcp too, a received part is a real Buffer", () =>
  withSockets(async (keep) => {
    const pull = keep(new zmq.Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const push = keep(new zmq.Push());
    push.connect(pull.lastEndpoint!);
    await push.send(4);
    const [part] = await pull.receive();
    assert.ok(Buffer.isBuffer(part));
    assert.equal(parseInt(part.toString(), 10), 4);
  }));

test("a received part is the whole of its memory, which arrays of numbers can be made of", () =>
  withSockets(async (keep) => {
    for (const address of [inproc(), "tcp://127.0.0.1:*"]) {
      const [pull, push] = [keep(new zmq.Pull()), keep(new zmq.Push())];
      await pull.bind(address);
      push.connect(pull.lastEndpoint!);
      for (const count of [0, 1, 2, 100, 3000, 30000]) {
        const numbers = Float64Array.from({ length: count }, (_, i) => i / 3);
        await push.send(["x", numbers]);
        const [name, part] = await pull.receive();
        assert.equal(name.buffer.byteLength, 1);
        assert.deepEqual(new Float64Array(part.buffer), numbers);
      }
    }
  }));

test("what is no bytes, text or number is sent as its text", async () => {
  assert.equal(await echo(true), "true");
  assert.equal(await echo(10n), "10");
  assert.equal(await echo({}), "[object Object]");
  assert.equal(await echo(["x", undefined, ["a", "b"]]), "x|undefined|a,b");
  assert.equal(await echo(new Date(0)), String(new Date(0)));
});

test("views keep their offset and length; DataView and SharedArrayBuffer are bytes", async () => {
  const memory = new Uint8Array([65, 66, 67, 68]);
  assert.equal(await echo(memory.subarray(1, 3)), "BC");
  assert.equal(await echo(new DataView(memory.buffer, 2)), "CD");
  assert.equal(await echo(memory.buffer), "ABCD");
  const shared = new SharedArrayBuffer(2);
  new Uint8Array(shared).set([69, 70]);
  assert.equal(await echo(shared), "EF");
  assert.equal(await echo(new Uint8Array(shared)), "EF");
});

test("a message that is missing, a symbol or an argument too many is a TypeError at once", () =>
  withSockets((keep) => {
    const push = keep(new zmq.Push());
    // deno-lint-ignore no-explicit-any -- what types forbid
    const any = push as any;
    for (
      const call of [
        () => any.send(),
        () => any.send(undefined),
        () => any.send("a", "b"),
        () => any.send(Symbol("x")),
        () => any.bind(),
        () => any.bind(5),
        () => any.bind("tcp://127.0.0.1:*", 1),
        () => any.unbind(),
        () => any.connect("tcp://127.0.0.1:1", 1),
        () => any.disconnect(),
        () => any.bindSync(),
        () => any.unbindSync({}),
        () => any.close(1),
        // deno-lint-ignore no-explicit-any -- what types forbid
        () => (keep(new zmq.Pull()) as any).receive(1),
      ]
    ) {
      const error = thrown(call);
      assert.ok(error instanceof TypeError, String(call));
      assert.ok(!("code" in error));
    }
  }));

test("an empty array sends nothing", () =>
  withSockets(async (keep) => {
    const [a, b] = await pair(keep);
    assert.equal(await a.send([]), undefined);
    await a.send("x");
    assert.equal(String(await b.receive()), "x");
  }));

test("one send may wait, a second throws EBUSY at once", () =>
  withSockets(async (keep) => {
    const push = keep(new zmq.Push());
    assert.equal(push.writable, false);
    const first = push.send("a");
    const error = thrown(() => push.send("b"));
    assert.equal(error?.code, "EBUSY");
    const pull = keep(new zmq.Pull());
    const name = inproc();
    await pull.bind(name);
    push.connect(name);
    await first;
    assert.equal(String(await pull.receive()), "a");
    await push.send("c");
  }));

test("one receive may wait, a second throws EBUSY at once, and a send goes on", () =>
  withSockets(async (keep) => {
    const [a, b] = await pair(keep);
    const first = a.receive();
    assert.equal(thrown(() => a.receive())?.code, "EBUSY");
    await a.send("there");
    await b.send("back");
    assert.equal(String(await first), "back");
    const [one, two] = [a[Symbol.asyncIterator](), a[Symbol.asyncIterator]()];
    const next = one.next();
    assert.equal((await rejection(two.next())).code, "EBUSY");
    await b.send("x");
    assert.equal(String((await next).value), "x");
  }));

test("thousands of sends that can be done at once need no await", () =>
  withSockets(async (keep) => {
    const publisher = keep(new zmq.Publisher());
    await publisher.bind(inproc());
    const all: Promise<void>[] = [];
    for (let i = 0; i < 3000; i++) all.push(publisher.send("x"));
    await within("all are sent", Promise.all(all));
  }));

test("a timeout of zero tries at once, another waits; both reject EAGAIN", () =>
  withSockets(async (keep) => {
    for (const timeout of [0, 20]) {
      const push = keep(new zmq.Push({ sendTimeout: timeout }));
      const pull = keep(new zmq.Pull({ receiveTimeout: timeout }));
      for (const promise of [push.send("x"), pull.receive()]) {
        const error = await rejection(promise);
        assert.equal(error.code, "EAGAIN");
        assert.equal(error.errno, 11);
        assert.equal(error.message, "Operation was not possible or timed out");
        assert.ok(!(error instanceof TypeError));
        assert.deepEqual(Object.keys(error).sort(), ["code", "errno"]);
      }
      assert.equal((await rejection(push.send("x"))).code, "EAGAIN");
    }
  }));

test("out of turn, a Request and a Reply wait", () =>
  withSockets(async (keep) => {
    const reply = keep(new zmq.Reply());
    const request = keep(new zmq.Request());
    const name = inproc();
    await reply.bind(name);
    request.connect(name);

    const early = request.receive();
    const answer = reply.send("to one");
    assert.equal(await settles(early), false);
    assert.equal(await settles(answer), false);
    await request.send("one");
    const second = request.send("two");
    assert.equal(await settles(second), false);
    assert.equal(String(await reply.receive()), "one");
    await answer;
    assert.equal(String(await early), "to one");
    await second;
    assert.equal(String(await reply.receive()), "two");
    const third = reply.receive();
    await reply.send("to two");
    assert.equal(String(await request.receive()), "to two");
    await request.send("three");
    assert.equal(String(await third), "three");
  }));

test("out of turn with a finite timeout, a Request and a Reply reject EFSM", () =>
  withSockets(async (keep) => {
    for (const timeout of [0, 20]) {
      const limits = { sendTimeout: timeout, receiveTimeout: timeout };
      const reply = keep(new zmq.Reply(limits));
      const request = keep(new zmq.Request(limits));
      const name = inproc();
      await reply.bind(name);
      request.connect(name);
      assert.equal((await rejection(reply.send("x"))).code, "EFSM");
      assert.equal((await rejection(request.receive())).code, "EFSM");
      await request.send("x");
      assert.equal((await rejection(request.send("y"))).code, "EFSM");
      assert.equal((await rejection(request.receive())).code, "EAGAIN");
      const error = await rejection(request.send("y"));
      assert.equal(error.code, "EFSM");
      assert.equal(error.errno, 156384763);
    }
  }));

test("a relaxed Request may send again after a receive that timed out", () =>
  withSockets(async (keep) => {
    const reply = keep(new zmq.Reply());
    const request = keep(
      new zmq.Request({ relaxed: true, correlate: true, receiveTimeout: 5 }),
    );
    const name = inproc();
    await reply.bind(name);
    request.connect(name);
    await request.send("one");
    assert.equal((await rejection(request.receive())).code, "EAGAIN");
    await request.send("two");
  }));

test("a mandatory Router without peers waits, and sends when the right one comes", () =>
  withSockets(async (keep) => {
    const router = keep(new zmq.Router({ mandatory: true }));
    const name = inproc();
    await router.bind(name);
    const sent = router.send(["dealer", "hello"]);
    assert.equal(await settles(sent), false);
    const dealer = keep(new zmq.Dealer({ routingId: "dealer" }));
    dealer.connect(name);
    await sent;
    assert.equal(String(await dealer.receive()), "hello");
    assert.equal(
      (await rejection(router.send(["nobody", "x"]))).code,
      "EHOSTUNREACH",
    );
    const other = keep(new zmq.Router({ mandatory: true, sendTimeout: 0 }));
    assert.equal(
      (await rejection(other.send(["nobody", "x"]))).code,
      "EHOSTUNREACH",
    );
  }));

test("a Publisher with noDrop rejects EAGAIN at its mark", () =>
  withSockets(async (keep) => {
    const publisher = keep(
      new zmq.Publisher({ noDrop: true, sendHighWaterMark: 2 }),
    );
    const subscriber = keep(new zmq.Subscriber({ receiveHighWaterMark: 2 }));
    const name = inproc();
    await publisher.bind(name);
    subscriber.connect(name);
    subscriber.subscribe();
    let sent = 0;
    const error = await rejection((async () => {
      for (; sent < 20; sent++) await publisher.send("x");
    })());
    assert.equal(error.code, "EAGAIN");
    assert.equal(sent, 4);
  }));

test("within the process the marks of both ends add up", () =>
  withSockets(async (keep) => {
    const push = keep(new zmq.Push({ sendHighWaterMark: 2, sendTimeout: 0 }));
    const pull = keep(new zmq.Pull({ receiveHighWaterMark: 2 }));
    const name = inproc();
    await pull.bind(name);
    push.connect(name);
    let sent = 0;
    while (await push.send("x").then(() => true, () => false)) sent++;
    assert.equal(sent, 4);
  }));

test("closing rejects what waits with EAGAIN and ends iterations", () =>
  withSockets(async (keep) => {
    const push = keep(new zmq.Push());
    const send = push.send("x");
    push.close();
    assert.equal((await rejection(send)).code, "EAGAIN");
    const pull = keep(new zmq.Pull());
    const receive = pull.receive();
    pull.close();
    assert.equal((await rejection(receive)).code, "EAGAIN");
    const other = keep(new zmq.Pull());
    const next = other[Symbol.asyncIterator]().next();
    other.close();
    assert.deepEqual(await next, { done: true, value: undefined });
  }));

test("closing rejects what is out of turn with EFSM, and for whom there is no peer with EHOSTUNREACH", async () => {
  const request = new zmq.Request();
  const receive = request.receive();
  const reply = new zmq.Reply();
  const send = reply.send("x");
  const router = new zmq.Router({ mandatory: true });
  const routed = router.send(["nobody", "x"]);
  const codes = Promise.all([receive, send, routed].map(rejection));
  for (const socket of [request, reply, router]) socket.close();
  assert.deepEqual(
    (await codes).map(({ code }) => code),
    ["EFSM", "EFSM", "EHOSTUNREACH"],
  );
});

test("leaving a loop leaves the socket open, and its close ends the loop", () =>
  withSockets(async (keep) => {
    const [a, b] = await pair(keep);
    for (const text of ["one", "two", "three"]) await a.send(text);
    const heard: string[] = [];
    for await (const [part] of b) {
      heard.push(part.toString());
      break;
    }
    assert.equal(b.closed, false);
    for await (const [part] of b) {
      heard.push(part.toString());
      if (heard.length === 2) b.close();
    }
    assert.deepEqual(heard, ["one", "two"]);
    const iterator = b[Symbol.asyncIterator]();
    assert.deepEqual(Object.keys(iterator), ["next"]);
    assert.equal((await iterator.next()).done, true);
  }));

test("a loop receives as a derived class does, and its close ends the loop", () =>
  withSockets(async (keep) => {
    class Numbers extends zmq.Pull {
      override async receive(): Promise<Buffer[]> {
        const parts = await super.receive();
        return parts.map((part) => Buffer.from(`${2 * Number(part)}`));
      }
    }
    const [numbers, push] = [keep(new Numbers()), keep(new zmq.Push())];
    const name = inproc();
    await numbers.bind(name);
    push.connect(name);
    const heard: string[] = [];
    const loop = (async () => {
      for await (const [part] of numbers) heard.push(part.toString());
    })();
    await push.send(4);
    await until("it came", () => heard.length === 1);
    assert.deepEqual(heard, ["8"]);
    numbers.close();
    await loop;
  }));

test("a receiveTimeout within a loop ends it with EAGAIN", () =>
  withSockets(async (keep) => {
    const pull = keep(new zmq.Pull({ receiveTimeout: 5 }));
    const loop = async () => {
      for await (const _ of pull) assert.fail("there is no message");
    };
    assert.equal((await rejection(loop())).code, "EAGAIN");
  }));

test("the wrong direction is ENOTSUP", () =>
  withSockets(async (keep) => {
    const lacking = { code: "ENOTSUP", message: "Operation not supported" };
    const all = (socket: zmq.Socket) => keep(socket) as unknown as zmq.Pair;
    for (const make of [zmq.Push, zmq.Publisher]) {
      const socket = all(new make());
      await assert.rejects(socket.receive(), lacking);
      const iterator = socket[Symbol.asyncIterator]();
      await assert.rejects(iterator.next(), lacking);
    }
    for (const make of [zmq.Pull, zmq.Subscriber]) {
      await assert.rejects(all(new make()).send("x"), lacking);
    }
  }));

test("a class derived from Socket itself sends and receives", () =>
  withSockets(async (keep) => {
    class Own extends zmq.Socket {
      constructor() {
        super(5);
      }
    }
    const [here, there] = [1, 2].map(() =>
      keep(new Own()) as unknown as zmq.Pair
    );
    await here.bind("inproc://own");
    there.connect("inproc://own");
    await there.send(["two", "frames"]);
    assert.deepEqual((await here.receive()).map(String), ["two", "frames"]);
    await there.send("more");
    for await (const [message] of here) {
      assert.equal(String(message), "more");
      break;
    }
  }));

test("a mandatory Router takes a name without a message, for nobody", () =>
  withSockets(async (keep) => {
    const router = keep(new zmq.Router({ mandatory: true, sendTimeout: 0 }));
    await router.send("nobody" as unknown as string[]);
    await assert.rejects(router.send(["nobody", "x"]), {
      code: "EHOSTUNREACH",
    });
  }));

test("what never waits is writable without peers", () =>
  withSockets((keep) => {
    for (
      const make of [
        zmq.Publisher,
        zmq.XPublisher,
        zmq.XSubscriber,
        zmq.Router,
        zmq.Stream,
      ]
    ) assert.equal(keep(new make()).writable, true, make.name);
    for (const make of [zmq.Push, zmq.Dealer, zmq.Pair, zmq.Request]) {
      assert.equal(keep(new make()).writable, false, make.name);
    }
  }));

test("a Subscriber counts its prefixes, and none is all", () =>
  withSockets(async (keep) => {
    const publisher = keep(new zmq.XPublisher());
    const subscriber = keep(new zmq.Subscriber());
    const name = inproc();
    await publisher.bind(name);
    subscriber.connect(name);
    subscriber.subscribe("a", Buffer.from("b"));
    subscriber.subscribe("a");
    subscriber.unsubscribe("a", "never");
    assert.equal((await publisher.receive())[0].toString("hex"), "0161");
    assert.equal((await publisher.receive())[0].toString("hex"), "0162");
    subscriber.subscribe();
    assert.equal((await publisher.receive())[0].toString("hex"), "01");
    subscriber.unsubscribe("a");
    assert.equal((await publisher.receive())[0].toString("hex"), "0061");
    // deno-lint-ignore no-explicit-any -- what types forbid
    assert.throws(() => (subscriber as any).subscribe(5), TypeError);
  }));

test("a Subscriber subscribes while it binds; once closed that is ENOTSOCK", () =>
  withSockets(async (keep) => {
    const [sub, pub] = [keep(new zmq.Subscriber()), keep(new zmq.Publisher())];
    const name = inproc();
    const bound = sub.bind(name);
    sub.subscribe("a", "b");
    sub.unsubscribe("b");
    await bound;
    pub.connect(name);
    const received = sub.receive();
    await pub.send("b");
    await pub.send("a");
    assert.equal(String((await received)[0]), "a");
    sub.close();
    assert.equal(thrown(() => sub.subscribe("a"))?.code, "ENOTSOCK");
    assert.equal(thrown(() => sub.unsubscribe("a"))?.code, "ENOTSOCK");
  }));

test("a Stream gives [id, bytes], tells who comes, and knows nobody by a wrong id", () =>
  withSockets(async (keep) => {
    const server = keep(new zmq.Stream());
    await server.bind("tcp://127.0.0.1:*");
    const client = keep(new zmq.Stream());
    client.connect(server.lastEndpoint!, { routingId: "server" });
    const [id, empty] = await server.receive();
    assert.equal(empty.length, 0);
    await server.send([id, "hello"]);
    assert.equal(String((await client.receive())[0]), "server");
    assert.equal(String((await client.receive())[1]), "hello");
    const error = await rejection(server.send(["nobody", "x"]));
    assert.equal(error.code, "EHOSTUNREACH");
  }));
