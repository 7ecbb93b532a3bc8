// inproc across threads: sockets of several Workers meet by name, keep order and
// marks, and see each other go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import {
  Context,
  curveKeyPair,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Request,
  type SharedContext,
  type Socket,
} from "../../mod.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { concat, texts } from "../support/bytes.ts";
import { RUNTIME } from "../support/runtime.ts";
import { sleep, until, within } from "../support/wait.ts";
import { Ring } from "../../src/threads/ring.ts";

/** A key pair of its own, as options. */
function curveClient() {
  const { publicKey, secretKey } = curveKeyPair();
  return { curvePublicKey: publicKey, curveSecretKey: secretKey };
}

interface Thread {
  readonly heard: unknown[];
  /** Whether it has ended. */
  readonly ended: boolean;
  tell(word: unknown): void;
  end(): Promise<void>;
}

let names = 0;

/** Runs a test with a shared context, and ends the threads that it starts. */
async function withThreads(
  run: (
    start: (
      role: string,
      address: string,
      count?: number,
    ) => Promise<Thread>,
    address: string,
    context: Context,
    keep: <S extends Socket>(socket: S) => S,
  ) => Promise<void>,
  together = false,
): Promise<void> {
  const context = together ? null : new Context();
  const shared: SharedContext | null = context?.share() ?? null;
  const threads: Thread[] = [];
  const sockets: Socket[] = [];
  const start = async (role: string, address: string, count?: number) => {
    const worker = new Worker(new URL("threads_program.ts", import.meta.url), {
      workerData: { role, shared, address, count },
    });
    const heard: unknown[] = [];
    worker.on("message", (word) => heard.push(word));
    worker.on("error", (error) => heard.push(error));
    let ended = false;
    worker.on("exit", () => ended = true);
    const thread = {
      heard,
      get ended() {
        return ended;
      },
      tell: (word: unknown) => worker.postMessage(word),
      end: async () => void await worker.terminate(),
    };
    threads.push(thread);
    if (role !== "burst" && role !== "leave") {
      await until(`${role} is ready`, () => heard[0] !== undefined);
      assert.equal(heard.shift(), "ready");
    }
    return thread;
  };
  const keep = <S extends Socket>(socket: S) => {
    sockets.push(socket);
    return socket;
  };
  try {
    const address = `inproc://threads-${names++}`;
    await within("it", run(start, address, context!, keep), 25_000);
  } finally {
    for (const socket of sockets) await socket.closeAsync({ linger: 0 });
    for (const thread of threads) await thread.end();
    await context?.terminate();
  }
}

test("a Request of this thread is answered by a Reply of another", () =>
  withThreads(async (start, address, context, keep) => {
    await start("echo", address);
    const request = keep(new Request({ context }));
    request.connect(address);
    for (const length of [0, 5, 300, 100_000, 3_000_000]) {
      const body = new Uint8Array(length).map((_, i) => i * 7);
      await request.send(["echo", body]);
      const [word, back] = await request.receive();
      assert.deepEqual(texts([word]), ["echo"]);
      assert.equal(Buffer.compare(back, body), 0);
      assert.ok(back.buffer instanceof ArrayBuffer, "memory of our own");
    }
  }));

test("frames of any size and at any place in memory cross threads whole", () =>
  withThreads(async (start, address, context, keep) => {
    await start("echo", address);
    const request = keep(new Request({ context }));
    request.connect(address);
    const random = generator(9);
    const memory = new Uint8Array(300_000).map(() => random() * 256);
    const below = (most: number) => Math.trunc(random() * most);
    for (let round = 0; round < 300; round++) {
      const frames = Array.from({ length: 1 + below(4) }, () => {
        const at = below(1000);
        return memory.subarray(
          at,
          at + below([20, 400, 5000, 200_000][below(4)]),
        );
      });
      await request.send(frames);
      const back = await request.receive();
      assert.deepEqual(
        back.map(({ length }) => length),
        frames.map(({ length }) => length),
      );
      assert.equal(Buffer.compare(concat(...back), concat(...frames)), 0);
    }
  }));

test("a connect comes before the bind of another thread, and what was sent waits", () =>
  withThreads(async (start, address, context, keep) => {
    const push = keep(new Push({ context }));
    push.connect(address);
    for (let i = 0; i < 100; i++) await push.send("12345");
    const thread = await start("pull", address, 100);
    await until("all came", () => thread.heard.length === 1);
    assert.equal(thread.heard[0], 500);
  }));

test("order is kept, and a full receiver stops its sender", () =>
  withThreads(async (start, address, context, keep) => {
    const pull = keep(new Pull({ context, receiveHighWaterMark: 20 }));
    await pull.bind(address);
    const thread = await start("push", address, 20);
    await until("it sends", () => thread.heard.length > 0);
    await sleep(200);
    const before = thread.heard.at(-1) as number;
    await sleep(200);
    assert.equal(thread.heard.at(-1), before, "it has stopped");
    assert.ok(before < 2000, `after ${before}`);
    for (let i = 0; i < 3000; i++) {
      const [number, body] = await pull.receive();
      assert.equal(texts([number])[0], `${i}`);
      assert.equal(body.length, i % 7 === 0 ? 50_000 : i % 100);
    }
  }));

test("between threads no more waits than both marks allow, however small it is", () =>
  withThreads(async (start, address, context, keep) => {
    for (const [sends, receives] of [[5, 10], [1, 1], [100, 3]]) {
      const pull = keep(new Pull({ context, receiveHighWaterMark: receives }));
      const to = `${address}-${sends}-${receives}`;
      await pull.bind(to);
      const thread = await start("fill", to, sends);
      await until("it is full", () => typeof thread.heard.at(-1) === "number");
      const sent = thread.heard.at(-1) as number;
      const all = sends + receives;
      // Who has met a full queue tries again once half of it is free.
      assert.ok(sent >= all * 0.9 - 1 && sent <= all + 1, `${sent} of ${all}`);
    }
  }));

test("subscriptions cross threads", () =>
  withThreads(async (start, address, context, keep) => {
    const publisher = keep(new Publisher({ context }));
    await publisher.bind(address);
    const thread = await start("subscriber", address);
    while (thread.heard.length === 0) {
      await publisher.send("b");
      await publisher.send("a");
      await sleep(2);
    }
    assert.ok(thread.heard.every((topic) => topic === "a"));
  }));

test("more than a thousand connections that are made at once are all met", () =>
  withThreads(async (start, address, context, keep) => {
    const pull = keep(new Pull({ context }));
    await pull.bind(address);
    await start("crowd", address, 1100);
    const got = new Set<string>();
    while (got.size < 1100) got.add(texts(await pull.receive())[0]);
    assert.equal(pull.stats().peers, 1100);
  }));

test("what a thread sent before it closed arrives", () =>
  withThreads(async (start, address, context, keep) => {
    const pull = keep(new Pull({ context }));
    await pull.bind(address);
    const thread = await start("burst", address, 500);
    for (let i = 0; i < 500; i++) {
      assert.deepEqual(texts(await pull.receive()), [`${i}`]);
    }
    await until("it closed", () => thread.heard.length > 0);
    await until("its pipe has gone", () => pull.stats().peers === 0);
  }));

for (const role of ["burst", "leave"]) {
  test(`all of it arrives that a thread sent (${role}) at who has room for one message, and waits for it`, () =>
    withThreads(async (start, address, context, keep) => {
      const pull = keep(new Pull({ context, receiveHighWaterMark: 1 }));
      await pull.bind(address);
      await start(role, address, 500);
      for (let i = 0; i < 500; i++) {
        assert.equal(texts(await pull.receive())[0], `${i}`);
      }
    }));
}

test("what a thread sent before it ended arrives, however late it is received", () =>
  withThreads(async (start, address, context, keep) => {
    const pull = keep(new Pull({ context, receiveHighWaterMark: 1 }));
    await pull.bind(address);
    const thread = await start("leave", address, 500);
    await until("it has ended", () => thread.ended);
    for (let i = 0; i < 500; i++) {
      assert.equal(texts(await pull.receive())[0], `${i}`);
    }
    await until("its pipe has gone", () => pull.stats().peers === 0);
  }));

test("two who close with more unsent than fits between them end, both of them", () =>
  withThreads(async (start, address, context) => {
    const dealer = new Dealer({
      context,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 1,
    });
    await dealer.bind(address);
    const thread = await start("glut", address, 40);
    for (let i = 0; i < 40; i++) await dealer.send(new Uint8Array(30_000));
    thread.tell("close");
    dealer.close();
    await context.terminate();
    await until("it has ended", () => thread.ended);
  }));

test("a context that is shared right after another was terminated is met", async () => {
  await withThreads(async (start, address, context) => {
    await start("echo", address);
    const request = new Request({ context });
    request.connect(address);
    await request.send("one");
    await request.receive();
    request.close();
    await context.terminate();
    // Nothing lies between the two.
    await withThreads(async (start, address, context, keep) => {
      const pull = keep(new Pull({ context }));
      await pull.bind(address);
      await start("burst", address, 1);
      assert.deepEqual(texts(await pull.receive()), ["0"]);
    });
  });
});

test("a context that is shared right after one with a thousand connections was terminated is met", async () => {
  for (let round = 0; round < 3; round++) {
    await withThreads(async (start, address, context, keep) => {
      const pull = keep(new Pull({ context }));
      await pull.bind(address);
      await start("crowd", address, 1000);
      for (let i = 0; i < 1000; i++) await pull.receive();
    });
    await withThreads(async (start, address, context, keep) => {
      await start("echo", address);
      const request = keep(new Request({ context }));
      request.connect(address);
      await request.send("after");
      assert.deepEqual(texts(await request.receive()), ["after"]);
    });
  }
});

test("peers of a thread that is killed see it go, and can be met by another", () =>
  withThreads(async (start, address, context, keep) => {
    const thread = await start("echo", address);
    const request = keep(new Request({ context, receiveTimeout: 10_000 }));
    request.connect(address);
    await request.send("one");
    await request.receive();
    assert.equal(request.stats().peers, 1);
    await thread.end();
    await until("it has gone", () => request.stats().peers === 0);
    const other = keep(new Pair({ context }));
    await other.bind(address);
  }));

test("a thread that exits is seen to go, though it was made before its maker had to do with others", () =>
  withThreads(async (start, address) => {
    const maker = await start("maker", address);
    await until("it has gone", () => maker.heard.length > 0);
    assert.deepEqual(maker.heard, ["gone"]);
  }));

test("two threads meet without the one that shares", () =>
  withThreads(async (start, address, _context, _keep) => {
    const puller = await start("pull", address, 1000);
    await start("burst", address, 1000);
    await until("all came", () => puller.heard.length > 0);
  }));

test("the default contexts of all threads are one, but on Deno, which it would keep alive", () =>
  withThreads(async (start, address, _context, keep) => {
    await start("echo", address);
    const request = keep(new Request({ receiveTimeout: 2000 }));
    request.connect(address);
    await request.send("hello");
    if (RUNTIME === "deno") {
      await assert.rejects(request.receive(), { code: "EAGAIN" });
    } else {
      assert.deepEqual(texts(await request.receive()), ["hello"]);
    }
  }, true));

test("who connected before its context was shared is met", async () => {
  const context = new Context();
  const push = new Push({ context });
  push.connect("inproc://before-it-was-shared");
  await push.send("early");
  const shared = context.share();
  const worker = new Worker(new URL("threads_program.ts", import.meta.url), {
    workerData: {
      role: "pull",
      shared,
      address: "inproc://before-it-was-shared",
      count: 1,
    },
  });
  const heard: unknown[] = [];
  worker.on("message", (word) => heard.push(word));
  try {
    await until("it came", () => heard.length === 2);
    assert.deepEqual(heard, ["ready", 5]);
  } finally {
    await worker.terminate();
    push.close();
    await context.terminate();
  }
});

for (const by of ["shared", "default"]) {
  // On Deno default contexts are not one.
  const together = by === "default" && RUNTIME !== "deno";
  test(`a ZAP handler in another thread is asked, in ${by} contexts`, () =>
    withThreads(async (start, address, context, keep) => {
      const options = together ? {} : { context };
      const handler = await start("zap", address);
      const pull = keep(new Pull({ ...options, plainServer: true }));
      const refused: string[] = [];
      const note = ({ type }: { type: string }) => refused.push(type);
      pull.events.on("handshake:error:auth", note);
      pull.events.on("handshake:error:other", note);
      await pull.bind("tcp://127.0.0.1:*");
      const come = (plainUsername: string) => {
        const push = keep(
          new Push({ ...options, plainUsername, plainPassword: "secret" }),
        );
        push.connect(pull.lastEndpoint!);
        return push;
      };
      handler.tell("bind");
      await until("it is bound", () => handler.heard.length > 0);
      const admitted = come("admin");
      await admitted.send("hello");
      const { parts, userId } = await pull.receiveWithMetadata();
      assert.deepEqual(texts(parts), ["hello"]);
      assert.equal(userId, "admin");
      come("mallory");
      await until("it is refused", () => refused.length === 1);
      // One that waits for an answer is refused when the handler goes.
      come("silence");
      await sleep(100);
      await handler.end();
      await until("it has gone", () => refused.length === 2);
      assert.deepEqual(refused, [
        "handshake:error:auth",
        "handshake:error:other",
      ]);
      assert.equal(pull.stats().peers, 1);
    }, together));
}

test("CURVE lets nobody in whom a handler in another thread refuses, as long as it is bound", () =>
  withThreads(async (start, address, context, keep) => {
    const handler = await start("zap", address);
    handler.tell("bind");
    await until("it is bound", () => handler.heard.length > 0);
    // Another context joins later, and knows at once.
    const { publicKey, secretKey } = curveKeyPair();
    const other = Context.join(context.share());
    const pull = keep(
      new Pull({
        context: other,
        curveServer: true,
        curveSecretKey: secretKey,
        // One that was asked as it went doesn't answer.
        handshakeInterval: 500,
      }),
    );
    await pull.bind("tcp://127.0.0.1:*");
    const judged = async () => {
      const push = keep(
        new Push({ context, curveServerKey: publicKey, ...curveClient() }),
      );
      const found = new Promise<string>((resolve) => {
        push.events.on("handshake", () => resolve("in"));
        push.events.on("handshake:error:auth", () => resolve("refused"));
      });
      push.connect(pull.lastEndpoint!);
      return await found;
    };
    assert.equal(await judged(), "refused");
    // Without a handler everybody may come in who knows the key: whether it was
    // closed, or its thread was ended.
    handler.tell("close");
    while (await judged() !== "in");
    const second = await start("zap", address);
    second.tell("bind");
    await until("it is bound", () => second.heard.length > 0);
    assert.equal(await judged(), "refused");
    await second.end();
    while (await judged() !== "in");
    await other.terminate();
  }));

test("a ring keeps every byte in order, however it is filled and emptied", () => {
  const random = generator(4);
  const ints = new Int32Array(new SharedArrayBuffer(64));
  const ring = new Ring(ints, 3, new Uint8Array(new SharedArrayBuffer(256)));
  // Places wrap around after 2^32 bytes.
  Atomics.store(ints, 3, -100);
  Atomics.store(ints, 4, -100);
  const sent = new Uint8Array(20_000).map(() => random() * 256);
  const got: Uint8Array[] = [];
  let at = 0;
  let read = 0;
  while (read < sent.length) {
    if (random() < 0.5 && at < sent.length) {
      const end = Math.min(sent.length, at + Math.trunc(random() * 300));
      at += ring.write(sent, at, end);
    } else if (random() < 0.5) {
      const piece = ring.read();
      if (piece !== null) got.push(piece);
      read += piece?.length ?? 0;
    } else {
      const target = new Uint8Array(random() * 300);
      const length = ring.readInto(target);
      got.push(target.subarray(0, length));
      read += length;
    }
  }
  assert.equal(Buffer.compare(concat(...got), sent), 0);
  assert.equal(ring.over, false);
  ring.end();
  assert.equal(ring.over, true);
});

test("a context that was terminated can't be shared", async () => {
  const context = new Context();
  await context.terminate();
  assert.throws(() => context.share(), { code: "ETERM" });
});

test("a context is met that is shared while the end of a program's own channels comes through", async () => {
  for (const pause of [0, 1, 10, 40]) {
    const channel = new BroadcastChannel("of-the-program");
    channel.onmessage = () => {};
    await sleep(20);
    const brief = new Context();
    brief.share();
    await sleep(20);
    await brief.terminate();
    if (pause > 0) await sleep(pause);
    channel.close();
    await withThreads(async (start, address, context, keep) => {
      const pull = keep(new Pull({ context }));
      await pull.bind(address);
      await start("push", address, 20);
      assert.equal(texts(await pull.receive())[0], "0");
    });
  }
});
