// What a server of CURVE keeps of clients that have said HELLO, got their WELCOME and
// said no more: bytes for each, beyond what it keeps of one that has said nothing.

import { curveClient, curveServer } from "../support/curve.ts";
import { heldMemory } from "../support/memory.ts";
import { sleep } from "../support/wait.ts";
import type { Bench } from "../support/pair.ts";

const CLIENTS = 1000;
/** Bytes of the two commands as frames. */
const HELLO = 202;
const WELCOME = 170;

/** Bytes for each of so many servers, whose clients have said so much. */
async function perServer(hello: boolean): Promise<number> {
  const servers: Bench[] = [];
  const before = await settled();
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
  const after = await settled();
  if (servers.length !== CLIENTS) throw new Error("they are still there");
  // Some collectors take what is left of a call on the stack for a use of the array.
  servers.length = 0;
  return (after - before) / CLIENTS;
}

/** What is held once nothing more is to be collected. */
async function settled(): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    await sleep(50);
    least = Math.min(least, heldMemory());
  }
  return least;
}

// Warm: what the runtime keeps of the code is no matter here.
await perServer(true);
console.log(
  JSON.stringify({
    silent: await perServer(false),
    hello: await perServer(true),
  }),
);
