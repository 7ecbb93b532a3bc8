// What docs/transports.md says of browsers, held against what a page finds.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { curveKeyPair, Pull, Push, Server, type Socket } from "../../mod.ts";
import { cellsOf, PAGES } from "../docs/tables.ts";
import { BROWSERS, inBrowser } from "../support/browsers.ts";
import { certificate, OPENSSL } from "../support/certificate.ts";
import { withPeer } from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";

const DOCS = new URL("../../docs/transports.md", import.meta.url);

/** What the docs say of browsers, but for what takes several pages to find. */
function documented(): Record<string, string> {
  const rows = cellsOf(readFileSync(DOCS, "utf8"), "capabilities")
    .map((cells) => [cells[1].slice(1, -1), cells[PAGES]])
    .filter(([name]) => name !== "inprocTogether");
  return Object.fromEntries(rows);
}

for (const browser of BROWSERS) {
  test(...withPeer(
    { ...browser, absent: browser.absent ?? OPENSSL.absent },
    "a page finds what the docs say that browsers have",
    () =>
      withSockets(async (keep) => {
        const keys = curveKeyPair();
        const { cert, key } = certificate();
        const bound = async <S extends Socket>(socket: S, scheme = "ws") => {
          await keep(socket).bind(`${scheme}://127.0.0.1:*/zmq`);
          return socket.lastEndpoint!;
        };
        const clients = ["asked", "answered"].map(() =>
          new Push({ curveServerKey: keys.publicKey })
        );
        const server = new Server();
        const wss = await bound(
          new Pull({ wssCertPem: cert, wssKeyPem: key }),
          "wss",
        );
        const told = {
          ws: await bound(new Pull()),
          wss,
          plain: await bound(
            new Pull({
              plainServer: true,
              authenticate: ({ username }) => username === "anna",
            }),
          ),
          curve: await bound(
            new Pull({ curveServer: true, curveSecretKey: keys.secretKey }),
          ),
          asked: await bound(clients[0]),
          answered: await bound(clients[1]),
          server: await bound(server),
          key: keys.publicKey,
          secretKey: keys.secretKey,
        };
        const serving = [
          ...clients.map((client) => client.send("in")),
          server.receive().then((request) => server.send(request)),
        ];
        const found = await inBrowser(
          browser,
          new URL("capabilities_page.ts", import.meta.url),
          told,
          { trusted: { address: wss, cert } },
        ) as Record<string, string>;
        assert.deepEqual(found, documented());
        await Promise.all(serving);
      }),
  ));
}
