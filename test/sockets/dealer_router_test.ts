import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Reply, Request, Router, type ZmqError } from "../../mod.ts";
import { hex, texts } from "../support/bytes.ts";
import { endpoint, join, TRANSPORTS, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

for (const transport of TRANSPORTS) {
  test(`a Router gives each message the name of its Dealer, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const named = keep(new Dealer({ routingId: "X" }));
      const nameless = keep(new Dealer());
      await join(router, named, transport);
      await join(router, nameless, transport);
      await named.send(["a", "b"]);
      assert.deepEqual(texts(await router.receive()), ["X", "a", "b"]);
      await nameless.send("c");
      const [id, body] = await router.receive();
      assert.equal(id.length, 5);
      assert.equal(id[0], 0);
      assert.deepEqual(texts([body]), ["c"]);
      await router.send([id, "to you"]);
      await router.send(["X", "to X", "too"]);
      assert.deepEqual(texts(await nameless.receive()), ["to you"]);
      assert.deepEqual(texts(await named.receive()), ["to X", "too"]);
    }));

  test(`five Dealers are served in turn, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const dealers = [1, 2, 3, 4, 5].map((n) =>
        keep(new Dealer({ routingId: `d${n}` }))
      );
      for (const dealer of dealers) {
        await join(router, dealer, transport);
        await dealer.sendMany(["1", "2", "3"]);
      }
      await until("all is here", () => router.stats().receiveQueue === 15);
      const rounds: string[][] = [];
      for (let round = 0; round < 3; round++) {
        const ids: string[] = [];
        for (let i = 0; i < 5; i++) {
          ids.push(texts(await router.receive())[0]);
        }
        rounds.push(ids.sort());
      }
      for (const ids of rounds) {
        assert.deepEqual(ids, ["d1", "d2", "d3", "d4", "d5"]);
      }
    }));

  test(`a Router drops what is for nobody, or says EHOSTUNREACH if mandatory, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const dealer = keep(new Dealer({ routingId: "X" }));
      await router.send(["X", "lost"]);
      assert.equal(router.stats().drops, 1);
      router.mandatory = true;
      assert.equal(router.mandatory, true);
      await assert.rejects(router.send(["X", "hello"], { timeout: 0 }), {
        code: "EHOSTUNREACH",
      });
      await assert.rejects(router.send(["X", "hello"], { timeout: 20 }), {
        code: "EHOSTUNREACH",
      });
      assert.throws(() => router.trySend(["X", "hello"]), {
        code: "EHOSTUNREACH",
      });
      await join(router, dealer, transport);
      await router.send(["X", "heard"]);
      assert.deepEqual(texts(await dealer.receive()), ["heard"]);
      await assert.rejects(router.send(["Y", "hello"]), {
        code: "EHOSTUNREACH",
      });
      assert.throws(() => router.trySend(["Y", "hello"]), {
        code: "EHOSTUNREACH",
      });
    }));

  test(`a mandatory Router that waits for a full peer goes on serving others, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(
        new Router({ mandatory: true, sendHighWaterMark: 2 }),
      );
      const slow = keep(
        new Dealer({ routingId: "slow", receiveHighWaterMark: 2 }),
      );
      const quick = keep(new Dealer({ routingId: "quick" }));
      await join(router, slow, transport);
      await join(router, quick, transport);
      const large = new Uint8Array(1_000_000);
      let accepted = 0;
      while (router.trySend(["slow", large])) {
        accepted++;
        await sleep(5);
      }
      assert.equal(router.peerState("slow").writable, false);
      await assert.rejects(router.send(["slow", large], { timeout: 0 }), {
        code: "EAGAIN",
      });
      const waiting = router.send(["slow", "at last"]);
      for (let i = 0; i < 10; i++) {
        await within("a send to another", router.send(["quick", `${i}`]));
      }
      for (let i = 0; i < 10; i++) {
        assert.deepEqual(texts(await quick.receive()), [`${i}`]);
      }
      for (let i = 0; i < accepted; i++) {
        assert.equal((await slow.receive())[0].length, large.length);
      }
      await waiting;
      assert.deepEqual(texts(await slow.receive()), ["at last"]);
      await until("there is room", () => router.peerState("slow").writable);
    }));

  test(`with handover a newcomer takes the name, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router({ handover: true }));
      const [first, second] = [1, 2].map(() =>
        keep(new Dealer({ routingId: "X" }))
      );
      const address = await join(router, first, transport);
      await first.send("one");
      assert.deepEqual(texts(await router.receive()), ["X", "one"]);
      second.connect(address);
      await second.send("two");
      assert.deepEqual(texts(await router.receive()), ["X", "two"]);
      first.close();
      await router.send(["X", "hello"]);
      assert.deepEqual(texts(await second.receive()), ["hello"]);
    }));

  test(`with handover what the first had said is heard before the newcomer, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router({ handover: true }));
      const named = () => keep(new Dealer({ routingId: "X" }));
      const first = named();
      const address = await join(router, first, transport);
      const said = async (dealer: Dealer, ...all: string[]) => {
        const there = router.stats().receiveQueue + all.length;
        await dealer.sendMany(all);
        const came = () => router.stats().receiveQueue === there;
        await until("it has come", came);
      };
      await said(first, "a1", "a2", "a3");
      const other = keep(new Dealer({ routingId: "Y" }));
      other.connect(address);
      await said(other, "y1", "y2");
      const second = named();
      second.connect(address);
      await said(second, "b1", "b2");
      const third = named();
      third.connect(address);
      await said(third, "c1", "c2");
      for (const dealer of [first, second, third]) dealer.close();
      const heard: string[] = [];
      const others: string[] = [];
      for (let i = 0; i < 9; i++) {
        const [name, body] = texts(await within("more", router.receive()));
        (name === "X" ? heard : others).push(body);
      }
      assert.deepEqual(heard, ["a1", "a2", "a3", "b1", "b2", "c1", "c2"]);
      assert.deepEqual(others, ["y1", "y2"]);
      assert.equal(router.stats().receiveQueue, 0);
      const last = named();
      last.connect(address);
      await last.send("on");
      const on = await within("it is heard", router.receive());
      assert.deepEqual(texts(on), ["X", "on"]);
    }));

  test(`what a peer said before it came again is heard before what it says then, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const named = () => keep(new Dealer({ routingId: "X" }));
      const before = named();
      const address = await join(router, before, transport);
      await before.sendMany(["1", "2", "3"]);
      const unread = () => router.stats().receiveQueue;
      await until("it has come", () => unread() === 3);
      before.close();
      await until("it has gone", () => router.stats().peers === 0);
      const again = named();
      again.connect(address);
      await again.sendMany(["4", "5"]);
      await until("that has come", () => unread() === 5);
      again.close();
      await until("it has gone", () => router.stats().peers === 0);
      assert.equal(unread(), 5);
      const heard: string[] = [];
      while (unread() > 0) heard.push(texts(await router.receive())[1]);
      assert.deepEqual(heard, ["1", "2", "3", "4", "5"]);
    }));

  test(`with handover two of one name go on side by side, one of them unheard until the other has gone, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router({ handover: true }));
      const options = { routingId: "X", reconnectInterval: 5 };
      const [first, second] = [1, 2].map(() => keep(new Dealer(options)));
      const address = await join(router, first, transport);
      const ends: string[] = [];
      for (const one of [router, first, second]) {
        one.events.on("disconnect", ({ address }) => ends.push(address));
      }
      await first.send("one");
      assert.deepEqual(texts(await router.receive()), ["X", "one"]);
      await first.send("unread");
      await until("it has come", () => router.readable);
      second.connect(address);
      await second.send("two");
      await until("both are here", () => router.stats().peers === 2);
      const heard = async () => {
        const [id, word] = texts(await router.receive());
        assert.equal(id, "X");
        return word;
      };
      assert.equal(await heard(), "unread");
      assert.equal(await heard(), "two");
      for (let i = 0; i < 20; i++) {
        await first.send("unheard");
        await second.send(`${i}`);
        assert.equal(await heard(), `${i}`);
        await router.send(["X", "hello"]);
        assert.deepEqual(texts(await second.receive()), ["hello"]);
      }
      assert.deepEqual(ends, []);
      assert.equal(first.readable, false);
      assert.equal(router.readable, false);
      await second.closeAsync();
      for (let i = 0; i < 20; i++) assert.equal(await heard(), "unheard");
      await router.send(["X", "and you"]);
      assert.deepEqual(texts(await first.receive()), ["and you"]);
    }));

  test(`what a peer had said is heard whole when another takes its name over and leaves, over ${transport}`, () =>
    withSockets(async (keep) => {
      for (const notify of [0, 1]) {
        for (const gone of [true, false]) {
          const router = keep(new Router({ handover: true, notify }));
          const first = keep(new Dealer({ routingId: "X" }));
          const second = keep(new Dealer({ routingId: "X" }));
          const address = await join(router, first, transport);
          const notice = async () => {
            if (notify === 0) return;
            assert.deepEqual(texts(await router.receive()), ["X", ""]);
          };
          await notice();
          for (let i = 0; i < 5; i++) await first.send(`${i}`);
          const heard = async (word: string) =>
            assert.deepEqual(texts(await router.receive()), ["X", word]);
          await heard("0");
          const waits = () => router.stats().receiveQueue;
          await until("the rest has come", () => waits() === 4);
          second.connect(address);
          await until("both are here", () => router.stats().peers === 2);
          if (gone) await first.closeAsync();
          else await second.closeAsync();
          await until("one has gone", () => router.stats().peers === 1);
          const left = [];
          const count = 4 + 2 * notify - (notify === 1 && gone ? 1 : 0);
          for (let i = 0; i < count; i++) {
            const [id, word] = texts(await router.receive());
            assert.equal(id, "X");
            if (word !== "") left.push(word);
          }
          assert.deepEqual(left, ["1", "2", "3", "4"]);
          await (gone ? second : first).send("later");
          await heard("later");
          for (const one of [router, first, second]) one.close();
        }
      }
    }));

  test(`without handover a newcomer of the same name is not heard until the first has gone, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const [first, second] = [1, 2].map(() =>
        keep(new Dealer({ routingId: "X" }))
      );
      const address = await join(router, first, transport);
      second.connect(address);
      await until("both are here", () => router.stats().peers === 2);
      await second.send("from the second");
      await first.send("from the first");
      assert.deepEqual(texts(await router.receive()), ["X", "from the first"]);
      await router.send(["X", "hello"]);
      assert.deepEqual(texts(await first.receive()), ["hello"]);
      assert.equal(router.readable, false);
      await first.closeAsync();
      assert.deepEqual(texts(await router.receive()), ["X", "from the second"]);
      await router.send(["X", "and you"]);
      assert.deepEqual(texts(await second.receive()), ["and you"]);
    }));

  test(`probeRouter makes a peer known before it says anything, over ${transport}`, () =>
    withSockets(async (keep) => {
      for (const make of [Dealer, Router, Request]) {
        const router = keep(new Router());
        const prober = keep(new make({ routingId: "X", probeRouter: true }));
        await join(router, prober, transport);
        assert.deepEqual(texts(await router.receive()), ["X", ""]);
      }
    }));

  test(`a probe goes before a hello, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const dealer = keep(
        new Dealer({ probeRouter: true, helloMessage: "hi" }),
      );
      await join(router, dealer, transport);
      await dealer.send("body");
      for (const expected of ["", "hi", "body"]) {
        assert.equal(texts(await router.receive())[1], expected);
      }
    }));

  test(`connect gives a peer a name that can be sent to at once, over ${transport}`, () =>
    withSockets(async (keep) => {
      const dealer = keep(new Dealer({ routingId: "its own" }));
      const router = keep(new Router({ mandatory: true }));
      await dealer.bind(endpoint(transport));
      router.connect(dealer.lastEndpoint!, { routingId: "mine" });
      await router.send(["mine", "hello"]);
      assert.deepEqual(texts(await dealer.receive()), ["hello"]);
      await dealer.send("back");
      assert.deepEqual(texts(await router.receive()), ["mine", "back"]);
      assert.throws(
        () => router.connect(dealer.lastEndpoint!, { routingId: "mine" }),
        { code: "EADDRINUSE" },
      );
      router.connect("tcp://127.0.0.1:1");
      await assert.rejects(router.send(["its own", "hello"]), {
        code: "EHOSTUNREACH",
      });
    }));

  test(`a Router tells of peers that come and go, over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router({ notify: 3, disconnectMessage: "BYE" }));
      const dealer = keep(new Dealer({ routingId: "X" }));
      await join(router, dealer, transport);
      assert.deepEqual(texts(await router.receive()), ["X", ""]);
      await dealer.send("hello");
      await dealer.closeAsync();
      assert.deepEqual(texts(await router.receive()), ["X", "hello"]);
      assert.deepEqual(texts(await router.receive()), ["X", ""]);
      assert.deepEqual(texts(await router.receive()), ["X", "BYE"]);
      assert.throws(() => {
        router.notify = 4;
      }, { code: "EINVAL" });
    }));

  test(`Routers talk to Routers, over ${transport}`, () =>
    withSockets(async (keep) => {
      const a = keep(new Router({ routingId: "a" }));
      const b = keep(new Router({ routingId: "b", probeRouter: true }));
      await join(a, b, transport);
      assert.deepEqual(texts(await a.receive()), ["b", ""]);
      await a.send(["b", "to b"]);
      assert.deepEqual(texts(await b.receive()), ["a", "to b"]);
    }));

  test(`a bridge of Router and Dealer carries Request and Reply, over ${transport}`, () =>
    withSockets(async (keep) => {
      const [front, back] = [keep(new Router()), keep(new Dealer())];
      const [request, reply] = [keep(new Request()), keep(new Reply())];
      await join(front, request, transport);
      await join(back, reply, transport);
      const bridge = (async () => {
        for (let i = 0; i < 3; i++) {
          await back.send(await front.receive());
          await front.send(await back.receive());
        }
      })();
      const answering = (async () => {
        for (let i = 0; i < 3; i++) {
          const message = await reply.receive();
          await reply.send([...message, "answered"]);
        }
      })();
      for (let i = 0; i < 3; i++) {
        const answer = await within("a round", request.request([`${i}`, ""]));
        assert.deepEqual(texts(answer), [`${i}`, "", "answered"]);
      }
      await Promise.all([bridge, answering]);
    }));

  test(`a Dealer waits without a peer and spreads its messages over several, over ${transport}`, () =>
    withSockets(async (keep) => {
      const dealer = keep(new Dealer());
      await assert.rejects(dealer.send("x", { timeout: 0 }), {
        code: "EAGAIN",
      });
      const replies = [keep(new Router()), keep(new Router())];
      for (const router of replies) await join(router, dealer, transport);
      await dealer.sendMany(["1", "2", "3", "4"]);
      for (const router of replies) {
        await until("half is here", () => router.stats().receiveQueue === 2);
      }
    }));
}

test("inproc: a mandatory Router that waits for a full peer is told that it has gone, be it the last or not", () =>
  withSockets(async (keep) => {
    for (const alone of [true, false]) {
      const router = keep(
        new Router({ mandatory: true, sendHighWaterMark: 2 }),
      );
      const nobody = { code: "EHOSTUNREACH" };
      await assert.rejects(router.send(["X", "to nobody"]), nobody);
      assert.throws(() => router.trySend(["X", "to nobody"]), nobody);
      const slow = keep(
        new Dealer({ routingId: "X", receiveHighWaterMark: 2 }),
      );
      await join(router, slow, "inproc");
      if (!alone) await join(router, keep(new Dealer()), "inproc");
      while (router.trySend(["X", "fill"]));
      const told = assert.rejects(router.send(["X", "lost"]), nobody);
      slow.close();
      await within("it is told", told);
    }
  }));

test("a peer that a Router connects to and whose name is another's stays unheard, and is heard once it comes back with a name of its own", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ notify: 2, reconnectInterval: 10 }));
    await join(keep(new Dealer({ routingId: "X" })), router, "tcp");
    const second = keep(new Dealer({ routingId: "X" }));
    const address = await join(second, router, "tcp");
    await second.send("under a false name");
    await until("it is here", () => router.stats().messagesIn === 1);
    await second.closeAsync();
    await until("it has gone", () => router.stats().perPeer.length === 2);
    const third = keep(new Dealer({ routingId: "Y" }));
    await third.bind(address);
    await third.send("hello");
    const heard = [
      texts(await within("it is heard", router.receive())),
      texts(await within("it is heard", router.receive())),
    ];
    assert.deepEqual(heard, [["Y", "under a false name"], ["Y", "hello"]]);
  }));

for (const waits of [false, true]) {
  const how = waits ? "waits" : "looks later";
  test(`a Router that ${how} hears that a peer has come before what that sent ahead of the bind`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router({ notify: 1 }));
      const dealer = keep(new Dealer({ routingId: "X", helloMessage: "hi" }));
      dealer.connect("inproc://late notice");
      await dealer.send("early");
      const first = waits ? router.receive() : null;
      await router.bind("inproc://late notice");
      const heard = [texts(await (first ?? router.receive()))];
      while (router.readable) heard.push(texts(await router.receive()));
      assert.deepEqual(heard, [["X", ""], ["X", "hi"], ["X", "early"]]);
    }));
}

test("a Router tells of a peer that waited for its name once that is free", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ notify: 3 }));
    const [first, second] = ["1", "2"].map(() =>
      keep(new Dealer({ routingId: "X" }))
    );
    await join(router, first, "tcp");
    assert.deepEqual(texts(await router.receive()), ["X", ""]);
    second.connect(router.lastEndpoint!);
    await second.send("late");
    await until("it is here", () => router.stats().messagesIn === 2);
    first.close();
    const heard = [];
    for (let i = 0; i < 3; i++) {
      heard.push(texts(await within("it is heard", router.receive()))[1]);
    }
    // What the first left is read in turn with what the second sent.
    assert.deepEqual(heard.sort(), ["", "", "late"]);
  }));

/** Binds a Router here, and has it give a name to a Dealer there, where nobody listens yet. */
async function connectedEarly(router: Router) {
  await router.bind("tcp://127.0.0.1:*");
  const here = router.lastEndpoint!;
  const late = new Dealer({ routingId: "own" });
  await late.bind("tcp://127.0.0.1:*");
  const there = late.lastEndpoint!;
  await late.unbind(there);
  router.connect(there, { routingId: "X" });
  return { late, here, there };
}

test("what a peer had said stays under the name that was taken over, though it was given another", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ immediate: true, reconnectInterval: 10 }));
    const { late, here, there } = await connectedEarly(router);
    keep(late);
    const holder = keep(new Dealer({ routingId: "X" }));
    holder.connect(here);
    const heard = async () =>
      texts(await within("it is heard", router.receive()));
    await holder.send("first");
    assert.deepEqual(await heard(), ["X", "first"]);
    await late.bind(there);
    await late.send("read");
    assert.deepEqual(await heard(), ["own", "read"]);
    await late.send("unread");
    await until("it has come", () => router.readable);
    router.handover = true;
    const newcomer = keep(new Dealer({ routingId: "own" }));
    newcomer.connect(here);
    await newcomer.send("new");
    await until("both wait", () => router.stats().receiveQueue === 2);
    assert.deepEqual(await heard(), ["own", "unread"]);
    assert.deepEqual(await heard(), ["own", "new"]);
  }));

test("a peer whose given name was taken before it came goes by its own, and stays so", () =>
  withSockets(async (keep) => {
    const router = keep(
      new Router({ notify: 3, immediate: true, reconnectInterval: 10 }),
    );
    const { late, here, there } = await connectedEarly(router);
    keep(late);
    const first = new Dealer({ routingId: "X" });
    first.connect(here);
    const heard = async () =>
      texts(await within("it is heard", router.receive()));
    assert.deepEqual(await heard(), ["X", ""]);
    await late.bind(there);
    assert.deepEqual(await heard(), ["own", ""]);
    first.close();
    assert.deepEqual(await heard(), ["X", ""]);
    await late.send("still");
    assert.deepEqual(await heard(), ["own", "still"]);
    await router.send(["own", "for it"]);
    const answer = await within("it has it", late.receive());
    assert.deepEqual(texts(answer), ["for it"]);
  }));

test("a name may hold any bytes", () =>
  withSockets(async (keep) => {
    const router = keep(new Router());
    const id = Uint8Array.of(1, 0, 255, 0, 7);
    const dealer = keep(new Dealer({ routingId: id }));
    await join(router, dealer, "tcp");
    await dealer.send("x");
    const [got] = await router.receive();
    assert.equal(hex(got), "0100ff0007");
    await router.send([id, "y"]);
    assert.deepEqual(texts(await dealer.receive()), ["y"]);
    assert.equal(hex(dealer.getOption(5) as Uint8Array), "0100ff0007");
  }));

test("a message that is only a name reaches nobody and is no error", () =>
  withSockets(async (keep) => {
    const router = keep(new Router());
    const request = keep(new Request());
    await join(router, request, "tcp");
    const asked = request.request("hello");
    const [id] = await router.receive();
    await router.send([id]);
    await router.send([id, "", "answer"]);
    assert.deepEqual(texts(await asked), ["answer"]);
  }));

test("what is known of a peer can be asked", () =>
  withSockets(async (keep) => {
    const router = keep(new Router());
    const dealer = keep(new Dealer({ routingId: "X" }));
    assert.throws(() => router.peerState("X"), { code: "EHOSTUNREACH" });
    await join(router, dealer, "tcp");
    assert.deepEqual(router.peerState("X"), { writable: true });
    assert.deepEqual(router.peerState(Uint8Array.of(88)), { writable: true });
  }));

test("a hundred short-lived Dealers are each answered by name", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ mandatory: true }));
    await router.bind("tcp://127.0.0.1:*");
    for (let i = 0; i < 100; i++) {
      const routingId = `dealer-${i}`.padEnd(10, "x");
      const dealer = new Dealer({ routingId });
      dealer.connect(router.lastEndpoint!);
      await router.send([routingId, "hi"]).catch(async (error: ZmqError) => {
        assert.equal(error.code, "EHOSTUNREACH");
        await until("it is here", () => {
          try {
            return router.trySend([routingId, "hi"]);
          } catch {
            return false;
          }
        });
      });
      assert.deepEqual(texts(await dealer.receive()), ["hi"]);
      await dealer.closeAsync();
    }
  }));

test("a second connect to the same address does nothing for a Dealer", () =>
  withSockets(async (keep) => {
    const router = keep(new Router());
    const dealer = keep(new Dealer());
    const address = await join(router, dealer, "tcp");
    dealer.connect(address);
    await sleep(50);
    assert.equal(router.stats().peers, 1);
  }));

test("a conflating Dealer keeps only the newest message", () =>
  withSockets(async (keep) => {
    const router = keep(new Router());
    const dealer = keep(new Dealer({ conflate: true, routingId: "X" }));
    await join(router, dealer, "tcp");
    for (let i = 1; i <= 20; i++) await router.send(["X", `${i}`]);
    await sleep(100);
    assert.deepEqual(texts(await dealer.receive()), ["20"]);
    assert.equal(dealer.readable, false);
  }));

test("what is told of a peer's end comes after what it had said, and before its successor", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ disconnectMessage: "bye" }));
    const first = new Dealer({ routingId: "X" });
    const address = await join(router, first, "tcp");
    const other = keep(new Dealer({ routingId: "Z" }));
    other.connect(address);
    const queued = (count: number) => () =>
      router.stats().receiveQueue === count;
    await first.sendMany(["a1", "a2", "a3"]);
    await until("they are here", queued(3));
    first.close();
    await until("it has gone", queued(4));
    const silent = new Dealer({ routingId: "X" });
    silent.connect(address);
    await until("one more has come", () => router.stats().peers === 2);
    silent.close();
    await until("that has gone", queued(5));
    const last = keep(new Dealer({ routingId: "X" }));
    last.connect(address);
    await last.send("b1");
    await other.send("z1");
    await until("all is here", queued(7));
    const heard: string[] = [];
    for (let i = 0; i < 7; i++) {
      const [name, body] = texts(await router.receive());
      if (name === "X") heard.push(body);
    }
    assert.deepEqual(heard, ["a1", "a2", "a3", "bye", "bye", "b1"]);
  }));
