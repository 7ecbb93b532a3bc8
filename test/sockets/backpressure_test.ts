import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Dealer,
  Publisher,
  Pull,
  Push,
  Router,
  Subscriber,
  text,
} from "../../mod.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { RUNTIME, script } from "../support/runtime.ts";
import {
  endpoint,
  join,
  TRANSPORTS,
  tuned,
  withSockets,
} from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

test("a Push to a Pull that never reads stops, in flat memory, and then delivers all in order", async () => {
  const child = script("sockets/slow_reader_program.ts");
  try {
    const line = await within("it stops", child.line(), 60_000);
    const { sent, kernel, grown } = JSON.parse(line);
    // Both marks, a block at each end, the chunk that the runtime read last,
    // and what the kernel holds.
    const chunk = RUNTIME === "bun" ? 524288 : 65536;
    const most = 2000 + (kernel + 2 * 65536 + chunk) / 1033;
    assert.ok(sent >= 2000, `only ${sent} messages were taken`);
    assert.ok(sent <= most, `${sent} messages were taken, of at most ${most}`);
    assert.ok(grown <= 30, `${grown} MB grown`);
    const end = JSON.parse(
      await within("all is delivered", child.line(), 60_000),
    );
    assert.equal(end.inOrder, sent + 1000);
  } finally {
    await child.kill();
  }
});

for (const hwm of [10, 1000]) {
  test(`a Publisher with a mark of ${hwm} loses none of 100,000 awaited messages to a Subscriber that reads`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher({ sendHighWaterMark: hwm }));
      const subscriber = keep(new Subscriber({ receiveHighWaterMark: hwm }));
      subscriber.subscribe("");
      await join(publisher, subscriber, "tcp");
      await tuned(publisher, subscriber, "");
      const count = 100_000;
      const reading = (async () => {
        let next = 0;
        for await (const [frame] of subscriber) {
          assert.equal(Number(text(frame)), next);
          if (++next === count) return;
        }
      })();
      for (let i = 0; i < count; i++) {
        await publisher.send(`${i}`.padStart(10, "0"));
      }
      await within("all arrive", reading, 60_000);
      assert.equal(publisher.stats().drops, 0);
    }));
}

for (const transport of TRANSPORTS) {
  test(`a Router loses none of 50,000 awaited messages to two Dealers that read, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const names = ["one", "two"];
      const dealers = names.map((routingId) => keep(new Dealer({ routingId })));
      await router.bind(endpoint(transport));
      for (const dealer of dealers) {
        dealer.connect(router.lastEndpoint!);
        await dealer.send("here");
        await router.receive();
      }
      const reading = dealers.map(async (dealer, first) => {
        for (let i = first; i < 50_000; i += 2) {
          assert.equal(Number(text((await dealer.receive())[0])), i);
        }
      });
      for (let i = 0; i < 50_000; i++) {
        await router.send([names[i % 2], `${i}`]);
      }
      await within("all arrive", Promise.all(reading), 60_000);
      assert.equal(router.stats().drops, 0);
    }));
}

test("100,000 awaited publications reach a Subscriber in another process, at a mark of 10 as at 1,000", async () => {
  for (const hwm of [10, 1000]) {
    const publisher = new Publisher({ sendHighWaterMark: hwm });
    await publisher.bind("tcp://127.0.0.1:*");
    const child = script("sockets/subscriber_program.ts", [
      publisher.lastEndpoint!,
      `${hwm}`,
    ]);
    try {
      let heard = false;
      const hearing = child.line().then(() => heard = true);
      while (!heard) {
        await publisher.send("tuning");
        await sleep(2);
      }
      await hearing;
      for (let i = 0; i < 100_000; i++) {
        await publisher.send(`${i}`.padStart(10, "0"));
      }
      await publisher.send("end");
      assert.equal(
        await within("all arrive", child.line(), 60_000),
        "100000 in order",
      );
      assert.equal(publisher.stats().drops, 0);
    } finally {
      await child.kill();
      await publisher.closeAsync({ linger: 0 });
    }
  }
});

test("a slow subscriber loses messages, is counted, and the others lose none", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher({ sendHighWaterMark: 100 }));
    await publisher.bind("tcp://127.0.0.1:*");
    const fast = keep(new Subscriber());
    fast.subscribe("");
    fast.connect(publisher.lastEndpoint!);
    await tuned(publisher, fast, "");
    const slow = await RawPeer.connect(publisher.lastEndpoint!, "SUB");
    await slow.shakenHands();
    slow.write(Uint8Array.of(0, 1, 1));
    await until("both are there", () => {
      publisher.trySend("x");
      return slow.unread > 0;
    });
    slow.pause();
    await sleep(20);
    while (fast.tryReceive() !== undefined);
    let got = 0;
    const body = new Uint8Array(20_000);
    const count = 3000;
    const reading = (async () => {
      while (got < count) {
        const [frame] = await fast.receive();
        if (frame.length === 20_000) got++;
      }
    })();
    for (let i = 0; i < count; i++) await publisher.send(body);
    await within("the fast one has all", reading, 60_000);
    assert.ok(publisher.stats().drops > 0);
    assert.ok(publisher.stats().sendQueue <= 200);
    await slow.close();
  }));

for (const transport of TRANSPORTS) {
  test(`${transport}: both marks hold, whatever they are`, () =>
    withSockets(async (keep) => {
      for (const [send, receive] of [[1, 1], [2, 3], [100, 1], [1, 100]]) {
        const push = keep(new Push({ sendHighWaterMark: send }));
        const pull = keep(new Pull({ receiveHighWaterMark: receive }));
        await join(pull, push, transport);
        await until("it is writable", () => push.writable);
        const body = new Uint8Array(500_000);
        let sent = 0;
        while (sent < 1000) {
          try {
            await push.send(body, { timeout: 100 });
          } catch {
            break;
          }
          sent++;
          assert.ok(
            pull.stats().receiveQueue <=
              (transport === "inproc" ? send + receive : receive),
          );
          assert.ok(
            push.stats().sendQueue <=
              (transport === "inproc" ? send + receive : send),
          );
        }
        assert.ok(sent < 1000, "the sender never had to wait");
        if (transport === "inproc") assert.equal(sent, send + receive);
        for (let i = 0; i < sent; i++) await pull.receive();
        assert.equal(pull.tryReceive(), undefined);
      }
    }));

  test(`${transport}: limits in bytes mute like marks do, and a message alone may be larger`, () =>
    withSockets(async (keep) => {
      const push = keep(
        new Push({ sendHighWaterMark: 0, sendBytesLimit: 300_000 }),
      );
      const pull = keep(
        new Pull({ receiveHighWaterMark: 0, receiveBytesLimit: 300_000 }),
      );
      await join(pull, push, transport);
      await until("it is writable", () => push.writable);
      const fill = async (length: number) => {
        const body = new Uint8Array(length);
        for (let sent = 0;; sent++) {
          assert.ok(sent < 60_000, "the sender never had to wait");
          try {
            await push.send(body, { timeout: 100 });
          } catch {
            return sent;
          }
        }
      };
      // A whole queue at each end, a read or a message more, and what the system holds.
      for (const length of [1000, 100_000, 20_000_000]) {
        const sent = await fill(length);
        if (transport === "inproc") {
          // Small frames have headers there, too.
          const most = Math.ceil(600_000 / length);
          assert.ok(sent <= most && sent > 0.98 * most, `${sent} of ${most}`);
        }
        for (let i = 0; i < sent; i++) {
          const [body] = await within("one", pull.receive());
          assert.equal(body.length, length);
        }
        assert.equal(pull.tryReceive(), undefined);
      }
      push.sendBytesLimit = 0;
      pull.receiveBytesLimit = 0;
      for (let i = 0; i < 7000; i++) await push.send(new Uint8Array(1000));
      for (let i = 0; i < 7000; i++) await pull.receive();
    }));

  test(`${transport}: a mark of 0 is no mark`, () =>
    withSockets(async (keep) => {
      const push = keep(new Push({ sendHighWaterMark: 0 }));
      const pull = keep(new Pull({ receiveHighWaterMark: 0 }));
      await join(pull, push, transport);
      for (let i = 0; i < 20_000; i++) await push.send("x");
      for (let i = 0; i < 20_000; i++) await pull.receive();
    }));
}

test("inproc: the marks add up, and one of 0 takes all bounds away", () =>
  withSockets(async (keep) => {
    const accepted = async (send: number, receive: number) => {
      const push = keep(new Push({ sendHighWaterMark: send }));
      const pull = keep(new Pull({ receiveHighWaterMark: receive }));
      await join(pull, push, "inproc");
      let count = 0;
      while (count < 5000 && push.trySend("x")) count++;
      return count;
    };
    assert.equal(await accepted(1000, 1000), 2000);
    assert.equal(await accepted(1, 1), 2);
    assert.equal(await accepted(5, 7), 12);
    assert.equal(await accepted(0, 1), 5000);
    assert.equal(await accepted(1, 0), 5000);
  }));

test("inproc: before the bind only the sender's mark counts", () =>
  withSockets(async (keep) => {
    const address = endpoint("inproc");
    const push = keep(new Push({ sendHighWaterMark: 3 }));
    push.connect(address);
    let count = 0;
    while (push.trySend(`${count}`)) count++;
    assert.equal(count, 3);
    const pull = keep(new Pull({ receiveHighWaterMark: 2 }));
    await pull.bind(address);
    while (push.trySend(`${count}`)) count++;
    assert.equal(count, 5);
    for (let i = 0; i < 5; i++) {
      assert.equal(text((await pull.receive())[0]), `${i}`);
    }
  }));

test("inproc: a mark that is changed acts on the pipes there are, and drops nothing", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ sendHighWaterMark: 2 }));
    const pull = keep(new Pull({ receiveHighWaterMark: 2 }));
    await join(pull, push, "inproc");
    let count = 0;
    while (push.trySend(`${count}`)) count++;
    assert.equal(count, 4);
    push.sendHighWaterMark = 5;
    while (push.trySend(`${count}`)) count++;
    assert.equal(count, 7);
    pull.receiveHighWaterMark = 1;
    for (let i = 0; i < 7; i++) {
      assert.equal(text((await pull.receive())[0]), `${i}`);
    }
  }));

test("tcp: a send that waits goes on when its mark is raised", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ sendHighWaterMark: 1, linger: 0 }));
    push.connect("tcp://127.0.0.1:1");
    await push.send("1");
    const waiting = push.send("2");
    push.sendHighWaterMark = 2;
    await within("it is accepted", waiting);
    assert.equal(push.stats().sendQueue, 2);
  }));

test("credit comes back as messages are read", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ sendHighWaterMark: 100 }));
    const pull = keep(new Pull({ receiveHighWaterMark: 100 }));
    await join(pull, push, "tcp");
    let sent = 0;
    const sending = (async () => {
      for (; sent < 50_000; sent++) await push.send("x".repeat(1000));
    })();
    for (let i = 0; i < 50_000; i++) await pull.receive();
    await within("all is sent", sending);
  }));
