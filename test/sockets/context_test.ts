import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Context,
  defaultContext,
  Pull,
  Push,
  Reply,
  Request,
  type SharedContext,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

test("the options of a context have libzmq's defaults and bounds", () => {
  const context = new Context();
  assert.equal(context.ioThreads, 1);
  assert.equal(context.maxSockets, 1023);
  assert.equal(context.maxSocketsLimit, 65535);
  assert.equal(context.maxMessageSize, 2147483647);
  assert.equal(context.ipv6, false);
  assert.equal(context.blocky, true);
  context.maxSockets = 5;
  assert.equal(context.maxSockets, 5);
  assert.throws(() => {
    context.maxSockets = 0;
  }, { code: "EINVAL" });
  assert.throws(() => {
    context.maxSockets = 65536;
  }, { code: "EINVAL" });
  assert.throws(() => {
    context.ipv6 = 1 as unknown as boolean;
  }, TypeError);
  assert.throws(() => {
    context.ioThreads = "1" as unknown as number;
  }, TypeError);
  assert.throws(() => new Context({ maxSocket: 5 } as object), {
    name: "TypeError",
    message: /did you mean maxSockets\?/,
  });
});

test("sockets that aren't given a context share one", () =>
  withSockets(async (keep) => {
    const [a, b] = [keep(new Pull()), keep(new Push())];
    assert.equal(a.context, b.context);
    assert.equal(a.context, defaultContext());
    const context = new Context();
    const own = keep(new Pull({ context }));
    assert.equal(own.context, context);
    own.close();
    assert.equal(own.context, context);
    await Promise.resolve();
  }));

test("inproc names are a context's own", () =>
  withSockets(async (keep) => {
    const [one, two] = [new Context(), new Context()];
    const pulls = [
      keep(new Pull({ context: one })),
      keep(new Pull({ context: two })),
    ];
    for (const pull of pulls) await pull.bind("inproc://same");
    const push = keep(new Push({ context: two }));
    push.connect("inproc://same");
    await push.send("x");
    assert.deepEqual(texts(await pulls[1].receive()), ["x"]);
    assert.equal(pulls[0].tryReceive(), undefined);
  }));

test("more sockets than allowed are EMFILE, and closing one makes room", async () => {
  const context = new Context({ maxSockets: 2 });
  const [first] = [new Pull({ context }), new Pull({ context })];
  assert.throws(() => new Pull({ context }), {
    code: "EMFILE",
    message: /raise maxSockets/,
  });
  await first.closeAsync();
  new Pull({ context });
  await context.terminate();
});

test("ioThreads 0 leaves only inproc", async () => {
  await using context = new Context({ ioThreads: 0 });
  const pull = new Pull({ context });
  await assert.rejects(pull.bind("tcp://127.0.0.1:*"), { code: "EMTHREAD" });
  assert.throws(() => pull.connect("tcp://127.0.0.1:1"), { code: "EMTHREAD" });
  await pull.bind("inproc://fine");
});

test("new sockets take ipv6, linger and maxMessageSize from their context", async () => {
  await using context = new Context({
    ipv6: true,
    blocky: false,
    maxMessageSize: 1000,
  });
  const socket = new Request({ context });
  assert.equal(socket.ipv6, true);
  assert.equal(socket.linger, 0);
  assert.equal(socket.maxMessageSize, 1000);
  const chosen = new Request({ context, linger: 7 });
  assert.equal(chosen.linger, 7);
});

test("terminating tells everybody who waits ETERM, and waits for what was accepted", async () => {
  const context = new Context();
  const other = new Context();
  const push = new Push({ context });
  const reply = new Reply({ context });
  const pull = new Pull({ context: other });
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint!);
  await until("it is there", () => pull.stats().peers === 1);
  for (let i = 0; i < 1000; i++) await push.send("x".repeat(1000));
  const waiting = reply.receive().catch((error) => error.code);
  const terminated = context.terminate();
  assert.equal(context.closed, true);
  assert.equal(context.terminate(), terminated);
  assert.equal(await waiting, "ETERM");
  for (let i = 0; i < 1000; i++) await pull.receive();
  await within("it is over", terminated);
  await other.terminate();
});

test("terminating gives up on what can't be sent when the sockets' linger is over", async () => {
  const context = new Context();
  const push = new Push({ context, linger: 100 });
  push.connect("tcp://127.0.0.1:1");
  push.connect("inproc://nobody");
  await push.send("x");
  await push.send("y");
  await within("it is over", context.terminate());
});

test("a new default context is made when the last one was terminated", async () => {
  const old = defaultContext();
  await old.terminate();
  const pull = new Pull();
  assert.notEqual(pull.context, old);
  await pull.closeAsync();
});

test("a context joins others by what share gave, and by nothing else", () => {
  for (const value of [{}, 5, "x", null, undefined, { group: 1 }]) {
    assert.throws(() => Context.join(value as unknown as SharedContext), {
      name: "TypeError",
      message: /takes what share\(\) gave/,
    });
  }
});

test("a context that was terminated can't be shared, though it was before", async () => {
  const context = new Context();
  context.share();
  await context.terminate();
  assert.throws(() => context.share(), { code: "ETERM" });
});
