// Peers before ZMTP 3.0. No libzmq that old can be had, but the present one falls
// back when it is greeted as such: so our old peer is known to be a true one by
// the real libzmq, and then has to be served by Nought just so.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Dealer,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
} from "../../mod.ts";
import type { SocketType } from "../../src/base/socket_type.ts";
import { texts } from "../support/bytes.ts";
import { OLD_VERSIONS, OldPeer, type OldVersion } from "../support/old_peer.ts";
import {
  builtWithLibzmq,
  frameOf,
  PeerSocket,
  withPeer,
} from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

const LIBZMQ = builtWithLibzmq(new URL("libzmq_peer.c", import.meta.url));
const SIDES = ["bind", "connect"] as const;
type Side = typeof SIDES[number];

/** The new end of a conversation, libzmq's or ours. */
interface NewEnd {
  send(...frames: string[]): Promise<void>;
  receive(): Promise<string[]>;
  subscribe(prefix: string): Promise<void>;
}

/** A conversation between an old peer of a type and a new one. */
interface Talk {
  readonly old: SocketType;
  readonly now: SocketType;
  readonly words: (old: OldPeer, now: NewEnd) => Promise<void>;
}

const LONG = "x".repeat(300);

/** The conversations, the same with libzmq and with us. */
const TALKS: Talk[] = [
  {
    old: "REQ",
    now: "REP",
    words: async (old, now) => {
      old.send("", "question", LONG);
      assert.deepEqual(await now.receive(), ["question", LONG]);
      await now.send("answer", "");
      assert.deepEqual(texts(await old.receive()), ["", "answer", ""]);
    },
  },
  {
    old: "REP",
    now: "REQ",
    words: async (old, now) => {
      await now.send("question");
      assert.deepEqual(texts(await old.receive()), ["", "question"]);
      old.send("", "answer");
      assert.deepEqual(await now.receive(), ["answer"]);
    },
  },
  {
    old: "PULL",
    now: "PUSH",
    words: async (old, now) => {
      for (const body of ["1", "", LONG]) await now.send(body);
      for (const body of ["1", "", LONG]) {
        assert.deepEqual(texts(await old.receive()), [body]);
      }
    },
  },
  {
    old: "PUSH",
    now: "PULL",
    words: async (old, now) => {
      for (const body of ["1", "", LONG]) old.send(body, "tail");
      for (const body of ["1", "", LONG]) {
        assert.deepEqual(await now.receive(), [body, "tail"]);
      }
    },
  },
  {
    old: "PUB",
    now: "SUB",
    words: async (old, now) => {
      await now.subscribe("A");
      // libzmq takes a peer in when it is asked for a message.
      const received = now.receive();
      assert.deepEqual(texts(await old.receive()), ["\u0001A"]);
      old.send("B", "not asked for");
      old.send("AB", "asked for");
      assert.deepEqual(await received, ["AB", "asked for"]);
    },
  },
  {
    old: "SUB",
    now: "XPUB",
    words: async (old, now) => {
      old.subscribe("A");
      for (;;) {
        // One without versions is subscribed to everything before it asks.
        const [heard] = await now.receive();
        if (heard === "\u0001A") break;
        assert.equal(heard, "\u0001");
      }
      await now.send("AB", LONG);
      assert.deepEqual(texts(await old.receive()), ["AB", LONG]);
    },
  },
  {
    old: "DEALER",
    now: "ROUTER",
    words: async (old, now) => {
      old.send("question");
      assert.deepEqual(await now.receive(), ["old", "question"]);
      await now.send("old", "answer", LONG);
      assert.deepEqual(texts(await old.receive()), ["answer", LONG]);
    },
  },
  {
    old: "ROUTER",
    now: "DEALER",
    words: async (old, now) => {
      await now.send("", "question");
      assert.deepEqual(texts(await old.receive()), ["", "question"]);
      old.send("answer");
      assert.deepEqual(await now.receive(), ["answer"]);
    },
  },
];

/** An old peer that has met whoever is at the other side. */
async function oldPeer(
  talk: Talk,
  version: OldVersion,
  side: Side,
  join: (address: string | null) => Promise<string>,
): Promise<OldPeer> {
  const name = talk.old === "DEALER" ? "old" : "";
  if (side === "bind") {
    const old = await OldPeer.listen(version, talk.old, name);
    await join(old.address);
    await old.greet();
    return old;
  }
  const old = await OldPeer.connect(await join(null), version, talk.old, name);
  await old.greet();
  return old;
}

function libzmq(socket: PeerSocket): NewEnd {
  const text = new TextEncoder();
  const read = (frame: string) => {
    if (frame === "-") return "";
    return frame.replace(
      /../g,
      (pair) => String.fromCharCode(parseInt(pair, 16)),
    );
  };
  return {
    send: (...frames) =>
      socket.send(...frames.map((frame) => frameOf(text.encode(frame)))),
    receive: async () =>
      (await within("a message", socket.receive())).map(read),
    subscribe: (prefix) => socket.subscribe(frameOf(text.encode(prefix))),
  };
}

for (const version of OLD_VERSIONS) {
  for (const talk of TALKS) {
    for (const side of SIDES) {
      const told = side === "bind" ? "listens" : "connects";
      test(...withPeer(
        LIBZMQ,
        `our ${talk.old} of ZMTP ${version} that ${told} is served by libzmq's ${talk.now}`,
        async () => {
          let socket: PeerSocket | null = null;
          let old: OldPeer | null = null;
          try {
            old = await oldPeer(talk, version, side, async (address) => {
              socket = await PeerSocket.start(
                LIBZMQ,
                talk.now.toLowerCase(),
                address === null ? "bind" : "connect",
                address ?? "tcp://127.0.0.1:*",
              );
              return socket.endpoint;
            });
            await talk.words(old, libzmq(socket!));
          } finally {
            await old?.close();
            await (socket as PeerSocket | null)?.kill();
          }
        },
      ));

      test(`a ${talk.old} of ZMTP ${version} that ${told} is served by our ${talk.now}`, () =>
        withSockets(async (keep) => {
          const socket = keep(ours(talk.now));
          const old = await oldPeer(talk, version, side, async (address) => {
            if (address === null) await socket.bind("tcp://127.0.0.1:*");
            else socket.connect(address);
            return socket.lastEndpoint!;
          });
          try {
            await talk.words(old, newEnd(socket));
          } finally {
            await old.close();
          }
        }));
    }
  }

  test(`a handshake event tells of a peer of ZMTP ${version}, and a disconnect of its end`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull({ legacyPeers: "1.0" }));
      const types: string[] = [];
      const { events } = pull;
      for (const type of ["handshake", "disconnect"] as const) {
        events.on(type, (event) => types.push(event.type));
      }
      await pull.bind("tcp://127.0.0.1:*");
      const old = await OldPeer.connect(pull.lastEndpoint!, version, "PUSH");
      await old.greet();
      await until("it is heard of", () => types.length === 1);
      await old.close();
      await until("its end is heard of", () => types.length === 2);
      assert.deepEqual(types, ["handshake", "disconnect"]);
    }));

  test(
    `a Publisher sends ${
      version === "1.0 unversioned" ? "all" : "nothing unasked"
    } to a peer of ZMTP ${version}`,
    () =>
      withSockets(async (keep) => {
        const publisher = keep(new Publisher({ legacyPeers: "1.0" }));
        await publisher.bind("tcp://127.0.0.1:*");
        const old = await OldPeer.connect(
          publisher.lastEndpoint!,
          version,
          "SUB",
        );
        await old.greet();
        await until("it has come", () => publisher.stats().peers === 1);
        const all = version === "1.0 unversioned";
        await until(
          "all is asked for",
          () => publisher.topicsCount === (all ? 1 : 0),
        );
        await publisher.send("unasked");
        if (all) assert.deepEqual(texts(await old.receive()), ["unasked"]);
        old.subscribe("asked");
        await until("it is asked for", () =>
          publisher.topicsCount > (all ? 1 : 0));
        await publisher.send("asked");
        assert.deepEqual(texts(await old.receive()), ["asked"]);
        await old.close();
      }),
  );
}

function ours(type: SocketType): Socket {
  const options = { legacyPeers: "1.0" } as const;
  switch (type) {
    case "REQ":
      return new Request(options);
    case "REP":
      return new Reply(options);
    case "PUSH":
      return new Push(options);
    case "PULL":
      return new Pull(options);
    case "XPUB":
      return new XPublisher(options);
    case "SUB":
      return new Subscriber(options);
    case "ROUTER":
      return new Router(options);
    default:
      return new Dealer(options);
  }
}

function newEnd(socket: Socket): NewEnd {
  const any = socket as unknown as {
    send(frames: string[]): Promise<void>;
    receive(): Promise<Uint8Array[]>;
  };
  return {
    send: (...frames) => within("it is taken", any.send(frames)),
    receive: async () => texts(await within("a message", any.receive())),
    subscribe: (prefix) => {
      (socket as Subscriber).subscribe(prefix);
      return Promise.resolve();
    },
  };
}
