// Events of the drop-in: names, payloads, the two ways to get them, and the end.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { insideOf } from "../../src/zeromqjs/socket.ts";
import * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import { until } from "../support/wait.ts";
import { inproc, rejection, thrown, withSockets } from "./support.ts";

test("events are one Observer, made when it is first asked for", () =>
  withSockets((keep) => {
    const push = keep(new zmq.Push());
    assert.ok(push.events instanceof zmq.Observer);
    assert.equal(push.events, push.events);
    assert.equal(push.events.closed, false);
  }));

test("Observers and proxies take properties of a program's own", () =>
  withSockets((keep) => {
    const [push, pull] = [keep(new zmq.Push()), keep(new zmq.Pull())];
    const observer = Object.assign(push.events, { mine: 1 });
    const proxy = Object.assign(new zmq.Proxy(pull, push), { mine: 2 });
    assert.deepEqual([observer.mine, proxy.mine], [1, 2]);
  }));

test("an Observer is made of a socket, and of nothing else", () => {
  // deno-lint-ignore no-explicit-any -- what types forbid
  const Any = zmq.Observer as any;
  assert.throws(() => new Any(), TypeError);
  assert.equal(thrown(() => new Any({}))?.code, undefined);
  assert.ok(thrown(() => new Any({})) !== null);
  const push = new zmq.Push();
  const observer = new zmq.Observer(push);
  assert.notEqual(observer, push.events);
  push.close();
  assert.equal(thrown(() => new zmq.Observer(push))?.code, "ENOTSOCK");
});

test("over tcp the events come in order, with our endpoint as address", () =>
  withSockets(async (keep) => {
    const [pull, push] = [keep(new zmq.Pull()), keep(new zmq.Push())];
    const heard: [string, string, string | undefined][] = [];
    const listen = async (who: string, socket: zmq.Socket) => {
      for await (const event of socket.events) {
        heard.push([who, event.type, (event as { address?: string }).address]);
      }
    };
    const both = [listen("pull", pull), listen("push", push)];
    await pull.bind("tcp://127.0.0.1:*");
    const address = pull.lastEndpoint!;
    push.connect(address);
    await push.send("x");
    await pull.receive();
    const of = (who: string) =>
      heard.filter(([one]) => one === who).map(([, type]) => type);
    await until(
      "they shook hands",
      () => of("pull").length === 3 && of("push").length === 3,
    );
    assert.deepEqual(of("pull"), ["bind", "accept", "handshake"]);
    assert.deepEqual(of("push"), ["connect:delay", "connect", "handshake"]);
    assert.ok(heard.every(([, , at]) => at === address));

    pull.close();
    await until("it tries again", () => of("push").includes("connect:retry"));
    assert.deepEqual(of("push").slice(3, 5), ["disconnect", "connect:retry"]);
    push.close();
    await Promise.all(both);
    assert.equal(of("push").at(-1), "end");
    assert.equal(of("pull").at(-1), "end");
  }));

test("a retry tells its interval, and a failed bind its error", () =>
  withSockets(async (keep) => {
    const [push, other] = [keep(new zmq.Push()), keep(new zmq.Push())];
    await push.bind("tcp://127.0.0.1:*");
    const address = push.lastEndpoint!;
    const events = other.events;
    const failed = events.receive();
    assert.equal((await rejection(other.bind(address))).code, "EADDRINUSE");
    const event = await failed;
    assert.equal(event.type, "bind:error");
    if (event.type === "bind:error") {
      assert.equal(event.error.code, "EADDRINUSE");
      assert.equal(event.address, address);
    }
    push.close();
    const third = keep(new zmq.Push({ reconnectInterval: 50 }));
    let interval = 0;
    third.events.on("connect:retry", (event) => interval = event.interval);
    third.connect("tcp://127.0.0.1:1");
    await until("it tries again", () => interval > 0);
    assert.ok(interval >= 50 && interval <= 100, `${interval}`);
    third.events.close();
  }));

test("the errors of events have the texts of zeromq.js, and ours as cause", () =>
  withSockets(async (keep) => {
    const [push, other] = [keep(new zmq.Push()), keep(new zmq.Push())];
    await push.bind("tcp://127.0.0.1:*");
    const failed = other.events.receive();
    await rejection(other.bind(push.lastEndpoint!));
    const bind = await failed;
    assert.ok(bind.type === "bind:error");
    assert.equal(String(bind.error), "Error: Address already in use");
    assert.equal(bind.error.errno, 98);
    assert.match(String(bind.error.cause), /another socket is bound there/);

    const plain = keep(
      new zmq.Pull({ plainUsername: "a", plainPassword: "b" }),
    );
    // The end that sees it first goes, and the other may see no more than that.
    const mismatch = new Promise<Error & { code: string }>((resolve) => {
      for (const { events } of [plain, push]) {
        events.on("handshake:error:protocol", ({ error }) => resolve(error));
      }
    });
    plain.connect(push.lastEndpoint!);
    const { code, message } = await mismatch;
    assert.equal(code, "ERR_ZMTP_MECHANISM_MISMATCH");
    assert.equal(message, "ZMTP protocol error");
    plain.events.close();
    push.events.close();

    const zap = keep(new zmq.Reply());
    await zap.bind("inproc://zeromq.zap.01");
    const server = keep(new zmq.Push({ plainServer: true, zapDomain: "x" }));
    const refused = new Promise<Error & { status: number }>((resolve) =>
      server.events.on("handshake:error:auth", ({ error }) => resolve(error))
    );
    await server.bind("tcp://127.0.0.1:*");
    const client = keep(
      new zmq.Pull({ plainUsername: "a", plainPassword: "b" }),
    );
    client.connect(server.lastEndpoint!);
    const [version, id] = await zap.receive();
    await zap.send([version, id, "400", "no", "", ""]);
    const { status, message: text } = await refused;
    assert.deepEqual([status, text], [400, "Authentication failure"]);
    server.events.close();
  }));

test("inproc has no event but the end", () =>
  withSockets(async (keep) => {
    const push = keep(new zmq.Push());
    const { events } = push;
    const name = inproc();
    await push.bind(name);
    push.close();
    assert.deepEqual(await events.receive(), { type: "end" });
    assert.equal(events.closed, true);
    assert.equal(thrown(() => events.receive())?.code, "EBADF");
    const next = await events[Symbol.asyncIterator]().next();
    assert.deepEqual(next, { done: true, value: undefined });
  }));

test("one receive of events at a time", () =>
  withSockets(async (keep) => {
    const { events } = keep(new zmq.Push());
    const first = events.receive();
    assert.equal(thrown(() => events.receive())?.code, "EBUSY");
    events.close();
    assert.equal((await rejection(first)).code, "ENOTSOCK");
    assert.equal(events.closed, true);
    events.close();
    assert.equal(thrown(() => events.receive())?.code, "EBADF");
    const other = keep(new zmq.Push()).events;
    const next = other[Symbol.asyncIterator]().next();
    other.close();
    assert.equal((await rejection(next)).code, "ENOTSOCK");
  }));

test("listeners take the events, and give back Node's emitter", () =>
  withSockets(async (keep) => {
    const push = keep(new zmq.Push());
    const heard: string[] = [];
    const listener = ({ address }: { address: string }) => {
      heard.push(address);
    };
    const emitter = push.events.on("bind", listener);
    assert.ok(emitter instanceof EventEmitter);
    const error = thrown(() => push.events.receive());
    assert.ok(error instanceof Error && error.code === undefined);
    await push.bind("tcp://127.0.0.1:*");
    await until("it is heard", () => heard.length === 1);
    assert.equal(push.events.off("bind", listener), emitter);
    let ended = false;
    push.events.on("end", () => ended = true);
    await push.bind("tcp://127.0.0.1:*");
    push.close();
    await until("the end is heard", () => ended);
    assert.equal(heard.length, 1);
  }));

test("events that nobody reads are kept up to a thousand, the latest", () =>
  withSockets(async (keep) => {
    const push = keep(new zmq.Push({ reconnectInterval: 1 }));
    const { events } = push;
    const core = insideOf(push).core;
    for (let i = 0; i < 3000; i++) {
      core.emit({ type: "connect:delay", address: `tcp://127.0.0.1:${i}` });
    }
    push.close();
    let count = 0;
    let first = "";
    for await (const event of events) {
      if (count++ === 0) first = (event as { address: string }).address;
    }
    assert.equal(count, 1000);
    assert.equal(first, "tcp://127.0.0.1:2001");
  }));
