// JeroMQ 0.3, an implementation of its own that speaks ZMTP 3.0: subscriptions are
// messages to it, and there are no commands after the handshake.

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
  text,
} from "../../mod.ts";
import {
  frameOf,
  pattern,
  PeerSocket,
  withJeromq,
  withPeer,
} from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

const JEROMQ = withJeromq(new URL("JeromqPeer.java", import.meta.url));
const SHAPES = [[5], [0], [0, 0, 3], [255, 256], [70000]];
const MESSAGES = SHAPES.map((lengths) => lengths.map(pattern));
const name = (value: string) => frameOf(new TextEncoder().encode(value));

/** Runs `talk` between a socket of ours and one of JeroMQ's, the latter on either side. */
function both(
  title: string,
  type: string,
  make: () => Socket,
  talk: (peer: PeerSocket, socket: Socket) => Promise<void>,
): void {
  for (const side of ["bind", "connect"] as const) {
    const told = side === "bind" ? "listens" : "connects";
    test(
      ...withPeer(
        JEROMQ,
        `${title}, when it ${told}`,
        () =>
          withSockets(async (keep) => {
            const socket = keep(make());
            if (side === "connect") {
              await socket.bind("tcp://127.0.0.1:*");
            }
            const peer = await PeerSocket.start(
              JEROMQ,
              type,
              side,
              side === "bind" ? "tcp://127.0.0.1:*" : socket.lastEndpoint!,
            );
            try {
              if (side === "bind") {
                socket.connect(peer.endpoint);
              }
              await within("the talk", talk(peer, socket));
            } finally {
              await peer.kill();
            }
          }),
      ),
    );
  }
}

both(
  "a PULL of 3.0 gets what our PUSH sends",
  "pull",
  () => new Push(),
  async (peer, socket) => {
    for (const message of MESSAGES) {
      await (socket as Push).send(message);
      assert.deepEqual(await peer.receive(), message.map(frameOf));
    }
  },
);

both(
  "our PULL gets what a PUSH of 3.0 sends",
  "push",
  () => new Pull(),
  async (peer, socket) => {
    for (const message of MESSAGES) {
      await peer.send(...message.map(frameOf));
      const got = await (socket as Pull).receive();
      assert.deepEqual(got.map(frameOf), message.map(frameOf));
    }
  },
);

both(
  "a SUB of 3.0 subscribes at our PUB",
  "sub",
  () => new Publisher(),
  async (peer, socket) => {
    const publisher = socket as Publisher;
    await peer.subscribe(name("A"));
    // It takes a peer in when it is asked for a message.
    const received = peer.receive();
    await until("it is subscribed", () => publisher.topicsCount === 1);
    await publisher.send("not this");
    await publisher.send(["A", "this"]);
    assert.deepEqual(await received, [name("A"), name("this")]);
  },
);

both(
  "our SUB subscribes at a PUB of 3.0",
  "pub",
  () => new Subscriber(),
  async (peer, socket) => {
    const subscriber = socket as Subscriber;
    subscriber.subscribe("A");
    const received = subscriber.receive();
    let heard = false;
    received.then(() => heard = true);
    while (!heard) {
      await peer.send(name("not this"));
      await peer.send(name("A this"));
    }
    assert.equal(text((await received)[0]), "A this");
  },
);

both(
  "a REP of 3.0 answers our REQ",
  "rep",
  () => new Request(),
  async (peer, socket) => {
    const answer = (socket as Request).request(["question", ""]);
    assert.deepEqual(await peer.receive(), [name("question"), "-"]);
    await peer.send(name("answer"));
    assert.equal(text((await answer)[0]), "answer");
  },
);

both(
  "our REP answers a REQ of 3.0",
  "req",
  () => new Reply(),
  async (peer, socket) => {
    await peer.send(name("question"));
    assert.equal(text((await (socket as Reply).receive())[0]), "question");
    await (socket as Reply).send(["answer", ""]);
    assert.deepEqual(await peer.receive(), [name("answer"), "-"]);
  },
);

both(
  "our ROUTER names a DEALER of 3.0 and answers it",
  "dealer",
  () => new Router(),
  async (peer, socket) => {
    await peer.send(name("question"));
    const [id, body] = await (socket as Router).receive();
    assert.equal(text(body), "question");
    await (socket as Router).send([id, "answer"]);
    assert.deepEqual(await peer.receive(), [name("answer")]);
  },
);

both(
  "a ROUTER of 3.0 knows our DEALER by its name",
  "router",
  () => new Dealer({ routingId: "me" }),
  async (peer, socket) => {
    await (socket as Dealer).send("question");
    assert.deepEqual(await peer.receive(), [name("me"), name("question")]);
    await peer.send(name("me"), name("answer"));
    assert.equal(text((await (socket as Dealer).receive())[0]), "answer");
  },
);
