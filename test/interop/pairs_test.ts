// Every pair of socket types that may meet, against real libzmq: ours binds or
// connects, theirs the other. And every pair that may not is refused by ours.
//
// The C library of distributions has no drafts, so those are met in zeromq.js,
// which brings a libzmq with them. Its PEER can't be told whom to send to, so
// what it sends is its hello.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  Dish,
  Readable,
  Router,
  Socket,
  Subscriber,
  Writable,
} from "../../mod.ts";
import { SOCKET_TYPES, type SocketType } from "../../src/base/socket_type.ts";
import { bytes, concat } from "../support/bytes.ts";
import {
  builtWithLibzmq,
  frameOf,
  pattern,
  type Peer as OtherPeer,
  type PeerMember,
  type PeerProgram,
  withPeer,
  withProgram,
  withZeromqJs,
} from "../support/peer.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { CLASSES, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { greeting, message, ready } from "../support/zmtp.ts";

const LIBZMQ = builtWithLibzmq(new URL("libzmq_peer.c", import.meta.url));
const ZEROMQ_JS = withZeromqJs(new URL("zeromqjs_peer.mjs", import.meta.url));

// libzmq's numbers of options.
const ROUTING_ID = 5;
const SEND_TIMEOUT = 28;
const HELLO = 110;

type Side = "bind" | "connect";
const SIDES: readonly Side[] = ["bind", "connect"];

// deno-lint-ignore no-explicit-any -- messages of any type
type Both = Socket & Readable<any> & Writable<any>;
type Exchange = (ours: Both, theirs: PeerMember) => Promise<void>;

/** Names with what some languages take for their end. */
const OUR_NAME = "6e00ff";
const THEIR_NAME = "f00d00";

const BODY = [pattern(300), pattern(0), pattern(70_000)];
const WORDS = BODY.map(frameOf);

const received = async (ours: Both): Promise<string[]> =>
  (await ours.receive()).map(frameOf);

const weSend: Exchange = async (ours, theirs) => {
  await ours.send(BODY);
  assert.deepEqual(await theirs.receive(), WORDS);
};

const theySend: Exchange = async (ours, theirs) => {
  await theirs.send(...WORDS);
  assert.deepEqual(await received(ours), WORDS);
};

const bothSend: Exchange = async (ours, theirs) => {
  await weSend(ours, theirs);
  await theySend(ours, theirs);
};

/** We ask, they answer. Envelopes of a ROUTER are `front` there. */
const weAsk: Exchange = async (ours, theirs) => {
  await ours.send(BODY);
  assert.deepEqual(await theirs.receive(), WORDS);
  await theirs.send(...WORDS, "61");
  assert.deepEqual(await received(ours), [...WORDS, "61"]);
};

const theyAsk: Exchange = async (ours, theirs) => {
  await theirs.send(...WORDS);
  assert.deepEqual(await received(ours), WORDS);
  await ours.send([...BODY, "a"]);
  assert.deepEqual(await theirs.receive(), [...WORDS, "61"]);
};

/** We ask a ROUTER, behind an empty frame that is ours or is made by REQ. */
const weAskRouter =
  (own: readonly Uint8Array[], there: readonly string[]): Exchange =>
  async (ours, theirs) => {
    await ours.send([...own, ...BODY]);
    const [name, ...rest] = await theirs.receive();
    assert.equal(name, OUR_NAME);
    assert.deepEqual(rest, [...there, ...WORDS]);
    await theirs.send(name, ...there, ...WORDS);
    assert.deepEqual(await received(ours), [...own.map(frameOf), ...WORDS]);
  };

/** Our Router is asked. */
const theyAskRouter =
  (own: readonly string[], there: readonly string[]): Exchange =>
  async (ours, theirs) => {
    await theirs.send(...there, ...WORDS);
    const [name, ...rest] = await ours.receive() as Uint8Array[];
    assert.equal(frameOf(name), THEIR_NAME);
    assert.deepEqual(rest.map(frameOf), [...own, ...WORDS]);
    await ours.send([name, ...rest]);
    assert.deepEqual(await theirs.receive(), [...there, ...WORDS]);
  };

/** Two ROUTERs with names of their own; who speaks first must know the other. */
const routers: Exchange = async (ours, theirs) => {
  (ours as unknown as Router).mandatory = true;
  const name = bytes(THEIR_NAME);
  await until("our Router knows theirs", () => {
    try {
      return (ours as unknown as Router).peerState(name).writable;
    } catch {
      return false;
    }
  });
  await ours.send([name, ...BODY]);
  assert.deepEqual(await theirs.receive(), [OUR_NAME, ...WORDS]);
  await theirs.send(OUR_NAME, ...WORDS);
  assert.deepEqual(await received(ours), [THEIR_NAME, ...WORDS]);
};

/** Ours publishes to a SUB or XSUB. */
const wePublish = (theirType: string): Exchange => async (ours, theirs) => {
  if (theirType === "sub") await theirs.subscribe("61");
  else await theirs.send("0161");
  const topics = ours as unknown as { topicsCount: number };
  // libzmq's thread tells new peers of subscriptions when it is asked something.
  while (topics.topicsCount === 0) await theirs.idle(5);
  await ours.send(["b", ...BODY]);
  await ours.send(["ab", ...BODY]);
  assert.deepEqual(await theirs.receive(), ["6162", ...WORDS]);
  if (theirType === "sub") await theirs.ask("set", "bytes", "7", "61");
  else await theirs.send("0061");
  await until("it is taken back", () => topics.topicsCount === 0);
};

/** Ours subscribes to a PUB or XPUB. */
const theyPublish = (theirType: string): Exchange => async (ours, theirs) => {
  if ("send" in ours) await ours.send(bytes('01 "a"'));
  else (ours as unknown as Subscriber).subscribe("a");
  if (theirType === "xpub") {
    assert.deepEqual(await theirs.receive(), ["0161"]);
    await theirs.send("62", ...WORDS);
    await theirs.send("6162", ...WORDS);
    assert.deepEqual(await received(ours), ["6162", ...WORDS]);
    if ("send" in ours) await ours.send(bytes('00 "a"'));
    else (ours as unknown as Subscriber).unsubscribe("a");
    assert.deepEqual(await theirs.receive(), ["0061"]);
    return;
  }
  // A PUB doesn't tell when it has heard of a subscription.
  let heard = false;
  const first = received(ours).then((message) => {
    heard = true;
    return message;
  });
  while (!heard) {
    await theirs.send("62", ...WORDS);
    await theirs.send("6162", ...WORDS);
    await sleep(5);
  }
  assert.deepEqual(await first, ["6162", ...WORDS]);
};

const weSendOne: Exchange = async (ours, theirs) => {
  await ours.send(BODY[2]);
  assert.deepEqual(await theirs.receive(), [WORDS[2]]);
};

const theySendOne: Exchange = async (ours, theirs) => {
  await theirs.send(WORDS[2]);
  assert.deepEqual(await received(ours), [WORDS[2]]);
};

/** CLIENT asks SERVER, PEER says hello: whoever is named by a number answers. */
const weAnswerByNumber = (word: string): Exchange => async (ours, theirs) => {
  if (word === WORDS[2]) await theirs.send(word);
  const [number, body] = await ours.receive() as [number, Uint8Array];
  assert.equal(frameOf(body), word);
  assert.ok(number > 0);
  await ours.send([number, BODY[2]]);
  assert.deepEqual(await theirs.receive(), [WORDS[2]]);
};

const theyAnswerByNumber: Exchange = async (ours, theirs) => {
  await ours.send(BODY[2]);
  const [number, body] = await theirs.receive();
  assert.equal(body, WORDS[2]);
  await theirs.send(number, "61");
  assert.deepEqual(await received(ours), ["61"]);
};

/** Our Radio to their DISH: nobody tells when it has heard of the join. */
const weRadio: Exchange = async (ours, theirs) => {
  await theirs.join("6772");
  let heard = false;
  const first = theirs.receive().finally(() => heard = true);
  while (!heard) {
    await ours.send(["other", "x"]);
    await ours.send(["gr", BODY[2]]);
    await sleep(5);
  }
  assert.deepEqual(await first, ["6772", WORDS[2]]);
};

const theyRadio: Exchange = async (ours, theirs) => {
  (ours as unknown as Dish).join("gr");
  let heard = false;
  const first = received(ours).finally(() => heard = true);
  while (!heard) {
    await theirs.send("6f74686572", "78");
    await theirs.send("6772", WORDS[2]);
    await sleep(5);
  }
  assert.deepEqual(await first, ["6772", WORDS[2]]);
};

/** Two STREAMs: bytes both ways, and the end that ours makes. */
const streams: Exchange = async (ours, theirs) => {
  const [id, nothing] = await ours.receive() as Uint8Array[];
  assert.equal(nothing.length, 0);
  const [theirId, empty] = await theirs.receive();
  assert.equal(empty, "-");
  await ours.send([id, "ab"]);
  assert.deepEqual(await theirs.receive(), [theirId, "6162"]);
  await theirs.send(theirId, "6364");
  assert.deepEqual(await received(ours), [frameOf(id), "6364"]);
  await ours.send([id, ""]);
  assert.deepEqual(await theirs.receive(), [theirId, "-"]);
};

interface Meeting {
  readonly ours: SocketType;
  readonly theirs: SocketType;
  readonly exchange: Exchange;
  /** Our options. */
  readonly options: object;
  /** Theirs, by libzmq's numbers. */
  readonly theirOptions: Record<number, number | string>;
}

function meeting(
  ours: SocketType,
  theirs: SocketType,
  exchange: Exchange,
  options: object = {},
  theirOptions: Record<number, number | string> = {},
): Meeting {
  return { ours, theirs, exchange, options, theirOptions };
}

const WE = { routingId: bytes(OUR_NAME) };
const THEY = { [ROUTING_ID]: THEIR_NAME };
const EMPTY = new Uint8Array(0);
const WITH_DELIMITER = [EMPTY, ...BODY];

const STABLE: readonly Meeting[] = [
  meeting("PAIR", "PAIR", bothSend),
  meeting("PUB", "SUB", wePublish("sub")),
  meeting("PUB", "XSUB", wePublish("xsub")),
  meeting("XPUB", "SUB", wePublish("sub")),
  meeting("XPUB", "XSUB", wePublish("xsub")),
  meeting("SUB", "PUB", theyPublish("pub")),
  meeting("SUB", "XPUB", theyPublish("xpub")),
  meeting("XSUB", "PUB", theyPublish("pub")),
  meeting("XSUB", "XPUB", theyPublish("xpub")),
  meeting("REQ", "REP", weAsk),
  meeting("REQ", "ROUTER", weAskRouter([], ["-"]), WE),
  meeting("REP", "REQ", theyAsk),
  meeting("REP", "DEALER", async (ours, theirs) => {
    // An envelope of several frames comes back as it was.
    await theirs.send("31", "32", "-", ...WORDS);
    assert.deepEqual(await received(ours), WORDS);
    await ours.send(BODY);
    assert.deepEqual(await theirs.receive(), ["31", "32", "-", ...WORDS]);
  }),
  meeting("DEALER", "REP", async (ours, theirs) => {
    await ours.send(["1", "2", ...WITH_DELIMITER]);
    assert.deepEqual(await theirs.receive(), WORDS);
    await theirs.send(...WORDS);
    assert.deepEqual(await received(ours), ["31", "32", "-", ...WORDS]);
  }),
  meeting("DEALER", "DEALER", bothSend),
  meeting("DEALER", "ROUTER", weAskRouter([EMPTY], ["-"]), WE),
  meeting("ROUTER", "REQ", theyAskRouter(["-"], []), {}, THEY),
  meeting("ROUTER", "DEALER", theyAskRouter(["-"], ["-"]), {}, THEY),
  meeting("ROUTER", "ROUTER", routers, WE, THEY),
  meeting("PUSH", "PULL", weSend),
  meeting("PULL", "PUSH", theySend),
  meeting("STREAM", "STREAM", streams),
];

const DRAFTS: readonly Meeting[] = [
  meeting("CLIENT", "SERVER", theyAnswerByNumber),
  meeting("SERVER", "CLIENT", weAnswerByNumber(WORDS[2])),
  meeting("RADIO", "DISH", weRadio),
  meeting("DISH", "RADIO", theyRadio),
  meeting("SCATTER", "GATHER", weSendOne),
  meeting("GATHER", "SCATTER", theySendOne),
  meeting("PEER", "PEER", weAnswerByNumber("6869"), {}, { [HELLO]: "6869" }),
  meeting("CHANNEL", "CHANNEL", async (ours, theirs) => {
    await weSendOne(ours, theirs);
    await theySendOne(ours, theirs);
  }),
];

const AnyClass = (type: SocketType) =>
  CLASSES[SOCKET_TYPES[type].name as keyof typeof CLASSES] as unknown as new (
    options?: object,
  ) => Both;

function meet(peer: OtherPeer, side: Side, row: Meeting): Promise<void> {
  return withSockets((keep) =>
    withProgram(peer, async (program) => {
      const ours = keep(new (AnyClass(row.ours))(row.options));
      const theirs = await program.open(
        row.theirs.toLowerCase(),
        row.theirOptions,
      );
      if (side === "bind") {
        await ours.bind("tcp://127.0.0.1:*");
        await theirs.connect(ours.lastEndpoint!);
      } else {
        ours.connect(await theirs.bind());
      }
      await row.exchange(ours, theirs);
    })
  );
}

for (const [peer, rows] of [[LIBZMQ, STABLE], [ZEROMQ_JS, DRAFTS]] as const) {
  for (const row of rows) {
    for (const side of SIDES) {
      test(...withPeer(
        peer,
        `our ${row.ours} ${side}s and meets their ${row.theirs}`,
        () => meet(peer, side, row),
      ));
    }
  }
}

test("every pair that may meet is in the tables above", () => {
  const met = [...STABLE, ...DRAFTS]
    .map(({ ours, theirs }) => `${ours}-${theirs}`)
    .filter((pair) => pair !== "STREAM-STREAM");
  const may = Object.entries(SOCKET_TYPES)
    .flatMap(([type, { peers }]) => peers.map((peer) => `${type}-${peer}`));
  assert.deepEqual(met.sort(), may.sort());
});

const TYPES = Object.keys(SOCKET_TYPES) as SocketType[];
const SHAKING = TYPES.filter((type) => SOCKET_TYPES[type].peers.length > 0);
const REFUSAL = "ERR_ZMTP_INVALID_METADATA";

/** The types that a type doesn't talk to. */
const strangers = (type: SocketType): SocketType[] =>
  TYPES.filter((other) => !SOCKET_TYPES[type].peers.includes(other));

/** Nothing of a peer has come in. */
function assertUntouched(socket: Both): void {
  assert.equal(socket.stats().messagesIn, 0);
  if ("readable" in socket) assert.equal(socket.readable, false);
}

for (const type of SHAKING) {
  test(`a ${type} that binds refuses every type that it doesn't talk to`, () =>
    withSockets(async (keep) => {
      const ours = keep(new (AnyClass(type))());
      const refused = outcomes(ours);
      await ours.bind("tcp://127.0.0.1:*");
      for (const [i, other] of strangers(type).entries()) {
        const raw = await RawPeer.connect(ours.lastEndpoint!, other);
        raw.write(concat(greeting(), ready(other), message("x")));
        await within(`${other} is hung up on`, raw.closed);
        await until(`${other} is an event`, () => refused.length > i);
        await raw.close();
      }
      assert.deepEqual(refused, strangers(type).map(() => REFUSAL));
      assert.equal(ours.stats().peers, 0);
      assertUntouched(ours);
    }));

  test(`a ${type} that connects refuses them too, and gives up`, () =>
    withSockets(async (keep) => {
      const ours = keep(new (AnyClass(type))({ reconnectInterval: 1 }));
      const refused = outcomes(ours);
      const closed: string[] = [];
      ours.events.on("close", ({ error }) => closed.push(`${error?.code}`));
      const addresses: string[] = [];
      const raws: RawPeer[] = [];
      for (const [i, other] of strangers(type).entries()) {
        const raw = await RawPeer.listen(other);
        raws.push(raw);
        addresses.push(raw.address);
        ours.connect(raw.address);
        await raw.connected();
        raw.write(concat(greeting(), ready(other), message("x")));
        await within(`${other} is hung up on`, raw.closed);
        await until(`${other} is given up`, () => closed.length > i);
      }
      assert.deepEqual(refused, addresses.map(() => REFUSAL));
      assert.deepEqual(closed, addresses.map(() => REFUSAL));
      assert.deepEqual(
        ours.stats().givenUp,
        addresses.map((address) => ({ address, code: REFUSAL })),
      );
      assert.equal(ours.stats().peers, 0);
      assertUntouched(ours);
      for (const raw of raws) await raw.close();
    }));
}

/** Types that send without having received, and whom `x` may be sent by. */
const SPEAKS_FIRST = ["PAIR", "PUB", "REQ", "DEALER", "PUSH", "XPUB", "XSUB"];
const HEARS = ["PAIR", "SUB", "REP", "DEALER", "ROUTER", "PULL", "XPUB"];

/**
 * Ours binds, theirs connects and sends; then the other way round. Both sides
 * refuse, and libzmq may be first: then it hangs up without having said what it
 * is, and a connector of ours, which can't know why, tries again until it is told.
 */
async function refuse(
  program: PeerProgram,
  type: SocketType,
  other: SocketType,
): Promise<void> {
  await withSockets(async (keep) => {
    const name = other.toLowerCase();
    const bound = keep(new (AnyClass(type))());
    const there = outcomes(bound);
    await bound.bind("tcp://127.0.0.1:*");
    const knocks = await program.open(name, { [SEND_TIMEOUT]: 0 });
    await knocks.connect(bound.lastEndpoint!);
    // They may have given up already.
    if (SPEAKS_FIRST.includes(other)) await knocks.ask("", "send", "78");
    await until(`${other} is refused`, () => there.length > 0);
    await knocks.close();
    assertRefused(there);
    assertUntouched(bound);

    const connected = keep(new (AnyClass(type))({ reconnectInterval: 1 }));
    const here = outcomes(connected);
    const listens = await program.open(name);
    if (other === "SUB") await listens.subscribe("-");
    connected.connect(await listens.bind());
    if (SPEAKS_FIRST.includes(type)) connected.trySend("x");
    const givenUp = () => connected.stats().givenUp;
    await until(`${other} is given up`, () => givenUp().length > 0);
    assertRefused(here);
    assert.equal(here.at(-1), REFUSAL);
    assert.deepEqual(givenUp(), [
      { address: listens.endpoint, code: REFUSAL },
    ]);
    if (HEARS.includes(other)) assert.ok(await listens.idle(0));
    assertUntouched(connected);
    await listens.close();
  });
}

/** How the connections of a socket went: a handshake, or a disconnect by its code. */
function outcomes(socket: Socket): string[] {
  const seen: string[] = [];
  socket.events.on("handshake", () => seen.push("handshake"));
  socket.events.on(
    "disconnect",
    ({ error }) => seen.push(error?.code ?? "hung up"),
  );
  return seen;
}

function assertRefused(outcomes: string[]): void {
  for (const outcome of outcomes) {
    assert.ok(
      [REFUSAL, "hung up", "ECONNRESET", "EPIPE"].includes(outcome),
      outcome,
    );
  }
}

const IN_C: readonly SocketType[] = SHAKING
  .filter((type) => SOCKET_TYPES[type].id < SOCKET_TYPES.STREAM.id);

for (const type of SHAKING) {
  const others = IN_C.filter((other) =>
    !SOCKET_TYPES[type].peers.includes(other)
  );
  test(...withPeer(
    LIBZMQ,
    `our ${type} refuses ${others.join(", ")}, whoever binds`,
    () =>
      withProgram(LIBZMQ, async (program) => {
        for (const other of others) await refuse(program, type, other);
      }),
  ));
}

test(...withPeer(
  ZEROMQ_JS,
  "drafts refuse each other and their likes",
  () =>
    withProgram(ZEROMQ_JS, async (program) => {
      const pairs: [SocketType, SocketType][] = [
        ["CLIENT", "CLIENT"],
        ["CLIENT", "PEER"],
        ["SERVER", "SERVER"],
        ["SERVER", "DEALER"],
        ["DEALER", "SERVER"],
        ["RADIO", "SUB"],
        ["RADIO", "RADIO"],
        ["SUB", "RADIO"],
        ["DISH", "PUB"],
        ["PUB", "DISH"],
        ["SCATTER", "PULL"],
        ["PULL", "SCATTER"],
        ["GATHER", "PUSH"],
        ["PUSH", "GATHER"],
        ["PEER", "CHANNEL"],
        ["PEER", "SERVER"],
        ["CHANNEL", "PAIR"],
        ["PAIR", "CHANNEL"],
      ];
      for (const [ours, theirs] of pairs) await refuse(program, ours, theirs);
    }),
));
