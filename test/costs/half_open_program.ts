// What a server of CURVE keeps of clients that have said HELLO, got their WELCOME and
// said no more: bytes for each, beyond what it keeps of one that has said nothing.

import process from "node:process";
import { curveClient, curveServer } from "../support/curve.ts";
import { collect } from "../support/memory.ts";
import type { Bench } from "../support/pair.ts";

const CLIENTS = 1000;
/** Bytes of the two commands as frames. */
const HELLO = 202;
const WELCOME = 170;

/** Bytes for each of so many servers, whose clients have said so much. */
function perServer(hello: boolean): number {
  const servers: Bench[] = [];
  const used = () => {
    collect();
    collect();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return heapUsed + Math.max(external, arrayBuffers);
  };
  const before = used();
  for (let i = 0; i < CLIENTS; i++) {
    const [client, server] = [curveClient(), curveServer()];
    let said = server.written();
    for (;;) {
      client.receive(said);
      const next = client.written();
      if (!hello && next.length >= HELLO) break;
      server.receive(next);
      said = server.written();
      // After its greeting, a server says WELCOME, and asks nothing yet.
      if (next.length >= HELLO) break;
    }
    if (hello && said.length !== WELCOME) throw new Error("no WELCOME");
    servers.push(server);
  }
  const after = used();
  if (servers.length !== CLIENTS) throw new Error("they are still there");
  return (after - before) / CLIENTS;
}

// Warm: what the runtime keeps of the code is no matter here.
perServer(true);
console.log(
  JSON.stringify({ silent: perServer(false), hello: perServer(true) }),
);
