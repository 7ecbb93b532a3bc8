// What an idle connection costs: so many peers of a Router, or as many bare
// connections accepted by the runtime; `nought` or `bare`. It prints where it
// listens, and on each line of input how much memory it has and how many peers.

import { createInterface } from "node:readline";
import process from "node:process";
import { Router, text } from "../../mod.ts";
import { collect, heldMemory } from "../support/memory.ts";
import { RUNTIME } from "../support/runtime.ts";

/** The reads of a runtime that reads into memory it is given. */
const READ = 1024;
let peers: () => number;

if (process.argv[2] === "nought") {
  const router = new Router();
  await router.bind("tcp://127.0.0.1:*");
  console.log(`listening ${router.lastEndpoint!.split(":").at(-1)}`);
  peers = () => router.stats().peers;
  (async () => {
    for await (const [id, question] of router) {
      await router.send([id, `re ${text(question)}`]);
    }
  })();
} else {
  const kept = new Set<unknown>();
  peers = () => kept.size;
  console.log(`listening ${await bare(kept)}`);
}

/** Accepts connections with what the runtime has for it. */
async function bare(kept: Set<unknown>): Promise<number> {
  if (RUNTIME === "deno") {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    (async () => {
      for await (const conn of listener) {
        kept.add(conn);
        const into = new Uint8Array(READ);
        conn.read(into).then((count) => {
          if (count === null) kept.delete(conn);
        }, () => kept.delete(conn));
      }
    })();
    return listener.addr.port;
  }
  if (RUNTIME === "bun") {
    const { Bun } = globalThis as unknown as {
      Bun: { listen(options: object): { port: number } };
    };
    return Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket: unknown) => kept.add(socket),
        close: (socket: unknown) => kept.delete(socket),
        data: () => {},
      },
    }).port;
  }
  const { createServer } = await import("node:net");
  const server = createServer((socket) => {
    kept.add(socket);
    socket.on("data", () => {});
    socket.on("error", () => {});
    socket.on("close", () => kept.delete(socket));
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve())
  );
  return (server.address() as { port: number }).port;
}

for await (const _ of createInterface({ input: process.stdin })) {
  collect();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const heap = heldMemory();
  const { rss } = process.memoryUsage();
  console.log(JSON.stringify({ heap, rss, peers: peers() }));
}
