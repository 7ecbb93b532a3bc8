import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { Dealer, Request, text } from "../../mod.ts";
import {
  endpoints,
  finished,
  LONG,
  onStage,
  printed,
} from "../support/guide.ts";
import type { Stage } from "../support/guide.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

const BEAT = 300;

/** Asks until the answer is this: a request may be lost with who dies. */
async function answered(
  { start }: Stage,
  expected: string,
  ...args: string[]
): Promise<void> {
  for (;;) {
    const program = start("majordomo/ask.ts", ...args);
    const code = await within("it is answered", program.exit, LONG);
    if (code === 0 && program.output().trimEnd() === expected) return;
  }
}

test("guide majordomo: a service is asked by its name, and mmi.service tells which there are", () =>
  onStage(async (stage) => {
    const { start } = stage;
    const broker = start("majordomo/broker.ts", "tcp://127.0.0.1:*", BEAT);
    const [place] = await endpoints(broker);
    const ask = async (...args: string[]) =>
      (await finished(start("majordomo/ask.ts", place, ...args)))[0];
    assert.equal(await ask("mmi.service", "echo"), "404");
    assert.equal(await ask("mmi.other", "echo"), "501");
    // It waits for a worker that is to come.
    const early = ask("echo", "Hello", "you");
    const worker = (service: string, name: string) =>
      start("majordomo/echo_worker.ts", place, service, name, BEAT);
    const anna = worker("echo", "Anna");
    assert.equal(await early, "Hello you Anna");
    worker("tea", "Ben");
    await answered(stage, "200", place, "mmi.service", "tea");
    assert.equal(await ask("mmi.service", "echo"), "200");
    assert.equal(await ask("tea", "green"), "green Ben");
    // Who dies is noticed, and another takes its place.
    await anna.kill();
    await answered(stage, "404", place, "mmi.service", "echo");
    worker("echo", "Cleo");
    assert.equal(await ask("echo", "again"), "again Cleo");
  }));

test("guide majordomo: workers find a broker that was started anew", () =>
  onStage(async (stage) => {
    const { start, endpoint } = stage;
    const place = endpoint("broker");
    const first = start("majordomo/broker.ts", place, BEAT);
    start("majordomo/echo_worker.ts", place, "echo", "Anna", BEAT);
    await printed(first, /a worker has come: echo/);
    await first.kill();
    start("majordomo/broker.ts", place, BEAT);
    await answered(stage, "Hello Anna", place, "echo", "Hello");
  }));

test("guide majordomo: nonsense doesn't harm the broker", () =>
  onStage((stage) =>
    withSockets(async (keep) => {
      const broker = stage.start("majordomo/broker.ts", "tcp://127.0.0.1:*");
      const [place] = await endpoints(broker);
      const dealer = keep(new Dealer());
      dealer.connect(place);
      await dealer.sendMany([
        "",
        "MDPC01",
        [null, "MDPC01"],
        [null, "MDPC01", "mmi.service"],
        [null, "MDPW01", "\x01"],
        [null, "MDPW01", "\x03"],
        [null, "MDPW01", "\x01", "broken"],
        [null, "MDPW01", "\x03"],
        [null, "MDPW01", "\x03", "client", null],
        [null, "MDPW01", "\x03", "client", null, "reply"],
        [null, "MDPW01", "\x09", "what"],
        [null, "HTTP", "GET"],
      ]);
      const request = keep(new Request());
      request.connect(place);
      const asked = ["MDPC01", "mmi.service", "echo"];
      const answer = await request.request(asked, { timeout: LONG });
      assert.equal(text(answer[2]), "404");
    })
  ));

test("guide titanic: a request that is on the disk survives the broker's death and its own", () =>
  onStage(async ({ start, endpoint, path }) => {
    const place = endpoint("broker");
    const broker = () => start("majordomo/broker.ts", place, BEAT);
    const titanic = () =>
      start("titanic/titanic.ts", place, path("store"), BEAT);
    const client = (...args: string[]) =>
      start("titanic/client.ts", place, ...args);
    const [firstBroker, firstTitanic] = [broker(), titanic()];
    await printed(firstBroker, /a worker has come: titanic\.request/);
    // Nobody gives this service yet.
    const [name] = await finished(client("submit", "echo", "Hello"));
    await firstBroker.kill();
    await firstTitanic.kill();
    assert.deepEqual(readdirSync(path("store")), [`${name}.request`]);

    const secondBroker = broker();
    const second = titanic();
    const collecting = client("collect", name);
    await printed(secondBroker, /a worker has come: titanic\.reply/);
    start("majordomo/echo_worker.ts", place, "echo", "Anna", BEAT);
    await printed(second, new RegExp(`answered ${name}`));
    assert.deepEqual(await finished(collecting), ["Hello Anna"]);
    await until(
      "it is forgotten",
      () => readdirSync(path("store")).length === 0,
      LONG,
    );
    const unknown = client("collect", "../../etc/passwd");
    assert.equal(await within("it is refused", unknown.exit, LONG), 1);
  }));
