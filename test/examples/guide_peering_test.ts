import assert from "node:assert/strict";
import { test } from "node:test";
import { endpoints, finished, onStage } from "../support/guide.ts";

test("guide peering: work is done at home while somebody is idle, and goes to the other cluster when not", () =>
  onStage(async ({ start, path }) => {
    const folder = path("");
    const broker = (...names: string[]) =>
      endpoints(start("peering/broker.ts", folder, ...names));
    const [[clients, workers], [clientsThere, workersThere]] = await Promise
      .all([broker("north", "south"), broker("south", "north")]);
    const ask = (endpoint: string, count: number) =>
      finished(start("hello/client.ts", endpoint, count));
    const by = (lines: string[], name: string) =>
      lines.filter((line) => line.endsWith(`World from ${name}`)).length;

    // There are no workers at home yet.
    start("lru/worker.ts", workersThere, "Ben", 20);
    assert.equal(by(await ask(clients, 5), "Ben"), 5);

    // One who is idle at home does all that one client asks for.
    start("lru/worker.ts", workers, "Anna", 20);
    while (by(await ask(clients, 1), "Anna") === 0) continue;
    assert.equal(by(await ask(clients, 10), "Anna"), 10);
    assert.equal(by(await ask(clientsThere, 10), "Ben"), 10);

    // More than she can do overflows.
    const crowd = [1, 2, 3, 4].map(() => ask(clients, 15));
    const lines = (await Promise.all(crowd)).flat();
    assert.equal(by(lines, "Anna") + by(lines, "Ben"), 60);
    assert.ok(by(lines, "Anna") > 0);
    assert.ok(by(lines, "Ben") > 0);
  }));
