// How sockets of a page live and end in real browsers: servers that go and come
// back, pages that receive late or never, closing, and being refused.

import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { test } from "node:test";
import {
  curveKeyPair,
  Pull,
  type PullOptions,
  Push,
  type PushOptions,
  Reply,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { BROWSERS, inBrowser } from "../support/browsers.ts";
import { withPeer } from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { PATIENT, until } from "../support/wait.ts";

const ANY = "ws://127.0.0.1:*/zmq";

/** Hangs up on so many, at a port that somebody had. */
async function hangUp(port: number, times: number): Promise<void> {
  let count = 0;
  const server: Server = createServer((stream) => {
    stream.on("error", () => {});
    stream.destroy();
    count++;
  });
  await new Promise<void>((resolve) =>
    server.listen(port, "127.0.0.1", resolve)
  );
  await until("it has tried again", () => count >= times, PATIENT);
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

const EXPECTED = {
  back: ["before", "after", 1, 2, 1, true],
  late: [],
  bound: ["ENOBUFS"],
  lingering: "closed",
  closing: ["one", "the loop has ended", "EBADF"],
  terminating: ["ETERM", "ETERM"],
  timers: ["EAGAIN", "EAGAIN"],
  wrongKey: [
    ...["connect:delay", "connect", "handshake:error:other", "disconnect"],
    ...["connect:retry", "ECONNRESET"],
  ],
  plain: [
    ...["connect:delay", "connect", "handshake:error:auth", "disconnect"],
    ...["close", "ERR_ZAP_STATUS_400"],
  ],
};

for (const browser of BROWSERS) {
  test(...withPeer(
    browser,
    "a page's sockets outlive their servers, stay within bounds, and end",
    () =>
      withSockets(async (keep) => {
        const keys = curveKeyPair();
        const push = async (options: PushOptions = {}, at = ANY) => {
          const socket = keep(new Push(options));
          await socket.bind(at);
          return socket;
        };
        const pull = async (options: PullOptions = {}) => {
          const socket = keep(new Pull(options));
          await socket.bind(ANY);
          return socket;
        };
        const [first, late, closing, cut] = await Promise.all([
          ...[push(), push(), push(), push()],
        ]);
        const endless = await push({ sendHighWaterMark: 10 });
        const lingering = await pull();
        const plain = await pull({
          plainServer: true,
          authenticate: ({ password }) => password === "right",
        });
        const curve = await pull({
          curveServer: true,
          curveSecretKey: keys.secretKey,
        });
        const silent = keep(new Reply());
        await silent.bind(ANY);

        const back = first.lastEndpoint!;
        const serving = [
          (async () => {
            await first.send("before", { flushed: true });
            await first.closeAsync();
            await hangUp(Number(new URL(back).port), 2);
            await (await push({}, back)).send("after");
          })(),
          (async () => {
            for (let i = 0; i < 300; i++) {
              await late.send([`${i}`, new Uint8Array(100_000)]);
            }
          })(),
          (async () => {
            // Waits for somebody who takes it, and in the end for nobody.
            const flooding = (async () => {
              for (let i = 0;; i++) {
                await endless.send([`${i}`, new Uint8Array(1_000_000)]);
              }
            })();
            flooding.catch(() => {});
            await until(
              "it has come",
              () => endless.stats().peers === 1,
              PATIENT,
            );
            await until(
              "it has gone",
              () => endless.stats().peers === 0,
              PATIENT,
            );
            await cut.send("cut off");
          })(),
          closing.send("one"),
        ];
        const said = await inBrowser(
          browser,
          new URL("life_page.ts", import.meta.url),
          {
            back,
            late: late.lastEndpoint!,
            bound: endless.lastEndpoint!,
            cut: cut.lastEndpoint!,
            lingering: lingering.lastEndpoint!,
            closing: closing.lastEndpoint!,
            terminating: silent.lastEndpoint!,
            nowhere: "ws://127.0.0.1:1/",
            curve: curve.lastEndpoint!,
            key: keys.publicKey,
            wrongKey: curveKeyPair().publicKey,
            plain: plain.lastEndpoint!,
          },
        );
        assert.deepEqual(said, EXPECTED);
        await Promise.all(serving);
        assert.equal((await lingering.receive())[1].length, 5_000_000);
        assert.deepEqual(texts(await plain.receive()), [
          "with the right password",
        ]);
        assert.deepEqual(texts(await curve.receive()), ["with the right key"]);
      }),
  ));
}
