import assert from "node:assert/strict";
import { test } from "node:test";
import { type Newcomer, Newcomers } from "../../adapters/newcomers.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

class Somebody implements Newcomer {
  gone = false;
  said: string[] = [];
  enter(): void {
    this.said.push("in");
  }
  wait(): void {
    this.said.push("waits");
  }
  turnAway(): void {
    this.gone = true;
    this.said.push("away");
  }
}

test("one newcomer is let in each turn, in order, without those who have gone", async () => {
  const door = new Newcomers();
  const [a, b, c, d, e] = Array.from({ length: 5 }, () => new Somebody());
  for (const one of [a, b, c, d]) door.come(one);
  assert.deepEqual(a.said, ["in"]);
  assert.deepEqual(b.said, ["waits"]);
  c.gone = true;
  await turn();
  assert.deepEqual(b.said, ["waits", "in"]);
  assert.deepEqual(d.said, ["waits"]);
  await turn();
  assert.deepEqual(c.said, ["waits"]);
  assert.deepEqual(d.said, ["waits", "in"]);
  await turn();
  door.come(e);
  assert.deepEqual(e.said, ["in"]);
});

test("when many wait the next is turned away, and all are when nobody listens any more", async () => {
  const door = new Newcomers();
  const crowd = Array.from({ length: 1500 }, () => new Somebody());
  for (const one of crowd) door.come(one);
  const now = (state: string) =>
    crowd.filter(({ said }) => said.at(-1) === state).length;
  assert.deepEqual([now("in"), now("waits"), now("away")], [1, 1000, 499]);
  await turn();
  door.close();
  assert.deepEqual([now("in"), now("waits"), now("away")], [2, 0, 1498]);
  await turn();
  const late = new Somebody();
  door.come(late);
  assert.deepEqual(late.said, ["in"]);
});
