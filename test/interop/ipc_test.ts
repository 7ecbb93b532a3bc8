// ipc against real peers, each as connector and as listener: files, new ones and
// abstract names.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { Dealer, Pull, Push, type Socket } from "../../mod.ts";
import {
  builtWithLibzmq,
  frameOf,
  pattern,
  PeerSocket,
  withPeer,
  withZeromqJs,
} from "../support/peer.ts";
import { RUNTIME } from "../support/runtime.ts";
import { withSockets } from "../support/sockets.ts";
import { within } from "../support/wait.ts";

const LIBZMQ = builtWithLibzmq(new URL("libzmq_peer.c", import.meta.url));
const ZEROMQ_JS = withZeromqJs(new URL("zeromqjs_peer.mjs", import.meta.url));

const MESSAGES = [[5], [0, 300, 0], [70_000], [3, 2_000_000]].map((lengths) =>
  lengths.map(pattern)
);
const name = `nought-test-${RUNTIME}-${process.pid}`;
const ENDPOINTS = {
  "a path": `ipc://${tmpdir()}/${name}`,
  "an abstract name": `ipc://@${name}`,
  "a new path": "ipc://*",
};

for (const peer of [LIBZMQ, ZEROMQ_JS]) {
  for (const [what, endpoint] of Object.entries(ENDPOINTS)) {
    for (const side of ["bind", "connect"] as const) {
      const they = `they ${side}, by ${what}`;

      const meet = async (ours: Socket, type: string) => {
        if (side === "bind") {
          const theirs = await PeerSocket.start(peer, type, "bind", endpoint);
          ours.connect(theirs.endpoint);
          return theirs;
        }
        await ours.bind(endpoint);
        return PeerSocket.start(peer, type, "connect", ours.lastEndpoint!);
      };
      const exchange = <S extends Socket>(
        ours: S,
        type: string,
        run: (ours: S, theirs: PeerSocket) => Promise<void>,
      ) =>
        withSockets(async (keep) => {
          keep(ours);
          const theirs = await meet(ours, type);
          try {
            await within("the exchange", run(ours, theirs), 25_000);
          } finally {
            await theirs.kill();
            if (what === "a path") {
              rmSync(endpoint.slice("ipc://".length), { force: true });
            }
            const left = theirs.endpoint?.match(/^ipc:\/\/(.*)\/socket$/);
            if (side === "bind" && left) {
              rmSync(left[1], { recursive: true, force: true });
            }
          }
        });

      test(
        ...withPeer(
          peer,
          `Push to PULL over ipc, ${they}`,
          () =>
            exchange(new Push(), "pull", async (ours, theirs) => {
              for (const message of MESSAGES) {
                await ours.send(message);
                assert.deepEqual(await theirs.receive(), message.map(frameOf));
              }
            }),
        ),
      );

      test(
        ...withPeer(
          peer,
          `Pull from PUSH over ipc, ${they}`,
          () =>
            exchange(new Pull(), "push", async (ours, theirs) => {
              for (const message of MESSAGES) {
                await theirs.send(...message.map(frameOf));
                const got = (await ours.receive()).map(frameOf);
                assert.deepEqual(got, message.map(frameOf));
              }
            }),
        ),
      );

      test(
        ...withPeer(
          peer,
          `Dealer with DEALER over ipc, ${they}`,
          () =>
            exchange(new Dealer(), "dealer", async (ours, theirs) => {
              for (const message of MESSAGES) {
                await ours.send(message);
                assert.deepEqual(await theirs.receive(), message.map(frameOf));
                await theirs.send(...message.map(frameOf));
                const got = (await ours.receive()).map(frameOf);
                assert.deepEqual(got, message.map(frameOf));
              }
            }),
        ),
      );
    }
  }
}
