// epgm against the real libzmq with OpenPGM, both ways, with packets lost on
// purpose so that NAKs and repairs flow. Where the runtime can't share a port with
// OpenPGM the peer has a network of its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Publisher, Subscriber } from "../../mod.ts";
import { NAK, NCF, RDATA, SPM } from "../../src/pgm/packet.ts";
import { texts } from "../support/bytes.ts";
import { LossyAdapter } from "../support/lossy.ts";
import { Network, networkIsMissing } from "../support/network.ts";
import {
  builtWithLibzmq,
  frameOf,
  pattern,
  type Peer,
  type PeerProgram,
  withPeer,
  withProgram,
} from "../support/peer.ts";
import { until } from "../support/wait.ts";

const RATE = 8;
const RECOVERY_IVL = 9;
const OPTIONS = { rate: 20_000, recoveryInterval: 20_000 };
const THEIR_OPTIONS = { [RATE]: 20_000, [RECOVERY_IVL]: 20_000 };
const GROUP = "239.192.1.1";
const COUNT = 200;

const adapter = new LossyAdapter(0, 1);
const SHARES = adapter.features.has("sharedPorts");
const plain = builtWithLibzmq(new URL("libzmq_peer.c", import.meta.url));
// OpenPGM would tell on the standard output that the loopback is one.
const quiet = ["env", "PGM_MIN_LOG_LEVEL=F"];
const built = { ...plain, command: [...quiet, ...plain.command] };
const missing = SHARES ? null : networkIsMissing();
const PEER: Peer = missing === null || built.absent !== null
  ? built
  : { ...built, absent: missing };

let nextPort = 40_000 + Math.floor(Math.random() * 20_000);

/** Runs a test with a peer that is in one group with us. */
async function inOneGroup(
  run: (
    program: PeerProgram,
    ours: string,
    theirs: string,
    lossy: LossyAdapter,
    context: Context,
  ) => Promise<void>,
): Promise<void> {
  const port = nextPort++;
  const lossy = new LossyAdapter(0.2, port);
  const context = new Context({ adapter: lossy });
  const network = SHARES ? null : Network.make();
  const address = (host: string) => `epgm://${host};${GROUP}:${port}`;
  const ours = address(network?.ours ?? "127.0.0.1");
  const theirs = address(network?.theirs ?? "127.0.0.1");
  try {
    const peer = network?.host(PEER) ?? PEER;
    await withProgram(
      peer,
      (program) => run(program, ours, theirs, lossy, context),
    );
  } finally {
    await context.terminate();
    network?.remove();
  }
}

/** What is sent: a number and a body of its own length, some of several frames. */
function message(i: number): Uint8Array[] {
  const frames: Uint8Array[] = [new TextEncoder().encode(`${i}`)];
  if (i % 3 > 0) frames.push(pattern((i * 37) % 5000));
  if (i % 3 > 1) frames.push(new Uint8Array(0), pattern(300));
  return frames;
}

test(
  ...withPeer(
    PEER,
    "a Publisher to SUB over epgm, one packet in five lost",
    () =>
      inOneGroup(async (program, ours, theirs, lossy, context) => {
        const sub = await program.open("sub", THEIR_OPTIONS);
        await sub.subscribe("-");
        await sub.connect(theirs);
        const publisher = new Publisher({
          ...OPTIONS,
          context,
          linger: 0,
          sendHighWaterMark: 0,
        });
        await publisher.bind(ours);
        while (await sub.idle(20)) await publisher.send("first");
        // What OpenPGM misses before it has an SPM it gives up at once, since it
        // knows nowhere to ask.
        const spms = lossy.sent.get(SPM) ?? 0;
        await until("an SPM", () => (lossy.sent.get(SPM) ?? 0) > spms);
        for (let i = 0; i < COUNT; i++) await publisher.send(message(i));
        // OpenPGM asks again only when something comes, and SPMs grow rare.
        const more = setInterval(() => publisher.send("last"), 50);
        try {
          let next = 0;
          while (next < COUNT) {
            const got = await sub.receive();
            if (
              next === 0 &&
              got[0] === frameOf(new TextEncoder().encode("first"))
            ) continue;
            assert.deepEqual(got, message(next++).map(frameOf));
          }
        } finally {
          clearInterval(more);
        }
        assert.ok((lossy.received.get(NAK) ?? 0) > 0, "it asked");
        assert.ok((lossy.sent.get(RDATA) ?? 0) > 0, "we repaired");
        assert.ok((lossy.sent.get(NCF) ?? 0) > 0, "we confirmed");
        await publisher.closeAsync();
      }),
  ),
);

test(
  ...withPeer(
    PEER,
    "PUB to a Subscriber over epgm, one packet in five lost",
    () =>
      inOneGroup(async (program, ours, theirs, lossy, context) => {
        const subscriber = new Subscriber({
          ...OPTIONS,
          context,
          receiveHighWaterMark: 0,
        });
        const losses: string[] = [];
        subscriber.events.on("loss", ({ error }) => losses.push(error.message));
        subscriber.subscribe("");
        await subscriber.bind(ours);
        const pub = await program.open("pub", THEIR_OPTIONS);
        await pub.connect(theirs);
        const heard: Uint8Array[][] = [];
        const hearing = (async () => {
          for await (const got of subscriber) heard.push(got);
        })();
        const first = frameOf(new TextEncoder().encode("first"));
        while (heard.length === 0) {
          await pub.send(first);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        for (let i = 0; i < COUNT; i++) {
          await pub.send(...message(i).map(frameOf));
        }
        // Something has to come after the last, or its loss shows only by an SPM.
        const numbered = () => heard.filter((got) => texts(got)[0] !== "first");
        await until("all came", () => numbered().length >= COUNT);
        numbered().forEach((got, i) => {
          assert.deepEqual(got.map(frameOf), message(i).map(frameOf));
        });
        assert.deepEqual(losses, []);
        assert.ok((lossy.sent.get(NAK) ?? 0) > 0, "we asked");
        assert.ok((lossy.received.get(RDATA) ?? 0) > 0, "it repaired");
        await subscriber.closeAsync();
        await hearing;
      }),
  ),
);
