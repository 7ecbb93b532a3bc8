// Sockets of two contexts that share a name, where words between them are lost, as
// Deno loses some that come by hundreds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Pull, Push, text } from "../../mod.ts";
import { pickAdapter } from "../../adapters/pick.ts";
import type { Adapter } from "../../src/runtime/adapter.ts";
import type { ThreadGroup, Threads } from "../../src/runtime/threads.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { within } from "../support/wait.ts";

interface Word {
  readonly is: string;
  readonly id?: string;
}

/** The groups that were joined on such a runtime. */
const groups: ThreadGroup[] = [];

/** The runtime, but for words that `loses` says are lost; those that come come so many times. */
function lossy(loses: (word: Word) => boolean, times = 1): Adapter {
  const adapter = pickAdapter();
  const threads = adapter.threads!;
  const between: Threads = {
    together: false,
    lossy: times === 1,
    life: () => threads.life(),
    whenChanged: (...args) => threads.whenChanged(...args),
    whenEnded: (life, fn) => threads.whenEnded(life, fn),
    group(name, heard): ThreadGroup {
      const group = threads.group(name, heard);
      groups.push(group);
      return {
        post: (words) => {
          const rest = (words as Word[]).filter((word) => !loses(word));
          for (let i = 0; i < times && rest.length > 0; i++) group.post(rest);
        },
        close: () => group.close(),
      };
    },
  };
  return new Proxy(adapter, {
    get: (target, key) => {
      if (key === "threads") return between;
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Connects again and again, each time with three messages, and counts what comes. */
async function exchange(
  loses: (word: Word) => boolean,
  times: number,
  copies = 1,
) {
  const here = new Context({ adapter: lossy(loses, copies) });
  const there = Context.join(here.share(), { adapter: lossy(loses, copies) });
  const pull = new Pull({ context: here });
  await pull.bind("inproc://lossy");
  const expected: string[] = [];
  for (let i = 0; i < times; i++) {
    const push = new Push({ context: there });
    push.connect("inproc://lossy");
    for (let j = 0; j < 3; j++) {
      await push.send(`${i} ${j}`);
      expected.push(`${i} ${j}`);
    }
    push.close();
  }
  const seen: string[] = [];
  while (seen.length < expected.length) {
    seen.push(text((await within("a message", pull.receive()))[0]));
  }
  assert.deepEqual(seen.sort(), expected.sort());
  await within("both end", Promise.all([there.terminate(), here.terminate()]));
}

for (const lost of ["want", "offer", "answer"]) {
  test(`the first ${lost} of a connection between threads may be lost`, () => {
    let left = 5;
    return exchange(({ is }) => is === lost && left-- > 0, 5);
  });
}

test("any word between threads may be lost", () => {
  const random = generator(7);
  return exchange(() => random() < 0.25, 20);
});

test("words between threads may come twice", () =>
  exchange(() => false, 20, 2));

test("an offer that comes again, long after it was answered, harms nobody", async () => {
  const offers = new Map<unknown, Word>();
  const adapter = lossy((word) => {
    if (word.is === "offer") offers.set(word.id, word);
    return false;
  });
  const here = new Context({ adapter });
  const there = Context.join(here.share());
  const pull = new Pull({ context: here });
  const push = new Push({ context: there, sendHighWaterMark: 0 });
  await pull.bind("inproc://again");
  const count = 1200;
  const all = async () => {
    for (let i = 0; i < count; i++) await push.send(`${i}`);
    for (let i = 0; i < count; i++) {
      await within("a message", pull.receive());
    }
  };
  for (let i = 0; i < count; i++) push.connect("inproc://again");
  await all();
  assert.equal(offers.size, count);
  groups.at(-1)!.post([...offers.values()]);
  // Words come in order: who connects now is met after that.
  const late = new Push({ context: there });
  late.connect("inproc://again");
  await late.send("late");
  await within("the last", pull.receive());
  await all();
  assert.equal(pull.stats().peers, count + 1);
  await within("both end", Promise.all([there.terminate(), here.terminate()]));
});

test("who takes an offer reaches who made it, though that has unbound the name meanwhile", async () => {
  let unbind = () => {};
  const adapter = lossy(({ is }) => {
    if (is === "offer") unbind();
    return false;
  });
  const here = new Context({ adapter });
  const there = Context.join(here.share());
  const pull = new Pull({ context: here });
  const push = new Push({ context: there });
  await pull.bind("inproc://brief");
  unbind = () => {
    unbind = () => {};
    pull.unbind("inproc://brief");
  };
  push.connect("inproc://brief");
  await push.send("while it was bound");
  const heard = await within("it comes", pull.receive());
  assert.equal(text(heard[0]), "while it was bound");
  await within("both end", Promise.all([there.terminate(), here.terminate()]));
});
