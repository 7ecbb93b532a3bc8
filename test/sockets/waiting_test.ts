import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Proxy,
  Pull,
  Push,
  receiveAny,
  Reply,
  Request,
  text,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { script } from "../support/runtime.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`${transport}: receives that wait get their messages in the order they asked`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      const waiting = [pull.receive(), pull.receiveMany(2), pull.receive()];
      for (let i = 0; i < 6; i++) await push.send(`${i}`);
      const [one, many, last] = await Promise.all(waiting);
      assert.equal(text((one as Uint8Array[])[0]), "0");
      assert.equal(text((many as Uint8Array[][])[0][0]), "1");
      assert.ok(Number(text((last as Uint8Array[])[0])) >= 2);
    }));

  test(`${transport}: sends that wait go out in the order they were made, those that come later behind them`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      await push.bind(endpoint(transport));
      const sends = ["0", ["1", "x"], "2"].map((message) => push.send(message));
      sends.push(push.sendMany(["3", "4"]));
      sends.push(push.send("5"));
      assert.equal(push.trySend("out of line"), false);
      const pull = keep(new Pull());
      pull.connect(push.lastEndpoint!);
      await Promise.all(sends);
      for (let i = 0; i < 6; i++) {
        assert.equal(text((await pull.receive())[0]), `${i}`);
      }
    }));

  test(`${transport}: an aborted receive leaves its message to the next`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      const abort = new AbortController();
      const aborted = pull.receive({ signal: abort.signal });
      const next = pull.receive();
      abort.abort();
      await assert.rejects(aborted, { name: "AbortError" });
      await push.send("for the next");
      assert.deepEqual(texts(await next), ["for the next"]);
      const done = AbortSignal.abort(new Error("beforehand"));
      await push.send("kept");
      await assert.rejects(pull.receive({ signal: done }), {
        message: "beforehand",
      });
      assert.deepEqual(texts(await pull.receive()), ["kept"]);
    }));

  test(`${transport}: an aborted send is never sent, and those behind it are`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      await push.bind(endpoint(transport));
      const abort = new AbortController();
      const first = push.send("aborted", { signal: abort.signal });
      const second = push.send("sent");
      abort.abort(new Error("no more"));
      await assert.rejects(first, { message: "no more" });
      await assert.rejects(push.send("x", { signal: abort.signal }), {
        message: "no more",
      });
      const pull = keep(new Pull());
      pull.connect(push.lastEndpoint!);
      await second;
      assert.deepEqual(texts(await pull.receive()), ["sent"]);
      await sleep(20);
      assert.equal(pull.tryReceive(), undefined);
    }));

  test(`${transport}: a signal that is aborted too late does nothing`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      const pull = keep(new Pull());
      await join(pull, push, transport);
      const abort = new AbortController();
      await push.send("a", { signal: abort.signal });
      const received = pull.receive({ signal: abort.signal });
      assert.deepEqual(texts(await received), ["a"]);
      abort.abort();
      await push.send("b");
      assert.deepEqual(texts(await pull.receive()), ["b"]);
    }));
}

test("a sendMany whose messages close the socket ends, and one that is given up lets its generator end", () =>
  withSockets(async (keep) => {
    const [push, pull] = [keep(new Push()), keep(new Pull())];
    await join(pull, push, "tcp");
    const closing = push.sendMany((function* () {
      yield "sent";
      push.close();
      yield "not sent";
    })());
    await assert.rejects(within("it ends", closing), { code: "EBADF" });
    assert.deepEqual(texts(await pull.receive()), ["sent"]);

    const ends: string[] = [];
    const endless = function* (name: string) {
      try {
        for (;;) yield "never to be sent";
      } finally {
        ends.push(name);
      }
    };
    const alone = keep(new Push());
    const abort = new AbortController();
    const aborted = alone.sendMany(endless("signal"), { signal: abort.signal });
    abort.abort(new Error("given up"));
    await assert.rejects(aborted, { message: "given up" });
    const late = alone.sendMany(endless("time"), { timeout: 1 });
    await assert.rejects(late, { code: "EAGAIN" });
    const invalid = alone.sendMany(
      (function* () {
        yield* endless("never begun");
      })(),
      { timeout: 0 },
    );
    await assert.rejects(invalid, { code: "EAGAIN" });
    const closed = alone.sendMany(endless("close"));
    alone.close();
    await assert.rejects(closed, { code: "EAGAIN" });
    assert.deepEqual(ends, ["signal", "time", "never begun", "close"]);
    const noList = alone.sendMany(1 as unknown as string[]);
    await assert.rejects(noList, { code: "EBADF" });
    const open = keep(new Push());
    await assert.rejects(open.sendMany(1 as unknown as string[]), TypeError);
  }));

test("a sendMany whose messages abort it is taken back there and then", () =>
  withSockets(async (keep) => {
    const [push, pull] = [keep(new Push()), keep(new Pull())];
    const aborting = (before: string[], after: string[]) => {
      const abort = new AbortController();
      const messages = function* () {
        yield* before;
        abort.abort(new Error("by itself"));
        yield* after;
      };
      return push.sendMany(messages(), { signal: abort.signal });
    };
    const gone = { message: "by itself" };
    // Nobody is there: it has to wait as it begins, or goes on later.
    await assert.rejects(within("it ends", aborting([], ["no"])), gone);
    const later = aborting(["yes"], ["no", "nor this"]);
    await pull.bind("tcp://127.0.0.1:*");
    push.connect(pull.lastEndpoint!);
    await assert.rejects(within("it ends", later), gone);
    await push.send("the next");
    for (const expected of ["yes", "the next"]) {
      assert.deepEqual(texts(await pull.receive()), [expected]);
    }
  }));

test("with a timeout of 0 a send that had to give way first ends all the same", () =>
  withSockets(async (keep) => {
    const many = keep(new Push({ sendHighWaterMark: 5000, linger: 0 }));
    many.connect("tcp://127.0.0.1:1");
    const sent = many.sendMany(Array(10_000).fill("x"), { timeout: 0 });
    await assert.rejects(within("it ends", sent), { code: "EAGAIN" });
    assert.equal(many.stats().sendQueue, 5000);

    const pull = keep(new Pull({ receiveHighWaterMark: 10 }));
    const push = keep(new Push({ sendTimeout: 0, linger: 0 }));
    await join(pull, push, "tcp");
    const body = "x".repeat(2000);
    const endless = (async () => {
      for (;;) {
        while (push.trySend(body));
        await push.send(body);
      }
    })();
    await assert.rejects(within("it ends", endless), { code: "EAGAIN" });
  }));

test("receiveMany of no message at all is EINVAL, and holds up nobody", () =>
  withSockets(async (keep) => {
    const [push, pull] = [keep(new Push()), keep(new Pull())];
    await join(pull, push, "inproc");
    for (const most of [0, -1, NaN]) {
      const none = within("it ends", pull.receiveMany(most));
      await assert.rejects(none, { code: "EINVAL" });
    }
    await push.send("x");
    assert.deepEqual(texts(await pull.receive()), ["x"]);
  }));

test("timeouts of option and call end a wait with EAGAIN, and the process is kept alive for them", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ sendTimeout: 30 }));
    const pull = keep(new Pull({ receiveTimeout: 30 }));
    const again = { name: "ZmqError", code: "EAGAIN" };
    const began = performance.now();
    await assert.rejects(push.send("x"), again);
    await assert.rejects(pull.receive(), again);
    assert.ok(performance.now() - began >= 55);
    await assert.rejects(push.send("x", { timeout: 0 }), again);
    await assert.rejects(pull.receive({ timeout: 0 }), again);
    await assert.rejects(pull.receiveMany(5, { timeout: 10 }), again);
    push.sendTimeout = 0;
    await assert.rejects(push.send("x"), again);
    await assert.rejects(async () => {
      for await (const _ of pull);
    }, again);
  }));

/** Every call that takes limits refuses these. */
async function rejectsAll(
  push: Push,
  pull: Pull,
  request: Request,
  limits: { timeout?: number; signal?: AbortSignal },
  error: { name: string; code?: string; message: RegExp },
): Promise<void> {
  await assert.rejects(push.send("y", limits), error);
  await assert.rejects(push.sendMany(["y"], limits), error);
  await assert.rejects(pull.receive(limits), error);
  await assert.rejects(pull.receiveMany(5, limits), error);
  await assert.rejects(receiveAny([pull], limits), error);
  await assert.rejects(request.request("y", limits), error);
}

test("a timeout that is no number of milliseconds is EINVAL, and one of another type a TypeError, whichever call it is for", () =>
  withSockets(async (keep) => {
    const [push, pull] = [keep(new Push()), keep(new Pull())];
    const request = keep(new Request());
    await join(pull, push, "inproc");
    await push.send("x");
    for (const timeout of [NaN, -2, "10", null, {}] as number[]) {
      const invalid = typeof timeout === "number"
        ? { name: "ZmqError", code: "EINVAL", message: /timeout/ }
        : { name: "TypeError", message: /timeout/ };
      await rejectsAll(push, pull, request, { timeout }, invalid);
    }
    for (const timeout of [0, 0.5, 10, Infinity, -1, undefined]) {
      assert.deepEqual(texts(await pull.receive({ timeout })), ["x"]);
      await push.send("x", { timeout });
    }
  }));

test("a signal that is none is a TypeError, and nothing is stuck of it", () =>
  withSockets(async (keep) => {
    const [push, pull] = [keep(new Push()), keep(new Pull())];
    const [request, reply] = [keep(new Request()), keep(new Reply())];
    await join(pull, push, "tcp");
    await join(reply, request, "tcp");
    // What one forgets to take the signal of, and what is no object.
    const never = { aborted: false, addEventListener: () => {} };
    for (const none of [new AbortController(), "soon", null, never]) {
      const signal = none as unknown as AbortSignal;
      const wrong = { name: "TypeError", message: /signal/ };
      await rejectsAll(push, pull, request, { signal }, wrong);
      await assert.rejects(push.events.receive({ signal }), wrong);
      const proxy = new Proxy(pull, push);
      await assert.rejects(proxy.run({ signal }), wrong);
    }
    await push.send("x");
    assert.deepEqual(texts(await pull.receive()), ["x"]);
    const asking = request.request("question");
    await reply.send(await reply.receive());
    assert.deepEqual(texts(await asking), ["question"]);
  }));

test("a send that has run out of time is not sent later", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    await push.bind("tcp://127.0.0.1:*");
    await assert.rejects(push.send("late", { timeout: 20 }), {
      code: "EAGAIN",
    });
    const pull = keep(new Pull());
    pull.connect(push.lastEndpoint!);
    await push.send("in time");
    assert.deepEqual(texts(await pull.receive()), ["in time"]);
  }));

test("more waiting operations than allowed are EBUSY with advice, and a place that is freed can be had", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ maxPendingSends: 2 }));
    const pull = keep(new Pull({ maxPendingReceives: 2 }));
    const abort = new AbortController();
    const sends = [push.send("1", { signal: abort.signal }), push.send("2")];
    await assert.rejects(push.send("3"), {
      code: "EBUSY",
      message: /await each send, or raise maxPendingSends/,
    });
    const receives = [pull.receive({ signal: abort.signal }), pull.receive()];
    await assert.rejects(pull.receive(), {
      code: "EBUSY",
      message: /maxPendingReceives/,
    });
    abort.abort();
    await assert.rejects(sends[0]);
    await assert.rejects(receives[0]);
    sends[0] = push.send("4");
    receives[0] = pull.receive();
    await push.bind("tcp://127.0.0.1:*");
    pull.connect(push.lastEndpoint!);
    await Promise.all(sends);
    const got = await Promise.all([receives[1], receives[0]]);
    assert.deepEqual(got.map((m) => texts(m)[0]), ["2", "4"]);
  }));

test("the default is a thousand waiting sends, and as many receives", () =>
  withSockets(async (keep) => {
    const reply = keep(new Reply());
    const push = keep(new Push());
    assert.equal(push.maxPendingSends, 1000);
    assert.equal(reply.maxPendingReceives, 1000);
    const outcomes = Array.from(
      { length: 1001 },
      () => push.send("x").then(() => "sent", (error) => error.code),
    );
    assert.equal(await outcomes[1000], "EBUSY");
    push.close();
    assert.equal(await outcomes[0], "EAGAIN");
  }));

test("whoever waits is told EAGAIN when the socket is closed, and a loop over it ends", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const pull = keep(new Pull());
    const outcomes = [
      push.send("x"),
      push.sendMany(["y"]),
      pull.receive(),
      pull.receiveMany(),
    ]
      .map((operation: Promise<unknown>) =>
        operation.then(() => "done", (error) => error.code)
      );
    const loop = (async () => {
      for await (const _ of pull);
      return "ended";
    })();
    await sleep(5);
    push.close();
    pull.close();
    assert.deepEqual(await Promise.all(outcomes), [
      "EAGAIN",
      "EAGAIN",
      "EAGAIN",
      "EAGAIN",
    ]);
    assert.equal(await within("the loop", loop), "ended");
  }));

test("a small message that waits is the one that was given, whatever becomes of its bytes", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    await push.bind("tcp://127.0.0.1:*");
    const given = new Uint8Array(4096).fill(1);
    const sent = push.send([given, "x"]);
    given.fill(2);
    const pull = keep(new Pull());
    pull.connect(push.lastEndpoint!);
    await sent;
    const [frame] = await pull.receive();
    assert.ok(frame.every((byte) => byte === 1));
  }));

test("a loop that never awaits ends in EBUSY, not in memory", async () => {
  const child = script("sockets/never_awaits_program.ts");
  try {
    const code = await within("it ends", child.exit, 30000);
    assert.notEqual(code, 0);
    assert.match(child.errors(), /EBUSY/);
    assert.match(child.errors(), /await each send, or raise maxPendingSends/);
    const grown = Number(child.output().match(/grown (-?\d+)/)?.[1]);
    assert.ok(grown < 60, `${grown} MB grown`);
  } finally {
    await child.kill();
  }
});

test("receives that are all aborted leave nothing behind", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    for (let i = 0; i < 3000; i++) {
      const abort = new AbortController();
      const receive = pull.receive({ signal: abort.signal });
      abort.abort();
      await assert.rejects(receive);
    }
    const push = keep(new Push());
    await join(pull, push, "tcp");
    await push.send("x");
    await until("it is there", () => pull.readable);
    assert.deepEqual(texts(pull.tryReceive()!), ["x"]);
  }));

test("those who wait with one signal are one listener of it, and all are taken out", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push());
    const abort = new AbortController();
    const { signal } = abort;
    let listeners = 0;
    const counted = {
      get aborted() {
        return signal.aborted;
      },
      get reason() {
        return signal.reason;
      },
      addEventListener(type: "abort", fn: () => void) {
        listeners++;
        signal.addEventListener(type, fn);
      },
      removeEventListener(type: "abort", fn: () => void) {
        listeners--;
        signal.removeEventListener(type, fn);
      },
    };
    const receives = Array.from(
      { length: 5 },
      () => pull.receive({ signal: counted }),
    );
    assert.equal(listeners, 1);
    const sends = ["a", "b"].map((one) => push.send(one, { signal: counted }));
    assert.equal(listeners, 2);
    const other = pull.receive();
    await join(pull, push, "inproc");
    assert.deepEqual(texts(await receives[0]), ["a"]);
    assert.deepEqual(texts(await receives[1]), ["b"]);
    await Promise.all(sends);
    assert.equal(listeners, 1);
    abort.abort();
    for (const late of receives.slice(2)) {
      await assert.rejects(late, { name: "AbortError" });
    }
    assert.equal(listeners, 0);
    await push.send("c");
    assert.deepEqual(texts(await other), ["c"]);
    await assert.rejects(pull.receive({ signal: counted }), {
      name: "AbortError",
    });
  }));

test("a generator of sendMany that sends, and one that takes back a send behind it, hold nobody up", () =>
  withSockets(async (keep) => {
    const [push, pull] = [keep(new Push()), keep(new Pull())];
    const abort = new AbortController();
    let side: Promise<void> = Promise.resolve();
    const many = push.sendMany((function* () {
      yield "1";
      side = push.send("side");
      abort.abort(new Error("taken back"));
      yield "2";
    })());
    const behind = push.send("behind", { signal: abort.signal });
    const taken = assert.rejects(behind, { message: "taken back" });
    await pull.bind("tcp://127.0.0.1:*");
    push.connect(pull.lastEndpoint!);
    await within("all are sent", Promise.all([many, taken]));
    await within("the one beside is sent", side);
    await within("one more is", push.send("later"));
    const heard: string[] = [];
    while (heard.at(-1) !== "later") {
      heard.push(...texts(await within("more", pull.receive())));
    }
    assert.deepEqual(heard, ["1", "2", "side", "later"]);
  }));

test("a generator of sendMany that fails in its end doesn't hide what was wrong", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const failing = push.sendMany((function* () {
      try {
        yield Symbol("no message") as unknown as string;
      } finally {
        JSON.parse("what fails in the end");
      }
    })());
    await assert.rejects(failing, /Cannot send a symbol/);
  }));
