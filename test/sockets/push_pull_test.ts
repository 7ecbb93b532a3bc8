import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, text } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import {
  endpoint,
  freeEndpoint,
  join,
  TRANSPORTS,
  withSockets,
} from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`${transport}: messages of any frames arrive whole and in order`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      const messages = [
        ["hello"],
        ["a", "", "b"],
        [""],
        ["", ""],
        ["x".repeat(255), "y".repeat(256)],
        ["z".repeat(100_000), "end"],
      ];
      for (const message of messages) await push.send(message);
      for (const message of messages) {
        assert.deepEqual(texts(await pull.receive()), message);
      }
    }));

  test(`${transport}: a Push gives each of its Pulls the same share`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pulls = [keep(new Pull()), keep(new Pull()), keep(new Pull())];
      await push.bind(endpoint(transport));
      for (const pull of pulls) pull.connect(push.lastEndpoint!);
      await until("all have come", () => push.stats().peers === 3);
      for (let i = 0; i < 30; i++) await push.send(`${i}`);
      for (const pull of pulls) {
        const got = [];
        for (let n = 0; n < 10; n++) got.push(text((await pull.receive())[0]));
        assert.equal(new Set(got).size, 10);
        const numbers = got.map(Number);
        assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
      }
    }));

  test(`${transport}: a Pull takes from each of its Pushes in turn`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull());
      const pushes = [keep(new Push()), keep(new Push())];
      await pull.bind(endpoint(transport));
      for (const push of pushes) push.connect(pull.lastEndpoint!);
      await until("both have come", () => pull.stats().peers === 2);
      for (let n = 0; n < 50; n++) {
        await pushes[0].send("0");
        if (n < 5) await pushes[1].send("1");
      }
      await until("all is there", () => pull.stats().receiveQueue === 55);
      const first = [];
      for (let n = 0; n < 10; n++) first.push(text((await pull.receive())[0]));
      assert.equal(first.filter((who) => who === "1").length, 5);
    }));

  test(`${transport}: a send without a peer waits until one comes`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      await push.bind(endpoint(transport));
      assert.equal(push.writable, false);
      assert.equal(push.trySend("now"), false);
      const sent = push.send("later");
      const pull = keep(new Pull());
      pull.connect(push.lastEndpoint!);
      await within("it is sent", sent);
      assert.deepEqual(texts(await pull.receive()), ["later"]);
      assert.equal(push.writable, true);
    }));

  test(`${transport}: connect comes before bind, and what was sent meanwhile arrives`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push({ reconnectInterval: 10 }));
      const pull = keep(new Pull());
      const address = await freeEndpoint(transport);
      push.connect(address);
      for (let i = 0; i < 10; i++) await push.send(`${i}`);
      await sleep(30);
      await pull.bind(address);
      for (let i = 0; i < 10; i++) {
        assert.deepEqual(texts(await pull.receive()), [`${i}`]);
      }
    }));

  test(`${transport}: sendMany and receiveMany keep the order, and wait for room`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push({ sendHighWaterMark: 50 }));
      const pull = keep(new Pull({ receiveHighWaterMark: 50 }));
      await join(pull, push, transport);
      const count = 20_000;
      const sent = push.sendMany(function* () {
        for (let i = 0; i < count; i++) {
          yield i % 3 === 0 ? [`${i}`, "more"] : `${i}`;
        }
      }());
      let next = 0;
      while (next < count) {
        const messages = await pull.receiveMany(64);
        assert.ok(messages.length >= 1 && messages.length <= 64);
        for (const message of messages) {
          assert.equal(text(message[0]), `${next}`);
          assert.equal(message.length, next % 3 === 0 ? 2 : 1);
          next++;
        }
      }
      await sent;
    }));

  test(`${transport}: for await gives one message after another until the socket is closed`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      for (let i = 0; i < 5; i++) await push.send(`${i}`);
      const seen: string[] = [];
      for await (const [frame] of pull) {
        seen.push(text(frame));
        if (seen.length === 2) break;
      }
      assert.equal(pull.closed, false);
      for await (const [frame] of pull) {
        seen.push(text(frame));
        if (seen.length === 5) setTimeout(() => pull.close(), 5);
      }
      assert.deepEqual(seen, ["0", "1", "2", "3", "4"]);
    }));

  test(`${transport}: readable and writable tell what would be done at once`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push({ sendHighWaterMark: 1 }));
      const pull = keep(new Pull({ receiveHighWaterMark: 1 }));
      await join(pull, push, transport);
      await until("it is writable", () => push.writable);
      assert.equal(pull.readable, false);
      await push.send("x");
      await until("it is readable", () => pull.readable);
      await pull.receive();
      assert.equal(pull.readable, false);
    }));

  test(`${transport}: a Pull that leaves keeps what it has, the others get the rest`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const stays = keep(new Pull());
      const leaves = new Pull();
      await push.bind(endpoint(transport));
      stays.connect(push.lastEndpoint!);
      leaves.connect(push.lastEndpoint!);
      await until("both have come", () => push.stats().peers === 2);
      for (let i = 0; i < 4; i++) await push.send(`${i}`);
      for (let n = 0; n < 2; n++) await leaves.receive();
      leaves.close();
      await until("one has left", () => push.stats().peers === 1);
      for (let i = 4; i < 10; i++) await push.send(`${i}`);
      const got = [];
      for (let n = 0; n < 8; n++) got.push(text((await stays.receive())[0]));
      assert.deepEqual(got.slice(2), ["4", "5", "6", "7", "8", "9"]);
    }));

  test(`${transport}: conflate keeps the newest message only`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull({ conflate: true }));
      await join(pull, push, transport);
      for (let i = 1; i <= 20; i++) await push.send(`${i}`);
      await sleep(100);
      assert.deepEqual(texts(await pull.receive()), ["20"]);
      assert.equal(pull.tryReceive(), undefined);
    }));
}

test("several binds and connects, of both transports, on one socket", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const pushes = [0, 1, 2, 3].map(() => keep(new Push()));
    await pull.bind("tcp://127.0.0.1:*");
    pushes[0].connect(pull.lastEndpoint!);
    await pull.bind("tcp://127.0.0.1:*");
    pushes[1].connect(pull.lastEndpoint!);
    await pull.bind(endpoint("inproc"));
    pushes[2].connect(pull.lastEndpoint!);
    await pushes[3].bind("tcp://127.0.0.1:*");
    pull.connect(pushes[3].lastEndpoint!);
    for (const [i, push] of pushes.entries()) await push.send(`${i}`);
    const got = new Set<string>();
    while (got.size < 4) got.add(text((await pull.receive())[0]));
  }));

test("an empty array is no message: it is sent without a word and never arrives", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pull = keep(new Pull());
    await join(pull, push, "tcp");
    await push.send([]);
    assert.equal(push.trySend([]), true);
    await push.sendMany([[], "a", []]);
    assert.deepEqual(texts(await pull.receive()), ["a"]);
    assert.equal(pull.tryReceive(), undefined);
  }));

test("what can't be sent rejects with a TypeError and sends nothing", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pull = keep(new Pull());
    await join(pull, push, "tcp");
    const wrong = undefined as unknown as string;
    await assert.rejects(push.send(wrong), TypeError);
    await assert.rejects(push.send(["a", wrong]), TypeError);
    await assert.rejects(push.send({} as unknown as string), TypeError);
    assert.throws(() => push.trySend(wrong), TypeError);
    await assert.rejects(push.sendMany(["before", wrong, "after"]), TypeError);
    await push.send("last");
    assert.deepEqual(texts(await pull.receive()), ["before"]);
    assert.deepEqual(texts(await pull.receive()), ["last"]);
  }));
