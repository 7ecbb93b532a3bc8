// Proxy of the drop-in.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import { inproc, settles, thrown, withSockets } from "./support.ts";

async function joined(
  keep: <S extends zmq.Socket>(socket: S) => S,
): Promise<[zmq.Router, zmq.Dealer, string, string]> {
  const [front, back] = [keep(new zmq.Router()), keep(new zmq.Dealer())];
  const [clients, services] = [inproc(), inproc()];
  await front.bind(clients);
  await back.bind(services);
  return [front, back, clients, services];
}

test("a proxy passes requests and replies, then closes its sockets", () =>
  withSockets(async (keep) => {
    const [front, back, clients, services] = await joined(keep);
    const request = keep(new zmq.Request());
    const reply = keep(new zmq.Reply());
    request.connect(clients);
    reply.connect(services);
    const proxy = new zmq.Proxy(front, back);
    assert.equal(proxy.frontEnd, front);
    assert.equal(proxy.backEnd, back);
    const run = proxy.run();
    await request.send("hello");
    assert.equal(String(await reply.receive()), "hello");
    await reply.send("back");
    assert.equal(String(await request.receive()), "back");
    proxy.terminate();
    assert.equal(await run, undefined);
    assert.ok(front.closed && back.closed);
    for (const call of ["pause", "resume", "terminate"] as const) {
      assert.equal(thrown(() => proxy[call]())?.code, "EBADF");
    }
    assert.equal(thrown(() => proxy.run())?.code, "EINVAL");
  }));

test("while it runs its sockets are blocked, options can be read, and close waits", () =>
  withSockets(async (keep) => {
    const [front, back] = await joined(keep);
    const proxy = new zmq.Proxy(front, back);
    const run = proxy.run();
    assert.equal(thrown(() => front.send(["a", "b"]))?.code, "EBUSY");
    assert.equal(thrown(() => back.receive())?.code, "EBUSY");
    assert.equal(thrown(() => back.connect(inproc()))?.code, "EBUSY");
    assert.equal(front.linger, -1);
    front.close();
    assert.equal(front.closed, false);
    proxy.terminate();
    await run;
    assert.equal(front.closed, true);
  }));

test("what was told to end may be told again until it has", () =>
  withSockets(async (keep) => {
    const [front, back] = await joined(keep);
    const proxy = new zmq.Proxy(front, back);
    const run = proxy.run();
    for (const call of ["terminate", "pause", "resume", "terminate"] as const) {
      proxy[call]();
    }
    await run;
    assert.equal(thrown(() => proxy.terminate())?.code, "EBADF");
  }));

test("paused, nothing passes", () =>
  withSockets(async (keep) => {
    const [front, back] = [keep(new zmq.Pull()), keep(new zmq.Push())];
    const [from, to] = [inproc(), inproc()];
    await front.bind(from);
    await back.bind(to);
    const [push, pull] = [keep(new zmq.Push()), keep(new zmq.Pull())];
    push.connect(from);
    pull.connect(to);
    const proxy = new zmq.Proxy(front, back);
    const run = proxy.run();
    proxy.pause();
    await push.send("x");
    const received = pull.receive();
    assert.equal(await settles(received), false);
    proxy.resume();
    assert.equal(String(await received), "x");
    proxy.terminate();
    await run;
  }));

test("what passes goes to a capture socket too", () =>
  withSockets(async (keep) => {
    const [front, back] = [keep(new zmq.Pull()), keep(new zmq.Push())];
    const [from, to, aside] = [inproc(), inproc(), inproc()];
    await front.bind(from);
    await back.bind(to);
    const capture = keep(new zmq.Pair());
    await capture.bind(aside);
    const [push, pull, spy] = [
      keep(new zmq.Push()),
      keep(new zmq.Pull()),
      keep(new zmq.Pair()),
    ];
    push.connect(from);
    pull.connect(to);
    spy.connect(aside);
    const proxy = new zmq.Proxy(front, back, capture);
    const run = proxy.run();
    await push.send("x");
    assert.equal(String(await pull.receive()), "x");
    assert.equal(String(await spy.receive()), "x");
    proxy.terminate();
    await run;
    assert.equal(capture.closed, false);
  }));

test("a proxy needs two sockets, with endpoints", () =>
  withSockets((keep) => {
    // deno-lint-ignore no-explicit-any -- what types forbid
    const Any = zmq.Proxy as any;
    assert.throws(() => new Any(), TypeError);
    assert.throws(() => new Any(keep(new zmq.Pull())), TypeError);
    assert.ok(thrown(() => new Any({}, {})) !== null);
    const proxy = new zmq.Proxy(
      keep(new zmq.Router()),
      keep(new zmq.Dealer()),
    );
    assert.equal(thrown(() => proxy.run())?.code, "EINVAL");
    for (const call of ["pause", "resume", "terminate"] as const) {
      assert.equal(thrown(() => proxy[call]())?.code, "EBADF");
    }
  }));
