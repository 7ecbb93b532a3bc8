import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher, Push } from "../../mod.ts";
import { endpoints, finished, LONG, onStage } from "../support/guide.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

const ANY = "tcp://127.0.0.1:*";

test("guide hello: every question is answered", () =>
  onStage(async ({ start }) => {
    const server = start("hello/server.ts", ANY);
    const [endpoint] = await endpoints(server);
    const lines = await finished(start("hello/client.ts", endpoint, 3));
    assert.deepEqual(lines, ["1: World", "2: World", "3: World"]);
    assert.equal(server.output().match(/asked: Hello/g)?.length, 3);
  }));

test("guide weather: a subscriber gets the readings of its city and no other", () =>
  onStage(async ({ start }) => {
    const [endpoint] = await endpoints(start("weather/publisher.ts", ANY));
    const [oslo, all] = await Promise.all([
      finished(start("weather/subscriber.ts", endpoint, "Oslo", 5)),
      finished(start("weather/subscriber.ts", endpoint, "", 25)),
    ]);
    assert.equal(oslo.length, 6);
    for (const line of oslo.slice(0, 5)) {
      assert.match(line, /^Oslo: -?\d+ °C, \d+ % humidity$/);
    }
    assert.match(oslo[5], /^on average -?[\d.]+ °C$/);
    const cities = all.slice(0, 25).map((line) => line.split(":")[0]);
    assert.equal(new Set(cities).size, 5);
  }));

test("guide pipeline: all tasks are done, by both workers, which are then let go", () =>
  onStage(async ({ start }) => {
    const sink = start("pipeline/sink.ts", ANY, ANY);
    const [results, signal] = await endpoints(sink);
    const ventilator = start("pipeline/ventilator.ts", ANY, results, 40, 2);
    const [tasks] = await endpoints(ventilator);
    const workers = ["Anna", "Ben"].map((name) =>
      start("pipeline/worker.ts", tasks, results, signal, name)
    );
    const report = await finished(sink);
    assert.match(report.at(-1)!, /^\d+ ms of work in \d+ ms$/);
    const shares = report.slice(1, -1);
    assert.equal(shares.length, 2);
    const said = (await Promise.all(workers.map(finished))).flat();
    const did = said.map((line) => Number(line.match(/did (\d+) tasks/)![1]));
    assert.equal(did[0] + did[1], 40);
    assert.ok(did[0] > 0 && did[1] > 0);
    await finished(ventilator);
  }));

test("guide poll: a busy source doesn't starve the other", () =>
  onStage(({ start }) =>
    withSockets(async (keep) => {
      const tasks = keep(new Push());
      const weather = keep(new Publisher());
      await tasks.bind(ANY);
      await weather.bind(ANY);
      const reader = start(
        "poll/reader.ts",
        tasks.lastEndpoint!,
        weather.lastEndpoint!,
        400,
      );
      await until("it subscribed", () => weather.topicsCount > 0, LONG);
      let over = false;
      const ended = finished(reader).finally(() => over = true);
      while (!over) {
        await weather.send(["Oslo", 1]);
        await weather.send(["Lima", 2]);
        for (let i = 0; i < 10; i++) tasks.trySend(`${i}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const lines = await ended;
      const from = (source: string) =>
        lines.filter((line) => line.startsWith(source)).length;
      assert.equal(from("task: ") + from("weather: Oslo 1"), 400);
      assert.ok(from("task: ") > 0);
      assert.ok(from("weather: ") > 0);
    })
  ));

test("guide broker: questions are dealt to the workers in turn", () =>
  onStage(async ({ start }) => {
    const [front, back] = await endpoints(start("broker/broker.ts", ANY, ANY));
    for (const name of ["Anna", "Ben"]) start("broker/worker.ts", back, name);
    const ask = () => finished(start("hello/client.ts", front, 4));
    const by = (lines: string[], name: string) =>
      lines.filter((line) => line.endsWith(`World from ${name}`)).length;
    // The first questions wait for whichever worker is there first.
    let lines = await ask();
    while (by(lines, "Anna") === 0 || by(lines, "Ben") === 0) {
      lines = await ask();
    }
    lines = await ask();
    assert.deepEqual([by(lines, "Anna"), by(lines, "Ben")], [2, 2]);
  }));

test("guide forwarder: subscribers behind it get what they asked for", () =>
  onStage(async ({ start }) => {
    const [inner] = await endpoints(start("weather/publisher.ts", ANY));
    const [outer] = await endpoints(
      start("forwarder/forwarder.ts", inner, ANY),
    );
    const [lima, perth] = await Promise.all([
      finished(start("weather/subscriber.ts", outer, "Lima", 3)),
      finished(start("weather/subscriber.ts", outer, "Perth", 3)),
    ]);
    for (const line of lima.slice(0, 3)) assert.match(line, /^Lima: /);
    for (const line of perth.slice(0, 3)) assert.match(line, /^Perth: /);
  }));

test("guide espresso: the listener sees all that passes, both ways", () =>
  onStage(async ({ start }) => {
    const lines = await finished(start("espresso/espresso.ts", 5));
    const got = lines.filter((line) => line.startsWith("got "))
      .map((line) => line.slice(4));
    assert.equal(got.length, 5);
    const passed = lines.filter((line) => line.startsWith("   passed: "))
      .map((line) => line.slice(11));
    for (const message of got) {
      assert.match(message, /^[AB] \d+$/);
      assert.ok(passed.includes(message));
    }
    assert.deepEqual(passed.slice(0, 2), ["subscribe A", "subscribe B"]);
    assert.deepEqual(passed.slice(-2), ["unsubscribe A", "unsubscribe B"]);
  }));

test("guide snail: a subscriber that is too slow ends itself, a fast one doesn't", () =>
  onStage(async ({ start }) => {
    const [endpoint] = await endpoints(start("snail/publisher.ts", ANY));
    const snail = start("snail/subscriber.ts", endpoint, 50, 500);
    const hare = start("snail/subscriber.ts", endpoint, 0, LONG, 200);
    assert.equal(await within("it gives up", snail.exit, LONG), 3);
    assert.match(snail.errors(), /^\d+ ms late: I can't keep up, and end\n$/);
    assert.equal((await finished(hare)).at(-1), "kept up");
  }));
