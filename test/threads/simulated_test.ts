// What goes between threads of one process, at simulated times.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Context, Pull, Push, Reply, Request, text } from "../../mod.ts";
import { SimulatedProcess } from "../../adapters/simulated/threads.ts";
import { arenaMemory } from "../../src/threads/arena.ts";
import { SimulatedAdapter, SimulatedWorld } from "../../src/testing/testing.ts";
import { threadContext } from "../simulation/thread_context.ts";

/** Two threads of a process, and their contexts, which are shared. */
function threads(loss = 0, arena: (() => SharedArrayBuffer) | null = null) {
  const world = new SimulatedWorld({ seed: 5 });
  const process = new SimulatedProcess(world, loss);
  const host = world.host("a");
  const options = () => ({
    adapter: new SimulatedAdapter(host, process.thread()),
  });
  const here = threadContext(undefined, options(), arena);
  const there = threadContext(here, options(), arena);
  return { world, process, here, there };
}

/** Terminates a context, which takes so many milliseconds. */
async function endsAfter(
  world: SimulatedWorld,
  context: Context,
  milliseconds: number,
): Promise<void> {
  let ended = false;
  void context.terminate().then(() => ended = true);
  await world.run(milliseconds - 5);
  assert.equal(ended, false);
  await world.run(10);
  assert.equal(ended, true);
}

test("offers that are lost to who wants them no more leave no memory behind", async () => {
  const { world, process, here, there } = threads(
    0.3,
    () => arenaMemory(8, 1024),
  );
  const pull = new Pull({ context: here });
  const push = new Push({ context: there });
  void pull.bind("inproc://brief");
  let before = 0;
  for (let i = 0; i < 100; i++) {
    push.connect("inproc://brief");
    await world.run(1);
    push.disconnect("inproc://brief");
    await world.run(i === 0 ? 60_000 : 30);
    if (i === 0) before = process.busy;
  }
  await world.run(60_000);
  assert.equal(process.busy, before);
  push.connect("inproc://brief");
  await world.run(20_000);
  assert.equal(pull.stats().peers, 1);
});

test("what waits for a thread that doesn't read is given up when the linger is over", async () => {
  for (const [option, given] of [[400, 400], [-1, 700]]) {
    const { world, here, there } = threads();
    const push = new Push({
      context: here,
      sendHighWaterMark: 1,
      linger: option,
    });
    const pull = new Pull({ context: there, receiveHighWaterMark: 1 });
    void pull.bind("inproc://full");
    push.connect("inproc://full");
    await world.run(100);
    const body = new Uint8Array(2_000_000);
    do {
      while (push.trySend(body));
      await world.run(50);
    } while (push.writable);
    void push.closeAsync({ linger: given });
    await endsAfter(world, here, given);
  }
});

test("a name that nobody binds is waited for no longer than the linger", async () => {
  for (const [linger, most] of [[30, 30], [-1, 2000]]) {
    const { world, here } = threads();
    const push = new Push({ context: here, linger });
    push.connect("inproc://nobody");
    await push.send("x");
    push.close();
    await endsAfter(world, here, most);
  }
});

for (const [who, binds] of [["connected", false], ["was bound", true]]) {
  test(`who ${who} and transfers a frame away meets its peer again, and hears why`, async () => {
    const { world, here, there } = threads();
    const pull = new Pull({ context: here, receiveHighWaterMark: 4 });
    const push = new Push({ context: there, sendHighWaterMark: 4 });
    const faults: (string | undefined)[] = [];
    pull.events.on("disconnect", ({ error }) => faults.push(error?.code));
    const [first, second] = binds ? [pull, push] : [push, pull];
    void first.bind("inproc://moved");
    second.connect("inproc://moved");
    let sent = 0;
    void (async () => {
      for (; sent < 300; sent++) await push.send(`${sent}`.padEnd(60));
    })();
    await world.run(500);
    const [frame] = pull.tryReceive()!;
    structuredClone(frame.buffer, { transfer: [frame.buffer] });
    const got: number[] = [];
    for (let i = 0; i < 2000; i++) {
      await world.run(1);
      const message = pull.tryReceive();
      if (message !== undefined) got.push(Number(text(message[0])));
    }
    assert.deepEqual(faults, ["EFAULT"]);
    assert.equal(sent, 300);
    assert.equal(got.at(-1), 299);
    assert.ok(got.length > 280, `${got.length} came`);
    assert.ok(got.every((number, i) => i === 0 || number > got[i - 1]));
    assert.equal(pull.stats().peers, 1);
    assert.equal(push.stats().peers, 1);
  });
}

for (const loss of [0, 0.2]) {
  test(`a Request that was bound and gives a round up is answered in the next, ${loss} of words lost`, async () => {
    const { world, here, there } = threads(loss);
    const request = new Request({ context: here });
    const reply = new Reply({ context: there });
    void request.bind("inproc://asks");
    reply.connect("inproc://asks");
    for (let round = 0; round < 10; round++) {
      const given = request.request(`late ${round}`, { timeout: 50 });
      const failed = assert.rejects(given, { code: "EAGAIN" });
      await world.run(5000);
      await failed;
      const served = (async () => {
        for (;;) {
          const [asked] = await reply.receive();
          await reply.send(asked);
          if (text(asked) === `${round}`) return;
        }
      })();
      const answer = request.request(`${round}`, { timeout: 30_000 });
      await world.run(30_000);
      assert.equal(text((await answer)[0]), `${round}`);
      await served;
      assert.equal(request.stats().peers, 1);
    }
  });
}
