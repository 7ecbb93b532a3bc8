import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import {
  endpoints,
  finished,
  LONG,
  onStage,
  printed,
} from "../support/guide.ts";
import { within } from "../support/wait.ts";

const ANY = "tcp://127.0.0.1:*";

test("guide lru: a slow worker gets less", () =>
  onStage(async ({ start }) => {
    const [front, back] = await endpoints(start("lru/broker.ts", ANY, ANY));
    start("lru/worker.ts", back, "Hare", 1);
    start("lru/worker.ts", back, "Snail", 200);
    const ask = (count: number) =>
      finished(start("hello/client.ts", front, count));
    let lines: string[] = [];
    const by = (name: string) =>
      lines.filter((line) => line.endsWith(`World from ${name}`)).length;
    // Until both have come.
    while (by("Hare") === 0 || by("Snail") === 0) lines = await ask(2);
    lines = (await Promise.all([ask(15), ask(15), ask(15)])).flat();
    assert.equal(by("Hare") + by("Snail"), 45);
    assert.ok(by("Hare") > by("Snail"), `${by("Hare")} and ${by("Snail")}`);
  }));

test("guide async: each client gets its own answers, as they are ready", () =>
  onStage(async ({ start }) => {
    const [front, back] = await endpoints(start("broker/broker.ts", ANY, ANY));
    for (const name of ["Anna", "Ben"]) start("async/worker.ts", back, name);
    const clients = [[2000, 1, 2], [3, 2000, 4], [5, 6, 7]].map((questions) =>
      finished(start("async/client.ts", front, ...questions))
    );
    const [first, second, third] = await Promise.all(clients);
    assert.match(first[2], /^0 \(2000 ms\): done by (Anna|Ben)$/);
    assert.match(second[2], /^1 \(2000 ms\): done by (Anna|Ben)$/);
    const works = third.map((line) => Number(line.match(/\((\d+) ms/)![1]));
    assert.deepEqual(works.sort(), [5, 6, 7]);
  }));

test("guide lazy pirate: asks again when an answer is late, and gives a dead server up", () =>
  onStage(async ({ start, endpoint }) => {
    const place = endpoint("server");
    const server = start("pirate/server.ts", place, 5, 2500);
    await endpoints(server);
    const client = start("pirate/client.ts", place, 20, 2000, 3);
    assert.equal(await within("it gives up", client.exit, LONG), 1);
    const lines = client.output().trimEnd().split("\n");
    const answers = lines.filter((line) => line.startsWith("answer to"));
    // The late answers were never taken for others.
    answers.forEach((line, i) =>
      assert.equal(line, `answer to question ${i + 1}`)
    );
    const late = server.output().match(/(question \d+): this takes long/)![1];
    const given = lines.indexOf(`no answer to ${late} in 2000 ms`);
    assert.ok(given >= 0);
    assert.ok(lines.indexOf(`answer to ${late}`) > given);
    const lost = answers.length + 1;
    assert.deepEqual(
      lines.slice(-4),
      [
        ...Array(3).fill(`no answer to question ${lost} in 2000 ms`),
        `no answer to question ${lost} in 3 tries: I give up`,
      ],
    );
  }));

test("guide lazy pirate: goes on when a server that died comes back", () =>
  onStage(async ({ start, endpoint }) => {
    const place = endpoint("server");
    const first = start("pirate/server.ts", place, 2);
    await endpoints(first);
    const client = start("pirate/client.ts", place, 4, 1000, 30);
    await printed(client, /no answer to question 3/);
    await within("the server dies", first.exit, LONG);
    start("pirate/server.ts", place, 100, 0);
    const lines = await finished(client);
    const answers = lines.filter((line) => line.startsWith("answer to"));
    assert.equal(answers.length, 4);
  }));

test("guide simple pirate: a worker that was killed is passed over", () =>
  onStage(async ({ start }) => {
    const queue = start("pirate/simple_queue.ts", ANY, ANY);
    const [front, back] = await endpoints(queue);
    const client = (count: number) =>
      finished(start("pirate/client.ts", front, count, 2000, 20));
    const anna = start("lru/worker.ts", back, "Anna", 1);
    assert.deepEqual(await client(1), ["World from Anna"]);
    const ben = start("lru/worker.ts", back, "Ben", 1);
    while (!(await client(2)).includes("World from Ben")) continue;
    // Both are ready now, and Anna dies.
    await anna.kill();
    const lines = await client(4);
    assert.equal(lines.filter((line) => line === "World from Ben").length, 4);
    assert.match(queue.output(), /a worker has gone: EHOSTUNREACH/);
    // Nobody is left; the question waits for one who comes.
    await ben.kill();
    const waiting = client(1);
    start("lru/worker.ts", back, "Cleo", 1);
    assert.equal((await waiting).at(-1), "World from Cleo");
  }));

test(
  "guide paranoid pirate: a worker that hangs is given up, and begins anew when it wakes",
  {
    skip: process.platform === "win32",
  },
  () =>
    onStage(async ({ start }) => {
      const queue = start("pirate/paranoid_queue.ts", ANY, ANY, 200);
      const [front, back] = await endpoints(queue);
      const client = (count: number) =>
        finished(start("pirate/client.ts", front, count, 3000, 20));
      const anna = start("pirate/paranoid_worker.ts", back, "Anna", 200, 1);
      const ben = start("pirate/paranoid_worker.ts", back, "Ben", 200, 1);
      await printed(queue, /a worker has come/, 2);
      anna.signal("SIGSTOP");
      await printed(queue, /a worker is silent/);
      const lines = await client(4);
      for (let i = 1; i <= 4; i++) {
        assert.ok(lines.includes(`Ben answers question ${i}`));
      }
      anna.signal("SIGCONT");
      await ben.kill();
      assert.match((await client(1)).at(-1)!, /^Anna answers question 1$/);
    }),
);

test("guide paranoid pirate: workers find a queue that was started anew", () =>
  onStage(async ({ start, endpoint }) => {
    const [front, back] = [endpoint("front"), endpoint("back")];
    const queue = () => start("pirate/paranoid_queue.ts", front, back, 200);
    const first = queue();
    start("pirate/paranoid_worker.ts", back, "Anna", 200, 1);
    await printed(first, /a worker has come/);
    await first.kill();
    await printed(queue(), /a worker has come/);
    const lines = await finished(
      start("pirate/client.ts", front, 3, 3000, 20),
    );
    assert.equal(lines.at(-1), "Anna answers question 3");
  }));
