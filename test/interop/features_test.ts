// What options do, against real libzmq: names, handover and probes of ROUTER, the
// modes of XPUB, groups, properties, openings.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Client,
  Dealer,
  Dish,
  Pull,
  Push,
  Radio,
  Request,
  Router,
  Server,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { bytes, texts } from "../support/bytes.ts";
import {
  builtWithLibzmq,
  frameOf,
  type Peer,
  type PeerMember,
  type PeerProgram,
  withPeer,
  withProgram,
  withZeromqJs,
} from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, until } from "../support/wait.ts";

const LIBZMQ = builtWithLibzmq(new URL("libzmq_peer.c", import.meta.url));
const ZEROMQ_JS = withZeromqJs(new URL("zeromqjs_peer.mjs", import.meta.url));

// libzmq's numbers of options.
const ROUTING_ID = 5;
const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;
const ROUTER_MANDATORY = 33;
const PROBE_ROUTER = 51;
const REQ_CORRELATE = 52;
const REQ_RELAXED = 53;
const ROUTER_HANDOVER = 56;
const CONNECT_ROUTING_ID = 61;
const XPUB_MANUAL = 71;
const XPUB_WELCOME = 72;
const XPUB_VERBOSER = 78;
const METADATA = 95;
const HELLO = 110;
const DISCONNECT = 111;
const HICCUP = 114;

type Keep = Parameters<Parameters<typeof withSockets>[0]>[0];

function feature(
  peer: Peer,
  name: string,
  run: (keep: Keep, program: PeerProgram) => Promise<void>,
): void {
  test(...withPeer(
    peer,
    name,
    () => withSockets((keep) => withProgram(peer, (p) => run(keep, p))),
  ));
}

const hexes = (message: Uint8Array[]) => message.map(frameOf);

feature(
  LIBZMQ,
  "names of any bytes name a DEALER to our Router, and our Dealer to a ROUTER",
  async (keep, program) => {
    for (const name of ["61006200", "0aff00", "ff".repeat(255)]) {
      const router = keep(new Router({ mandatory: true }));
      await router.bind("tcp://127.0.0.1:*");
      const theirs = await program.open("dealer", { [ROUTING_ID]: name });
      await theirs.connect(router.lastEndpoint!);
      await theirs.send("31");
      assert.deepEqual(hexes(await router.receive()), [name, "31"]);
      await router.send([bytes(name), "2"]);
      assert.deepEqual(await theirs.receive(), ["32"]);

      const theirRouter = await program.open("router", {
        [ROUTER_MANDATORY]: 1,
      });
      const ours = keep(new Dealer({ routingId: bytes(name) }));
      ours.connect(await theirRouter.bind());
      await ours.send("3");
      assert.deepEqual(await theirRouter.receive(), [name, "33"]);
      await theirRouter.send(name, "34");
      assert.deepEqual(texts(await ours.receive()), ["4"]);
    }
  },
);

feature(
  LIBZMQ,
  "a DEALER without a name gets one of five bytes from our Router, and ours from a ROUTER",
  async (keep, program) => {
    const router = keep(new Router());
    await router.bind("tcp://127.0.0.1:*");
    const dealer = await program.open("dealer");
    await dealer.connect(router.lastEndpoint!);
    await dealer.send("31");
    const [id] = await router.receive();
    assert.equal(id.length, 5);
    assert.equal(id[0], 0);
    await router.send([id, "2"]);
    assert.deepEqual(await dealer.receive(), ["32"]);

    const theirs = await program.open("router");
    const ours = keep(new Dealer());
    ours.connect(await theirs.bind());
    await ours.send("3");
    const [made] = await theirs.receive();
    assert.match(made, /^00[0-9a-f]{8}$/);
    await theirs.send(made, "34");
    assert.deepEqual(texts(await ours.receive()), ["4"]);
  },
);

feature(
  LIBZMQ,
  "a mandatory Router says EHOSTUNREACH until a DEALER is there, and so does a mandatory ROUTER of ours",
  async (keep, program) => {
    const router = keep(new Router({ mandatory: true }));
    await router.bind("tcp://127.0.0.1:*");
    // With nobody at all a send waits for the first to come.
    const other = await program.open("dealer", { [ROUTING_ID]: "6f" });
    await other.connect(router.lastEndpoint!);
    await other.send("31");
    await router.receive();
    await assert.rejects(router.send(["X", "1"]), { code: "EHOSTUNREACH" });
    const dealer = await program.open("dealer", { [ROUTING_ID]: "58" });
    await dealer.connect(router.lastEndpoint!);
    await until("it is there", () => router.stats().peers === 2);
    await router.send(["X", "2"]);
    assert.deepEqual(await dealer.receive(), ["32"]);

    const theirs = await program.open("router", { [ROUTER_MANDATORY]: 1 });
    const endpoint = await theirs.bind();
    // 113 is EHOSTUNREACH.
    assert.match(await theirs.ask("failed", "send", "59", "31"), /^113/);
    const ours = keep(new Dealer({ routingId: "Y" }));
    ours.connect(endpoint);
    await ours.send("hello");
    assert.deepEqual(await theirs.receive(), ["59", "68656c6c6f"]);
    await theirs.send("59", "32");
    assert.deepEqual(texts(await ours.receive()), ["2"]);
  },
);

feature(
  LIBZMQ,
  "with handover a DEALER of the same name takes over, without it the first keeps the name",
  async (keep, program) => {
    for (const handover of [true, false]) {
      const router = keep(new Router({ handover }));
      await router.bind("tcp://127.0.0.1:*");
      const first = await program.open("dealer", { [ROUTING_ID]: "58" });
      await first.connect(router.lastEndpoint!);
      await first.send("31");
      assert.deepEqual(texts(await router.receive()), ["X", "1"]);
      const second = await program.open("dealer", { [ROUTING_ID]: "58" });
      await second.connect(router.lastEndpoint!);
      if (handover) {
        await second.send("32");
        assert.deepEqual(texts(await router.receive()), ["X", "2"]);
      } else {
        await until("it is there", () => router.stats().peers === 2);
        await second.send("32");
      }
      await router.send(["X", "3"]);
      const [heard, silent] = handover ? [second, first] : [first, second];
      assert.deepEqual(await heard.receive(), ["33"]);
      assert.ok(await silent.idle(50));
      assert.equal(router.readable, false);
      await first.close();
      await second.close();
    }
  },
);

feature(
  LIBZMQ,
  "a Dealer that takes over a name at a ROUTER with handover is heard",
  async (keep, program) => {
    const router = await program.open("router", { [ROUTER_HANDOVER]: 1 });
    const endpoint = await router.bind();
    const first = keep(
      new Dealer({ routingId: "X", reconnectInterval: -1 }),
    );
    first.connect(endpoint);
    await first.send("1");
    assert.deepEqual(await router.receive(), ["58", "31"]);
    const second = keep(new Dealer({ routingId: "X" }));
    second.connect(endpoint);
    await second.send("2");
    assert.deepEqual(await router.receive(), ["58", "32"]);
    await router.send("58", "33");
    assert.deepEqual(texts(await second.receive()), ["3"]);
    assert.equal(first.readable, false);
  },
);

feature(
  LIBZMQ,
  "probes make us known to a ROUTER, and a DEALER, REQ or ROUTER to our Router",
  async (keep, program) => {
    for (const Class of [Dealer, Router, Request]) {
      const router = await program.open("router");
      const ours = keep(new Class({ probeRouter: true, routingId: "X" }));
      ours.connect(await router.bind());
      assert.deepEqual(await router.receive(), ["58", "-"]);
    }
    for (const type of ["dealer", "req", "router"]) {
      const router = keep(new Router());
      await router.bind("tcp://127.0.0.1:*");
      const theirs = await program.open(type, {
        [PROBE_ROUTER]: 1,
        [ROUTING_ID]: "58",
      });
      await theirs.connect(router.lastEndpoint!);
      assert.deepEqual(texts(await router.receive()), ["X", ""]);
    }
  },
);

feature(
  LIBZMQ,
  "a name that connect gives is used before the peer has spoken, by our Router and by theirs",
  async (keep, program) => {
    const dealer = await program.open("dealer", { [ROUTING_ID]: "6f776e" });
    const router = keep(new Router({ mandatory: true }));
    router.connect(await dealer.bind(), { routingId: bytes("00 6d") });
    await router.send([bytes("00 6d"), "hello"]);
    assert.deepEqual(await dealer.receive(), ["68656c6c6f"]);
    await dealer.send("31");
    assert.deepEqual(hexes(await router.receive()), ["006d", "31"]);

    const ours = keep(new Dealer({ routingId: "own" }));
    await ours.bind("tcp://127.0.0.1:*");
    const theirs = await program.open("router", {
      [ROUTER_MANDATORY]: 1,
      [CONNECT_ROUTING_ID]: "6d",
    });
    await theirs.connect(ours.lastEndpoint!);
    await theirs.send("6d", "31");
    assert.deepEqual(texts(await ours.receive()), ["1"]);
  },
);

feature(
  LIBZMQ,
  "with correlate and relaxed a REQ asks our Reply again, and our Request a REP",
  async (keep, program) => {
    const router = keep(new Router());
    await router.bind("tcp://127.0.0.1:*");
    const req = await program.open("req", {
      [REQ_CORRELATE]: 1,
      [REQ_RELAXED]: 1,
    });
    await req.connect(router.lastEndpoint!);
    await req.send("31");
    await req.send("32");
    const first = await router.receive();
    const second = await router.receive();
    assert.deepEqual(first.slice(2).map(frameOf), ["-", "31"]);
    assert.equal(first[1].length, 4);
    await router.send([...first.slice(0, 3), "late"]);
    await router.send([...second.slice(0, 3), "right"]);
    assert.deepEqual(await req.receive(), ["7269676874"]);

    const theirs = await program.open("router");
    const request = keep(new Request({ correlate: true, relaxed: true }));
    request.connect(await theirs.bind());
    await request.send("1");
    const [id, number, , body] = await theirs.receive();
    assert.equal(body, "31");
    await request.send("2");
    const again = await theirs.receive();
    await theirs.send(id, number, "-", "6c617465");
    await theirs.send(again[0], again[1], "-", "7269676874");
    assert.deepEqual(texts(await request.receive()), ["right"]);
  },
);

feature(
  LIBZMQ,
  "our XPublisher in manual mode decides what a SUB and an XSUB get",
  async (keep, program) => {
    for (const type of ["sub", "xsub"]) {
      const publisher = keep(new XPublisher({ manual: true }));
      await publisher.bind("tcp://127.0.0.1:*");
      const theirs = await program.open(type);
      await theirs.connect(publisher.lastEndpoint!);
      // A SUB filters what comes by its own wishes, so it wishes for both.
      const wish = (topic: string) =>
        type === "sub" ? theirs.subscribe(topic) : theirs.send(`01${topic}`);
      await wish("41");
      assert.deepEqual(hexes(await publisher.receive()), ["0141"]);
      publisher.subscribe("B");
      await wish("42");
      assert.deepEqual(hexes(await publisher.receive()), ["0142"]);
      await publisher.send("A");
      await publisher.send("B");
      assert.deepEqual(await theirs.receive(), ["42"]);
      await theirs.close();
      const left = [
        hexes(await publisher.receive()),
        hexes(await publisher.receive()),
      ];
      assert.deepEqual(left.sort(), [["0041"], ["0042"]]);
    }
  },
);

feature(
  LIBZMQ,
  "an XPUB in manual mode decides what our Subscriber gets",
  async (keep, program) => {
    const publisher = await program.open("xpub", { [XPUB_MANUAL]: 1 });
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("A");
    subscriber.connect(await publisher.bind());
    assert.deepEqual(await publisher.receive(), ["0141"]);
    await publisher.subscribe("42");
    subscriber.subscribe("B");
    assert.deepEqual(await publisher.receive(), ["0142"]);
    await publisher.send("41");
    await publisher.send("42");
    assert.deepEqual(texts(await subscriber.receive()), ["B"]);
    subscriber.close();
    const left = [await publisher.receive(), await publisher.receive()];
    assert.deepEqual(left.sort(), [["0041"], ["0042"]]);
  },
);

feature(
  LIBZMQ,
  "a welcome is the first message, from our XPublisher and from an XPUB",
  async (keep, program) => {
    const publisher = keep(new XPublisher({ welcomeMessage: "W" }));
    await publisher.bind("tcp://127.0.0.1:*");
    const sub = await program.open("sub", { [SUBSCRIBE]: "57" });
    await sub.connect(publisher.lastEndpoint!);
    assert.deepEqual(await sub.receive(), ["57"]);

    const theirs = await program.open("xpub", { [XPUB_WELCOME]: "57" });
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("W");
    subscriber.connect(await theirs.bind());
    assert.deepEqual(await theirs.receive(), ["0157"]);
    assert.deepEqual(texts(await subscriber.receive()), ["W"]);
  },
);

feature(
  LIBZMQ,
  "verbosity shows the subscriptions of two SUBs and XSUBs, each by our XPublisher",
  async (keep, program) => {
    const expected = {
      none: ["0141", "0041"],
      allSubs: ["0141", "0141", "0041"],
      allSubsUnsubs: ["0141", "0141", "0041", "0041"],
    };
    for (const [verbosity, heard] of Object.entries(expected)) {
      const publisher = keep(
        new XPublisher({
          verbosity: verbosity === "none"
            ? null
            : verbosity as "allSubs" | "allSubsUnsubs",
        }),
      );
      await publisher.bind("tcp://127.0.0.1:*");
      const sub = await program.open("sub");
      const xsub = await program.open("xsub");
      for (const theirs of [sub, xsub]) {
        await theirs.connect(publisher.lastEndpoint!);
      }
      await until("both are here", () => publisher.stats().peers === 2);
      await sub.subscribe("41");
      const seen = [hexes(await publisher.receive())[0]];
      await xsub.send("0141");
      if (verbosity !== "none") seen.push(hexes(await publisher.receive())[0]);
      await xsub.send("0041");
      if (verbosity === "allSubsUnsubs") {
        seen.push(hexes(await publisher.receive())[0]);
      }
      // What follows on another connection could overtake it otherwise.
      await until("it is done", () => publisher.topicsCount === 1);
      await sleep(50);
      await sub.ask("set", "bytes", `${UNSUBSCRIBE}`, "41");
      seen.push(hexes(await publisher.receive())[0]);
      assert.deepEqual(seen, heard, verbosity);
      assert.equal(publisher.readable, false);
    }
  },
);

feature(
  LIBZMQ,
  "a verbose XPUB hears each of our XSubscriber's subscriptions, and each last unsubscription",
  async (keep, program) => {
    // A second unsubscription is of what the first has ended there.
    for (
      const [verboseUnsubscribe, heard] of [
        [false, ["0141", "0141", "0041", "656e64"]],
        [true, ["0141", "0141", "0041", "0041", "656e64"]],
      ] as const
    ) {
      const publisher = await program.open("xpub", { [XPUB_VERBOSER]: 1 });
      const subscriber = keep(new XSubscriber({ verboseUnsubscribe }));
      subscriber.connect(await publisher.bind());
      await subscriber.send(bytes('01 "A"'));
      assert.deepEqual(await publisher.receive(), [heard[0]]);
      for (const word of ["01", "00", "00"]) {
        await subscriber.send(bytes(`${word} "A"`));
      }
      await subscriber.send("end");
      for (const frame of heard.slice(1)) {
        assert.deepEqual(await publisher.receive(), [frame]);
      }
    }
  },
);

feature(
  LIBZMQ,
  "user messages go upstream, from our XSubscriber to an XPUB and the other way round",
  async (keep, program) => {
    const publisher = await program.open("xpub");
    const subscriber = keep(new XSubscriber());
    subscriber.connect(await publisher.bind());
    await subscriber.send(bytes('01 "a"'));
    assert.deepEqual(await publisher.receive(), ["0161"]);
    await subscriber.send("up");
    assert.deepEqual(await publisher.receive(), ["7570"]);
    await subscriber.send(["two", "frames"]);
    assert.deepEqual(await publisher.receive(), ["74776f", "6672616d6573"]);
    await subscriber.send("");
    assert.deepEqual(await publisher.receive(), ["-"]);

    const ours = keep(new XPublisher());
    await ours.bind("tcp://127.0.0.1:*");
    const theirs = await program.open("xsub");
    await theirs.connect(ours.lastEndpoint!);
    await theirs.send("7570");
    assert.deepEqual(texts(await ours.receive()), ["up"]);
    await theirs.send("74776f", "6672616d6573");
    assert.deepEqual(texts(await ours.receive()), ["two", "frames"]);
    await theirs.send("-");
    assert.deepEqual(texts(await ours.receive()), [""]);
    await theirs.send("0161", "78");
    assert.deepEqual(hexes(await ours.receive()), ["0161"]);
    assert.deepEqual(texts(await ours.receive()), ["x"]);
  },
);

feature(
  LIBZMQ,
  "our properties are read by libzmq, its own by us",
  async (keep, program) => {
    const push = keep(
      new Push({ metadata: { "X-hello": "world", "X-empty": "!" } }),
    );
    const pull = await program.open("pull");
    push.connect(await pull.bind());
    await push.send("x");
    assert.deepEqual(
      await pull.about("X-hello", "X-empty", "Socket-Type", "X-none"),
      ["776f726c64", "21", "50555348", "!"],
    );
    const router = keep(new Router());
    await router.bind("tcp://127.0.0.1:*");
    const dealer = await program.open("dealer", { [ROUTING_ID]: "58" });
    await dealer.connect(router.lastEndpoint!);
    await dealer.send("78");
    const { peer } = await router.receiveWithMetadata();
    assert.equal(peer?.socketType, "DEALER");
    assert.deepEqual(texts([peer!.routingId]), ["X"]);
  },
);

feature(
  ZEROMQ_JS,
  "properties of libzmq's application are read by us",
  async (keep, program) => {
    const pull = keep(new Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const push = await program.open("push", {
      [METADATA]: frameOf(bytes('"X-hello:world"')),
    });
    await push.connect(pull.lastEndpoint!);
    await push.send("78");
    const { properties } = await pull.receiveWithMetadata();
    assert.equal(properties["X-hello"], "world");
    assert.equal(properties["Socket-Type"], "PUSH");
  },
);

feature(
  ZEROMQ_JS,
  "hello goes first both ways, whoever binds",
  async (keep, program) => {
    for (const side of ["bind", "connect"]) {
      for (
        const [ours, type] of [
          [keep(new Dealer({ helloMessage: "hi" })), "dealer"],
          [keep(new Client({ helloMessage: "hi" })), "server"],
          [keep(new Server({ helloMessage: "hi" })), "client"],
        ] as const
      ) {
        const theirs = await program.open(type, { [HELLO]: "686f" });
        if (side === "bind") {
          await ours.bind("tcp://127.0.0.1:*");
          await theirs.connect(ours.lastEndpoint!);
        } else {
          ours.connect(await theirs.bind());
        }
        const body = (await ours.receive()).at(-1) as Uint8Array;
        assert.deepEqual(texts([body]), ["ho"]);
        assert.equal((await theirs.receive()).at(-1), "6869");
      }
    }
  },
);

feature(
  ZEROMQ_JS,
  "what is said here of peers that leave is heard, by us and by libzmq",
  async (keep, program) => {
    const server = keep(new Server({ disconnectMessage: "gone" }));
    await server.bind("tcp://127.0.0.1:*");
    const client = await program.open("client", { [HICCUP]: "6f6f7073" });
    await client.connect(server.lastEndpoint!);
    await client.send("78");
    const [number] = await server.receive();
    server.disconnectPeer(number);
    assert.deepEqual(await client.receive(), ["6f6f7073"]);
    await until("it is back", () => server.stats().peers === 1);
    await client.close();
    assert.deepEqual(texts([(await server.receive())[1]]), ["gone"]);

    const theirs = await program.open("server", { [DISCONNECT]: "676f6e65" });
    const ours = keep(new Client({ hiccupMessage: "oops" }));
    ours.connect(await theirs.bind());
    await ours.send("x");
    await theirs.receive();
    ours.close();
    assert.equal((await theirs.receive())[1], "676f6e65");
  },
);

feature(
  ZEROMQ_JS,
  "groups are joined and left while connected, and joined again by who comes back",
  async (keep, program) => {
    const radio = keep(new Radio());
    await radio.bind("tcp://127.0.0.1:*");
    const dish = await program.open("dish");
    await dish.join("61");
    await dish.connect(radio.lastEndpoint!);
    await tune(radio, "a", dish);
    await dish.join("62");
    await tune(radio, "b", dish);
    await dish.leave("61");
    await tune(radio, "b", dish);
    const address = radio.lastEndpoint!;
    await radio.closeAsync({ linger: 0 });
    const again = keep(new Radio());
    await again.bind(address);
    await tune(again, "b", dish);
  },
);

feature(
  ZEROMQ_JS,
  "our Dish joins again at a RADIO that comes back",
  async (keep, program) => {
    const dish = keep(new Dish({ reconnectInterval: 10 }));
    dish.join("a", "b");
    dish.leave("b");
    const radio = await program.open("radio");
    const address = await radio.bind();
    dish.connect(address);
    await heardFrom(radio, dish);
    await radio.close();
    await until("it has gone", () => dish.stats().peers === 1);
    const again = await program.open("radio");
    await withinTries(() => again.bind(address));
    await heardFrom(again, dish);
  },
);

feature(
  LIBZMQ,
  "our Stream and a DEALER, our Dealer and a STREAM: ZMTP is bytes there",
  async (keep, program) => {
    const stream = keep(new Stream());
    await stream.bind("tcp://127.0.0.1:*");
    const dealer = await program.open("dealer");
    await dealer.connect(stream.lastEndpoint!);
    const [id, nothing] = await stream.receive();
    assert.equal(nothing.length, 0);
    let signature = "";
    while (signature.length < 20) {
      const [from, part] = await stream.receive();
      assert.deepEqual(from, id);
      signature += frameOf(part);
    }
    assert.match(signature, /^ff00000000000000017f/);

    const theirs = await program.open("stream");
    const ours = keep(new Dealer());
    ours.connect(await theirs.bind());
    const [name, empty] = await theirs.receive();
    assert.equal(empty, "-");
    let there = "";
    while (there.length < 20) {
      const [from, part] = await theirs.receive();
      assert.equal(from, name);
      there += part;
    }
    assert.match(there, /^ff00000000000000017f/);
  },
);

/** Sends to a group, and to another, until a DISH hears the first. */
async function tune(
  radio: Radio,
  group: string,
  dish: PeerMember,
): Promise<void> {
  const mark = `${group}${marks++}`;
  let heard = false;
  const hearing = (async () => {
    for (;;) {
      const [from, body] = await dish.receive();
      assert.equal(from, frameOf(bytes(`"${group}"`)));
      if (body === frameOf(bytes(`"${mark}"`))) break;
    }
    heard = true;
  })();
  while (!heard) {
    await radio.send(["none", mark]);
    await radio.send([group, mark]);
    await sleep(5);
  }
  await hearing;
  // What else was sent to find out is passed over.
  while (!await dish.idle(20)) await dish.receive();
}
let marks = 0;

async function heardFrom(radio: PeerMember, dish: Dish): Promise<void> {
  let heard = false;
  const hearing = dish.receive().finally(() => heard = true);
  while (!heard) {
    await radio.send("62", "78");
    await radio.send("61", "78");
    await sleep(5);
  }
  assert.deepEqual(texts(await hearing), ["a", "x"]);
  await sleep(20);
  while (dish.tryReceive() !== undefined);
}

/** A port that was closed a moment ago may be taken for a while. */
async function withinTries<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0;; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries > 200) throw error;
      await sleep(10);
    }
  }
}
