// The draft classes of the drop-in.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import * as draft from "../../src/zeromqjs/draft.ts";
import { inproc, rejection, thrown, withSockets } from "./support.ts";

test("the entry exports the draft classes, with their numbers", () =>
  withSockets((keep) => {
    const numbers = {
      Server: 12,
      Client: 13,
      Radio: 14,
      Dish: 15,
      Gather: 16,
      Scatter: 17,
      Datagram: 18,
    };
    assert.deepEqual(Object.keys(draft), Object.keys(numbers).sort());
    for (const [name, type] of Object.entries(numbers)) {
      const socket = keep(new draft[name as keyof typeof draft]());
      assert.equal(socket.type, type);
      assert.equal(socket.threadSafe, name !== "Datagram");
    }
  }));

test("a Server names its clients in a second argument, and behind the message", () =>
  withSockets(async (keep) => {
    const server = keep(new draft.Server());
    const client = keep(new draft.Client());
    const name = inproc();
    await server.bind(name);
    client.connect(name);
    await client.send("hello");
    const [message, options] = await server.receive();
    assert.ok(Buffer.isBuffer(message));
    assert.equal(message.toString(), "hello");
    assert.deepEqual(Object.keys(options), ["routingId"]);
    await server.send("back", options);
    const answer = await client.receive();
    assert.equal(answer.length, 1);
    assert.equal(String(answer), "back");

    await client.send("again");
    for await (const [part, { routingId }] of server) {
      assert.equal(`${part} ${routingId}`, `again ${options.routingId}`);
      break;
    }
    const wrong = server.send("x", { routingId: options.routingId + 1 });
    assert.equal((await rejection(wrong)).code, "EHOSTUNREACH");
    // deno-lint-ignore no-explicit-any -- what types forbid
    const any = server as any;
    assert.throws(() => any.send("x"), TypeError);
    assert.throws(() => any.send("x", { routingId: "5" }), TypeError);
    for (const options of [{}, { routingId: 0 }, { routingId: NaN }]) {
      assert.equal(thrown(() => any.send("x", options))?.code, "EINVAL");
    }
    assert.equal(await any.send([], { routingId: 5 }), undefined);
    assert.throws(() => any.send(undefined, options), TypeError);
  }));

test("a Radio names the group in a second argument, a Dish behind the message", () =>
  withSockets(async (keep) => {
    const radio = keep(new draft.Radio());
    const dish = keep(new draft.Dish());
    const name = inproc();
    await radio.bind(name);
    dish.connect(name);
    dish.join("news", Buffer.from("sports"));
    dish.leave("sports");
    await radio.send("no", { group: "sports" });
    await radio.send("yes", { group: Buffer.from("news") });
    const [message, { group }] = await dish.receive();
    assert.equal(`${message} ${group}`, "yes news");
    assert.ok(Buffer.isBuffer(group));
    assert.equal(thrown(() => dish.join("news"))?.code, "EINVAL");
    assert.equal(thrown(() => dish.leave("none"))?.code, "EINVAL");
    // deno-lint-ignore no-explicit-any -- what types forbid
    const [anyRadio, anyDish] = [radio as any, dish as any];
    assert.throws(() => anyRadio.send("x"), TypeError);
    assert.equal(thrown(() => anyRadio.send("x", {}))?.code, "EINVAL");
    assert.equal(await anyRadio.send([], { group: "news" }), undefined);
    for (const group of [null, 5, ["x"]]) {
      assert.throws(() => anyRadio.send("x", { group }), TypeError);
      assert.throws(() => anyDish.join(group), TypeError);
      assert.throws(() => anyDish.leave(group), TypeError);
    }
    radio.close();
    assert.equal(thrown(() => anyRadio.send("x", {}))?.code, "EBADF");
  }));

test("messages of Client and Scatter are one part", () =>
  withSockets(async (keep) => {
    const scatter = keep(new draft.Scatter());
    const gather = keep(new draft.Gather({ conflate: false }));
    const name = inproc();
    await scatter.bind(name);
    gather.connect(name);
    await scatter.send("x");
    const [message] = await gather.receive();
    assert.ok(Buffer.isBuffer(message));
    // deno-lint-ignore no-explicit-any -- what types forbid
    const parts = ["a", "b"] as any;
    assert.equal((await rejection(scatter.send(parts))).code, "EINVAL");
    const client = keep(new draft.Client());
    assert.equal((await rejection(client.send(parts))).code, "EINVAL");
  }));
