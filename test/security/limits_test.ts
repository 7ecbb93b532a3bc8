// What strangers can make a listener hold: handshakes under way, peers, peers of one
// address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, Reply, Request, type Socket } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

function refusals(socket: Socket): string[] {
  const seen: string[] = [];
  socket.events.on("accept:error", ({ error }) => seen.push(error.code));
  return seen;
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
    assert.deepEqual(refused, ["EMFILE"]);
    await peers[0].shakenHandsAfter(10);
    const push = keep(new Push());
    push.connect(pull.lastEndpoint!);
    await push.send("in");
    assert.deepEqual(texts(await pull.receive()), ["in"]);
    for (const peer of peers) await peer.close();
  }));

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
      assert.equal(refused[0], "EMFILE");
      assert.equal(three.tryReceive(), undefined);
      await one.closeAsync();
      assert.deepEqual(texts(await three.receive()), ["hello"]);
    }));
}
