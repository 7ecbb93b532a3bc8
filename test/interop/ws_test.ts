// ws against the real libzmq with its drafts, each as connector and as listener.

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
} from "../../mod.ts";
import {
  frameOf,
  pattern,
  type PeerMember,
  withPeer,
  withProgram,
  withZeromqJs,
} from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep } from "../support/wait.ts";

const PEER = withZeromqJs(new URL("zeromqjs_peer.mjs", import.meta.url));
const HEARTBEAT_IVL = 75;
const MESSAGES = [[5], [0, 300, 0], [125, 126, 127], [70_000], [3, 1_000_000]]
  .map((lengths) => lengths.map(pattern));

for (const side of ["bind", "connect"] as const) {
  const talk = (
    name: string,
    type: string,
    make: () => Socket,
    run: (ours: Socket, theirs: PeerMember) => Promise<void>,
    options: Record<number, number> = {},
  ) =>
    test(
      ...withPeer(PEER, `${name} over ws, they ${side}`, () =>
        withProgram(PEER, (program) =>
          withSockets(async (keep) => {
            const ours = keep(make());
            const theirs = await program.open(type, options);
            if (side === "bind") {
              ours.connect(await theirs.bind("ws://127.0.0.1:*/zmq"));
            } else {
              await ours.bind("ws://127.0.0.1:*/zmq");
              await theirs.connect(ours.lastEndpoint!);
            }
            await run(ours, theirs);
          }))),
    );

  talk("Push to PULL", "pull", () => new Push(), async (ours, theirs) => {
    for (const message of MESSAGES) {
      await (ours as Push).send(message);
      assert.deepEqual(await theirs.receive(), message.map(frameOf));
    }
  });

  talk("PUSH to Pull", "push", () => new Pull(), async (ours, theirs) => {
    for (const message of MESSAGES) {
      await theirs.send(...message.map(frameOf));
      const got = await (ours as Pull).receive();
      assert.deepEqual(got.map(frameOf), message.map(frameOf));
    }
  });

  talk("Request and REP", "rep", () => new Request(), async (ours, theirs) => {
    await (ours as Request).send("question");
    const asked = await theirs.receive();
    await theirs.send(...asked, "61");
    assert.equal((await (ours as Request).receive()).length, 2);
  });

  talk("REQ and Reply", "req", () => new Reply(), async (ours, theirs) => {
    await theirs.send("61");
    await (ours as Reply).send(await (ours as Reply).receive());
    assert.deepEqual(await theirs.receive(), ["61"]);
  });

  talk(
    "Router and DEALER",
    "dealer",
    () => new Router(),
    async (ours, theirs) => {
      await theirs.send("61");
      const [id, word] = await (ours as Router).receive();
      await (ours as Router).send([id, word, "b"]);
      assert.deepEqual(await theirs.receive(), ["61", "62"]);
    },
  );

  talk(
    "Publisher to SUB",
    "sub",
    () => new Publisher(),
    async (ours, theirs) => {
      await theirs.subscribe("61");
      while (await theirs.idle(5)) {
        await (ours as Publisher).send("b");
        await (ours as Publisher).send("ab");
      }
      assert.deepEqual(await theirs.receive(), ["6162"]);
    },
  );

  talk(
    "PUB to Subscriber",
    "pub",
    () => new Subscriber(),
    async (ours, theirs) => {
      (ours as Subscriber).subscribe("a");
      let got: Uint8Array[] | null = null;
      const hearing = (ours as Subscriber).receive().then((one) => got = one);
      while (got === null) {
        await theirs.send("62");
        await theirs.send("6162");
        await sleep(5);
      }
      assert.deepEqual((await hearing).map(frameOf), ["6162"]);
    },
  );

  talk(
    "heartbeats of both keep a Dealer and a ROUTER together",
    "router",
    () => new Dealer({ heartbeatInterval: 50, heartbeatTimeout: 500 }),
    async (ours, theirs) => {
      const ends: string[] = [];
      ours.events.on("disconnect", () => ends.push("ours"));
      await (ours as Dealer).send("1");
      await theirs.receive();
      await sleep(700);
      await (ours as Dealer).send("2");
      await theirs.receive();
      assert.deepEqual(ends, []);
    },
    { [HEARTBEAT_IVL]: 50 },
  );
}
