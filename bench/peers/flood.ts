// The programs of the benchmarks flood and storm. `serve` is a Pull that lets one key
// in, and tells when asked what it has done and what that took; `push` sends to it with
// that key; `strangers` come and are refused, so many a second; `clients` are many
// sockets that connect at once.

import process from "node:process";
import { createInterface } from "node:readline";
import { Pull, Push } from "../../mod.ts";
import { CLIENT_KEYS, SERVER_KEYS } from "../../test/support/shaking_peer.ts";

const BODY = new Uint8Array(1024);
const BATCH = 128;
const BACKLOG = "Bun" in globalThis ? 100 : 1000;

const [role, endpoint, ...rest] = process.argv.slice(2);
if (role === "serve") await serve();
if (role === "push") await push();
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

async function clients(count: number): Promise<void> {
  const sockets = Array.from({ length: count }, securely);
  for (const socket of sockets) socket.connect(endpoint);
  await Promise.all(sockets.map((socket) => socket.send(BODY)));
  await new Promise(() => {});
}
