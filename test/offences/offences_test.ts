import assert from "node:assert/strict";
import { test } from "node:test";
import { type Event, Push, type Socket } from "../../mod.ts";
import { SOCKET_TYPES } from "../../src/base/socket_type.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { CLASSES, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { message } from "../support/zmtp.ts";
import { type Offence, OFFENCES } from "./table.ts";

/** Collects the events of a socket. */
function watch(socket: Socket): Event[] {
  const seen: Event[] = [];
  const { events } = socket;
  (async () => {
    for await (const event of events) seen.push(event);
  })();
  return seen;
}

const types = (events: Event[]) => events.map((event) => event.type);

function codeOf(events: Event[]): string | null {
  for (const event of events) {
    if ("error" in event && event.error !== undefined) return event.error.code;
  }
  return null;
}

function make(one: Offence): Socket {
  const { name } = SOCKET_TYPES[one.ours];
  const Class = CLASSES[name as keyof typeof CLASSES] as unknown as new (
    options: object,
  ) => Socket;
  const socket = new Class({ reconnectInterval: 20, ...one.options });
  // Somebody has to look at what a DISH receives.
  if (one.ours === "DISH") {
    (socket as unknown as { receive(): Promise<unknown> }).receive()
      .catch(() => {});
  }
  return socket;
}

async function say(peer: RawPeer, says: Offence["says"]): Promise<void> {
  if (says instanceof Uint8Array) peer.write(says);
  else await says(peer);
}

/** The messages that reached our socket, if it is one that receives. */
function received(socket: Socket): number {
  return socket.stats().receiveQueue;
}

for (const one of OFFENCES) {
  const { offence, ours, theirs, says, events, code, ends, again } = one;

  test(`${offence} (${ours} listens): ${events.join(", ")}`, () =>
    withSockets(async (keep) => {
      const socket = keep(make(one));
      const seen = watch(socket);
      await socket.bind("tcp://127.0.0.1:*");
      const peer = await RawPeer.connect(socket.lastEndpoint!, theirs);
      await say(peer, says);
      if (ends) await within("it is cut off", peer.closed);
      const expected = ["bind", "accept", ...events];
      await until("it is seen", () => seen.length >= expected.length);
      if (!ends) await sleep(20);
      assert.deepEqual(types(seen), expected);
      assert.equal(codeOf(seen), code);
      assert.equal(peer.gone, ends);
      assert.equal(socket.stats().peers, ends ? 0 : 1);
      await peer.close();
      // The socket lives on: the next peer gets in.
      if (one.sound !== undefined) {
        keep(new Push(one.sound)).connect(socket.lastEndpoint!);
        await until("the next is there", () => socket.stats().peers === 1);
        return;
      }
      const next = await RawPeer.connect(socket.lastEndpoint!, theirs);
      await next.shakenHands();
      await until("the next is there", () => socket.stats().peers === 1);
      await next.close();
    }));

  test(
    `${offence} (${ours} connects): ${events.join(", ")}, ${
      !ends ? "and goes on" : again ? "and connects again" : "and gives up"
    }`,
    () =>
      withSockets(async (keep) => {
        const socket = keep(make(one));
        const seen = watch(socket);
        const peer = await RawPeer.listen(theirs);
        socket.connect(peer.address);
        await peer.connected();
        await say(peer, says);
        if (ends) await within("it is cut off", peer.closed);
        const last = again ? "connect:retry" : "close";
        const expected = ["connect:delay", "connect", ...events];
        if (ends) expected.push(last);
        await until("it is seen", () => seen.length >= expected.length);
        if (!ends) await sleep(20);
        assert.deepEqual(types(seen).slice(0, expected.length), expected);
        assert.equal(codeOf(seen), code);
        assert.equal(peer.gone, ends);
        const { givenUp } = socket.stats();
        if (!ends || again) assert.deepEqual(givenUp, []);
        else {
          assert.deepEqual(givenUp, [{ address: peer.address, code }]);
          const close = seen.at(-1) as Event & { type: "close" };
          assert.equal(close.error?.code, code);
          assert.equal(socket.stats().peers, 0);
        }
        await peer.close();
      }),
  );
}

test("what is passed over doesn't hide the message behind it", () =>
  withSockets(async (keep) => {
    for (const one of OFFENCES) {
      if (one.ends || one.ours !== "PULL") continue;
      const socket = keep(make(one));
      await socket.bind("tcp://127.0.0.1:*");
      const peer = await RawPeer.connect(socket.lastEndpoint!, one.theirs);
      await say(peer, one.says);
      peer.write(message("a sound one"));
      const own = one.offence.startsWith("flags") ? 2 : 1;
      await until(one.offence, () => received(socket) === own);
      await peer.close();
    }
  }));
