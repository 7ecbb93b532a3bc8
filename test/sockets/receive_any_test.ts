import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Context,
  Dealer,
  merge,
  Proxy,
  Pull,
  Push,
  receiveAny,
  Reply,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`receiveAny takes from whichever has a message, in turn, over ${transport}`, () =>
    withSockets(async (keep) => {
      const pulls = [keep(new Pull()), keep(new Pull()), keep(new Pull())];
      const pushes = [keep(new Push()), keep(new Push()), keep(new Push())];
      for (let i = 0; i < 3; i++) await join(pulls[i], pushes[i], transport);
      const waiting = receiveAny(pulls);
      await pushes[1].send("hello");
      const { socket, message } = await within("a message", waiting);
      assert.equal(socket, pulls[1]);
      assert.deepEqual(texts(message), ["hello"]);
      for (const push of pushes) await push.sendMany(["1", "2", "3"]);
      await until(
        "all is here",
        () => pulls.every((pull) => pull.stats().receiveQueue === 3),
      );
      for (let round = 0; round < 3; round++) {
        const served = new Set();
        for (let i = 0; i < 3; i++) {
          served.add((await receiveAny(pulls)).socket);
        }
        assert.equal(served.size, 3);
      }
    }));

  test(`merge gives the messages of all until all are closed, over ${transport}`, () =>
    withSockets(async (keep) => {
      const pulls = [keep(new Pull()), keep(new Pull())];
      const pushes = [keep(new Push()), keep(new Push())];
      for (let i = 0; i < 2; i++) await join(pulls[i], pushes[i], transport);
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { message } of merge(...pulls)) {
          seen.push(...texts(message));
        }
      })();
      await pushes[0].send("a");
      await until("the first", () => seen.length === 1);
      await pushes[1].send("b");
      await until("the second", () => seen.length === 2);
      pulls[0].close();
      await pushes[1].send("c");
      await until("the third", () => seen.length === 3);
      pulls[1].close();
      await within("the end", reading);
      assert.deepEqual(seen, ["a", "b", "c"]);
    }));
}

const BOUNDS = [
  ["a mark of 1", { receiveHighWaterMark: 1 }],
  ["a mark of 2", { receiveHighWaterMark: 2 }],
  ["a limit of 1,000 bytes", { receiveBytesLimit: 1000 }],
] as const;
for (const [what, bound] of BOUNDS) {
  test(`receiveAny and merge lose nothing where a message brings in the next one, with ${what}`, () =>
    withSockets(async (keep) => {
      const [pull, idle] = [keep(new Pull(bound)), keep(new Pull())];
      const push = keep(new Push());
      await join(pull, push, "tcp");
      const all = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(700));
      const sent = push.sendMany(all.concat(all));
      const seen: string[] = [];
      while (seen.length < all.length) {
        const arrival = receiveAny([idle, pull]);
        const { message } = await within("the next", arrival);
        seen.push(...texts(message));
      }
      assert.deepEqual(seen, all);
      for await (const { message } of merge(idle, pull)) {
        seen.push(...texts(message));
        if (seen.length === 2 * all.length) break;
      }
      assert.deepEqual(seen, all.concat(all));
      await sent;
    }));
}

test("receiveAny passes over a Reply that has only what is no request", () =>
  withSockets(async (keep) => {
    const [reply, dealer] = [keep(new Reply()), keep(new Dealer())];
    const [pull, push] = [keep(new Pull()), keep(new Push())];
    await join(reply, dealer, "inproc");
    await join(pull, push, "inproc");
    await dealer.send(["no", "delimiter"]);
    await push.send("x");
    const found = await within("a message", receiveAny([reply, pull]));
    assert.equal(found.socket, pull);
    await dealer.send(["no", "delimiter"]);
    assert.equal(reply.readable, false);
    await dealer.send(["", "a request"]);
    assert.equal(reply.readable, true);
    const { message } = await receiveAny([reply, pull]);
    assert.deepEqual(texts(message), ["a request"]);
  }));

test("receiveAny gets what one who receives leaves, however much comes in a turn", () =>
  withSockets(async (keep) => {
    const [pull, push] = [keep(new Pull()), keep(new Push())];
    await join(pull, push, "inproc");
    const receive = async () => {
      for (let i = 0; i < 20; i++) await pull.receive();
    };
    const any = async () => {
      for (let i = 0; i < 5; i++) await receiveAny([pull]);
    };
    const send = async () => {
      for (let i = 0; i < 25; i++) await push.send("m");
    };
    await within("all is received", Promise.all([receive(), send(), any()]));
  }));

test("receiveAny finds the message of one socket though that of another is somebody else's", () =>
  withSockets(async (keep) => {
    const [pull, push] = [keep(new Pull()), keep(new Push())];
    const [other, sender] = [keep(new Pull()), keep(new Push())];
    await join(pull, push, "inproc");
    await join(other, sender, "inproc");
    sender.trySend("for anybody");
    const receives: Promise<Uint8Array[]>[] = [];
    for (let i = 0; i < 40; i++) {
      receives.push(pull.receive());
      push.trySend("for who waits");
    }
    const found = await within("a message", receiveAny([pull, other]));
    assert.equal(found.socket, other);
    assert.equal((await Promise.all(receives)).length, 40);
  }));

test("receiveAny is told ETERM when the context ends, and merge ends", async () => {
  const context = new Context();
  const pulls = [new Pull({ context }), new Pull({ context })];
  const any = assert.rejects(receiveAny(pulls), { code: "ETERM" });
  const all = (async () => {
    for await (const _ of merge(...pulls));
  })();
  await context.terminate();
  await within("both end", Promise.all([any, all]));
  await assert.rejects(receiveAny(pulls), { code: "ETERM" });
});

test("receiveAny gets what a proxy leaves that ends", () =>
  withSockets(async (keep) => {
    const [pull, push] = [keep(new Pull()), keep(new Push())];
    await join(pull, push, "inproc");
    const proxy = new Proxy(pull, keep(new Push()));
    const running = proxy.run();
    const any = receiveAny([pull]);
    await push.send("left");
    proxy.terminate();
    await running;
    const { message } = await within("it is received", any);
    assert.deepEqual(texts(message), ["left"]);
  }));

test("receiveAny ends by time, by signal, and when sockets are closed", () =>
  withSockets(async (keep) => {
    const pulls = [keep(new Pull()), keep(new Pull())];
    await assert.rejects(receiveAny(pulls, { timeout: 0 }), { code: "EAGAIN" });
    await assert.rejects(receiveAny(pulls, { timeout: 20 }), {
      code: "EAGAIN",
    });
    const aborting = new AbortController();
    const aborted = receiveAny(pulls, { signal: aborting.signal });
    aborting.abort(new Error("enough"));
    await assert.rejects(aborted, { message: "enough" });
    const waiting = receiveAny(pulls);
    pulls[0].close();
    await assert.rejects(waiting, { code: "EAGAIN" });
    pulls[1].close();
    await assert.rejects(receiveAny(pulls), { code: "EBADF" });
  }));

test("what is no socket of this copy of the library is a TypeError that says so", async () => {
  const pull = new Pull();
  const wrong = (value: unknown) => value as Pull;
  const message = /takes sockets that this copy of the library has made/;
  const error = { name: "TypeError", message };
  for (const value of [{}, [pull], undefined, Pull.prototype]) {
    assert.throws(() => new Proxy(wrong(value), pull), error);
    assert.throws(() => new Proxy(pull, wrong(value)), error);
    await assert.rejects(receiveAny([pull, wrong(value)]), error);
    await assert.rejects(merge(pull, wrong(value)).next(), error);
  }
  await assert.rejects(receiveAny(pull as unknown as Pull[]), {
    name: "TypeError",
    message: "receiveAny takes an array of sockets",
  });
  pull.close();
});
