import assert from "node:assert/strict";
import { test } from "node:test";
import { Timer, Timers } from "../../src/endpoints/timers.ts";
import type { Clock } from "../../src/runtime/adapter.ts";
import { generator } from "../../adapters/simulated/random.ts";

/** A clock that is turned by hand and holds one timer. */
class HandClock implements Clock {
  time = 0;
  due = Infinity;
  armed = 0;
  #tick: () => void = () => {};

  now(): number {
    return this.time;
  }

  setTimer(at: number, tick: () => void): void {
    this.due = at;
    this.#tick = tick;
    this.armed++;
  }

  ref(): void {}

  unref(): void {}

  advance(to: number): void {
    while (this.due <= to) {
      this.time = Math.max(this.time, this.due);
      this.due = Infinity;
      this.#tick();
    }
    this.time = to;
  }
}

test("timers fire in the order of their time, on one timer of the runtime", () => {
  const clock = new HandClock();
  const timers = new Timers(clock);
  const fired: number[] = [];
  for (const at of [30, 10, 20]) {
    timers.set(new Timer(() => fired.push(at)), at);
  }
  assert.equal(clock.due, 10);
  clock.advance(25);
  assert.deepEqual(fired, [10, 20]);
  assert.equal(clock.due, 30);
  clock.advance(30);
  assert.deepEqual(fired, [10, 20, 30]);
  assert.equal(clock.due, Infinity);
});

test("a timer that is set again moves, and one that is cleared doesn't fire", () => {
  const clock = new HandClock();
  const timers = new Timers(clock);
  let fired = 0;
  const timer = new Timer(() => fired++);
  timers.set(timer, 10);
  timers.set(timer, 50);
  clock.advance(20);
  assert.equal(fired, 0);
  clock.advance(50);
  assert.equal(fired, 1);
  timers.set(timer, 60);
  timers.clear(timer);
  timers.set(timer, 70);
  timers.set(timer, Infinity);
  clock.advance(100);
  assert.equal(fired, 1);
  assert.equal(clock.due, Infinity);
});

test("a timer may set itself and clear others while it fires", () => {
  const clock = new HandClock();
  const timers = new Timers(clock);
  const fired: string[] = [];
  const other = new Timer(() => fired.push("other"));
  const again: Timer = new Timer((now) => {
    fired.push(`again at ${now}`);
    timers.clear(other);
    if (now < 30) timers.set(again, now + 10);
  });
  timers.set(again, 10);
  timers.set(other, 10);
  clock.advance(100);
  assert.deepEqual(fired, ["again at 10", "again at 20", "again at 30"]);
});

test("one that throws doesn't stop the others", () => {
  const clock = new HandClock();
  const timers = new Timers(clock);
  let fired = 0;
  timers.set(
    new Timer(() => {
      throw new Error("no");
    }),
    10,
  );
  timers.set(new Timer(() => fired++), 10);
  assert.throws(() => clock.advance(10), /no/);
  assert.equal(clock.due, 10);
  clock.advance(10);
  assert.equal(fired, 1);
});

test("among thousands set, moved and cleared at random, each fires when it is due", () => {
  const random = generator(5);
  const clock = new HandClock();
  const timers = new Timers(clock);
  const wanted = new Map<Timer, number>();
  const all = Array.from({ length: 500 }, () => {
    const timer: Timer = new Timer((now) => {
      assert.equal(wanted.get(timer), now);
      wanted.delete(timer);
    });
    return timer;
  });
  for (let step = 0; step < 20_000; step++) {
    const timer = all[Math.floor(random() * all.length)];
    const dice = random();
    if (dice < 0.6) {
      const at = clock.time + 1 + Math.floor(random() * 1000);
      timers.set(timer, at);
      wanted.set(timer, at);
    } else if (dice < 0.8) {
      timers.clear(timer);
      wanted.delete(timer);
    } else {
      clock.advance(clock.time + Math.floor(random() * 5));
    }
    for (const at of dice > 0.99 ? wanted.values() : []) {
      assert.ok(at > clock.time, "none was missed");
    }
  }
  clock.advance(clock.time + 2000);
  assert.equal(wanted.size, 0);
});
