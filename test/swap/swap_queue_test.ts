// The queue of bytes behind a swap, on a store that keeps files in memory, takes its
// time, and fails by chance.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { SwapFile } from "../../src/runtime/swap_store.ts";
import { files as realFiles } from "../../adapters/swap_files.ts";
import { SwapQueue } from "../../src/swap/swap_queue.ts";

const BLOCK_BYTES = realFiles.blockBytes;

/** Numbers from 0 to below 1, the same for a seed. */
function chances(seed: number): () => number {
  let state = seed * 2654435761 >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

interface World {
  readonly queue: SwapQueue;
  readonly failures: string[];
  /** How likely it is that something fails. */
  failing: number;
  /** Files that are open, and the largest one there was. */
  files: number;
  largest: number;
  /** Does one thing that is due; false if nothing is. */
  step(): boolean;
  settle(): Promise<void>;
}

function world(size: number, seed: number, failing = 0): World {
  const chance = chances(seed);
  const due: (() => void)[] = [];
  const failures: string[] = [];
  const later = (fn: () => void) => void due.push(fn);
  const slowly = <T>(work: () => T, code: string): Promise<T> =>
    new Promise((resolve, reject) =>
      later(() => {
        if (chance() >= made.failing) resolve(work());
        else reject(Object.assign(new Error(code), { code }));
      })
    );
  const open = (): SwapFile => {
    const disk = new Uint8Array(Math.min(size, 8_000_000));
    made.files++;
    return {
      write: (bytes, at) => {
        const own = bytes.slice();
        return slowly(() => {
          disk.set(own, at);
          made.largest = Math.max(made.largest, at + own.length);
        }, "ENOSPC");
      },
      read: (into, at) =>
        slowly(() => {
          into.set(disk.subarray(at, at + into.length));
        }, "EIO"),
      remove: () => void made.files--,
    };
  };
  const made: World = {
    queue: new SwapQueue(size, BLOCK_BYTES, {
      open: () => slowly(open, "EMFILE"),
      later: (_, fn) => later(fn),
      ready: () => {},
      room: () => {},
      failed: (error) =>
        void failures.push((error as Error & { code: string }).code),
    }),
    failures,
    failing,
    files: 0,
    largest: 0,
    step() {
      const at = Math.floor(chance() * due.length);
      const [fn] = due.splice(at, 1);
      fn?.();
      return fn !== undefined;
    },
    async settle() {
      for (let i = 0; i < 8; i++) await Promise.resolve();
    },
  };
  return made;
}

/** What is pushed: from any place on it tells one place from the next. */
const PATTERN = new Uint8Array(600_000).map((_, i) => i % 251);

for (const failing of [0, 0.2]) {
  const how = failing > 0 ? ", on a disk that fails" : "";
  test(`bytes come back in order, whatever is written and read when${how}`, async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const size = [100, 300_000, 700_001, 5_000_000][seed % 4];
      const all = world(size, seed, failing);
      const chance = chances(seed + 1000);
      let pushed = 0;
      let pulled = 0;
      for (let round = 0; round < 3000; round++) {
        const what = chance();
        if (what < 0.45) {
          const length = Math.floor(chance() * (size > 1000 ? 60_000 : 30));
          if (all.queue.full(length)) continue;
          const from = pushed % 251;
          all.queue.push(PATTERN.subarray(from, from + length));
          pushed += length;
        } else if (what < 0.6) {
          const bytes = all.queue.pull();
          const from = pulled % 251;
          const due = PATTERN.subarray(from, from + (bytes?.length ?? 0));
          if (bytes !== null && Buffer.compare(bytes, due) !== 0) {
            assert.fail(`seed ${seed}: wrong after ${pulled}`);
          }
          pulled += bytes?.length ?? 0;
        } else {
          all.step();
          await all.settle();
        }
        assert.equal(all.queue.bytes, pushed - pulled);
        assert.ok(all.queue.bytes <= size);
      }
      for (let idle = 0; pulled < pushed; idle++) {
        assert.ok(idle < 5000, `seed ${seed}: ${pushed - pulled} never came`);
        pulled += all.queue.pull()?.length ?? 0;
        all.step();
        await all.settle();
      }
      assert.ok(all.largest <= size, `seed ${seed}: ${all.largest} of ${size}`);
      all.queue.clear();
      while (all.step()) await all.settle();
      await all.settle();
      assert.equal(all.files, 0);
      if (failing > 0 && size > 1000) assert.ok(all.failures.length > 0);
    }
  });
}

test("a disk that takes nothing mutes after a few megabytes, and all that was taken is there", async () => {
  const all = world(1e9, 1, 1);
  const block = new Uint8Array(100_000);
  let pushed = 0;
  while (!all.queue.full(block.length)) {
    all.queue.push(block.fill(pushed % 251));
    pushed++;
    // It is tried again and again.
    for (let i = 0; i < 6; i++) {
      all.step();
      await all.settle();
    }
    assert.ok(pushed < 100, "it never mutes");
  }
  assert.deepEqual([...new Set(all.failures)], ["EMFILE"]);
  let bytes = 0;
  for (let tries = 0; bytes < pushed * block.length; tries++) {
    assert.ok(tries < 1000, "it never comes");
    const found = all.queue.pull();
    if (found === null) {
      all.step();
      await all.settle();
      continue;
    }
    assert.equal(found[0], Math.floor(bytes / 100_000) % 251);
    bytes += found.length;
  }
  assert.equal(bytes, pushed * block.length);
});

test("a message that ends past the limit overwrites nothing that waits before it", async () => {
  for (const size of [100, 300_000, 2_000_000]) {
    const all = world(size, 1);
    const message = PATTERN.subarray(0, 251 * 2000);
    let pushed = 0;
    while (!all.queue.full(1)) {
      all.queue.push(message);
      pushed += message.length;
      while (all.step()) await all.settle();
    }
    for (let pulled = 0; pulled < pushed;) {
      const bytes = all.queue.pull();
      const from = pulled % 251;
      const due = PATTERN.subarray(from, from + (bytes?.length ?? 0));
      if (bytes !== null && Buffer.compare(bytes, due) !== 0) {
        assert.fail(`limit ${size}: wrong after ${pulled}`);
      }
      pulled += bytes?.length ?? 0;
      if (!all.step()) assert.ok(bytes !== null, `limit ${size}: never came`);
      await all.settle();
    }
    assert.ok(all.largest <= size, `${all.largest} of ${size}`);
    all.queue.clear();
  }
});

test("a file that can't be read mutes until it can", async () => {
  const all = world(5_000_000, 1, 0);
  const block = PATTERN.subarray(0, 300_000);
  all.queue.push(block);
  while (all.step()) await all.settle();
  all.failing = 1;
  assert.equal(all.queue.pull(), null);
  all.step();
  await all.settle();
  assert.deepEqual(all.failures, ["EIO"]);
  assert.ok(all.queue.full(1));
  all.failing = 0;
  while (all.step()) await all.settle();
  assert.ok(!all.queue.full(1));
  assert.ok(all.queue.pull() !== null);
});

test("a queue that is emptied while its file is made lets go of that file, and takes another", async () => {
  const files: { removed: boolean; writes: number }[] = [];
  const opens: (() => void)[] = [];
  const failures: Error[] = [];
  const queue = new SwapQueue(
    1 << 22,
    BLOCK_BYTES,
    {
      open: () =>
        new Promise((resolve) =>
          opens.push(() => {
            const made = { removed: false, writes: 0 };
            files.push(made);
            resolve({
              read: () => Promise.reject(new Error("nobody reads")),
              write: () => {
                made.writes++;
                return made.removed
                  ? Promise.reject(new Error("the file is gone"))
                  : Promise.resolve();
              },
              remove: () => made.removed = true,
            } as unknown as SwapFile);
          })
        ),
      ready: () => {},
      room: () => {},
      later: () => {},
      failed: (error: Error) => failures.push(error),
    } as unknown as ConstructorParameters<typeof SwapQueue>[2],
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  const fill = async () => {
    for (let i = 0; i < 4; i++) queue.push(new Uint8Array(262_144));
    await settle();
  };
  await fill();
  assert.equal(opens.length, 1);
  queue.clear();
  await fill();
  // The file of before comes later than the one after it was asked for, or sooner.
  for (const open of opens.splice(0).reverse()) open();
  await settle();
  await fill();
  for (const open of opens.splice(0)) open();
  await settle();
  assert.deepEqual(failures, []);
  assert.equal(files.filter(({ removed }) => removed).length, 1);
  const kept = files.filter(({ removed }) => !removed);
  assert.equal(kept.length, 1);
  assert.ok(kept[0].writes > 0);
});

test("a queue that is emptied right after its file was made lets go of it", async () => {
  let removed = 0;
  let made = (_file: SwapFile) => {};
  const opening = new Promise<SwapFile>((resolve) => made = resolve);
  const queue = new SwapQueue(
    1 << 22,
    BLOCK_BYTES,
    {
      open: () => opening,
      ready: () => {},
      room: () => {},
      later: () => {},
      failed: () => {},
    } as unknown as ConstructorParameters<typeof SwapQueue>[2],
  );
  queue.push(new Uint8Array(262_144));
  opening.then(() => queue.clear());
  made(
    {
      write: () => Promise.resolve(),
      remove: () => removed++,
    } as unknown as SwapFile,
  );
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(removed, 1);
});
