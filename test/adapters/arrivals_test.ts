import assert from "node:assert/strict";
import { test } from "node:test";
import { arrived, arrives, type Arriving } from "../../adapters/arrivals.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("small chunks are handed over at once; behind a large one others wait, and come in order", async () => {
  const seen: string[] = [];
  const chunk = (name: string, bytes: number): Arriving => ({
    arrive() {
      arrived(bytes, this);
      seen.push(name);
    },
  });
  const [a, b, c, d, e] = [
    ...[chunk("a", 100), chunk("b", 70_000), chunk("c", 50_000)],
    ...[chunk("d", 50_000), chunk("e", 100)],
  ];
  assert.ok(arrives(100, a));
  assert.ok(arrives(70_000, b));
  assert.ok(!arrives(50_000, c));
  assert.ok(!arrives(50_000, d));
  assert.ok(!arrives(100, e));
  assert.ok(arrives(70_000, b), "who was last goes on");
  assert.deepEqual(seen, []);
  await turn();
  assert.deepEqual(seen, ["c", "d"]);
  await turn();
  assert.deepEqual(seen, ["c", "d", "e"]);
  assert.ok(arrives(100, a));
});
