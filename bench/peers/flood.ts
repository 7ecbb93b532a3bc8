// The programs of the benchmarks flood and storm. `serve` is a Pull that lets one key
// in, and tells when asked what it has done and what that took; `push` sends to it with
// that key; `strangers` come and are refused, so many a second; `clients` are many
// sockets that connect at once.

import { connect } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { Pull, Push } from "../../mod.ts";
import { z85Decode } from "../../src/base/z85.ts";
import { encodeProperties } from "../../src/base/metadata.ts";
import { x25519 } from "../../src/crypto/x25519.ts";
import { CurveClient } from "../../src/mechanisms/curve.ts";
import { CLIENT_KEYS, SERVER_KEYS } from "../../test/support/shaking_peer.ts";
import { frame, greeting } from "../../test/support/zmtp.ts";

const BODY = new Uint8Array(1024);
const BATCH = 128;
const BACKLOG = "Bun" in globalThis ? 100 : 1000;

const [role, endpoint, ...rest] = process.argv.slice(2);
if (role === "serve") await serve();
if (role === "push") await push();
if (role === "strangers") strangers(Number(rest[0]), rest[1]);
if (role === "clients") await clients(Number(rest[0]));

async function serve(): Promise<void> {
  const pull = new Pull({
    curveServer: true,
    curveSecretKey: SERVER_KEYS.secretKey,
    authenticate: ({ publicKey }) => publicKey === CLIENT_KEYS.publicKey,
    backlog: BACKLOG,
  });
  let refused = 0;
  let ready = 0;
  pull.events.on("disconnect", () => refused++);
  pull.events.on("handshake", () => ready++);
  await pull.bind("tcp://127.0.0.1:*");
  console.log(pull.lastEndpoint);
  createInterface({ input: process.stdin }).on("line", () => {
    const { user, system } = process.cpuUsage();
    const { messagesIn: messages } = pull.stats();
    const seconds = performance.now() / 1000;
    const busy = (user + system) / 1e6;
    console.log(JSON.stringify({ messages, refused, ready, seconds, busy }));
  });
  for (;;) await pull.receiveMany();
}

function securely(): Push {
  return new Push({
    curveServerKey: SERVER_KEYS.publicKey,
    curvePublicKey: CLIENT_KEYS.publicKey,
    curveSecretKey: CLIENT_KEYS.secretKey,
  });
}

async function push(): Promise<void> {
  const socket = securely();
  socket.connect(endpoint);
  const batch = Array(BATCH).fill(BODY);
  for (;;) await socket.sendMany(batch);
}

/** Each says what it has to say at once, and is hung up on. */
function strangers(perSecond: number, kind: string): void {
  const port = Number(endpoint.split(":").at(-1));
  const [first, second] = words(kind);
  const began = performance.now();
  let come = 0;
  setInterval(() => {
    const due = (performance.now() - began) / 1000 * perSecond;
    for (; come < due; come++) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.on("connect", () => {
        socket.write(first);
        if (second !== null) socket.write(second);
      });
      socket.resume();
      socket.on("end", () => socket.destroy());
    }
  }, 2);
}

function words(kind: string): [Uint8Array, Uint8Array | null] {
  if (kind === "noise") {
    return [new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), null];
  }
  const client = new CurveClient(
    encodeProperties([]),
    {
      publicKey: z85Decode(CLIENT_KEYS.publicKey)!,
      secretKey: z85Decode(CLIENT_KEYS.secretKey)!,
    },
    // The key of somebody else.
    z85Decode(CLIENT_KEYS.publicKey)!,
    { x25519, entropy: (into) => void crypto.getRandomValues(into) },
  );
  return [greeting("CURVE"), frame(4, client.next()!)];
}

async function clients(count: number): Promise<void> {
  const sockets = Array.from({ length: count }, securely);
  for (const socket of sockets) socket.connect(endpoint);
  await Promise.all(sockets.map((socket) => socket.send(BODY)));
  await new Promise(() => {});
}
