// Peers that mean harm, many at a time, against a program of its own: it goes
// on serving the others, and its memory doesn't move.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push } from "../../mod.ts";
import { bytes, concat } from "../support/bytes.ts";
import { GARBAGE, RawPeer } from "../support/raw_peer.ts";
import { type Program, script } from "../support/runtime.ts";
import { join, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { frame, greeting, message, ready } from "../support/zmtp.ts";

const PEERS = 150;

interface Attack {
  readonly name: string;
  /** What each peer says, in one piece. */
  readonly say: Uint8Array;
  /** Whether it is hung up on for that, or may stay until it does more. */
  readonly cut: boolean;
}

const shaken = concat(greeting(), ready("PUSH"));

const ATTACKS: Attack[] = [
  { name: "garbage", say: GARBAGE, cut: true },
  { name: "a wrong signature", say: bytes("ff 00x8 00"), cut: true },
  { name: "half a greeting", say: greeting().subarray(0, 40), cut: false },
  { name: "an unsupported mechanism", say: greeting("GSSAPI"), cut: true },
  {
    name: "an incompatible socket type",
    say: concat(greeting(), ready("SUB")),
    cut: true,
  },
  {
    name: "a command of 4 GiB",
    say: concat(greeting(), bytes("06 0000000100000000")),
    cut: true,
  },
  {
    name: "messages before READY",
    say: concat(greeting(), message("x".repeat(5000))),
    cut: true,
  },
  {
    name: "half a READY",
    say: concat(greeting(), ready("PUSH").subarray(0, 20)),
    cut: false,
  },
  {
    name: "a frame of a gigabyte that never comes",
    say: concat(shaken, bytes("02 0000000040000000"), new Uint8Array(100)),
    cut: false,
  },
  {
    name: "a frame of 2^63 bytes",
    say: concat(shaken, bytes("02 8000000000000000")),
    cut: true,
  },
  {
    name: "a command of 2 MiB in traffic",
    say: concat(shaken, bytes("06 0000000000200000")),
    cut: true,
  },
  {
    name: "half a message",
    say: concat(shaken, frame(1, "x".repeat(1000))),
    cut: false,
  },
  {
    name: "ten thousand PINGs",
    say: concat(
      shaken,
      ...Array.from({ length: 10_000 }, () => bytes('04 07 04 "PING" 0000')),
    ),
    cut: false,
  },
  {
    name: "ten thousand unknown commands",
    say: concat(
      shaken,
      ...Array.from({ length: 10_000 }, () => bytes('04 06 05 "BOGUS"')),
    ),
    cut: false,
  },
];

/** Megabytes that it holds, and those that its runtime has for it and for later. */
async function memory(victim: Program): Promise<[number, number]> {
  victim.tell("memory");
  const line = await within("it answers", victim.line());
  const [held, resident] = line.split(" ").map((bytes) => +bytes / 1048576);
  return [held, resident];
}

test("a crowd of hostile peers costs no memory, and others are served meanwhile", async () => {
  const victim = script("sockets/victim_program.ts", [], { gc: true });
  try {
    await withSockets(async (keep) => {
      const address = await victim.line();
      const push = keep(new Push());
      push.connect(address);
      let served = 0;
      let stop = false;
      const serving = (async () => {
        while (!stop && !push.closed) {
          await push.send("a friend");
          served++;
          if (served % 100 === 0) await sleep(1);
        }
      })();
      serving.catch(() => {});
      const round = async (attack: Attack) => {
        const peers = await Promise.all(
          Array.from({ length: PEERS }, () => RawPeer.connect(address, "PUSH")),
        );
        for (const peer of peers) peer.write(attack.say);
        if (attack.cut) {
          await within(
            `all are cut off: ${attack.name}`,
            Promise.all(peers.map((p) => p.closed)),
          );
        } else {
          await sleep(30);
        }
        await Promise.all(peers.map((peer) => peer.close()));
      };
      // Once to warm up: what a runtime sets aside for itself is no matter.
      for (const attack of ATTACKS) await round(attack);
      const [held, resident] = await memory(victim);
      for (const attack of ATTACKS) {
        const servedBefore = served;
        await round(attack);
        await until("friends are served", () => served > servedBefore);
      }
      const [holds, has] = await memory(victim);
      assert.ok(holds - held < 30, `${holds - held} MB are held`);
      assert.ok(has - resident < 100, `${has - resident} MB grown`);
      stop = true;
      await serving;
      victim.tell("count");
      const counted = Number(await victim.line());
      assert.ok(counted > 0 && counted <= served);
    });
  } finally {
    await victim.kill();
  }
});

test("peers that announce a gigabyte each make nobody set it aside", async () => {
  const victim = script("sockets/victim_program.ts", [], { gc: true });
  try {
    const address = await victim.line();
    const say = concat(
      shaken,
      bytes("02 0000000040000000"),
      new Uint8Array(1000),
    );
    const [, before] = await memory(victim);
    const peers = await Promise.all(
      Array.from({ length: 300 }, () => RawPeer.connect(address, "PUSH")),
    );
    for (const peer of peers) peer.write(say);
    await sleep(200);
    const grown = (await memory(victim))[1] - before;
    assert.ok(grown < 60, `${grown} MB grown`);
    await Promise.all(peers.map((peer) => peer.close()));
  } finally {
    await victim.kill();
  }
});

test("a peer that hangs up in the middle of a message leaves nothing of it, and the messages before it", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push());
    await join(pull, push, "tcp");
    for (
      const end of [
        frame(1, "half"),
        frame(0, "x".repeat(500)).subarray(0, 300),
        bytes("02 00"),
      ]
    ) {
      const peer = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
      await peer.shakenHands();
      peer.write(concat(message("whole"), end));
      await until("it is there", () => pull.readable);
      await peer.close();
      await until("it has gone", () => pull.stats().peers === 1);
      await push.send("next");
      assert.equal((await pull.receive())[0].length, 5);
      assert.equal((await pull.receive())[0].length, 4);
      assert.equal(pull.tryReceive(), undefined);
    }
  }));
