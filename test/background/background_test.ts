// Connections that background threads keep: what goes on while the application is busy,
// what is asked of it, what its options reach, and what happens when a thread dies.

import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import {
  Context,
  curveKeyPair,
  merge,
  Proxy,
  Publisher,
  Pull,
  Push,
  receiveAny,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  text,
  type ZmqError,
} from "../../mod.ts";
import {
  blockWhile,
  startThread,
  workerOf,
} from "../../adapters/io_threads.ts";
import { ApplicationThreads } from "../../src/background/application_threads.ts";
import {
  background,
  backgroundBy,
  bindSync,
  receiveSync,
  sendSync,
} from "../../src/background/background.ts";
import { allowPasswords } from "../../src/auth/auth.ts";
import type { Background } from "../../src/endpoints/io_threads.ts";
import type { IoThread } from "../../src/runtime/io_thread.ts";
import { SimulatedWorld } from "../../src/testing/testing.ts";
import { texts } from "../support/bytes.ts";
import { program, RUNTIME, script } from "../support/runtime.ts";
import { freeEndpoint, tuned, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

/** Runs with a context in the background, which is terminated at the end. */
async function inBackground<T>(
  run: (context: Context) => Promise<T>,
  options: { ioThreads?: number; background?: Background } = {},
): Promise<T> {
  const context = new Context({ background, ...options });
  try {
    return await run(context);
  } finally {
    await within("the context is terminated", context.terminate());
  }
}

/** Two sockets, and a message from one to the other. */
async function exchanged(context: Context): Promise<[Pull, Push]> {
  const pull = new Pull({ context });
  const push = new Push({ context });
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint!);
  await push.send("x");
  assert.deepEqual(texts(await pull.receive()), ["x"]);
  return [pull, push];
}

/** Background threads that are told apart, and can be made to die. */
function watched(): { threads: IoThread[]; background: Background } {
  const threads: IoThread[] = [];
  const module = new URL("../../src/background/worker.ts", import.meta.url);
  return {
    threads,
    background: {
      threads: (reactor, count) =>
        new ApplicationThreads(reactor, count, {
          start: (data, ended) => {
            const thread = startThread(
              (options) => workerOf(module, options),
              data,
              ended,
            );
            threads.push(thread);
            return thread;
          },
          blockWhile,
        }),
    },
  };
}

test("while the application computes for two seconds, heartbeats keep its peers, a backlog of 100,000 leaves, and messages up to the mark come in", () =>
  withSockets(async (keep) => {
    const child = script("background/busy_program.ts");
    try {
      const [from, to] = JSON.parse(
        await within("it listens", child.line()),
      ) as [string, string];
      const options = { heartbeatInterval: 200, heartbeatTimeout: 400 };
      const pull = keep(new Pull({ ...options, receiveHighWaterMark: 0 }));
      const push = keep(new Push({ ...options, sendHighWaterMark: 0 }));
      const lost: string[] = [];
      for (const socket of [pull, push]) {
        socket.events.on("disconnect", ({ error }) => lost.push(`${error}`));
      }
      pull.connect(from);
      push.connect(to);
      await until("it has met both", () => push.writable);
      child.tell("go");
      assert.equal(await within("it is busy", child.line()), "busy");
      for (let i = 0; i < 3000; i++) await push.send(`${i}`);
      const all = async () => {
        for (let i = 0; i < 100_000; i++) {
          const [frame] = await pull.receive();
          if (i % 1000 === 0) assert.equal(text(frame), `${i}`);
        }
      };
      await within("the backlog comes", all());
      assert.ok(!child.output().includes("done"), "it was busy all the while");
      assert.equal(await within("it is done", child.line()), "done");
      const after = JSON.parse(await within("it tells", child.line()));
      assert.deepEqual(after, { waiting: 1000, lost: [], spins: true });
      assert.deepEqual(lost, []);
      const rest = JSON.parse(await within("it receives", child.line()));
      assert.deepEqual(rest, { received: 3000 });
      assert.equal(await within("it ends", child.exit), 0, child.errors());
    } finally {
      await child.kill();
    }
  }));

test("with conflate only the newest message comes, however many come while the application is busy", () =>
  inBackground(async (context) => {
    const pull = new Pull({ context, conflate: true });
    const push = new Push({ context, sendHighWaterMark: 0 });
    await pull.bind("tcp://127.0.0.1:*");
    push.connect(pull.lastEndpoint!);
    await push.send("first");
    assert.deepEqual(texts(await pull.receive()), ["first"]);
    for (let round = 0; round < 3; round++) {
      const large = new Uint8Array(round * 50_000);
      for (let i = 0; i < 300; i++) assert.ok(push.trySend([`${i}`, large]));
      assert.ok(push.trySend(["last", large]));
      blockWhile(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      const newest = await within("the newest", pull.receive());
      assert.deepEqual([text(newest[0]), newest[1].length], [
        "last",
        large.length,
      ]);
      await sleep(50);
      assert.equal(pull.tryReceive(), undefined);
    }
    push.close();
    const again = new Push({ context });
    again.connect(pull.lastEndpoint!);
    await again.send("from another");
    const heard = await within("it comes", pull.receive());
    assert.deepEqual(texts(heard), ["from another"]);
  }, { ioThreads: 2 }));

test("with conflate only the newest message is sent, and who waits for another learns that it was not", () =>
  inBackground(async (context) => {
    const address = await freeEndpoint("tcp");
    const push = new Push({ context, conflate: true, reconnectInterval: 20 });
    push.connect(address);
    await push.send("first");
    const replaced = push.send("second", { flushed: true });
    for (let i = 0; i < 200; i++) await push.send(`${i}`);
    const sent = push.send("last", { flushed: true });
    await assert.rejects(within("it is told", replaced), {
      code: "ECONNRESET",
    });
    const pull = new Pull();
    await pull.bind(address);
    assert.deepEqual(texts(await within("one", pull.receive())), ["last"]);
    await within("it was sent", sent);
    await sleep(50);
    assert.equal(pull.tryReceive(), undefined);
    pull.close();
  }));

test("what came is counted to the byte, wherever in memory it was cut", () =>
  inBackground(async (context) => {
    const pull = new Pull({ context, receiveBytesLimit: 100_000 });
    await pull.bind("tcp://127.0.0.1:*");
    const push = new Push({ context });
    push.connect(pull.lastEndpoint!);
    const [short, long] = [100, 1000].map((length) => new Uint8Array(length));
    const sending = (async () => {
      for (let i = 0; i < 20_000; i++) await push.send([short, long]);
    })();
    for (let i = 0; i < 20_000; i++) await pull.receive();
    await sending;
    assert.equal(pull.stats().bytesIn, 20_000 * (2 + 100 + 9 + 1000));
  }));

test("a Publisher with conflate hears each subscription", () =>
  inBackground(async (context) => {
    const publisher = new Publisher({ context, conflate: true });
    await publisher.bind("tcp://127.0.0.1:*");
    const subscriber = new Subscriber({ context });
    subscriber.subscribe("a", "b", "c");
    subscriber.connect(publisher.lastEndpoint!);
    await tuned(publisher, subscriber, "a");
    for (const topic of ["a", "b", "c"]) {
      await publisher.send(topic);
      const heard = await within("it hears", subscriber.receive());
      assert.deepEqual(texts(heard), [topic]);
    }
  }));

for (const name of ["left", "terminated", "blocking"]) {
  test(`a program ends by itself, with all that it sent delivered: ${name}`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull());
      await pull.bind("tcp://127.0.0.1:*");
      const args = [name, pull.lastEndpoint!];
      const child = script("background/end_program.ts", args);
      try {
        const count = name === "terminated" ? 1 : 2000;
        for (let i = 0; i < count; i++) {
          const [frame] = await within("a message", pull.receive());
          assert.equal(text(frame), `${i}`);
        }
        assert.equal(await within("it ends", child.exit), 0, child.errors());
        assert.match(child.output(), /end/);
      } finally {
        await child.kill();
      }
    }));
}

test("a bound socket keeps no program alive", async () => {
  const child = script("background/end_program.ts", ["bound"]);
  try {
    assert.equal(await within("it ends", child.exit), 0, child.errors());
  } finally {
    await child.kill();
  }
});

test("a receive without await blocks until a peer has come and sent something", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    await push.bind("tcp://127.0.0.1:*");
    const args = ["asking", push.lastEndpoint!];
    const child = script("background/end_program.ts", args);
    try {
      await push.send("for you");
      assert.equal(await within("it has it", child.line()), "for you");
      assert.equal(await within("it ends", child.exit), 0, child.errors());
    } finally {
      await child.kill();
    }
  }));

test("a runtime that asks for permissions has to be allowed to read the module of a thread, and says so", async () => {
  const child = script("background/end_program.ts", ["bound"], {
    permissions: ["--allow-net"],
  });
  try {
    const code = await within("it ends", child.exit);
    if (RUNTIME !== "deno") assert.equal(code, 0, child.errors());
    else assert.match(child.errors(), /EACCES: .*--allow-read/s);
  } finally {
    await child.kill();
  }
});

test("a thread that dies is an event and an error on its sockets, and others can be made", async () => {
  const { threads, background } = watched();
  await inBackground(async (context) => {
    const [pull, push] = await exchanged(context);
    const told: [string, string | undefined][] = [];
    for (const socket of [pull, push]) {
      socket.events.on("close", ({ address, error }) => {
        told.push([address.slice(0, 3), error?.code]);
      });
    }
    const front = new Pull({ context });
    await front.bind("tcp://127.0.0.1:*");
    const passing = new Proxy(front, new Push({ context })).run();
    const waiting = pull.receive();
    threads[0].channel.post({ is: "open", socket: -1 });
    await assert.rejects(within("it is told", waiting), {
      code: "EIO",
      message: /background thread has died/,
    });
    assert.deepEqual(told, [["tcp", "EIO"], ["tcp", "EIO"]]);
    await assert.rejects(push.send("x"), { code: "EIO" });
    await assert.rejects(push.bind("tcp://127.0.0.1:*"), { code: "EIO" });
    await assert.rejects(receiveAny([pull]), { code: "EIO" });
    await assert.rejects(merge(pull).next(), { code: "EIO" });
    await assert.rejects(within("the proxy ends", passing), { code: "EIO" });
    await push.closeAsync();
    const again = new Pull({ context });
    await again.bind("tcp://127.0.0.1:*");
    assert.equal(threads.length, 2);
  }, { background });
});

test("threads can be Workers of a module of the application's", async () => {
  const made: Worker[] = [];
  const background = backgroundBy((options) => {
    const module = new URL("./thread_program.ts", import.meta.url);
    const worker = new Worker(module, options);
    made.push(worker);
    return worker;
  });
  await inBackground(async (context) => {
    await exchanged(context);
    assert.equal(made.length, 2);
  }, { background, ioThreads: 2 });
});

test("threads whose module isn't there say what to do", async () => {
  const background = backgroundBy((options) =>
    new Worker(new URL("./no_program.ts", import.meta.url), options)
  );
  await inBackground(async (context) => {
    const pull = new Pull({ context });
    await assert.rejects(
      within("it fails", pull.bind("tcp://127.0.0.1:*")),
      { code: "EIO", message: /use backgroundBy/ },
    );
  }, { background });
});

test("a thread whose module isn't there is an error of who would have blocked until it started", () => {
  const background = backgroundBy((options) =>
    workerOf(new URL("./no_program.ts", import.meta.url), options)
  );
  const pull = new Pull({ context: new Context({ background }) });
  assert.throws(() => bindSync(pull, "tcp://127.0.0.1:*"), {
    code: "ENOENT",
    message: /use backgroundBy/,
  });
  pull.close();
});

test("a thread that never starts is an error of who would have blocked for ever", () => {
  const adapter = new SimulatedWorld().host("here").adapter();
  let now = 0;
  let ends = 0;
  adapter.clock.now = () => now;
  const background: Background = {
    threads: (reactor, count) =>
      new ApplicationThreads(reactor, count, {
        start: () => ({
          channel: { post() {}, listen() {}, poll: () => undefined },
          end: () => Promise.resolve(void ends++),
        }),
        blockWhile: (_ints, _index, _value, milliseconds) => {
          assert.ok(milliseconds < Infinity);
          now += milliseconds;
        },
      }),
  };
  const pull = new Pull({ context: new Context({ background, adapter }) });
  assert.throws(() => bindSync(pull, "tcp://127.0.0.1:5555"), {
    code: "EIO",
    message: /did not start within 30 s/,
  });
  assert.equal(now, 30_000);
  // It does nothing of what it was told.
  assert.equal(ends, 1);
  pull.close();
});

test("an iteration over a socket whose thread dies fails, as it would end silently otherwise", async () => {
  const { threads, background } = watched();
  await inBackground(async (context) => {
    const [waits, works] = [new Pull({ context }), new Pull({ context })];
    const push = new Push();
    for (const pull of [waits, works]) await pull.bind("tcp://127.0.0.1:*");
    push.connect(works.lastEndpoint!);
    await push.send("x");
    const lost = { code: "EIO" };
    const iterate = async (pull: Pull) => {
      // What is done with a message takes longer than the thread lives.
      for await (const _ of pull) await waiting;
    };
    const waiting = assert.rejects(iterate(waits), lost);
    const working = assert.rejects(iterate(works), lost);
    await until("it is at work", () => works.stats().messagesIn === 1);
    threads[0].channel.post({ is: "open", socket: -1 });
    await within("both fail", Promise.all([waiting, working]));
    await push.closeAsync();
  }, { background });
});

test("a thread that dies is an error of the call that blocks the application", async () => {
  const { threads, background } = watched();
  await inBackground(async (context) => {
    const pull = new Pull({ context });
    bindSync(pull, "tcp://127.0.0.1:*");
    threads[0].channel.post({ is: "open", socket: -1 });
    assert.throws(() => receiveSync(pull, { timeout: 10_000 }), {
      code: "EIO",
      message: /background thread has died/,
    });
    await Promise.resolve();
  }, { background });
});

test("affinity picks the threads, and without it they share", async () => {
  const { threads, background } = watched();
  await inBackground(async (context) => {
    const bind = async (affinity: number) => {
      const pull = new Pull({ context, affinity });
      await pull.bind("tcp://127.0.0.1:*");
    };
    for (let i = 0; i < 3; i++) await bind(0b10);
    assert.equal(threads.length, 1);
    await bind(0);
    assert.equal(threads.length, 2);
    await bind(0b100);
    assert.equal(threads.length, 3);
    for (let i = 0; i < 6; i++) await bind(0);
    assert.equal(threads.length, 3);
  }, { background, ioThreads: 3 });
});

test("the application decides about peers, by authenticate and by ZAP", () =>
  inBackground((context) =>
    withSockets(async (keep) => {
      const server = curveKeyPair();
      const [friend, stranger] = [curveKeyPair(), curveKeyPair()];
      const pull = keep(
        new Pull({
          context,
          curveServer: true,
          curveSecretKey: server.secretKey,
          authenticate: ({ publicKey }) =>
            publicKey === friend.publicKey && { userId: "friend" },
        }),
      );
      await pull.bind("tcp://127.0.0.1:*");
      // What is set after that is for later ones.
      pull.authenticate = null;
      const connect = ({ publicKey, secretKey }: typeof friend) => {
        const push = keep(
          new Push({
            context,
            curveServerKey: server.publicKey,
            curvePublicKey: publicKey,
            curveSecretKey: secretKey,
          }),
        );
        push.connect(pull.lastEndpoint!);
        return push;
      };
      const refused = connect(stranger);
      const codes: string[] = [];
      refused.events.on(
        "handshake:error:auth",
        ({ error }) => codes.push(error.code),
      );
      await connect(friend).send("hello");
      const { userId } = await pull.receiveWithMetadata();
      assert.equal(userId, "friend");
      await until("the other is refused", () => codes.length > 0);
      assert.equal(codes[0], "ERR_ZAP_STATUS_400");

      const handler = keep(new Reply({ context }));
      await handler.bind("inproc://zeromq.zap.01");
      const asked: string[] = [];
      (async () => {
        for await (const [version, id, domain] of handler) {
          asked.push(text(domain));
          await handler.send([version, id, "200", "", "", ""]);
        }
      })();
      const other = keep(new Pull({ context, zapDomain: "inside" }));
      await other.bind("tcp://127.0.0.1:*");
      const push = keep(new Push({ context }));
      push.connect(other.lastEndpoint!);
      await push.send("in");
      assert.deepEqual(texts(await other.receive()), ["in"]);
      assert.deepEqual(asked, ["inside"]);
    })
  ));

test("options that act at once reach the connections, and marks hold on both sides", () =>
  inBackground((context) =>
    withSockets(async (keep) => {
      const pull = keep(new Pull({ context, receiveHighWaterMark: 10 }));
      const push = keep(new Push({ context, sendHighWaterMark: 10 }));
      await pull.bind("tcp://127.0.0.1:*");
      push.connect(pull.lastEndpoint!);
      const body = new Uint8Array(100_000);
      let sent = 0;
      const fill = async () => {
        for (;;) {
          try {
            await push.send(body, { timeout: 200 });
          } catch {
            return;
          }
          sent++;
          assert.ok(push.stats().sendQueue <= 10);
          assert.ok(pull.stats().receiveQueue <= 10);
        }
      };
      await fill();
      const before = sent;
      assert.ok(before >= 20, `${before} were taken`);
      pull.receiveHighWaterMark = 60;
      await until("more come in", () => pull.stats().receiveQueue > 10);
      for (let i = 0; i < sent; i++) await within("one", pull.receive());
      assert.equal(pull.tryReceive(), undefined);
    })
  ));

test("bodies of all sizes come as they were sent, in both directions and in order", () =>
  inBackground((context) =>
    withSockets(async (keep) => {
      const router = keep(new Router({ context }));
      await router.bind("tcp://127.0.0.1:*");
      const request = keep(new Request({ context }));
      request.connect(router.lastEndpoint!);
      const sizes = [0, 1, 255, 256, 4095, 16_384, 16_385, 65_535, 65_536];
      for (const size of [...sizes, 70_000, 1_000_000]) {
        const body = new Uint8Array(size).map((_, i) => i * 7);
        await request.send(["head", body, "tail", body]);
        const [id, , ...rest] = await router.receive();
        assert.deepEqual(rest.map((frame) => frame.length), [4, size, 4, size]);
        assert.deepEqual(rest[1], body);
        await router.send([id, "", ...rest]);
        const back = await request.receive();
        assert.deepEqual(back[1], body);
        assert.deepEqual(back[3], body);
      }
    })
  ));

test("a subscriber is told of subscriptions on each new connection", () =>
  inBackground((context) =>
    withSockets(async (keep) => {
      const subscriber = keep(
        new Subscriber({ context, reconnectInterval: 10 }),
      );
      subscriber.subscribe("a");
      const first = new Publisher({ context });
      await first.bind("tcp://127.0.0.1:*");
      const address = first.lastEndpoint!;
      subscriber.connect(address);
      await tuned(first, subscriber, "a");
      await first.unbind(address);
      subscriber.subscribe("b");
      const second = keep(new Publisher({ context }));
      await second.bind(address);
      await tuned(second, subscriber, "b");
      await first.closeAsync({ linger: 0 });
    })
  ));

test("calls without await take turns like any others, and say what is wrong", () =>
  inBackground((context) =>
    withSockets(async (keep) => {
      const reply = keep(new Reply({ context }));
      const request = keep(new Request({ context }));
      bindSync(reply, "tcp://127.0.0.1:*");
      request.connect(reply.lastEndpoint!);
      for (let i = 0; i < 50; i++) {
        sendSync(request, `${i}`);
        assert.deepEqual(texts(receiveSync(reply)), [`${i}`]);
        sendSync(reply, `re ${i}`);
        assert.deepEqual(texts(receiveSync(request)), [`re ${i}`]);
      }
      const late = { code: "EAGAIN" };
      assert.throws(() => receiveSync(reply, { timeout: 10 }), late);
      reply.receiveTimeout = 10;
      assert.throws(() => receiveSync(reply), late);
      const push = keep(new Push({ context }));
      assert.throws(() => sendSync(push, "x", { timeout: 10 }), late);
      const taken = { code: "EADDRINUSE" };
      const second = keep(new Pull({ context }));
      assert.throws(() => bindSync(second, reply.lastEndpoint!), taken);
      bindSync(second, "tcp://127.0.0.1:*");
      assert.match(second.lastEndpoint!, /^tcp:.*:\d+$/);
      const here = keep(new Pull());
      const cannot = { code: "ENOTSUP", message: /\{ background \}/ };
      assert.throws(() => receiveSync(here), cannot);
      assert.throws(() => sendSync(keep(new Push()), "x"), cannot);
      assert.throws(() => bindSync(here as Socket, "tcp://*:*"), cannot);
      await Promise.resolve();
    })
  ));

test("a bind that was late is given up, and can be tried again", () =>
  inBackground((context) =>
    withSockets(async (keep) => {
      const free = keep(new Pull());
      await free.bind("tcp://127.0.0.1:*");
      const address = free.lastEndpoint!;
      await free.unbind(address);
      const pull = keep(new Pull({ context }));
      assert.throws(() => bindSync(pull, address, { timeout: 0 }), {
        code: "EAGAIN",
      });
      // The thread may have begun, and takes a moment to end it.
      await until("it can be bound", () => {
        try {
          bindSync(pull, address);
          return true;
        } catch (error) {
          assert.equal((error as ZmqError).code, "EADDRINUSE");
          return false;
        }
      });
      await pull.unbind(address);
      await assert.rejects(pull.unbind(address), { code: "ENOENT" });
    })
  ));

test("while the application blocks, who is decided about at once comes in, and nobody else", () =>
  inBackground((context) =>
    withSockets(async (keep) => {
      const plain = { context, plainServer: true };
      const password = "a long one";
      const pull = keep(
        new Pull({ ...plain, authenticate: allowPasswords({ a: password }) }),
      );
      const slow = keep(
        new Pull({ ...plain, authenticate: () => Promise.resolve(true) }),
      );
      for (const [socket, comesIn] of [[pull, true], [slow, false]] as const) {
        bindSync(socket, "tcp://127.0.0.1:*");
        const push = keep(
          new Push({ context, plainUsername: "a", plainPassword: password }),
        );
        push.connect(socket.lastEndpoint!);
        sendSync(push, "in");
        if (comesIn) {
          const [frame] = receiveSync(socket, { timeout: 20_000 });
          assert.equal(text(frame), "in");
        } else {
          assert.throws(() => receiveSync(socket, { timeout: 200 }), {
            code: "EAGAIN",
          });
          assert.deepEqual(texts(await socket.receive()), ["in"]);
        }
      }
    })
  ));

test("a thread that has bound a path closes no file of others when it ends", async () => {
  const files = await inBackground(async (context) => {
    const pull = new Pull({ context });
    await pull.bind("ipc://*");
    await pull.closeAsync();
    // They get the numbers that the listener had.
    return Array.from({ length: 20 }, () => openSync("/dev/null", "r"));
  });
  for (const file of files) closeSync(file);
});

test("threads of a program that is no file but text start", async () => {
  const url = (path: string) => new URL(`../../${path}`, import.meta.url);
  const code = `
    import { Context, Pull } from "${url("mod.ts")}";
    import { background, bindSync } from "${
    url("src/background/background.ts")
  }";
    const pull = new Pull({ context: new Context({ background }) });
    bindSync(pull, "tcp://127.0.0.1:*");
    console.log(pull.lastEndpoint);
    pull.close();`;
  const flags = {
    deno: ["eval", "--no-check"],
    bun: ["--eval"],
    // It tells the kind, which no Worker of a file may hear.
    node: ["--input-type=module", "--eval"],
  };
  const child = program(process.execPath, [...flags[RUNTIME], code]);
  try {
    await within("it ends", child.exit);
    assert.match(child.output(), /^tcp:/, child.errors());
  } finally {
    await child.kill();
  }
});
