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

test("four newcomers are let in each turn, in order, without those who have gone", async () => {
  const door = new Newcomers();
  const crowd = Array.from({ length: 10 }, () => new Somebody());
  for (const one of crowd) door.come(one);
  const inside = () =>
    crowd.map(({ said }) => +(said.at(-1) === "in")).join("");
  assert.equal(inside(), "1111000000");
  crowd[5].gone = true;
  await turn();
  assert.equal(inside(), "1111101110");
  await turn();
  assert.equal(inside(), "1111101111");
  await turn();
  const late = new Somebody();
  door.come(late);
  assert.deepEqual(late.said, ["in"]);
});

test("who comes while others wait comes behind them", async () => {
  const door = new Newcomers();
  const crowd = Array.from({ length: 9 }, () => new Somebody());
  for (const one of crowd) door.come(one);
  await turn();
  const late = new Somebody();
  door.come(late);
  assert.deepEqual(late.said, ["waits"]);
  await turn();
  assert.deepEqual(crowd[8].said, ["waits", "in"]);
  assert.deepEqual(late.said, ["waits", "in"]);
});

test("when many wait the next is turned away, and all are when nobody listens any more", async () => {
  const door = new Newcomers();
  const crowd = Array.from({ length: 1500 }, () => new Somebody());
  for (const one of crowd) door.come(one);
  const now = (state: string) =>
    crowd.filter(({ said }) => said.at(-1) === state).length;
  assert.deepEqual([now("in"), now("waits"), now("away")], [4, 1000, 496]);
  await turn();
  door.close();
  assert.deepEqual([now("in"), now("waits"), now("away")], [8, 0, 1492]);
  await turn();
  const late = new Somebody();
  door.come(late);
  assert.deepEqual(late.said, ["in"]);
});
