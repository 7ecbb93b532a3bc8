// What strangers can make a listener hold: handshakes under way, peers, peers of one
// address; and what peers can: frames of one message, subscriptions.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  type Socket,
  Subscriber,
} from "../../mod.ts";
import { concat, texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";
import { message } from "../support/zmtp.ts";

function refusals(socket: Socket): string[] {
  const seen: string[] = [];
  socket.events.on("accept:error", ({ error }) => seen.push(error.code));
  return seen;
}

/** The code that the next connection to end ends with. */
function parting(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) =>
    socket.events.on("disconnect", ({ error }) => resolve(error?.code))
  );
}

test("handshakes that aren't through are limited, and one that is makes room", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ maxPendingHandshakes: 3 }));
    const refused = refusals(pull);
    await pull.bind("tcp://127.0.0.1:*");
    const peers: RawPeer[] = [];
    for (let i = 0; i < 3; i++) {
      peers.push(await RawPeer.connect(pull.lastEndpoint!, "PUSH"));
      await peers[i].read(10);
    }
    const fourth = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
    await within("it is hung up on", fourth.closed);
    await fourth.close();
    await until("it is told", () => refused.length === 1);
    assert.deepEqual(refused, ["EBUSY"]);
    await peers[0].shakenHandsAfter(10);
    const push = keep(new Push());
    push.connect(pull.lastEndpoint!);
    await push.send("in");
    assert.deepEqual(texts(await pull.receive()), ["in"]);
    for (const peer of peers) await peer.close();
  }));

const CODES = {
  maxConnections: "EUSERS",
  maxConnectionsPerAddress: "EDQUOT",
} as const;

for (const option of ["maxConnections", "maxConnectionsPerAddress"] as const) {
  test(`${option} lets so many peers in, and another when one has gone`, () =>
    withSockets(async (keep) => {
      const reply = keep(new Reply({ [option]: 2 }));
      const refused = refusals(reply);
      await reply.bind("tcp://127.0.0.1:*");
      (async () => {
        for await (const message of reply) await reply.send(message);
      })();
      const ask = async () => {
        const request = keep(new Request({ reconnectInterval: 20 }));
        request.connect(reply.lastEndpoint!);
        await request.send("hello");
        return request;
      };
      const [one, two] = [await ask(), await ask()];
      assert.deepEqual(texts(await one.receive()), ["hello"]);
      assert.deepEqual(texts(await two.receive()), ["hello"]);
      const three = await ask();
      await until("it is refused", () => refused.length > 0);
      assert.equal(refused[0], CODES[option]);
      assert.equal(three.tryReceive(), undefined);
      await one.closeAsync();
      assert.deepEqual(texts(await three.receive()), ["hello"]);
    }));
}

test("a message of as many frames as maxMessageParts comes through, in whatever pieces", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ maxMessageParts: 3 }));
    await pull.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
    await peer.shakenHandsAfter(10);
    const large = "x".repeat(300);
    const sent = concat(message("a", large, "c"), message("d", "e", "f"));
    for (const byte of sent) peer.write(Uint8Array.of(byte));
    peer.write(sent);
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(texts(await pull.receive()), ["a", large, "c"]);
      assert.deepEqual(texts(await pull.receive()), ["d", "e", "f"]);
    }
    const ended = within("it is cut off", parting(pull));
    peer.write(message("a", large, large, "d"));
    assert.equal(await ended, "E2BIG");
    await peer.close();
  }));

test("a peer keeps the subscriptions it may have, and one more parts with it", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher({ maxSubscriptions: 2 }));
    await publisher.bind("tcp://127.0.0.1:*");
    const subscriber = keep(new Subscriber());
    subscriber.subscribe("a", "b", "a");
    subscriber.connect(publisher.lastEndpoint!);
    const greedy = keep(new Subscriber());
    greedy.subscribe("a", "b", "c");
    const ended = within("it is cut off", parting(publisher));
    greedy.connect(publisher.lastEndpoint!);
    assert.equal(await ended, "ENOSPC");
    greedy.close();
    await until("the first is there", () => publisher.topicsCount === 2);
    await publisher.send("b");
    assert.deepEqual(texts(await subscriber.receive()), ["b"]);
  }));

test("within the process, too, one subscription too many parts with a peer, and both ends are told", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher({ maxSubscriptions: 2 }));
    await publisher.bind("inproc://greedy");
    const subscriber = keep(new Subscriber());
    subscriber.connect(publisher.lastEndpoint!);
    const ended = within("it is cut off", parting(publisher));
    const told: string[] = [];
    subscriber.events.on("close", ({ error }) => told.push(error!.code));
    subscriber.subscribe("a", "b", "c");
    assert.equal(await ended, "ENOSPC");
    await until("it is told", () => told.length > 0);
    assert.deepEqual(told, ["ENOSPC"]);
    assert.deepEqual(subscriber.stats().givenUp, [
      { address: publisher.lastEndpoint!, code: "ENOSPC" },
    ]);
  }));
