// One Publisher, bound to five transports at once, and a subscriber of a different
// kind on each: two of ours, one in Chromium, one of libzmq, one in a group.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher, Subscriber } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { CHROMIUM, inBrowser } from "../support/browsers.ts";
import {
  builtWithLibzmq,
  frameOf,
  type Peer,
  withPeer,
  withProgram,
} from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep } from "../support/wait.ts";

const LIBZMQ = builtWithLibzmq(
  new URL("../interop/libzmq_peer.c", import.meta.url),
);
const BOTH: Peer = {
  name: "libzmq and Chromium",
  absent: LIBZMQ.absent ?? CHROMIUM.absent,
  command: [],
};
const port = 20_000 + Math.floor(Math.random() * 40_000);

test(
  ...withPeer(
    BOTH,
    "one Publisher serves tcp, ipc, inproc, ws and epgm at once",
    () =>
      withProgram(LIBZMQ, (program) =>
        withSockets(async (keep) => {
          const publisher = keep(new Publisher({ rate: 10_000 }));
          const addresses: string[] = [];
          for (
            const address of [
              "tcp://127.0.0.1:*",
              "ipc://*",
              "inproc://mixed",
              "ws://127.0.0.1:*/zmq",
              `epgm://127.0.0.1;239.192.9.1:${port}`,
            ]
          ) {
            await publisher.bind(address);
            addresses.push(publisher.lastEndpoint!);
          }
          const [tcp, ipc, inproc, ws, epgm] = addresses;
          const ours = [ipc, inproc, epgm].map((address) => {
            const subscriber = keep(new Subscriber({ rate: 10_000 }));
            subscriber.subscribe("news");
            subscriber.connect(address);
            return subscriber;
          });
          const theirs = await program.open("sub");
          await theirs.subscribe(frameOf(new TextEncoder().encode("news")));
          await theirs.connect(tcp);
          let open = true;
          const publishing = (async () => {
            while (open) {
              await publisher.send(["news", "to all"]);
              await publisher.send(["other", "to nobody"]);
              await sleep(20);
            }
          })();
          try {
            const page = new URL(
              "../browser/subscriber_page.ts",
              import.meta.url,
            );
            const heard = await Promise.all([
              ...ours.map(async (one) => texts(await one.receive())),
              inBrowser(CHROMIUM, page, { publisher: ws, topic: "news" }),
              theirs.receive().then((frames) =>
                frames.map((frame) => {
                  const hex = frame.match(/../g)!;
                  return String.fromCharCode(
                    ...hex.map((two) => parseInt(two, 16)),
                  );
                })
              ),
            ]);
            assert.deepEqual(heard, heard.map(() => ["news", "to all"]));
            assert.equal(heard.length, 5);
          } finally {
            open = false;
            await publishing;
          }
        })),
  ),
);
