import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Pull, Push, Reply, Request, Router } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { join, withSockets } from "../support/sockets.ts";

test("a message can be received with what its peer said of itself", () =>
  withSockets(async (keep) => {
    const router = keep(new Router());
    const dealer = keep(
      new Dealer({
        routingId: "X",
        metadata: { "X-hello": "hello", "X-a": "b" },
      }),
    );
    await join(router, dealer, "tcp");
    await dealer.send("body");
    const got = await router.receiveWithMetadata();
    assert.deepEqual(texts(got.parts), ["X", "body"]);
    assert.equal(got.userId, null);
    assert.match(got.peer!.address, /^127\.0\.0\.1:\d+$/);
    assert.equal(got.peer!.mechanism, "NULL");
    assert.deepEqual(texts([got.peer!.routingId]), ["X"]);
    assert.deepEqual(got.properties, {
      "Socket-Type": "DEALER",
      "Identity": "X",
      "X-hello": "hello",
      "X-a": "b",
      "Peer-Address": "127.0.0.1",
    });
  }));

test("each waiting receive gets the peer of its own message", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const pushes = ["one", "two"].map((name) =>
      keep(new Push({ metadata: { "X-name": name } }))
    );
    for (const push of pushes) await join(pull, push, "tcp");
    const waiting = Array.from({ length: 6 }, () => pull.receiveWithMetadata());
    for (const [i, push] of pushes.entries()) {
      await push.sendMany([
        ["one", "two"][i],
        ["one", "two"][i],
        ["one", "two"][i],
      ]);
    }
    for (const { parts, properties } of await Promise.all(waiting)) {
      assert.deepEqual(texts(parts), [properties["X-name"]]);
    }
  }));

test("Request and Reply know whom they heard", () =>
  withSockets(async (keep) => {
    const reply = keep(new Reply({ metadata: { "X-side": "reply" } }));
    const request = keep(new Request({ metadata: { "X-side": "request" } }));
    await join(reply, request, "tcp");
    await request.send("hello");
    const heard = await reply.receiveWithMetadata();
    assert.equal(heard.properties["X-side"], "request");
    await reply.send(heard.parts);
    const answer = await request.receiveWithMetadata();
    assert.equal(answer.properties["X-side"], "reply");
  }));

test("within the process there are no properties", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push({ metadata: { "X-name": "x" } }));
    await join(pull, push, "inproc");
    await push.send("hello");
    const { peer, properties } = await pull.receiveWithMetadata();
    assert.equal(peer!.socketType, "PUSH");
    assert.equal(properties["X-name"], undefined);
  }));

test("metadata is set as an object, or one by one as libzmq does", () =>
  withSockets((keep) => {
    const push = keep(new Push());
    push.setOption(95, "X-one:1");
    push.setOption(95, "X-two:2");
    assert.deepEqual(push.metadata, { "X-one": "1", "X-two": "2" });
    push.metadata = { "X-three": "3" };
    assert.deepEqual(push.getOption(95), { "X-three": "3" });
    const wrong = [
      ...[":", "key:", ":value", "nocolon", "", "key:value", "X-:v", "X-k:"],
      `X-${"k".repeat(254)}:v`,
    ];
    for (const text of wrong) {
      assert.throws(() => push.setOption(95, text), { code: "EINVAL" }, text);
    }
    push.metadata = null;
    assert.equal(push.metadata, null);
  }));
