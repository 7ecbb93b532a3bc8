// The API of zeromq.js 5.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import zmqDefault, * as zmq from "../../src/zeromqjs/v5_compat.ts";
import { script } from "../support/runtime.ts";
import { until, within } from "../support/wait.ts";
import { inproc, thrown } from "./support.ts";

type Keep = (socket: zmq.Socket) => zmq.Socket;

async function withOld(
  run: (keep: Keep) => Promise<void> | void,
): Promise<void> {
  const sockets: zmq.Socket[] = [];
  try {
    await run((socket) => {
      sockets.push(socket);
      return socket;
    });
  } finally {
    for (const socket of sockets) {
      if (!socket.closed) socket.linger = 0;
      socket.unmonitor().close();
    }
  }
}

const bound = (socket: zmq.Socket, address: string) =>
  new Promise<void>((resolve, reject) =>
    socket.bind(address, (error) => error ? reject(error) : resolve())
  );

/** A push socket that is connected to a pull socket. */
async function joined(keep: Keep): Promise<[zmq.Socket, zmq.Socket]> {
  const [push, pull] = [keep(zmq.socket("push")), keep(zmq.socket("pull"))];
  const name = inproc();
  await bound(pull, name);
  push.connect(name);
  return [push, pull];
}

test("the entry has its functions, constants and a default", () => {
  for (
    const name of [
      ...["socket", "createSocket", "curveKeypair", "proxy", "Context"],
      ...["Socket", "version", "options"],
    ]
  ) assert.ok(name in zmq && name in zmqDefault, name);
  const constants = Object.keys(zmq).filter((name) => /^ZMQ_/.test(name));
  assert.equal(constants.length, 73);
  assert.equal(zmq.ZMQ_SNDMORE, 2);
  assert.equal(zmq.STATE_CLOSED, 2);
  assert.equal(zmq.options.identity, 5);
});

test("every type makes a socket that is an emitter; another is an error", () =>
  withOld((keep) => {
    for (
      const type of [
        ...["pair", "req", "rep", "pub", "sub", "dealer", "xreq", "router"],
        ...["xrep", "pull", "push", "xpub", "xsub", "stream"],
      ] as zmq.SocketType[]
    ) {
      const socket = keep(zmq.socket(type));
      assert.equal(socket.type, type);
      assert.ok(socket instanceof EventEmitter);
      assert.ok(socket instanceof zmq.Socket);
    }
    assert.throws(() => zmq.socket("zz" as zmq.SocketType), /Invalid socket/);
  }));

test("messages are emitted as their parts, in Buffers", () =>
  withOld(async (keep) => {
    const [push, pull] = [keep(zmq.socket("push")), keep(zmq.socket("pull"))];
    const name = inproc();
    await bound(pull, name);
    const heard: string[] = [];
    pull.on("message", (...parts: Buffer[]) => {
      assert.ok(parts.every((part) => Buffer.isBuffer(part)));
      heard.push(parts.join("+"));
    });
    assert.equal(push.connect(name), push);
    let told = 0;
    assert.equal(push.send("a", 0, () => told++), push);
    push.send(["b", Buffer.from("c")]);
    push.send("d", zmq.ZMQ_SNDMORE).send("e", null, () => told++);
    await until("all came", () => heard.length === 3);
    assert.deepEqual(heard, ["a", "b+c", "d+e"]);
    await until("the sender knows", () => told === 2);
  }));

test("the queue of sends has no bound, and waits for a peer", () =>
  withOld(async (keep) => {
    const push = keep(zmq.socket("push", { linger: 0 }));
    push.setsockopt(zmq.ZMQ_SNDHWM, 5);
    const name = inproc();
    for (let i = 0; i < 3000; i++) push.send(`${i}`);
    const pull = keep(zmq.socket("pull"));
    let heard = 0;
    pull.on("message", (part: Buffer) => {
      assert.equal(part.toString(), `${heard++}`);
    });
    pull.connect(name);
    await bound(push, name);
    await until("all came", () => heard === 3000);
  }));

test("calls while it binds wait for it", () =>
  withOld(async (keep) => {
    const [push, pull] = [keep(zmq.socket("push")), keep(zmq.socket("pull"))];
    const emitted: string[] = [];
    push.on("bind", (address) => emitted.push(address));
    const name = inproc();
    const heard: string[] = [];
    pull.on("message", (part: Buffer) => heard.push(part.toString()));
    pull.connect(name);
    assert.equal(push.bind("tcp://127.0.0.1:*"), push);
    push.bind(name).connect(inproc()).send("x").send("y");
    await until("it bound", () => emitted.length === 2);
    assert.deepEqual(emitted, ["tcp://127.0.0.1:*", name]);
    await until("one came", () => heard.length > 0);
    let unbound = "";
    push.on("unbind", (address) => unbound = address);
    push.unbind(name);
    await until("it is unbound", () => unbound === name);
  }));

test("what fails goes to the callback, or else is an error event", () =>
  withOld(async (keep) => {
    const errors: (string | undefined)[] = [];
    const push = keep(zmq.socket("push"));
    push.on("error", (error) => errors.push(`event ${error.code}`));
    push.bind("foo://x");
    const tell = (error?: Error) =>
      void errors.push(`callback ${(error as { code?: string })?.code}`);
    push.bind("foo://y", tell);
    await until("both are told", () => errors.length === 2);
    assert.deepEqual(errors, [
      "event EPROTONOSUPPORT",
      "callback EPROTONOSUPPORT",
    ]);
    assert.equal(thrown(() => push.connect("foo"))?.code, "EINVAL");
    assert.throws(() => keep(zmq.socket("pull")).send("x"), /Cannot send/);
    assert.throws(() => push.read(), /removed/);
  }));

test("listeners that come after all were removed are told of messages", () =>
  withOld(async (keep) => {
    const [push, pull] = await joined(keep);
    for (let i = 0; i < 2; i++) {
      pull.on("removeListener", () => {});
      pull.removeAllListeners();
    }
    assert.equal(pull.listenerCount("newListener"), 1);
    const heard: string[] = [];
    pull.on("message", (part: Buffer) => heard.push(part.toString()));
    push.send("x");
    await until("it came", () => heard.length === 1);
  }));

test("paused, it emits nothing, and loses nothing", () =>
  withOld(async (keep) => {
    const [push, pull] = await joined(keep);
    const heard: string[] = [];
    pull.on("message", (part: Buffer) => heard.push(part.toString()));
    push.send("a");
    await until("one came", () => heard.length === 1);
    assert.equal(pull.pause(), undefined);
    push.send("b").send("c");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(heard, ["a"]);
    assert.equal(pull.resume(), undefined);
    await until("all came", () => heard.length === 3);
    assert.deepEqual(heard, ["a", "b", "c"]);
  }));

test("paused, it sends nothing either", () =>
  withOld(async (keep) => {
    const [push, pull] = await joined(keep);
    const heard: string[] = [];
    pull.on("message", (part: Buffer) => heard.push(part.toString()));
    push.pause();
    push.send("a");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(heard, []);
    push.resume();
    await until("it came", () => heard.length === 1);
  }));

test("req and rep, router and dealer, pub and sub talk", () =>
  withOld(async (keep) => {
    const [req, rep] = [keep(zmq.socket("req")), keep(zmq.socket("rep"))];
    const name = inproc();
    await bound(rep, name);
    rep.on("message", (part: Buffer) => rep.send(`re ${part}`));
    const answers: string[] = [];
    req.on("message", (part: Buffer) => answers.push(part.toString()));
    req.connect(name);
    req.send("one").send("two");
    await until("both are answered", () => answers.length === 2);
    assert.deepEqual(answers, ["re one", "re two"]);

    const [xpub, sub] = [keep(zmq.socket("xpub")), keep(zmq.socket("sub"))];
    const news = inproc();
    await bound(xpub, news);
    const wanted: string[] = [];
    xpub.on("message", (part: Buffer) => {
      wanted.push(part.toString("hex"));
      xpub.send(["a", "story"]);
    });
    const heard: string[] = [];
    sub.on("message", (...parts: Buffer[]) => heard.push(parts.join(" ")));
    sub.connect(news);
    assert.equal(sub.subscribe("a"), sub);
    await until("it is heard", () => heard.length === 1);
    assert.deepEqual([wanted, heard], [["0161"], ["a story"]]);
    assert.equal(sub.unsubscribe("a"), sub);
    assert.throws(() => req.subscribe("x"), /Subscriber/);
  }));

test("options go by number and by short name; booleans are 0 and 1", () =>
  withOld((keep) => {
    const router = keep(zmq.socket("router", { linger: 5, identity: "me" }));
    assert.equal(router.linger, 5);
    assert.equal(router.getsockopt(zmq.ZMQ_LINGER), 5);
    assert.equal(router.identity, "me");
    router.identity = Buffer.from("you");
    assert.equal(router.getsockopt("identity"), "you");
    router.setsockopt(zmq.ZMQ_ROUTER_MANDATORY, 1);
    assert.equal(router.getsockopt(zmq.ZMQ_ROUTER_MANDATORY), 1);
    assert.equal(router.plain_server, 0);
    assert.equal(router.mechanism, 0);
    assert.equal(router.last_endpoint, null);
    assert.equal(router.setsockopt("linger", 0), router);
    assert.throws(() => router.setsockopt(9999, 1), /Unknown option/);
    assert.throws(() => router.getsockopt("zz"), /Unknown option/);
  }));

test("an option that a type doesn't have reads as undefined, and can't be set", () =>
  withOld((keep) => {
    const [push, pull] = [keep(zmq.socket("push")), keep(zmq.socket("pull"))];
    assert.equal(push.identity, undefined);
    assert.equal(push.rcvbuf, undefined);
    assert.equal(pull.getsockopt(zmq.ZMQ_SNDTIMEO), undefined);
    assert.equal(push.getsockopt(zmq.ZMQ_ROUTER_MANDATORY), 0);
    assert.throws(() => push.identity = "x", TypeError);
    assert.throws(() => push.getsockopt("_fd"), /ZMQ_FD is not supported/);
    assert.throws(
      () => push.setsockopt("last_endpoint", "x"),
      /Unknown option/,
    );
  }));

test("flags are set by what is true in JavaScript, numbers only by numbers", () =>
  withOld((keep) => {
    const router = keep(zmq.socket("router"));
    router.setsockopt(zmq.ZMQ_ROUTER_MANDATORY, "yes");
    assert.equal(router.getsockopt(zmq.ZMQ_ROUTER_MANDATORY), 1);
    router.setsockopt(zmq.ZMQ_ROUTER_HANDOVER, null);
    router.setsockopt(zmq.ZMQ_IPV4ONLY, 0);
    assert.equal(router.getsockopt(zmq.ZMQ_IPV4ONLY), false);
    assert.equal(router.getsockopt(zmq.ZMQ_IPV6), 1);
    keep(zmq.socket("xpub")).setsockopt(zmq.ZMQ_XPUB_VERBOSE, 7);
    assert.throws(() => router.setsockopt("linger", true), TypeError);
    router.close();
    assert.equal(router.getsockopt("_ioevents"), 0);
  }));

test("options given to a new socket are its properties; unknown ones do no harm", () =>
  withOld((keep) => {
    const given = { linger: 3, sndhwm: 5, mine: "x" };
    const socket = keep(zmq.socket("req", given));
    assert.equal(socket.linger, 3);
    assert.equal(socket.mine, "x");
  }));

test("monitoring emits what happens to connections", () =>
  withOld(async (keep) => {
    const [push, pull] = [keep(zmq.socket("push")), keep(zmq.socket("pull"))];
    const heard: string[] = [];
    for (const name of ["listen", "accept"]) {
      push.on(name, (_value, address) => heard.push(`${name} ${address}`));
    }
    for (const name of ["connect", "disconnect"]) {
      pull.on(name, (_value, address) => heard.push(`${name} ${address}`));
    }
    assert.equal(push.monitor(), push);
    pull.monitor(100, 0);
    await bound(push, "tcp://127.0.0.1:*");
    const address = push.last_endpoint!;
    pull.connect(address);
    await until("they met", () => heard.length === 3);
    push.unmonitor().close();
    await until("it is lost", () => heard.length === 4);
    assert.deepEqual(heard.sort(), [
      `accept ${address}`,
      `connect ${address}`,
      `disconnect ${address}`,
      `listen ${address}`,
    ]);
    const retry = new Promise<unknown[]>((resolve) =>
      pull.on("connect_retry", (...told) => resolve(told))
    );
    const [interval, where, ...rest] = await retry;
    assert.equal(typeof interval, "number");
    assert.deepEqual([where, ...rest], [address, undefined]);
  }));

test("monitoring tells no value but an interval, or the errno of a failure", () =>
  withOld(async (keep) => {
    const [push, other] = [keep(zmq.socket("push")), keep(zmq.socket("push"))];
    const heard: unknown[][] = [];
    push.monitor().on("listen", (...told) => heard.push(told));
    await bound(push, "tcp://127.0.0.1:*");
    const address: string = push.last_endpoint;
    other.monitor().on("bind_error", (...told) => heard.push(told));
    await assert.rejects(bound(other, address));
    await until("both are told", () => heard.length === 2);
    assert.deepEqual(heard[0], [undefined, address, undefined]);
    const [value, , error] = heard[1];
    assert.equal(value, 98);
    assert.equal((error as { code: string }).code, "EADDRINUSE");
  }));

test("what is wrong with a call is thrown by it; what a closed socket is sent is dropped", () =>
  withOld(async (keep) => {
    const push = keep(zmq.socket("push"));
    push.on("error", (error) => assert.fail(error));
    assert.throws(() => push.bind(5 as unknown as string), TypeError);
    push.close();
    assert.equal(thrown(() => push.bind(inproc()))?.code, "EBADF");
    assert.equal(thrown(() => push.unbind(inproc()))?.code, "EBADF");
    assert.equal(push.send("x").send("y", 0, () => assert.fail()), push);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }));

test("after a close, what waited in the queue is dropped but for the one in hand", () =>
  withOld(async (keep) => {
    const push = keep(zmq.socket("push"));
    const told: unknown[] = [];
    for (const text of ["a", "b", "c"]) {
      push.send(text, 0, (error) =>
        told.push(
          text,
          thrown(() => {
            throw error;
          })?.code,
        ));
    }
    push.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(told, ["a", "EAGAIN"]);
  }));

test("a receive that took too long is an error event, and more messages come", () =>
  withOld(async (keep) => {
    const [push, pull] = [keep(zmq.socket("push")), keep(zmq.socket("pull"))];
    const heard: string[] = [];
    let late = 0;
    pull.on("error", (error) => late += error.code === "EAGAIN" ? 1 : 0);
    pull.on("message", (part: Buffer) => heard.push(part.toString()));
    pull.setsockopt(zmq.ZMQ_RCVTIMEO, 5);
    const name = inproc();
    await bound(pull, name);
    await until("it is late more than once", () => late > 1);
    push.connect(name).send("x");
    await until("it came", () => heard.length === 1);
  }));

test("a listener or a callback that throws stops no messages", async () => {
  const program = script("zeromqjs/throwing_program.ts", []);
  try {
    const line = await within("it ends", program.line(), 15_000);
    assert.equal(line, "over", program.errors());
  } finally {
    await program.kill();
  }
});

test("bindSync and unbindSync return nothing, and close is final", () =>
  withOld((keep) => {
    const push = keep(zmq.socket("push"));
    const name = inproc();
    assert.equal(push.bindSync(name), undefined);
    assert.equal(push.unbindSync(name), undefined);
    assert.equal(push.close(), push);
    assert.equal(push.closed, true);
    assert.equal(push.close(), push);
  }));

test("a proxy passes messages and shows them", () =>
  withOld(async (keep) => {
    const [front, back] = [
      keep(zmq.socket("router")),
      keep(zmq.socket("dealer")),
    ];
    const [clients, services] = [inproc(), inproc()];
    await bound(front, clients);
    await bound(back, services);
    zmq.proxy(front, back);
    const [req, rep] = [keep(zmq.socket("req")), keep(zmq.socket("rep"))];
    rep.on("message", (part: Buffer) => rep.send(`re ${part}`));
    const answers: string[] = [];
    req.on("message", (part: Buffer) => answers.push(part.toString()));
    req.connect(clients);
    rep.connect(services);
    req.send("hello");
    await until("it is answered", () => answers.length === 1);
    assert.deepEqual(answers, ["re hello"]);
    assert.throws(() => zmq.proxy(req, rep), /not supported/);
  }));

test("a proxy shows the answers, without their way back", () =>
  withOld(async (keep) => {
    const [front, back, capture, pull, req, rep] = [
      ...["router", "dealer", "push", "pull", "req", "rep"] as const,
    ].map((type) => keep(zmq.socket(type)));
    const [clients, services, shown] = [inproc(), inproc(), inproc()];
    await bound(front, clients);
    await bound(back, services);
    await bound(pull, shown);
    capture.connect(shown);
    zmq.proxy(front, back, capture);
    const seen: string[] = [];
    pull.on("message", (...parts: Buffer[]) => seen.push(parts.join("+")));
    rep.on("message", (part: Buffer) => rep.send(["re", part]));
    req.connect(clients).send("hello");
    rep.connect(services);
    await until("it is shown", () => seen.length > 0);
    assert.deepEqual(seen, ["re+hello"]);
  }));

test("Context sets the options that all sockets share", () => {
  const before = zmq.Context.getMaxSockets();
  zmq.Context.setMaxSockets(before + 1);
  assert.equal(zmq.Context.getMaxSockets(), before + 1);
  zmq.Context.setMaxSockets(before);
  assert.equal(zmq.Context.getMaxThreads(), 1);
  assert.throws(() => new zmq.Context(), /cannot be instantiated/);
});
