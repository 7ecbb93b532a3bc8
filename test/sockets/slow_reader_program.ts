// A Push that sends 1 KiB messages in a tight loop, and a Pull that reads
// none until the Push stands still. Before that, how much the kernel holds of a
// connection that nobody reads.

import { connect, createServer } from "node:net";
import process from "node:process";
import { Pull, Push, ZmqError } from "../../mod.ts";

const body = new Uint8Array(1024);
const numbers = new DataView(body.buffer);
const kernel = await kernelHolds();
const pull = new Pull();
const push = new Push();
await pull.bind("tcp://127.0.0.1:*");
push.connect(pull.lastEndpoint!);
// Warm: what a runtime sets aside for itself is no matter here.
for (let i = 0; i < 20_000; i++) {
  await push.send(body);
  await pull.receive();
}
const before = process.memoryUsage().rss;

push.sendTimeout = 500;
let sent = 0;
try {
  for (;; sent++) {
    numbers.setUint32(0, sent);
    await push.send(body);
  }
} catch (error) {
  if (!(error instanceof ZmqError) || error.code !== "EAGAIN") throw error;
}
const grown = (process.memoryUsage().rss - before) / 1048576;
console.log(JSON.stringify({ sent, kernel, grown: Math.round(grown) }));

push.sendTimeout = -1;
const rest = (async () => {
  for (let i = sent; i < sent + 1000; i++) {
    numbers.setUint32(0, i);
    await push.send(body);
  }
})();
let inOrder = 0;
for await (const [frame] of pull) {
  const number = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
  if (frame.length !== 1024 || number !== inOrder) break;
  if (++inOrder === sent + 1000) break;
}
await rest;
console.log(JSON.stringify({ inOrder }));
process.exit();

/** Bytes that the kernel takes of a sender whose peer doesn't read. */
async function kernelHolds(): Promise<number> {
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const socket = connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  const piece = new Uint8Array(65536);
  let taken = 0;
  let last = -1;
  while (taken !== last) {
    last = taken;
    const ends = performance.now() + 300;
    while (performance.now() < ends) {
      const full = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), 300);
        socket.write(piece, () => {
          clearTimeout(timer);
          taken += piece.length;
          resolve(false);
        });
      });
      if (full) break;
    }
  }
  socket.destroy();
  server.close();
  return taken;
}
