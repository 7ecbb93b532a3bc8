// Pairs (or Channels) that talk both ways, and somebody who would join in.

import { Channel, Pair, text } from "../../mod.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, idle, Rows, type Scene } from "./scene.ts";

/** Random pairs. */
export async function paired(scene: Scene): Promise<void> {
  const single = scene.chance(0.4);
  const troubled = scene.chance(0.6);
  const inproc = !troubled && scene.chance(0.3);
  const Class = single ? Channel as unknown as typeof Pair : Pair;
  const hosts = ["a", "b"].map((name) => scene.host(name));
  const ends = hosts.map((host, side) => {
    const [send, receive] = [scene.mark(), scene.mark()];
    const pair = scene.keep(
      new Class({
        context: scene.context(inproc ? hosts[0] : host),
        sendHighWaterMark: send,
        receiveHighWaterMark: receive,
        reconnectInterval: scene.between(5, 50),
      }),
      inproc ? { send: Infinity, receive: Infinity } : { send, receive },
    );
    return {
      pair,
      side,
      number: 0,
      received: 0,
      rows: new Rows(),
      seen: new Set<number>(),
    };
  });
  const [bound, connected] = ends;
  const wire = scene.wire();
  const endpoint = inproc ? "inproc://pair" : `${wire}://${hosts[0].name}:6000`;
  const bindTo = inproc ? endpoint : `${wire}://*:6000`;
  scene.later(scene.between(0, 200), () => bound.pair.bind(bindTo));
  scene.later(scene.between(0, 200), () => connected.pair.connect(endpoint));

  const made = (side: number, number: number): string[] => {
    const padding = scene.padding(number);
    const label = `${side}.${number}`;
    return single ? [`${label} ${padding.join("")}`] : [label, ...padding];
  };
  for (const one of ends) {
    const pace = scene.pick([0, 0, 1, 20]);
    scene.run(async () => {
      for await (const message of scene.received(one.pair)) {
        const label = text(message[0]).split(" ")[0];
        hold("pair: a third is never heard", label !== "third", () => label);
        const [side, number] = label.split(".").map(Number);
        const expected = made(side, number);
        hold(
          "pair: messages are in order, once and whole",
          side === 1 - one.side && !one.seen.has(number) &&
            one.rows.add(number) <= 1 + scene.cuts &&
            message.length === expected.length &&
            expected.every((frame, i) => text(message[i]) === frame),
          () => `${label} of ${message.map((frame) => frame.length)}`,
        );
        one.seen.add(number);
        one.received++;
        scene.messages++;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
    });
  }
  const say = async (one: typeof ends[number]) => {
    const number = one.number++;
    await one.pair.send(made(one.side, number));
    scene.messages++;
    return number;
  };
  let saying = 2;
  for (const one of ends) {
    const pace = scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      const most = scene.between(60, 200);
      while (one.number < most || scene.events < FEWEST_EVENTS) {
        await say(one);
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
      saying--;
    });
  }
  if (troubled) scene.trouble(scene.between(200, 2000));
  else {
    await scene.until(() => ends.every((one) => one.received > 0));
    const third = scene.keep(
      new Class({ context: scene.context(hosts[0]), sendTimeout: 200 }),
      {},
    );
    third.connect(endpoint);
    scene.run(() => third.send("third").catch(() => {}));
  }
  await scene.until(() => saying === 0);
  const pairs = ends.map(({ pair }) => pair);
  await scene.until(() => idle(pairs, pairs), 60_000);
  await scene.world.run(2000);
  if (scene.cuts === 0) {
    const [a, b] = ends;
    hold(
      "pair: nothing is lost while connections hold",
      await scene.until(() =>
        a.received === b.number && b.received === a.number
      ),
      () => `${a.received} of ${b.number}, ${b.received} of ${a.number}`,
    );
    return;
  }
  await scene.world.run(3000);
  for (const one of ends) {
    let number = -1;
    scene.run(async () => {
      number = await say(one);
    });
    hold(
      "pair: both ways go on after a reconnect",
      await scene.until(() => ends[1 - one.side].seen.has(number), 10_000),
      () => `${one.side}.${number} did not arrive`,
    );
  }
}
