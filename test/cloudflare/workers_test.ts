// Workers of Cloudflare, in their own runtime: they connect over tcp and ws, and peers
// come to a Durable Object by WebSockets that are attached.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  curveKeyPair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
} from "../../mod.ts";
import { found } from "../docs/imports.ts";
import { texts } from "../support/bytes.ts";
import { certificate } from "../support/certificate.ts";
import { withPeer } from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, within } from "../support/wait.ts";
import { withWorker, WORKERD } from "../support/workerd.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

/** Has the Worker do something. */
async function done(
  host: string,
  task: string,
  told: Record<string, string> = {},
): Promise<unknown> {
  const words = new URLSearchParams(told);
  const response = await fetch(`http://${host}/${task}?${words}`);
  assert.equal(response.status, 200);
  return await response.json();
}

test(...withPeer(
  WORKERD,
  "a Worker asks over tcp and ws, by address and by name, subscribes, pushes with CURVE, and meets itself over inproc",
  () =>
    withWorker(WORKER, "", (host) =>
      withSockets(async (keep) => {
        const keys = curveKeyPair();
        const reply = keep(new Reply());
        await reply.bind("tcp://127.0.0.1:*");
        const tcp = reply.lastEndpoint!;
        await reply.bind("ws://127.0.0.1:*/zmq");
        const ws = reply.lastEndpoint!;
        const named = tcp.replace("127.0.0.1", "localhost");
        const publisher = keep(new Publisher());
        await publisher.bind("tcp://127.0.0.1:*");
        const pull = keep(
          new Pull({ curveServer: true, curveSecretKey: keys.secretKey }),
        );
        await pull.bind("tcp://127.0.0.1:*");
        (async () => {
          for await (const message of reply) await reply.send(message);
        })();
        const ticking = setInterval(() => {
          publisher.send(["news", "from outside"]);
          publisher.send(["other", "unwanted"]);
        }, 20);
        try {
          const answer = ["question", "300000"];
          // A request after another: contexts don't share what belongs to a request.
          for (let i = 0; i < 2; i++) {
            assert.deepEqual(
              await done(host, "all", {
                ...{ tcp, ws, named, key: keys.publicKey },
                publisher: publisher.lastEndpoint!,
                pull: pull.lastEndpoint!,
              }),
              {
                news: ["news", "from outside"],
                ...{ tcp: answer, ws: answer, named: answer },
                inproc: ["within the Worker"],
              },
            );
            assert.deepEqual(texts(await pull.receive()), ["hidden"]);
          }
        } finally {
          clearInterval(ticking);
        }
      })),
));

test(...withPeer(
  WORKERD,
  "a Worker says EPROTONOSUPPORT of what it can't, and has the capabilities of the docs",
  () =>
    withWorker(WORKER, "", async (host) => {
      assert.deepEqual(await done(host, "lacks"), {
        codes: {
          "bind tcp://127.0.0.1:*": "EPROTONOSUPPORT",
          "bind ws://127.0.0.1:*": "EPROTONOSUPPORT",
          "bind ipc://*": "EPROTONOSUPPORT",
          "connect ipc:///tmp/x": "EPROTONOSUPPORT",
          "connect wss://127.0.0.1:1": "ENOTSUP",
          "connect tcp://lo:0;a:1": "EPROTONOSUPPORT",
          "connect wss by another name": "ENOTSUP",
        },
        has: [
          "tcp",
          "socks5",
          "inproc",
          "ws",
          "wss",
          "plain",
          "curve",
          "zap",
          "draft",
        ],
      });
    }),
));

test(...withPeer(
  WORKERD,
  "a Worker asks over wss whom Cloudflare trusts, and nobody else",
  () =>
    withSockets(async (keep) => {
      const { cert, key } = certificate();
      const reply = keep(new Reply({ wssCertPem: cert, wssKeyPem: key }));
      await reply.bind("wss://127.0.0.1:*/zmq");
      const wss = reply.lastEndpoint!;
      (async () => {
        for await (const message of reply) await reply.send(message);
      })();
      await withWorker(WORKER, "", async (host) => {
        const answer = await within("an answer", done(host, "secure", { wss }));
        assert.deepEqual(answer, ["question", "300000"]);
      }, cert);
      await withWorker(WORKER, "", async (host) => {
        assert.equal(await done(host, "distrusts", { wss }), "EIO");
        // What isn't safe is no way round.
        assert.equal(reply.stats().peers, 0);
      });
    }),
));

test(...withPeer(
  WORKERD,
  "peers come to a Durable Object by WebSockets that are attached, and come again",
  () =>
    withWorker(WORKER, "", (host) =>
      withSockets(async (keep) => {
        for (let i = 1; i <= 3; i++) {
          const request = keep(new Request());
          request.connect(`ws://${host}/zmq`);
          await request.send("who?");
          const answer = await within("an answer", request.receive());
          assert.deepEqual(texts(answer), ["who?", `${i}`]);
          request.close();
        }
      })),
));

test(...withPeer(
  WORKERD,
  "the Worker of the docs asks a service, and is asked",
  () =>
    withSockets(async (keep) => {
      const reply = keep(new Reply());
      await reply.bind("tcp://127.0.0.1:*");
      const docs = new URL("../../docs/transports.md", import.meta.url);
      const [, code] = /^```ts worker\n([\s\S]*?)^```/m
        .exec(readFileSync(docs, "utf8"))!;
      const folder = mkdtempSync(join(tmpdir(), "nought-docs-"));
      try {
        const script = join(folder, "worker.ts");
        writeFileSync(script, found(code));
        await withWorker(script, reply.lastEndpoint!, async (host) => {
          const response = fetch(`http://${host}/`);
          assert.deepEqual(texts(await reply.receive()), ["what is new?"]);
          await reply.send("nothing");
          assert.equal(await (await response).text(), "nothing");
          for (const answer of ["1 have asked", "2 have asked"]) {
            const request = keep(new Request());
            request.connect(`ws://${host}/`);
            await request.send("and?");
            const frames = await within("an answer", request.receive());
            assert.deepEqual(texts(frames), [answer]);
          }
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
));

test(...withPeer(
  WORKERD,
  "a Worker that takes nothing pushes its peer back, and gets all once it does",
  () =>
    withWorker(WORKER, "", (host) =>
      withSockets(async (keep) => {
        const count = 2000;
        const body = new Uint8Array(65536);
        const push = keep(new Push({ sendHighWaterMark: 2 }));
        await push.bind("tcp://127.0.0.1:*");
        const sum = done(host, "slow", {
          from: push.lastEndpoint!,
          ...{ count: `${count}`, first: "1500" },
        });
        let sent = 0;
        for (let idle = 0; idle < 20; idle++) {
          for (; sent < count && push.trySend(body); sent++) idle = 0;
          await sleep(20);
        }
        assert.ok(sent > 0 && sent < count / 2, `${sent} were taken`);
        for (; sent < count; sent++) await push.send(body);
        assert.equal(await within("all", sum), count * body.length);
      })),
));
