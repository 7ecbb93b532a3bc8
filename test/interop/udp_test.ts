// udp against the real libzmq, both ways: groups by unicast and by multicast, and
// datagrams.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { Datagram, Dish, Radio } from "../../mod.ts";
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
const GROUP = frameOf(new TextEncoder().encode("grp"));
const BODIES = [pattern(0), pattern(5), pattern(1400), pattern(8188)];

/** A port that nobody has now. */
async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** Sends until the peer has got one, then once more what is to be compared. */
async function theyHear(
  radio: Radio,
  theirs: PeerMember,
  body: Uint8Array,
): Promise<void> {
  while (await theirs.idle(5)) await radio.send(["grp", "first"]);
  await radio.send(["grp", body]);
  for (;;) {
    const [group, got] = await theirs.receive();
    assert.equal(group, GROUP);
    if (got === frameOf(body)) return;
  }
}

for (
  const [how, host] of [
    ["unicast", "127.0.0.1"],
    ["multicast", "127.0.0.1;239.192.7.9"],
  ]
) {
  test(
    ...withPeer(
      PEER,
      `a Radio to DISH by ${how}`,
      () =>
        withProgram(PEER, (program) =>
          withSockets(async (keep) => {
            const theirs = await program.open("dish");
            await theirs.join(GROUP);
            const address = `udp://${host}:${await freePort()}`;
            await theirs.bind(address);
            const radio = keep(new Radio());
            radio.connect(address);
            for (const body of BODIES) await theyHear(radio, theirs, body);
          })),
    ),
  );

  test(
    ...withPeer(
      PEER,
      `RADIO to a Dish by ${how}`,
      () =>
        withProgram(PEER, (program) =>
          withSockets(async (keep) => {
            const dish = keep(new Dish());
            dish.join("grp");
            await dish.bind(`udp://${host}:*`);
            const theirs = await program.open("radio");
            await theirs.connect(dish.lastEndpoint!);
            for (const body of BODIES) {
              await theirs.send(frameOf(new TextEncoder().encode("no")), "-");
              await theirs.send(GROUP, frameOf(body));
              const [group, got] = await dish.receive();
              assert.equal(frameOf(group), GROUP);
              assert.deepEqual(got, body);
            }
          })),
    ),
  );
}

test(
  ...withPeer(
    PEER,
    "a Datagram and DGRAM, both ways",
    () =>
      withProgram(PEER, (program) =>
        withSockets(async (keep) => {
          const ours = keep(new Datagram());
          await ours.bind("udp://127.0.0.1:*");
          const port = await freePort();
          const theirs = await program.open("dgram");
          await theirs.bind(`udp://127.0.0.1:${port}`);
          // It opens its socket a moment after it has said so, and what comes before is lost.
          await sleep(300);
          for (const body of BODIES) {
            await ours.send([`127.0.0.1:${port}`, body]);
            const [from, got] = await theirs.receive();
            assert.equal(got, frameOf(body));
            await theirs.send(from, frameOf(body));
            assert.deepEqual((await ours.receive())[1], body);
          }
        })),
  ),
);
