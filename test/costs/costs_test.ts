// What things cost in memory, measured in programs of their own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Program, script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

const PEERS = 2000;
const DESCRIPTORS = 3 * PEERS;

test("100,000 subscriptions take less than 60 MB, and none are left when a million have come and gone", async () => {
  const child = script("costs/subscriptions_program.ts", [], { gc: true });
  const line = await within("its figures", child.line(), 120_000);
  const { megabytes, left, topics } = JSON.parse(line);
  assert.equal(topics, 0);
  assert.ok(megabytes < 60, `${megabytes} MB`);
  assert.ok(left < 5, `${left} MB are left`);
});

test("a client of CURVE that has its WELCOME and says no more costs a nonce, until its cookie comes back", async () => {
  const child = script("costs/half_open_program.ts", [], { gc: true });
  const line = await within("its figures", child.line(), 120_000);
  const { silent, hello } = JSON.parse(line);
  assert.ok(hello - silent < 400, `${hello} bytes against ${silent}`);
});

test("contexts, listeners and connections that come and go leave nothing behind", async () => {
  const child = script("costs/churn_program.ts", [], { gc: true });
  const left = JSON.parse(await within("its figures", child.line(), 120_000));
  for (const [address, bytes] of Object.entries<number>(left)) {
    assert.ok(bytes < 90, `${bytes} bytes of each at ${address}`);
  }
});

interface Figures {
  heap: number;
  rss: number;
  peers: number;
}

async function figures(program: Program): Promise<Figures> {
  program.tell("now");
  return JSON.parse(await within("figures", program.line(), 60_000));
}

/** The figures once there are so many peers. */
async function settled(program: Program, peers: number): Promise<Figures> {
  for (let tries = 0; tries < 200; tries++) {
    const now = await figures(program);
    if (now.peers === peers) return now;
  }
  throw new Error(`waited in vain for ${peers} peers`);
}

/** Lets so many connect, and returns what each of them takes, in bytes. */
async function perConnection(how: "nought" | "bare"): Promise<number> {
  const options = { gc: true, descriptors: DESCRIPTORS };
  const server = script("costs/connections_program.ts", [how], options);
  try {
    const port = (await within("it listens", server.line())).split(" ")[1];
    const come = async (count: number) => {
      const args = [port, String(count), how];
      const peers = script("costs/peers_program.ts", args, options);
      const said = await within("all are there", peers.line(), 120_000);
      const answered = how === "bare" ? 0 : count;
      assert.equal(said, `connected ${count}, answered ${answered}`);
      return peers;
    };
    const leave = async (peers: Program) => {
      peers.tell("leave");
      await within("they leave", peers.exit, 60_000);
      await settled(server, 0);
    };
    // Warm: what a runtime sets aside for itself is no matter here.
    await leave(await come(PEERS / 2));
    const before = await settled(server, 0);
    const peers = await come(PEERS);
    const after = await settled(server, PEERS);
    await leave(peers);
    return (after.heap - before.heap) / PEERS;
  } finally {
    await server.kill();
  }
}

test("2,000 peers of a Router come, talk and leave; an idle one takes at most 4 kB more than a bare connection", async () => {
  const [ours, bare] = [
    await perConnection("nought"),
    await perConnection("bare"),
  ];
  assert.ok(
    ours - bare <= 4096,
    `${Math.round(ours)} bytes against ${Math.round(bare)}`,
  );
});
