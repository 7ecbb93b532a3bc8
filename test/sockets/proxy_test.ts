import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Channel,
  Client,
  Context,
  Datagram,
  Dealer,
  Gather,
  Pair,
  Proxy,
  Publisher,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Scatter,
  Server,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`a proxy carries requests and replies, counts and shows them, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [front, back] = [keep(new Router()), keep(new Dealer())];
      const [captured, capture] = [keep(new Pull()), keep(new Push())];
      await join(captured, capture, transport);
      const [request, reply] = [keep(new Request()), keep(new Reply())];
      await join(front, request, transport);
      await join(back, reply, transport);
      const proxy = new Proxy(front, back, capture);
      assert.throws(() => proxy.pause(), { code: "EBADF" });
      const running = proxy.run();
      await assert.rejects(front.send(["x", "y"]), { code: "EBUSY" });
      await assert.rejects(back.receive(), { code: "EBUSY" });
      const answering = (async () => {
        for await (const message of reply) await reply.send(message);
      })();
      for (let i = 0; i < 5; i++) {
        const answer = await within("a round", request.request(`${i}`));
        assert.deepEqual(texts(answer), [`${i}`]);
      }
      const { frontEnd, backEnd } = proxy.statistics();
      assert.equal(frontEnd.messagesIn, 5);
      assert.equal(frontEnd.messagesOut, 5);
      assert.equal(backEnd.messagesIn, 5);
      assert.equal(backEnd.bytesOut, 5 * 6);
      for (let i = 0; i < 10; i++) {
        assert.equal(texts(await captured.receive()).at(-1), `${i >> 1}`);
      }
      proxy.terminate();
      await running;
      await front.send(["nobody", "it is mine again"]);
      reply.close();
      await answering;
      await assert.rejects(proxy.run(), { code: "EBADF" });
    }));

  test(`a paused proxy passes nothing and loses nothing, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [front, back] = [keep(new Pull()), keep(new Push())];
      const [push, pull] = [keep(new Push()), keep(new Pull())];
      await join(front, push, transport);
      await join(back, pull, transport);
      const proxy = new Proxy(front, back);
      const running = proxy.run();
      await push.send("1");
      assert.deepEqual(texts(await pull.receive()), ["1"]);
      proxy.pause();
      await push.sendMany(["2", "3"]);
      await sleep(50);
      assert.equal(pull.readable, false);
      proxy.resume();
      assert.deepEqual(texts(await pull.receive()), ["2"]);
      assert.deepEqual(texts(await pull.receive()), ["3"]);
      proxy.terminate();
      await running;
    }));

  test(`a proxy obeys its control socket, over ${transport}`, () =>
    withSockets(async (keep) => {
      for (
        const [control, steering] of [
          [keep(new Reply()), keep(new Request())],
          [keep(new Pair()), keep(new Pair())],
        ] as const
      ) {
        const [front, back] = [keep(new Pull()), keep(new Push())];
        const [push, pull] = [keep(new Push()), keep(new Pull())];
        await join(front, push, transport);
        await join(back, pull, transport);
        await join(control, steering, transport);
        const asks = steering instanceof Request;
        const tell = async (command: string) => {
          await steering.send(command);
          if (asks || command === "STATISTICS") {
            return await within("an answer", steering.receive());
          }
          await sleep(30);
          return [];
        };
        const running = new Proxy(front, back, undefined, control).run();
        await push.send(["a", "bc"]);
        await pull.receive();
        const numbers = (await tell("STATISTICS")).map((frame) =>
          Number(
            new DataView(frame.buffer, frame.byteOffset).getBigUint64(0, true),
          )
        );
        assert.deepEqual(numbers, [2, 3, 0, 0, 0, 0, 2, 3]);
        await tell("PAUSE");
        await push.send("held");
        await sleep(30);
        assert.equal(pull.readable, false);
        await tell("RESUME");
        assert.deepEqual(texts(await pull.receive()), ["held"]);
        await tell("TERMINATE");
        await within("its end", running);
      }
    }));

  test(`a proxied XPublisher with noDrop pushes back instead of buffering, over ${transport}`, () =>
    withSockets(async (keep) => {
      const hwm = { sendHighWaterMark: 10, receiveHighWaterMark: 10 };
      const publisher = keep(
        new XPublisher({ ...hwm, noDrop: true, sendTimeout: 0 }),
      );
      const front = keep(new XSubscriber(hwm));
      const back = keep(new XPublisher({ ...hwm, noDrop: true }));
      const subscriber = keep(new Subscriber({ receiveHighWaterMark: 10 }));
      subscriber.subscribe("");
      await join(publisher, front, transport);
      await join(back, subscriber, transport);
      const proxy = new Proxy(front, back);
      const running = proxy.run();
      await until("it is known upstream", () => publisher.topicsCount === 1);
      const body = new Uint8Array(500_000);
      let sent = 0;
      let quiet = 0;
      while (quiet < 20) {
        if (publisher.trySend([`${sent}`, body])) {
          sent++;
          quiet = 0;
        } else {
          quiet++;
          await sleep(5);
        }
        assert.ok(sent < 500, "nobody pushed back");
      }
      for (let i = 0; i < sent; i++) {
        const [label] = await within("what was sent", subscriber.receive());
        assert.deepEqual(texts([label]), [`${i}`]);
      }
      proxy.terminate();
      await running;
    }));
}

test("a proxy between a socket and itself echoes", () =>
  withSockets(async (keep) => {
    const reply = keep(new Reply());
    const request = keep(new Request());
    await join(reply, request, "tcp");
    const proxy = new Proxy(reply, reply);
    const running = proxy.run();
    for (let i = 0; i < 3; i++) {
      const answer = await within("an echo", request.request(`${i}`));
      assert.deepEqual(texts(answer), [`${i}`]);
    }
    proxy.terminate();
    await running;
  }));

test("a proxy drops what the other side can't send, and goes on", () =>
  withSockets(async (keep) => {
    for (
      const back of [new Datagram(), new Radio(), new Stream(), new Channel()]
    ) {
      keep(back);
      const [front, push] = [keep(new Pull()), keep(new Push())];
      await join(front, push, "tcp");
      const [captured, capture] = [keep(new Gather()), keep(new Scatter())];
      await join(captured, capture, "inproc");
      const other = back instanceof Channel ? keep(new Channel()) : null;
      if (other !== null) await join(other, back, "tcp");
      else if (back instanceof Datagram) await back.bind("udp://127.0.0.1:*");
      else await back.bind("tcp://127.0.0.1:*");
      const proxy = new Proxy(front, back, capture);
      const running = proxy.run();
      const most = back instanceof Channel ? ["a", "b"] : "alone";
      await push.sendMany([["1", "2", "3"], most, ["1", "2", "3"]]);
      if (other !== null) {
        await push.send("fits");
        assert.deepEqual(texts(await other.receive()), ["fits"]);
        assert.deepEqual(texts(await captured.receive()), ["fits"]);
      }
      await until("all is taken", () => front.stats().messagesIn >= 3);
      await until("all is passed", () => !front.readable);
      proxy.terminate();
      await running;
      assert.equal(proxy.statistics().backEnd.messagesOut, other ? 1 : 0);
    }
  }));

test("a proxy passes nothing that its capture has no room for, and loses none of it", () =>
  withSockets(async (keep) => {
    const [front, push] = [keep(new Pull()), keep(new Push())];
    const [back, pull] = [keep(new Push()), keep(new Pull())];
    const capture = keep(new Push({ sendHighWaterMark: 2 }));
    const captured = keep(new Pull({ receiveHighWaterMark: 2 }));
    await join(front, push, "inproc");
    await join(back, pull, "inproc");
    const proxy = new Proxy(front, back, capture);
    const running = proxy.run();
    const sent = Array.from({ length: 50 }, (_, i) => `${i}`);
    await push.sendMany(sent);
    await sleep(20);
    assert.equal(pull.readable, false);
    await join(capture, captured, "inproc");
    const seen: string[] = [];
    for (const body of sent) {
      seen.push(...texts(await within("its copy", captured.receive())));
      assert.deepEqual(texts(await within("it", pull.receive())), [body]);
    }
    assert.deepEqual(seen, sent);
    capture.close();
    await push.send("unseen");
    assert.deepEqual(texts(await within("it", pull.receive())), ["unseen"]);
    proxy.terminate();
    await running;
  }));

test("a socket that can't send captures nothing", () =>
  withSockets(async (keep) => {
    const [front, back] = [keep(new Pull()), keep(new Push())];
    const proxy = new Proxy(front, back, keep(new Pull()));
    await assert.rejects(proxy.run(), { code: "ENOTSUP" });
    await assert.rejects(front.receive({ timeout: 0 }), { code: "EAGAIN" });
  }));

test("a Server is no end of a proxy, unless it is both", () =>
  withSockets(async (keep) => {
    const [server, client] = [keep(new Server()), keep(new Client())];
    await join(server, client, "tcp");
    for (const [front, back] of [[server, client], [client, server]]) {
      await assert.rejects(new Proxy(front, back).run(), { code: "EINVAL" });
    }
    const proxy = new Proxy(server, server);
    const running = proxy.run();
    await client.send("echo");
    assert.deepEqual(texts(await client.receive()), ["echo"]);
    assert.equal(proxy.statistics().frontEnd.bytesIn, 8);
    proxy.terminate();
    await running;
  }));

test("a proxy ends with its signal, with its socket, and with its context", () =>
  withSockets(async (keep) => {
    const make = (context?: Context) => {
      const options = context === undefined ? {} : { context };
      const [front, back] = [new Pull(options), new Push(options)];
      if (context === undefined) keep(front), keep(back);
      return new Proxy(front, back);
    };
    const aborting = new AbortController();
    const first = make().run({ signal: aborting.signal });
    aborting.abort(new Error("enough"));
    await assert.rejects(first, { message: "enough" });
    const second = make();
    const running = second.run();
    second.frontEnd.close();
    await within("its end", running);
    const context = new Context();
    const third = make(context);
    const ended = assert.rejects(third.run(), { code: "ETERM" });
    await third.backEnd.bind(endpoint("tcp"));
    await context.terminate();
    await ended;
  }));

test("a proxy runs ten thousand messages without keeping the turn", () =>
  withSockets(async (keep) => {
    const [front, back] = [keep(new XSubscriber()), keep(new XPublisher())];
    const [publisher, subscriber] = [
      keep(new Publisher()),
      keep(new Subscriber()),
    ];
    subscriber.subscribe("");
    await join(publisher, front, "inproc");
    await join(back, subscriber, "inproc");
    const proxy = new Proxy(front, back);
    const running = proxy.run();
    await until("it is known upstream", () => publisher.topicsCount === 1);
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 1);
    const reading = (async () => {
      for (let i = 0; i < 10_000; i++) await subscriber.receive();
    })();
    for (let i = 0; i < 10_000; i++) await publisher.send(`${i}`);
    await within("all of them", reading);
    clearInterval(ticking);
    assert.ok(ticks > 0);
    proxy.terminate();
    await running;
  }));

test("who waited for a message before a proxy ran waits until it has ended", () =>
  withSockets(async (keep) => {
    const front = keep(new Pull());
    const back = keep(new Push());
    const source = keep(new Push());
    const sink = keep(new Pull());
    await front.bind("inproc://waited-before-front");
    await back.bind("inproc://waited-before-back");
    source.connect("inproc://waited-before-front");
    sink.connect("inproc://waited-before-back");
    const early = front.receive();
    const proxy = new Proxy(front, back);
    const running = proxy.run();
    await source.sendMany(["1", "2"]);
    assert.deepEqual(texts(await sink.receive()), ["1"]);
    assert.deepEqual(texts(await sink.receive()), ["2"]);
    proxy.terminate();
    await running;
    await source.send("3");
    assert.deepEqual(texts(await early), ["3"]);
  }));
