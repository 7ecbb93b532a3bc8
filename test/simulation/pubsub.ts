// Publishers of random topics, Subscribers that change their minds.

import { Publisher, Subscriber, text } from "../../mod.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, idle, rowsOf, type Scene } from "./scene.ts";

const TOPICS = ["a", "ab", "abc", "b", "bc", "c", ""];

/** A body by which it is known whose it is, now and then a large one. */
function body(scene: Scene, number: number): Uint8Array {
  const most = scene.chance(0.1) ? 20_000 : 100;
  return new Uint8Array(scene.between(0, most)).fill(number & 255);
}

/** Random publishers and subscribers. */
export async function pubsub(scene: Scene): Promise<void> {
  const publisherCount = scene.between(1, 2);
  const subscriberCount = scene.between(1, 4);
  const troubled = scene.chance(0.6);
  const hosts = ["a", "b", "c"].map((name) => scene.host(name));
  const publishers = Array.from({ length: publisherCount }, () => {
    const host = scene.pick(hosts);
    const send = scene.chance(0.5) ? 1000 : scene.mark();
    const publisher = scene.keep(
      new Publisher({
        context: scene.context(host),
        sendHighWaterMark: send,
        reconnectInterval: 20,
      }),
      { send },
    );
    return { publisher, host, send, number: 0 };
  });
  const subscribers = Array.from({ length: subscriberCount }, () => {
    const host = scene.pick(hosts);
    const receive = scene.chance(0.5) ? 1000 : scene.mark();
    const subscriber = scene.keep(
      new Subscriber({
        context: scene.context(host),
        receiveHighWaterMark: receive,
        reconnectInterval: scene.between(5, 50),
      }),
      { receive },
    );
    return {
      subscriber,
      host,
      receive,
      wanted: [] as string[],
      rows: rowsOf(publisherCount),
      got: new Set<string>(),
    };
  });
  for (const { publisher, host } of publishers) {
    for (const { subscriber, host: other } of subscribers) {
      scene.join(publisher, host, subscriber, other);
    }
  }
  const wants = (reader: typeof subscribers[number], topic: string) =>
    reader.wanted.some((prefix) => topic.startsWith(prefix));
  for (const reader of subscribers) {
    const pace = scene.pick([0, 0, 1, 20]);
    scene.run(async () => {
      for await (const [frame, label, body] of reader.subscriber) {
        const topic = text(frame);
        const [who, number] = text(label ?? new Uint8Array(0)).split(".")
          .map(Number);
        hold(
          "pubsub: messages are whole",
          who in reader.rows && number >= 0 &&
            body.every((byte) => byte === (number & 255)),
          () => `${topic} ${who}.${number}`,
        );
        hold(
          "pubsub: only what was asked for is received",
          wants(reader, topic),
          () => `${topic} for ${reader.wanted}`,
        );
        hold(
          "pubsub: messages of one Publisher are in order and once",
          reader.rows[who].add(number) <= 1 + scene.cuts &&
            !reader.got.has(`${who}.${number}`),
          () => `${who}.${number}`,
        );
        reader.got.add(`${who}.${number}`);
        scene.messages++;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
    });
  }
  const change = (reader: typeof subscribers[number]) => {
    const topic = scene.pick(TOPICS);
    const at = reader.wanted.indexOf(topic);
    if (at >= 0 && scene.chance(0.6)) {
      reader.wanted.splice(at, 1);
      reader.subscriber.unsubscribe(topic);
    } else {
      reader.wanted.push(topic);
      reader.subscriber.subscribe(topic);
    }
  };
  for (const reader of subscribers) change(reader);
  if (troubled) scene.trouble(scene.between(200, 2000));
  let sending = publisherCount;
  for (const [who, one] of publishers.entries()) {
    scene.run(async () => {
      const count = scene.between(50, 150);
      while (one.number < count || scene.events < FEWEST_EVENTS) {
        scene.messages++;
        await one.publisher.send([
          scene.pick(TOPICS) + "x",
          `${who}.${one.number}`,
          body(scene, one.number++),
        ]);
        if (scene.chance(0.2)) await scene.sleep(scene.between(0, 20));
        if (scene.chance(0.1)) change(scene.pick(subscribers));
      }
      sending--;
    });
  }
  await scene.until(() => sending === 0);
  // All is quiet: everybody is connected again and knows what the others want.
  await scene.until(
    () =>
      publishers.every((p) => p.publisher.stats().peers === subscriberCount),
    10_000,
  );
  await scene.world.run(3000);
  await scene.until(() =>
    idle(
      publishers.map((p) => p.publisher),
      subscribers.map((s) => s.subscriber),
    )
  );
  const before = scene.cuts;
  const expected = subscribers.map(() => new Set<string>());
  const drops = publishers.map((p) => p.publisher.stats().drops);
  const last = scene.run(async () => {
    for (const [who, one] of publishers.entries()) {
      for (let i = 0; i < 30; i++) {
        const topic = scene.pick(TOPICS) + "x";
        for (const [n, reader] of subscribers.entries()) {
          if (wants(reader, topic)) expected[n].add(`${who}.${one.number}`);
        }
        const label = `${who}.${one.number}`;
        await one.publisher.send([topic, label, body(scene, one.number++)]);
        await scene.sleep(30);
      }
    }
  });
  let over = false;
  last.finally(() => over = true).catch(() => {});
  await scene.until(() => over);
  await scene.until(() =>
    idle(
      publishers.map((p) => p.publisher),
      subscribers.map((s) => s.subscriber),
    )
  );
  await scene.world.run(2000);
  if (before !== scene.cuts) return;
  const dropped = publishers.some((p, i) =>
    p.publisher.stats().drops > drops[i]
  );
  if (dropped) return;
  for (const [n, reader] of subscribers.entries()) {
    const missing = [...expected[n]].filter((label) => !reader.got.has(label));
    hold(
      scene.cuts > 0
        ? "pubsub: subscriptions are complete after a reconnect"
        : "pubsub: nothing is lost below the high-water mark",
      missing.length === 0,
      () => `subscriber ${n} of ${reader.wanted} misses ${missing}`,
    );
  }
}
