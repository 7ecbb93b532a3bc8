// The browser entry in real browsers: a page with a clean bundle subscribes to a
// Publisher, asks a Reply, talks CURVE to a Pull, and meets itself over inproc.

import assert from "node:assert/strict";
import { test } from "node:test";
import { curveKeyPair, Publisher, Pull, Reply } from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { BROWSERS, inBrowser } from "../support/browsers.ts";
import { withPeer } from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep } from "../support/wait.ts";

for (const browser of BROWSERS) {
  test(
    ...withPeer(
      browser,
      "a page subscribes, asks, pushes with CURVE, and meets itself over inproc",
      () =>
        withSockets(async (keep) => {
          const keys = curveKeyPair();
          const publisher = keep(new Publisher());
          const reply = keep(new Reply());
          const pull = keep(
            new Pull({ curveServer: true, curveSecretKey: keys.secretKey }),
          );
          for (const socket of [publisher, reply, pull]) {
            await socket.bind("ws://127.0.0.1:*/zmq");
          }
          (async () => {
            for await (const message of reply) await reply.send(message);
          })();
          let open = true;
          const publishing = (async () => {
            while (open) {
              await publisher.send(["news", "from outside"]);
              await publisher.send(["other", "unwanted"]);
              await sleep(20);
            }
          })();
          try {
            const page = new URL("page.ts", import.meta.url);
            const said = await inBrowser(browser, page, {
              publisher: publisher.lastEndpoint!,
              reply: reply.lastEndpoint!,
              pull: pull.lastEndpoint!,
              key: keys.publicKey,
            });
            assert.deepEqual(said, {
              news: ["news", "from outside"],
              answer: ["question", "300000"],
              inproc: ["within the page"],
              tcp: "EPROTONOSUPPORT",
              wrong: ["EINVAL", "EINVAL", "EINVAL", "EINVAL"],
              left: 0,
              share: [
                "ENOTSUP",
                "Cross-Origin-Opener-Policy: same-origin",
                "Cross-Origin-Embedder-Policy: require-corp",
              ],
            });
            assert.deepEqual(texts(await pull.receive()), ["hidden"]);
          } finally {
            open = false;
            await publishing;
          }
        }),
    ),
  );
}
