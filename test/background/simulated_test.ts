// Connections that background threads keep, at simulated times.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Reply, Request, text } from "../../mod.ts";
import { SimulatedWorld } from "../../src/testing/testing.ts";
import { inBackground } from "../simulation/background.ts";

test("the reply to a round that was given up, on its way between threads by then, is not taken for the next one's", async () => {
  let answered = 0;
  let late = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const world = new SimulatedWorld({ seed, latency: [0.5, 1.5] });
    const host = world.host("a");
    const asking = new Context(inBackground(host));
    const answering = new Context({ adapter: host.adapter() });
    const request = new Request({ context: asking, reconnectInterval: 1 });
    const reply = new Reply({ context: answering });
    const serving = (async () => {
      for await (const [question] of reply) await reply.send(question);
    })();
    await reply.bind("tcp://*:5555");
    request.connect("tcp://a:5555");
    const all = (async () => {
      for (let n = 0; n < 30; n++) {
        const timeout = n % 3 === 2 ? 1000 : 3 + n % 4;
        const given = await request.request(`${n}`, { timeout })
          .then(([answer]) => text(answer), ({ code }) => code);
        if (given === "EAGAIN") late++;
        else {
          assert.equal(given, `${n}`);
          answered++;
        }
      }
    })();
    await world.run(20_000);
    await all;
    request.close();
    reply.close();
    await serving;
    const ends = [asking.terminate(), answering.terminate()];
    await world.run(1000);
    await Promise.all(ends);
  }
  assert.ok(answered > 300 && late > 300, `${answered} answered, ${late} late`);
});
