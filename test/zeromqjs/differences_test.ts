// What programs of zeromq.js can tell apart, as zeromq.js 6.8.0 was seen to do it.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import { thrown, withSockets } from "./support.ts";

class Numbered extends zmq.Socket {
  read(option: number, ...more: unknown[]): number {
    return (this.getInt32Option as (...given: unknown[]) => number)(
      option,
      ...more,
    );
  }
  write(option: unknown, value: unknown, ...more: unknown[]): void {
    (this.setInt32Option as (...given: unknown[]) => void)(
      option,
      value,
      ...more,
    );
  }
}

test("what can't be an endpoint is none to unbind or disconnect", async () => {
  await withSockets(async (keep) => {
    const dealer = keep(new zmq.Dealer());
    for (const address of ["tcp://127.0.0.1", "tcp://127.0.0.1:abc"]) {
      assert.equal(thrown(() => dealer.disconnect(address))?.code, "ENOENT");
      await assert.rejects(dealer.unbind(address), { code: "ENOENT", address });
    }
    assert.equal(thrown(() => dealer.disconnect("x"))?.code, "EINVAL");
    const code = thrown(() => dealer.disconnect("foo://x"))?.code;
    assert.equal(code, "EPROTONOSUPPORT");
  });
});

test("unbind ends a connection, and disconnect a listener", async () => {
  await withSockets(async (keep) => {
    const a = keep(new zmq.Dealer());
    const b = keep(new zmq.Dealer());
    await a.bind("tcp://127.0.0.1:*");
    const address = a.lastEndpoint!;
    b.connect(address);
    await b.unbind(address);
    assert.equal(thrown(() => b.disconnect(address))?.code, "ENOENT");
    a.disconnect(address);
    await assert.rejects(a.unbind(address), { code: "ENOENT" });
  });
});

test("options by number: arity, order of checks, and those of other types", async () => {
  await withSockets((keep) => {
    const pull = keep(new Numbered(7));
    assert.match(
      thrown(() => pull.read(17, 1))!.message,
      /^Expected 1 argument but received 2$/,
    );
    assert.match(
      thrown(() => pull.write(17, 1, 1))!.message,
      /^Expected 2 arguments but received 3$/,
    );
    assert.match(thrown(() => pull.write("x", "x"))!.message, /^Identifier/);
    assert.equal(pull.read(17.5), -1);
    assert.equal(pull.read(23), 1000);
    pull.write(23, 5);
    assert.equal(pull.read(23), 5);
    assert.equal(thrown(() => pull.write(23, -1))?.code, "EINVAL");
    assert.equal(thrown(() => pull.read(33))?.code, "EINVAL");
  });
});

test("subscriptions made before the handshake arrive in their order", async () => {
  await withSockets(async (keep) => {
    const publisher = keep(new zmq.XPublisher({ receiveTimeout: 5000 }));
    await publisher.bind("tcp://127.0.0.1:*");
    const subscriber = keep(new zmq.Subscriber());
    const topics = ["m", "a", "z", "b"];
    subscriber.subscribe(...topics);
    subscriber.connect(publisher.lastEndpoint!);
    for (const topic of topics) {
      assert.equal(String((await publisher.receive())[0]), `\x01${topic}`);
    }
  });
});

test("a Proxy has its sockets on the prototype", async () => {
  await withSockets((keep) => {
    const [front, back] = [keep(new zmq.Pull()), keep(new zmq.Push())];
    const proxy = new zmq.Proxy(front, back);
    assert.deepEqual(Object.keys(proxy), []);
    assert.equal(proxy.frontEnd, front);
    assert.ok(thrown(() => Object.assign(proxy, { frontEnd: back })));
    const pause = proxy.pause as (...given: unknown[]) => void;
    assert.match(
      thrown(() => pause.call(proxy, 1))!.message,
      /^Expected 0 arg/,
    );
  });
});

test("EBUSY says what zeromq.js says", async () => {
  await withSockets(async (keep) => {
    const pair = keep(new zmq.Pair());
    const [sent, received] = [pair.send("x"), pair.receive()];
    assert.equal(
      thrown(() => pair.send("y"))!.message,
      "Socket is busy writing; only one send operation may be in progress at any time",
    );
    assert.equal(
      thrown(() => pair.receive())!.message,
      "Socket is busy reading; only one receive operation may be in progress at any time",
    );
    pair.close();
    await Promise.allSettled([sent, received]);
  });
});
