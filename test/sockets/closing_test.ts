import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, Subscriber, text } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { script } from "../support/runtime.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { message } from "../support/zmtp.ts";

for (const transport of TRANSPORTS) {
  test(`${transport}: what was accepted before close() arrives`, () =>
    withSockets(async (keep) => {
      const push = new Push();
      const pull = keep(new Pull());
      await join(pull, push, transport);
      for (let i = 0; i < 1500; i++) await push.send(`${i}`);
      push.close();
      for (let i = 0; i < 1500; i++) {
        assert.equal(text((await pull.receive())[0]), `${i}`);
      }
      await until("it has gone", () => pull.stats().peers === 0);
    }));
}

test("a message in an unbound inproc endpoint outlives its sender", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const push = new Push();
    push.connect(address);
    await push.send("left behind");
    await push.closeAsync();
    const pull = keep(new Pull());
    await pull.bind(address);
    assert.deepEqual(texts(await pull.receive()), ["left behind"]);
  }));

test("closing after 200 kB were sent, with unread input waiting, still delivers all", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const push = new Push();
    push.connect(pull.lastEndpoint!);
    const peer = await RawPeer.listen("PULL");
    push.connect(peer.address);
    await peer.shakenHands();
    // A PULL has nothing to say, but bytes are bytes, and nobody reads them.
    for (let i = 0; i < 200; i++) peer.write(message("x".repeat(10_000)));
    for (let i = 0; i < 40; i++) await push.send("y".repeat(10_000));
    push.close();
    const received = await peer.read(20 * 10_009);
    assert.equal(received.length, 200_180);
    for (let i = 0; i < 20; i++) {
      assert.equal((await pull.receive())[0].length, 10_000);
    }
    await peer.close();
  }));

test("closeAsync resolves when what was accepted has gone out", () =>
  withSockets(async (keep) => {
    const push = new Push();
    const pull = keep(new Pull());
    await join(pull, push, "tcp");
    const body = new Uint8Array(1_000_000);
    const received = (async () => {
      for (let i = 0; i < 50; i++) {
        assert.equal((await pull.receive())[0].length, 1_000_000);
      }
    })();
    for (let i = 0; i < 50; i++) await push.send(body);
    await within("it is flushed", push.closeAsync());
    assert.equal(push.stats().sendQueue, 0);
    await received;
  }));

test("closeAsync gives up when its linger is over, and a linger of 0 gives up at once", async () => {
  for (const linger of [0, 200]) {
    const push = new Push();
    push.connect("tcp://127.0.0.1:1");
    await push.send("never to be sent");
    const began = performance.now();
    await within("it ends", push.closeAsync({ linger }));
    const took = performance.now() - began;
    assert.ok(took >= linger - 5, `after ${took} ms`);
  }
});

test("the linger of closeAsync is the option's if that is finite", async () => {
  const push = new Push({ linger: 100 });
  push.connect("tcp://127.0.0.1:1");
  await push.send("never to be sent");
  const began = performance.now();
  await push.closeAsync();
  const took = performance.now() - began;
  assert.ok(took >= 95 && took < 4000, `${took} ms`);
  await assert.rejects(
    new Push().closeAsync({ linger: "1" as unknown as number }),
    TypeError,
  );
});

test("closeAsync of a socket that was closed before ends in its own time", async () => {
  for (const again of [{ linger: 0 }, { linger: 50 }]) {
    const push = new Push();
    push.connect("tcp://127.0.0.1:1");
    await push.send("never to be sent");
    push.close();
    await within("it ends", push.closeAsync(again));
  }
});

test("await using ends a script whose peer is dead after five seconds, and close() keeps it for ever", async () => {
  const [disposed, closed] = [
    script("sockets/dead_peer_program.ts", ["await using"]),
    script("sockets/dead_peer_program.ts", ["close"]),
  ];
  try {
    assert.equal(await within("it ends", disposed.exit, 12_000), 0);
    assert.match(disposed.output(), /disposed after (4\.[5-9]|5|6)/);
    assert.equal(closed.child.exitCode, null);
    assert.match(closed.output(), /closed/);
  } finally {
    await disposed.kill();
    await closed.kill();
  }
});

test("a message that waits for a peer is sent by a closed socket when the peer comes", () =>
  withSockets(async (keep) => {
    const scout = keep(new Pull());
    await scout.bind("tcp://127.0.0.1:*");
    const address = scout.lastEndpoint!;
    await scout.unbind(address);
    const push = new Push({ reconnectInterval: 10 });
    push.connect(address);
    await push.send("patience");
    push.close();
    await sleep(50);
    const pull = keep(new Pull());
    await pull.bind(address);
    assert.deepEqual(texts(await pull.receive()), ["patience"]);
  }));

test("messages that were received before their sender left can still be had", () =>
  withSockets(async (keep) => {
    const push = new Push();
    const pull = keep(new Pull({ receiveHighWaterMark: 5 }));
    await join(pull, push, "tcp");
    for (let i = 0; i < 300; i++) await push.send(`${i}`);
    await push.closeAsync();
    for (let i = 0; i < 300; i++) {
      assert.equal(text((await pull.receive())[0]), `${i}`);
    }
  }));

for (const transport of TRANSPORTS) {
  test(`${transport}: what waits to be received counts though its sender has left`, () =>
    withSockets(async (keep) => {
      const [push, pull] = [new Push(), keep(new Pull())];
      await join(pull, push, transport);
      await push.sendMany(["1", "2", "3", "4"]);
      await push.closeAsync();
      await until("it has left", () => pull.stats().peers === 0);
      await until("all is here", () => pull.stats().receiveQueue === 4);
      assert.equal(pull.stats().receiveQueueBytes > 0, true);
      await pull.receive();
      assert.equal(pull.stats().receiveQueue, 3);
      assert.equal(pull.stats().messagesIn, 4);
      await pull.receiveMany();
      assert.equal(pull.stats().receiveQueue, 0);
      assert.equal(pull.stats().receiveQueueBytes, 0);
    }));
}

test("a socket that is closed while it is being bound frees the port", async () => {
  // A name is looked up first; a literal is bound at once.
  const named = new Pull({ ipv6: true });
  const binding = named.bind("tcp://localhost:*");
  named.close();
  await assert.rejects(binding, { code: "EBADF" });
  await within("it is gone", named.closeAsync());
  const pull = new Pull();
  const bound = pull.bind("tcp://127.0.0.1:*");
  const address = pull.lastEndpoint!;
  pull.close();
  await bound;
  await within("it is gone", pull.closeAsync());
  const other = new Pull();
  await other.bind(address);
  await other.closeAsync();
});

test("a Subscriber that is closed doesn't linger", async () => {
  const subscriber = new Subscriber();
  subscriber.subscribe("x");
  subscriber.connect("tcp://127.0.0.1:1");
  const began = performance.now();
  await subscriber.closeAsync();
  assert.ok(performance.now() - began < 2000);
});
