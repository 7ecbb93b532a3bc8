import assert from "node:assert/strict";
import { test } from "node:test";
import { Turn } from "../../src/endpoints/turn.ts";

/** A turn that ends when the test says so. */
function turns(): {
  turn: Turn;
  end: () => void;
  asked: () => number;
  pass: (milliseconds: number) => void;
} {
  let asked = 0;
  let run = () => {};
  let now = 0;
  const turn = new Turn((fn) => {
    asked++;
    run = fn;
  }, () => now);
  const pass = (milliseconds: number) => now += milliseconds;
  return { turn, end: () => run(), asked: () => asked, pass };
}

test("what asked for the end of a turn is called once then, and the runtime is asked once", () => {
  const { turn, end, asked } = turns();
  const called: string[] = [];
  for (const name of ["a", "b"]) {
    turn.enqueue({ turnEnded: () => called.push(name) });
  }
  assert.equal(asked(), 1);
  assert.equal(called.length, 0);
  end();
  assert.deepEqual(called, ["a", "b"]);
  turn.enqueue({ turnEnded: () => called.push("c") });
  assert.equal(asked(), 2);
  end();
  assert.deepEqual(called, ["a", "b", "c"]);
});

test("what asks again while a turn ends is called at the end of the next", () => {
  const { turn, end } = turns();
  let called = 0;
  const flushable = {
    turnEnded() {
      if (++called === 1) turn.enqueue(flushable);
    },
  };
  turn.enqueue(flushable);
  end();
  assert.equal(called, 1);
  end();
  assert.equal(called, 2);
});

test("operations that complete at once are bounded, and go on in the next turn", async () => {
  const { turn, end } = turns();
  let done = 0;
  while (turn.spend()) done++;
  assert.ok(done > 100 && done < 100_000, `${done}`);
  let resumed = false;
  const next = turn.next().then(() => resumed = true);
  assert.equal(turn.next(), turn.next(), "one promise for all");
  await Promise.resolve();
  assert.ok(!resumed);
  end();
  await next;
  assert.ok(turn.spend());
});

test("quiet connections that may write at once are bounded in a turn and in a callback", () => {
  const { turn, end } = turns();
  const eager = () => {
    let count = 0;
    while (turn.spendEager()) count++;
    return count;
  };
  const first = eager();
  assert.ok(first > 1 && first < 1000, `${first}`);
  assert.equal(eager(), 0);
  const { number } = turn;
  turn.entered();
  assert.notEqual(turn.number, number);
  assert.equal(eager(), first);
  turn.enqueue({ turnEnded: () => {} });
  end();
  assert.equal(eager(), first);
});

test("operations that take their time end the turn sooner", () => {
  const { turn, end, pass } = turns();
  let done = 0;
  for (; turn.spend(); done++) pass(0.01);
  assert.ok(done >= 200 && done < 300, `${done}`);
  assert.ok(!turn.spend());
  turn.next();
  end();
  assert.ok(turn.spend());
});
