import assert from "node:assert/strict";
import { test } from "node:test";
import { Reply, Request, Router, text } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { frame, message } from "../support/zmtp.ts";
import { bytes, concat, hex } from "../support/bytes.ts";

/** Answers every request with what `answer` makes of it, until closed. */
async function serve(
  reply: Reply,
  answer: (request: string[]) => string | string[],
): Promise<void> {
  for await (const request of reply) await reply.send(answer(texts(request)));
}

for (const transport of TRANSPORTS) {
  test(`${transport}: requests and replies of several frames go back and forth`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request());
      const reply = keep(new Reply());
      await join(reply, request, transport);
      for (const parts of [["a"], ["a", "", "b"], [""], ["", "x"]]) {
        await request.send(parts);
        assert.deepEqual(texts(await reply.receive()), parts);
        await reply.send([...parts, "!"]);
        assert.deepEqual(texts(await request.receive()), [...parts, "!"]);
      }
    }));

  test(`${transport}: out of turn is EFSM at once, and harms nothing`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request());
      const reply = keep(new Reply());
      await join(reply, request, transport);
      const fsm = { name: "ZmqError", code: "EFSM" };
      await assert.rejects(request.receive(), fsm);
      assert.throws(() => request.tryReceive(), fsm);
      await assert.rejects(reply.send("x"), fsm);
      assert.throws(() => reply.trySend("x"), fsm);
      await request.send("one");
      await assert.rejects(request.send("two"), fsm);
      assert.throws(() => request.trySend("two"), fsm);
      await reply.receive();
      await assert.rejects(reply.receive(), fsm);
      await reply.send("done");
      assert.deepEqual(texts(await request.receive()), ["done"]);
      await assert.rejects(request.receive(), fsm);
    }));

  test(`${transport}: requests go to the Replies in turn`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request());
      await request.bind(endpoint(transport));
      for (const name of ["a", "b", "c"]) {
        const reply = keep(new Reply());
        reply.connect(request.lastEndpoint!);
        serve(reply, () => name);
      }
      await until("all have come", () => request.stats().peers === 3);
      const got: string[] = [];
      for (let i = 0; i < 6; i++) {
        got.push(text((await request.request(`${i}`))[0]));
      }
      assert.deepEqual(got.slice(0, 3).sort(), ["a", "b", "c"]);
      assert.deepEqual(got.slice(3), got.slice(0, 3));
    }));

  test(`${transport}: a Reply serves those who ask in turn, and answers each its own`, () =>
    withSockets(async (keep) => {
      const reply = keep(new Reply());
      await reply.bind(endpoint(transport));
      const asking = Array.from({ length: 5 }, (_, i) => {
        const request = keep(new Request());
        request.connect(reply.lastEndpoint!);
        return (async () => {
          for (let n = 0; n < 20; n++) {
            const [answer] = await request.request(`${i}.${n}`);
            assert.equal(text(answer), `re ${i}.${n}`);
          }
        })();
      });
      serve(reply, ([what]) => `re ${what}`);
      await within("all are answered", Promise.all(asking));
    }));

  test(`${transport}: a request waits while there is nobody to ask`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request());
      await request.bind(endpoint(transport));
      await assert.rejects(request.send("x", { timeout: 20 }), {
        code: "EAGAIN",
      });
      const round = request.request("y");
      await assert.rejects(request.send("z"), { code: "EFSM" });
      const reply = keep(new Reply());
      reply.connect(request.lastEndpoint!);
      assert.deepEqual(texts(await reply.receive()), ["y"]);
      await reply.send("ok");
      assert.deepEqual(texts(await round), ["ok"]);
    }));

  test(`${transport}: rounds that are asked for at once are made one after another`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request());
      const reply = keep(new Reply());
      await join(reply, request, transport);
      serve(reply, ([what]) => what);
      const rounds = Array.from(
        { length: 50 },
        (_, i) => request.request(`${i}`),
      );
      const answers = await Promise.all(rounds);
      assert.deepEqual(
        answers.map(([a]) => text(a)),
        answers.map((_, i) => `${i}`),
      );
    }));

  test(`${transport}: a round that takes too long is given up, and its late reply is nobody's`, () =>
    withSockets(async (keep) => {
      for (const correlate of [false, true]) {
        const request = keep(new Request({ correlate, reconnectInterval: 5 }));
        const reply = keep(new Reply());
        await join(reply, request, transport);
        const late = request.request("slow", { timeout: 60 });
        await reply.receive();
        await assert.rejects(late, { code: "EAGAIN" });
        await reply.send("too late");
        const next = request.request("next", { timeout: 10_000 });
        const served = await within("the next comes", reply.receive());
        assert.deepEqual(texts(served), ["next"]);
        await reply.send("in time");
        assert.deepEqual(texts(await next), ["in time"]);
      }
    }));

  test(`${transport}: a round can be aborted, in line and under way`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request({ reconnectInterval: 5 }));
      const reply = keep(new Reply());
      await join(reply, request, transport);
      const abort = new AbortController();
      const first = request.request("first", { signal: abort.signal });
      const second = request.request("second", { signal: abort.signal });
      const third = request.request("third");
      await reply.receive();
      abort.abort(new Error("enough"));
      await assert.rejects(first, { message: "enough" });
      await assert.rejects(second, { message: "enough" });
      await reply.send("ignored");
      assert.deepEqual(texts(await reply.receive()), ["third"]);
      await reply.send("3");
      assert.deepEqual(texts(await third), ["3"]);
    }));

  test(`${transport}: relaxed allows a new request, and the old reply is dropped`, () =>
    withSockets(async (keep) => {
      const request = keep(new Request({ relaxed: true, correlate: true }));
      const reply = keep(new Reply());
      await join(reply, request, transport);
      await request.send("one");
      assert.equal(request.writable, true);
      await request.send("two");
      assert.deepEqual(texts(await reply.receive()), ["one"]);
      await reply.send("re one");
      assert.deepEqual(texts(await reply.receive()), ["two"]);
      await reply.send("re two");
      assert.deepEqual(texts(await request.receive()), ["re two"]);
    }));

  test(`${transport}: a reply whose asker has gone is dropped, and the next is served`, () =>
    withSockets(async (keep) => {
      const reply = keep(new Reply());
      const leaver = new Request();
      await join(reply, leaver, transport);
      await leaver.send("x");
      await reply.receive();
      leaver.close();
      await until("it has left", () => reply.stats().peers === 0);
      await reply.send("into the void");
      assert.equal(reply.stats().drops, 1);
      const request = keep(new Request());
      request.connect(reply.lastEndpoint!);
      const round = request.request("y");
      assert.deepEqual(texts(await reply.receive()), ["y"]);
      await reply.send("z");
      assert.deepEqual(texts(await round), ["z"]);
    }));
}

test("a Request that is bound doesn't send the next request by a connection that was given up", () =>
  withSockets(async (keep) => {
    const request = keep(new Request());
    const reply = keep(new Reply({ reconnectInterval: 10 }));
    await join(request, reply, "tcp");
    await assert.rejects(request.request("first", { timeout: 50 }), {
      code: "EAGAIN",
    });
    const second = request.request("second");
    assert.deepEqual(texts(await reply.receive()), ["first"]);
    await reply.send("late");
    const asked = await within("it comes", reply.receive());
    assert.deepEqual(texts(asked), ["second"]);
    await reply.send("in time");
    assert.deepEqual(texts(await second), ["in time"]);
  }));

for (
  const [how, immediate, binds] of [
    ["connects with immediate", true, false],
    ["is bound", false, true],
  ] as const
) {
  test(`a Request that ${how} takes its reply from who comes again by another connection`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router({ reconnectInterval: 10 }));
      let meetings = 0;
      router.events.on("handshake", () => meetings++);
      const request = keep(
        new Request({
          routingId: "asker",
          reconnectInterval: 10,
          immediate,
        }),
      );
      const [bound, connects] = binds ? [request, router] : [router, request];
      await join(bound, connects, "tcp");
      await request.send("question");
      const [id] = await router.receive();
      const address = bound.lastEndpoint!;
      await bound.unbind(address);
      await until("they have parted", () => request.stats().peers === 0);
      const reply = request.receive();
      await bound.bind(address);
      await until("they have met again", () => meetings === 2);
      await router.send([id, "", "reply"]);
      assert.deepEqual(texts(await within("a reply", reply)), ["reply"]);
      await request.send("next");
      assert.deepEqual(texts((await router.receive()).slice(2)), ["next"]);
    }));
}

test("a round without a limit has the timeout -1, as a send or a receive", () =>
  withSockets(async (keep) => {
    const [request, reply] = [keep(new Request()), keep(new Reply())];
    const round = request.request("a", { timeout: -1 });
    const inLine = request.request("b", { timeout: -1 });
    await sleep(20);
    await join(reply, request, "inproc");
    for (const text of ["a", "b"]) {
      assert.deepEqual(texts(await reply.receive()), [text]);
      await reply.send(text);
    }
    assert.deepEqual(texts(await round), ["a"]);
    assert.deepEqual(texts(await inLine), ["b"]);
  }));

test("more rounds than may wait are EBUSY", () =>
  withSockets(async (keep) => {
    const request = keep(new Request({ maxPendingSends: 2 }));
    const reply = keep(new Reply());
    await join(reply, request, "tcp");
    const rounds = [1, 2, 3].map((i) => request.request(`${i}`));
    await assert.rejects(request.request("4"), {
      code: "EBUSY",
      message: /maxPendingSends/,
    });
    serve(reply, ([what]) => what);
    assert.deepEqual((await Promise.all(rounds)).map(([a]) => text(a)), [
      "1",
      "2",
      "3",
    ]);
  }));

test("a round that runs out of time in line is EAGAIN, and is never sent", () =>
  withSockets(async (keep) => {
    const request = keep(new Request());
    const reply = keep(new Reply());
    await join(reply, request, "tcp");
    const first = request.request("first");
    await assert.rejects(request.request("second", { timeout: 20 }), {
      code: "EAGAIN",
    });
    await reply.receive();
    await reply.send("1");
    await first;
    await sleep(30);
    assert.equal(reply.tryReceive(), undefined);
  }));

test("closing ends rounds in line and under way", () =>
  withSockets(async (keep) => {
    const request = keep(new Request());
    const reply = keep(new Reply());
    await join(reply, request, "tcp");
    const rounds = [request.request("1"), request.request("2")];
    const outcomes = rounds.map((round) => round.catch((error) => error.code));
    await reply.receive();
    request.close();
    assert.deepEqual(await Promise.all(outcomes), ["EAGAIN", "EAGAIN"]);
    await assert.rejects(request.request("3"), { code: "EBADF" });
  }));

test("a request that never left is taken back when it is given up", () =>
  withSockets(async (keep) => {
    const scout = keep(new Reply());
    await scout.bind("tcp://127.0.0.1:*");
    const address = scout.lastEndpoint!;
    await scout.unbind(address);
    const request = keep(new Request({ reconnectInterval: 10 }));
    request.connect(address);
    for (let i = 0; i < 3; i++) {
      await assert.rejects(request.request(`stale ${i}`, { timeout: 15 }), {
        code: "EAGAIN",
      });
    }
    const round = request.request("fresh");
    const reply = keep(new Reply());
    await reply.bind(address);
    assert.deepEqual(texts(await reply.receive()), ["fresh"]);
    await reply.send("ok");
    await round;
  }));

test("on the wire a request has an empty frame before it, and with correlate a number before that", () =>
  withSockets(async (keep) => {
    const request = keep(new Request());
    const peer = await RawPeer.listen("REP");
    try {
      request.connect(peer.address);
      await peer.shakenHands();
      await request.send(["a", "b"]);
      assert.equal(hex(await peer.read(8)), hex(bytes("0100 0101 61 0001 62")));
      peer.write(message("", "r"));
      assert.deepEqual(texts(await request.receive()), ["r"]);
      request.correlate = true;
      await request.send("c");
      const sent = await peer.read(11);
      assert.equal(hex(sent.subarray(0, 2)), "0104");
      assert.equal(hex(sent.subarray(6)), hex(bytes("0100 0001 63")));
      const wrong = sent.slice(2, 6);
      wrong[3]++;
      peer.write(message(wrong, "", "not this"));
      peer.write(message("", "nor this"));
      peer.write(message(sent.slice(2, 6), "", "this"));
      assert.deepEqual(texts(await request.receive()), ["this"]);
    } finally {
      await peer.close();
    }
  }));

test("a reply that nobody waits for is thrown away before the next request", () =>
  withSockets(async (keep) => {
    const request = keep(new Request());
    const peer = await RawPeer.listen("REP");
    try {
      request.connect(peer.address);
      await peer.shakenHands();
      peer.write(message("", "too early"));
      await sleep(20);
      await request.send("a");
      await peer.read(5);
      peer.write(concat(message("", "first"), message("", "second")));
      assert.deepEqual(texts(await request.receive()), ["first"]);
      await request.send("b");
      await peer.read(5);
      peer.write(message("", "third"));
      assert.deepEqual(texts(await request.receive()), ["third"]);
    } finally {
      await peer.close();
    }
  }));

test("a reply without an empty frame before its body cuts its peer off", () =>
  withSockets(async (keep) => {
    for (
      const wrong of [
        message("no delimiter"),
        message("abc", "", "x"),
        frame(0, ""),
      ]
    ) {
      const request = keep(new Request());
      const peer = await RawPeer.listen("ROUTER");
      try {
        const events: string[] = [];
        request.events.on(
          "disconnect",
          (event) => events.push(event.error?.code ?? "none"),
        );
        request.connect(peer.address);
        await peer.shakenHands();
        await request.send("a");
        await peer.read(5);
        peer.write(wrong);
        await within("it hangs up", peer.closed);
        await until("the event is there", () => events.length === 1);
        assert.deepEqual(events, ["EPROTO"]);
      } finally {
        await peer.close();
      }
    }
  }));

test("inproc: a reply without an empty frame before its body is passed over", () =>
  withSockets(async (keep) => {
    const router = keep(new Router());
    const request = keep(new Request());
    await join(router, request, "inproc");
    await request.send("a");
    const [id] = await router.receive();
    for (const wrong of [["no delimiter"], ["abc", "", "x"], [""]]) {
      await router.send([id, ...wrong]);
    }
    await router.send([id, "", "right"]);
    assert.deepEqual(texts(await request.receive()), ["right"]);
    await request.send("b");
    assert.deepEqual(texts((await router.receive()).slice(2)), ["b"]);
  }));

test("a Reply gives the whole envelope back, and drops a message that has none", () =>
  withSockets(async (keep) => {
    const reply = keep(new Reply());
    await reply.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(reply.lastEndpoint!, "DEALER");
    try {
      await peer.shakenHands();
      peer.write(message("nobody will answer"));
      peer.write(message("id1", "id2", "", "question", ""));
      assert.deepEqual(texts(await reply.receive()), ["question", ""]);
      await reply.send("r");
      const expected = message("id1", "id2", "", "r");
      assert.equal(hex(await peer.read(expected.length)), hex(expected));
    } finally {
      await peer.close();
    }
  }));

test("probeRouter sends an empty message first on each connection", () =>
  withSockets(async (keep) => {
    const request = keep(
      new Request({ probeRouter: true, reconnectInterval: 5 }),
    );
    const first = await RawPeer.listen("ROUTER");
    request.connect(first.address);
    await first.shakenHands();
    assert.equal(hex(await first.read(2)), "0000");
    await first.close();
    const second = await RawPeer.listen("ROUTER", first.port);
    await second.shakenHands();
    assert.equal(hex(await second.read(2)), "0000");
    await second.close();
  }));

test("a round of a socket that is closed right after it was asked for is EAGAIN", () =>
  withSockets(async (keep) => {
    const reply = keep(new Reply());
    await reply.bind("inproc://closed-at-once");
    const request = new Request();
    request.connect("inproc://closed-at-once");
    const round = request.request("question");
    request.close();
    await assert.rejects(round, { code: "EAGAIN" });
  }));
