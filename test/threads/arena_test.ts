// The arena: who has which slot, and that none is lost, whoever ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Context, Pull, Push, type Socket } from "../../mod.ts";
import { ARENA, Arena, arenaMemory } from "../../src/threads/arena.ts";
import type { LinkMemory } from "../../src/threads/link_memory.ts";
import { texts } from "../support/bytes.ts";
import { asProgram } from "../support/program.ts";
import { until, within } from "../support/wait.ts";
import { lonely } from "./lonely.ts";

const RING_BYTES = 4096;

/** All slots that are free, for links of a thread. */
function takeAll(arena: Arena, life: string): LinkMemory[] {
  const taken: LinkMemory[] = [];
  for (;;) {
    const link = arena.take(RING_BYTES, life);
    if (link === null) return taken;
    taken.push(link);
  }
}

test("each slot is taken once, and two of them share no byte", () => {
  const memory = arenaMemory(5, RING_BYTES);
  const links = takeAll(new Arena(memory, lonely("1")), "2");
  const ends = links.map(({ start, ringBytes }) => {
    assert.equal(start % 8, 0);
    assert.equal(ringBytes, RING_BYTES);
    return start + 64 + 2 * ringBytes;
  });
  assert.equal(links.length, 5);
  links.slice(1).forEach(({ start }, i) => assert.equal(start, ends[i]));
  assert.equal(ends.at(-1), memory.byteLength);
});

test("a slot is free again once both sides are done with it, in whatever order", () => {
  const arena = new Arena(arenaMemory(2, RING_BYTES), lonely("1"));
  for (const [first, then] of [[0, 1], [1, 0]] as const) {
    const [a, b] = takeAll(arena, "2");
    const lives = ["2", "1"];
    arena.free(b, first, lives[first]);
    arena.free(b, first, lives[first]);
    assert.equal(arena.take(RING_BYTES, "2"), null);
    arena.free(b, then, lives[then]);
    const [again] = takeAll(arena, "2");
    assert.equal(again.key, b.key);
    for (const link of [a, again]) {
      arena.free(link, 0, "2");
      arena.free(link, 1, "1");
    }
  }
});

test("who isn't a side's holder frees nothing", () => {
  const arena = new Arena(arenaMemory(1, RING_BYTES), lonely("0"));
  const [link] = takeAll(arena, "2");
  for (const side of [0, 1] as const) arena.free(link, side, "3");
  assert.equal(arena.take(RING_BYTES, "2"), null);
});

test("who waits for a slot is told when another thread is done with one", async () => {
  const memory = arenaMemory(1, RING_BYTES);
  const one = new Arena(memory, lonely("1"));
  const two = new Arena(memory, lonely("2"));
  for (const early of [false, true]) {
    const [link] = takeAll(one, "2");
    assert.equal(one.take(RING_BYTES, "2"), null);
    const free = () => {
      two.free(one.find(link.key), 0, "2");
      one.free(link, 1, "1");
    };
    // It may be before who had none begins to wait.
    if (early) free();
    const told = new Promise<void>((resolve) => one.whenFree(resolve));
    if (!early) free();
    await within("it is told", told);
    const [again] = takeAll(one, "2");
    two.free(again, 0, "2");
    one.free(again, 1, "1");
  }
});

test("what two threads held that ended both is free for a third", async () => {
  const memory = arenaMemory(4, RING_BYTES);
  const gone = takeAll(new Arena(memory, lonely("2")), "3");
  assert.equal(gone.length, 4);
  const threads = lonely("1");
  const arena = new Arena(memory, threads);
  assert.equal(arena.take(RING_BYTES, "1"), null);
  let told = 0;
  const wait = () =>
    arena.whenFree(() => {
      told++;
      if (arena.take(RING_BYTES, "1") === null) wait();
    });
  wait();
  assert.equal(threads.watched, 2);
  threads.ended("2");
  await until("it is told of one", () => told > 0);
  threads.ended("3");
  await until("it has a slot", () => threads.watched === 0);
  assert.equal(takeAll(arena, "1").length, 3);
});

test("who waits no more is told nothing", async () => {
  const threads = lonely("1");
  const arena = new Arena(arenaMemory(1, RING_BYTES), threads);
  const [link] = takeAll(arena, "2");
  assert.equal(arena.take(RING_BYTES, "2"), null);
  let told = false;
  arena.whenFree(() => told = true);
  arena.close();
  assert.equal(threads.watched, 0);
  arena.free(link, 0, "2");
  arena.free(link, 1, "1");
  // Who waits from then on is told later than it would have been.
  const after = new Arena(link.buffer, lonely("3"));
  const [again] = takeAll(after, "3");
  after.free(again, 0, "3");
  await within("it is told", new Promise<void>((fn) => after.whenFree(fn)));
  assert.equal(told, false);
});

test("threads that take and give back all at once never have the same slot", async () => {
  const memory = arenaMemory(3, 8);
  const program = new URL("arena_program.ts", import.meta.url);
  const workers = ["1", "2", "3"].map((life) =>
    new Worker(program, { workerData: { memory, life, rounds: 20_000 } })
  );
  try {
    const shared = workers.map((worker) =>
      new Promise((resolve, reject) => {
        worker.on("message", resolve);
        worker.on("error", reject);
      })
    );
    assert.deepEqual(
      await within("they are done", Promise.all(shared), 60_000),
      [0, 0, 0],
    );
    assert.equal(takeAll(new Arena(memory, lonely("4")), "4").length, 3);
  } finally {
    for (const worker of workers) await worker.terminate();
  }
});

test("a slot is let be that another thread took, and left with one side, in the meantime", () => {
  const memory = arenaMemory(1, RING_BYTES);
  const arena = new Arena(memory, lonely("1"));
  const other = new Arena(memory, lonely("2"));
  const atomics = Atomics as { compareExchange: unknown };
  const { compareExchange } = atomics;
  let link: LinkMemory | null = null;
  // When the arena has seen that side 0 is free.
  atomics.compareExchange = (...args: unknown[]) => {
    atomics.compareExchange = compareExchange;
    link = other.take(RING_BYTES, "3");
    other.free(link!, 1, "2");
    return (compareExchange as (...args: unknown[]) => unknown)(...args);
  };
  try {
    assert.equal(arena.take(RING_BYTES, "4"), null);
  } finally {
    atomics.compareExchange = compareExchange;
  }
  other.free(link!, 0, "3");
  assert.equal(takeAll(arena, "4").length, 1);
});

/** Contexts that meet over an arena of so many slots, as those of a page and its workers. */
async function withContexts(
  slots: number,
  use: (
    contexts: readonly Context[],
    left: () => number,
  ) => Promise<void> | void,
): Promise<void> {
  const groupMemory = {
    ...ARENA,
    make: () => arenaMemory(slots, RING_BYTES),
  };
  const [shared, contexts] = asProgram({ groupMemory }, () => {
    const first = new Context();
    const shared = first.share();
    const others = [0, 1].map(() => Context.join(shared));
    return [shared, [first, ...others]] as const;
  });
  const arena = new Arena(shared.memory!, lonely("7"));
  const left = () => {
    const free = takeAll(arena, "7");
    for (const link of free) {
      arena.free(link, 0, "7");
      arena.free(link, 1, "7");
    }
    return free.length;
  };
  try {
    await use(contexts, left);
  } finally {
    for (const context of contexts) await context.terminate();
  }
  // What is closed holds nothing.
  await until("all slots are free", () => left() === slots);
}

test("connections that find no slot wait for one, and take what others leave", () =>
  withContexts(2, async ([one, two], left) => {
    const pull = new Pull({ context: one });
    await pull.bind("inproc://full");
    const pushes = [0, 1, 2, 3].map((i) => {
      const push = new Push({ context: two });
      push.connect("inproc://full");
      return { push, sent: push.send(`${i}`) };
    });
    const got = new Set<string>();
    for (let i = 0; i < 2; i++) got.add(texts(await pull.receive())[0]);
    assert.equal(pull.stats().peers, 2);
    assert.equal(left(), 0);
    for (const { push } of pushes.slice(0, 2)) push.close();
    for (let i = 0; i < 2; i++) got.add(texts(await pull.receive())[0]);
    assert.deepEqual([...got].sort(), ["0", "1", "2", "3"]);
    await Promise.all(pushes.map(({ sent }) => sent));
    for (const socket of [pull, ...pushes.map(({ push }) => push)]) {
      await (socket as Socket).closeAsync({ linger: 0 });
    }
  }));

test("of several offers one is taken, and the others leave no slot behind", () =>
  withContexts(8, async ([one, two, three], left) => {
    const pulls = [one, three].map((context) => new Pull({ context }));
    for (const pull of pulls) await pull.bind("inproc://twice");
    const push = new Push({ context: two });
    push.connect("inproc://twice");
    const body = new Uint8Array(100_000).map((_, i) => i * 7);
    await push.send(body);
    const [got] = await Promise.race(pulls.map((pull) => pull.receive()));
    assert.equal(Buffer.compare(got, body), 0);
    await until("the other is free", () => left() === 7);
    await push.closeAsync();
    await until("all are free", () => left() === 8);
    for (const pull of pulls) await pull.closeAsync();
  }));

test("who is terminated with more unsent than fits is seen to go", () =>
  withContexts(1, async ([one, two]) => {
    const pull = new Pull({ context: one });
    await pull.bind("inproc://cut");
    const push = new Push({ context: two, linger: 0 });
    push.connect("inproc://cut");
    await push.send("before");
    await pull.receive();
    // A body that is still on its way, to one that goes on to take it.
    push.send(new Uint8Array(100_000_000)).catch(() => {});
    await two.terminate();
    await until("its pipe has gone", () => pull.stats().peers === 0);
    await pull.closeAsync();
  }));

test("who joins with less than what share() gave is told so", () =>
  withContexts(1, ([one]) => {
    const { group } = one.share();
    assert.throws(
      () => asProgram({ groupMemory: ARENA }, () => Context.join({ group })),
      { code: "EINVAL" },
    );
  }));
