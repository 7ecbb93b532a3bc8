// The six types against real peers, each as connector and as listener.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, createServer, type Socket as Stream } from "node:net";
import {
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  type Socket,
  Subscriber,
} from "../../mod.ts";
import {
  builtWithLibzmq,
  frameOf,
  pattern,
  type Peer,
  PeerSocket,
  withPeer,
  withZeromqJs,
} from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, within } from "../support/wait.ts";

const LIBZMQ = builtWithLibzmq(new URL("libzmq_peer.c", import.meta.url));
const ZEROMQ_JS = withZeromqJs(new URL("zeromqjs_peer.mjs", import.meta.url));
const LARGE = 5 * 1024 * 1024;

/** Messages that have proved awkward: each a list of frame lengths. */
const SHAPES = [
  [5],
  [0],
  [0, 0, 0],
  [255],
  [256],
  [255, 256, 0, 1],
  [8191, 8192, 8193],
  [65535, 65536],
  [LARGE],
  [3, LARGE, 0],
];
const MESSAGES = SHAPES.map((lengths) => lengths.map(pattern));

type Side = "bind" | "connect";

/** Starts a peer and joins it to one of our sockets, the peer being on `side`. */
async function meet(
  peer: Peer,
  type: string,
  side: Side,
  socket: Socket,
): Promise<PeerSocket> {
  let other: PeerSocket;
  if (side === "bind") {
    other = await PeerSocket.start(peer, type, "bind", "tcp://127.0.0.1:*");
    socket.connect(other.endpoint);
  } else {
    await socket.bind("tcp://127.0.0.1:*");
    const { lastEndpoint } = socket;
    other = await PeerSocket.start(peer, type, "connect", lastEndpoint!);
  }
  return other;
}

/** Runs a test with one of our sockets and a peer, and ends both. */
function pair<S extends Socket>(
  peer: Peer,
  make: () => S,
  type: string,
  side: Side,
  run: (ours: S, theirs: PeerSocket) => Promise<void>,
): Promise<void> {
  return withSockets(async (keep) => {
    const ours = keep(make());
    const theirs = await meet(peer, type, side, ours);
    try {
      await within("the exchange", run(ours, theirs), 25_000);
    } finally {
      await theirs.kill();
    }
  });
}

async function weSend(
  ours: { send(message: Uint8Array[]): Promise<void> },
  theirs: PeerSocket,
): Promise<void> {
  for (const message of MESSAGES) {
    await ours.send(message);
    assert.deepEqual(await theirs.receive(), message.map(frameOf));
  }
}

async function theySend(
  ours: { receive(): Promise<Uint8Array[]> },
  theirs: PeerSocket,
): Promise<void> {
  for (const message of MESSAGES) {
    await theirs.send(...message.map(frameOf));
    assert.deepEqual((await ours.receive()).map(frameOf), message.map(frameOf));
  }
}

/** Passes bytes on to `port`, from there only the first `most` of them. */
async function cuttingProxy(
  port: number,
  most: number,
): Promise<{ port: number; full: Promise<void>; close(): void }> {
  let filled = () => {};
  const full = new Promise<void>((resolve) => filled = resolve);
  const streams: Stream[] = [];
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    streams.push(near, far);
    let passed = 0;
    far.on("data", (data) => {
      const part = data.subarray(0, most - passed);
      passed += part.length;
      if (part.length > 0) near.write(part);
      if (passed >= most) filled();
    });
    near.on("data", (data) => void far.write(data));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.on("error", () => {});
    far.on("error", () => {});
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve())
  );
  const address = server.address() as { port: number };
  return {
    port: address.port,
    full,
    close() {
      server.close();
      for (const stream of streams) stream.destroy();
    },
  };
}

const portOf = (endpoint: string) => Number(endpoint.split(":").at(-1));

for (const peer of [LIBZMQ, ZEROMQ_JS]) {
  for (const side of ["bind", "connect"] as const) {
    const they = side === "bind" ? "they bind" : "they connect";

    test(...withPeer(
      peer,
      `Push to PULL, ${they}`,
      () => pair(peer, () => new Push(), "pull", side, weSend),
    ));

    test(...withPeer(
      peer,
      `Pull from PUSH, ${they}`,
      () => pair(peer, () => new Pull(), "push", side, theySend),
    ));

    test(...withPeer(
      peer,
      `Request to REP, ${they}`,
      () =>
        pair(peer, () => new Request(), "rep", side, async (ours, theirs) => {
          for (const message of MESSAGES) {
            const reply = ours.request(message);
            const frames = message.map(frameOf);
            assert.deepEqual(await theirs.receive(), frames);
            await theirs.send(...frames, "-", frameOf(pattern(300)));
            assert.deepEqual((await reply).map(frameOf), [
              ...frames,
              "-",
              frameOf(pattern(300)),
            ]);
          }
        }),
    ));

    test(...withPeer(
      peer,
      `Reply to REQ, ${they}`,
      () =>
        pair(peer, () => new Reply(), "req", side, async (ours, theirs) => {
          for (const message of MESSAGES) {
            const frames = message.map(frameOf);
            await theirs.send(...frames);
            const request = await ours.receive();
            assert.deepEqual(request.map(frameOf), frames);
            await ours.send([...request, pattern(0)]);
            assert.deepEqual(await theirs.receive(), [...frames, "-"]);
          }
        }),
    ));

    test(...withPeer(
      peer,
      `Request with correlate and a number for each round, ${they}`,
      () =>
        pair(
          peer,
          () => new Request({ correlate: true, relaxed: true }),
          "rep",
          side,
          async (ours, theirs) => {
            for (const body of ["61", "62", "63"]) {
              const reply = ours.request([Uint8Array.of(parseInt(body, 16))]);
              assert.deepEqual(await theirs.receive(), [body]);
              await theirs.send(body, "-");
              assert.deepEqual((await reply).map(frameOf), [body, "-"]);
            }
          },
        ),
    ));

    test(...withPeer(
      peer,
      `Publisher to SUB, ${they}`,
      () =>
        pair(peer, () => new Publisher(), "sub", side, async (ours, theirs) => {
          await theirs.subscribe("61");
          await theirs.subscribe(frameOf(pattern(300)));
          await theirs.subscribe("7a");
          const next = await asked(ours, theirs);
          for (const topic of ["b", "a", "ba", "ab"]) {
            await ours.send([topic, "x"]);
          }
          assert.deepEqual(await next(), ["61", "78"]);
          assert.deepEqual(await next(), ["6162", "78"]);
          for (const length of [299, 300, LARGE]) {
            await ours.send(pattern(length));
          }
          assert.deepEqual(await next(), ["*300"]);
          assert.deepEqual(await next(), [`*${LARGE}`]);
        }),
    ));

    test(...withPeer(
      peer,
      `Subscriber to PUB, ${they}`,
      () =>
        pair(
          peer,
          () => new Subscriber(),
          "pub",
          side,
          async (ours, theirs) => {
            ours.subscribe("a", pattern(300));
            // Nobody tells when they know of it: 62 goes out until 61 comes in.
            let heard = false;
            const first = ours.receive().then((message) => {
              heard = true;
              return message;
            });
            while (!heard) {
              await theirs.send("62");
              await theirs.send("61");
              await sleep(5);
            }
            assert.deepEqual((await first).map(frameOf), ["61"]);
            await theirs.send("6162", "-", "*256");
            await theirs.send("*299");
            await theirs.send(`*${LARGE}`);
            for (;;) {
              const [topic, ...rest] = (await ours.receive()).map(frameOf);
              if (topic === "61") continue;
              assert.deepEqual([topic, ...rest], ["6162", "-", "*256"]);
              break;
            }
            assert.deepEqual((await ours.receive()).map(frameOf), [
              `*${LARGE}`,
            ]);
            ours.unsubscribe("a");
            await sleep(100);
            await theirs.send("61");
            await theirs.send("*300");
            assert.deepEqual((await ours.receive()).map(frameOf), ["*300"]);
          },
        ),
    ));
  }

  test(...withPeer(
    peer,
    "killed in the middle of a message that it sends, then there again",
    () =>
      withSockets(async (keep) => {
        const pull = keep(new Pull({ reconnectInterval: 20 }));
        const first = await PeerSocket.start(
          peer,
          "push",
          "bind",
          "tcp://127.0.0.1:*",
        );
        const proxy = await cuttingProxy(portOf(first.endpoint), 2_000_000);
        let second: PeerSocket | null = null;
        try {
          pull.connect(`tcp://127.0.0.1:${proxy.port}`);
          await first.send("61");
          await first.send("62", `*${LARGE}`);
          await within("2 MB of it came", proxy.full);
          await first.kill();
          second = await PeerSocket.start(peer, "push", "bind", first.endpoint);
          await second.send("63", "*256");
          assert.deepEqual((await pull.receive()).map(frameOf), ["61"]);
          const next = await within("the next message", pull.receive());
          assert.deepEqual(next.map(frameOf), ["63", "*256"]);
        } finally {
          await first.kill();
          await second?.kill();
          proxy.close();
        }
      }),
  ));

  test(...withPeer(
    peer,
    "killed in the middle of a message that it is sent, then there again",
    () =>
      withSockets(async (keep) => {
        const push = keep(new Push({ reconnectInterval: 20 }));
        const first = await PeerSocket.start(
          peer,
          "pull",
          "bind",
          "tcp://127.0.0.1:*",
        );
        let second: PeerSocket | null = null;
        try {
          push.connect(first.endpoint);
          await push.send("a");
          assert.deepEqual(await first.receive(), ["61"]);
          first.program.signal("SIGSTOP");
          // More than the kernel takes for somebody who doesn't read.
          await push.send(["b", pattern(64 * 1024 * 1024)]);
          await push.send(["c", pattern(256)]);
          await sleep(100);
          assert.equal(push.stats().sendQueue, 2);
          await first.kill();
          second = await PeerSocket.start(peer, "pull", "bind", first.endpoint);
          const next = await within("the next message", second.receive());
          assert.deepEqual(next, ["63", "*256"]);
        } finally {
          await first.kill();
          await second?.kill();
        }
      }),
  ));

  test(...withPeer(
    peer,
    "a subscription is there again after the publisher was killed",
    () =>
      withSockets(async (keep) => {
        const subscriber = keep(new Subscriber({ reconnectInterval: 20 }));
        subscriber.subscribe("a");
        const first = await PeerSocket.start(
          peer,
          "pub",
          "bind",
          "tcp://127.0.0.1:*",
        );
        let second: PeerSocket | null = null;
        try {
          subscriber.connect(first.endpoint);
          await hear(subscriber, first, "6131");
          await first.kill();
          second = await PeerSocket.start(peer, "pub", "bind", first.endpoint);
          await hear(subscriber, second, "6132");
        } finally {
          await first.kill();
          await second?.kill();
        }
      }),
  ));
}

/** Publishes "z" until a peer gets it, and returns what receives anything else. */
async function asked(
  publisher: Publisher,
  subscriber: PeerSocket,
): Promise<() => Promise<string[]>> {
  let heard = false;
  const hearing = subscriber.receive().then(() => heard = true);
  while (!heard) {
    await publisher.send("z");
    await sleep(5);
  }
  await hearing;
  return async () => {
    for (;;) {
      const message = await subscriber.receive();
      if (message[0] !== "7a") return message;
    }
  };
}

/** Has a peer publish a topic until it is heard. */
async function hear(
  subscriber: Subscriber,
  publisher: PeerSocket,
  topic: string,
): Promise<void> {
  let heard = false;
  const hearing = (async () => {
    while (frameOf((await subscriber.receive())[0]) !== topic);
    heard = true;
  })();
  while (!heard) {
    await publisher.send(topic);
    await sleep(5);
  }
  await hearing;
}
