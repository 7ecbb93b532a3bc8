// An XPublisher whose application listens to what is asked for, and XSubscribers
// that change their minds and talk back.

import { text, XPublisher, XSubscriber } from "../../mod.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, idle, Rows, rowsOf, type Scene } from "./scene.ts";

const TOPICS = ["a", "ab", "b", "bc", "c"];

/** A random XPublisher and its XSubscribers. */
export async function xpubsub(scene: Scene): Promise<void> {
  const subscriberCount = scene.between(1, 4);
  const troubled = scene.chance(0.6);
  const manual = scene.chance(0.4);
  const noDrop = scene.chance(0.5);
  const verbosity = scene.pick(
    [null, null, "allSubs", "allSubsUnsubs"] as const,
  );
  const hosts = ["a", "b", "c"].map((name) => scene.host(name));
  const host = scene.pick(hosts);
  const send = scene.mark();
  const publisher = scene.keep(
    new XPublisher({
      context: scene.context(host),
      sendHighWaterMark: send,
      manual,
      noDrop,
      verbosity,
    }),
    { send },
  );
  const subscribers = Array.from({ length: subscriberCount }, () => {
    const where = scene.pick(hosts);
    const receive = scene.mark();
    const subscriber = scene.keep(
      new XSubscriber({
        context: scene.context(where),
        receiveHighWaterMark: receive,
        reconnectInterval: scene.between(5, 50),
      }),
      { receive },
    );
    return {
      subscriber,
      host: where,
      wanted: new Set<string>(),
      ever: new Set<string>(),
      rows: new Rows(),
      got: new Set<number>(),
      said: 0,
    };
  });
  // A publisher that called goes on for a peer that was lost, as libzmq's does, and
  // so keeps what that asked for last; one that was called forgets it.
  for (const one of subscribers) {
    const called = troubled ? false : scene.chance(0.5);
    scene.join(publisher, host, one.subscriber, one.host, called);
  }

  // In manual mode each asks for topics of its own, and is given others.
  const asks = (who: number, topic: string) =>
    manual ? `ask ${who} ${topic}` : topic;
  const given = (asked: string) => asked.replace("ask", "got");
  const heard = new Set<string>();
  const upstream = rowsOf(subscriberCount);
  let told = 0;
  scene.run(async () => {
    for await (const message of publisher) {
      const words = text(message[0]);
      scene.messages++;
      if (words.startsWith("user")) {
        const [who, number] = words.split(" ")[1].split(".").map(Number);
        hold(
          "xpub: what comes upstream is in order, once and whole",
          upstream[who].add(number) <= 1 + scene.cuts &&
            scene.isPadded(message, number),
          () => `${words} of ${message.map((frame) => frame.length)}`,
        );
        told++;
        continue;
      }
      const topic = words.slice(1);
      if (words[0] === "\u0001") {
        heard.add(topic);
        if (manual) publisher.subscribe(given(topic));
      } else {
        heard.delete(topic);
        if (manual) publisher.unsubscribe(given(topic));
      }
    }
  });
  for (const [who, one] of subscribers.entries()) {
    const pace = scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      for await (const [frame, label] of one.subscriber) {
        const topic = text(frame);
        hold(
          manual
            ? "xpub manual: a peer gets what the application gave it"
            : "xpub: only what was asked for is sent",
          [...one.ever].some((prefix) => topic.startsWith(prefix)),
          () => `${topic} for ${who}`,
        );
        const number = Number(text(label));
        hold(
          "xpub: subscriptions are complete after a reconnect",
          !one.got.has(number) && one.rows.add(number) <= 1 + scene.cuts,
          () => `${number} twice or out of order`,
        );
        one.got.add(number);
        scene.messages++;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
    });
  }
  const change = async (who: number) => {
    const one = subscribers[who];
    const topic = scene.pick(TOPICS);
    const asked = asks(who, topic);
    const kind = one.wanted.has(topic) ? "\u0000" : "\u0001";
    if (!one.wanted.delete(topic)) {
      one.wanted.add(topic);
      one.ever.add(manual ? given(asked) : asked);
    }
    await one.subscriber.send(kind + asked);
  };
  let number = 0;
  const publish = async () => {
    const topic = scene.pick(TOPICS) + "x";
    const who = scene.between(0, subscriberCount - 1);
    // What was asked for is given to nobody, what was made of it is.
    const granted = !manual || scene.chance(0.7);
    const asked = asks(who, topic);
    const name = granted ? given(asked) : asked;
    const label = number++;
    const expected = subscribers.map(({ wanted }, n) =>
      granted && (!manual || n === who) &&
      [...wanted].some((prefix) => topic.startsWith(prefix))
    );
    await publisher.send([name, `${label}`]);
    scene.messages++;
    return { label, expected };
  };
  for (let who = 0; who < subscriberCount; who++) await change(who);
  if (troubled) scene.trouble(scene.between(200, 2000));
  let busy = true;
  scene.run(async () => {
    const most = scene.between(100, 200);
    while (number < most || scene.events < FEWEST_EVENTS) {
      await publish();
      const who = scene.between(0, subscriberCount - 1);
      if (scene.chance(0.1)) await change(who);
      if (scene.chance(0.1)) {
        const one = subscribers[who];
        // Without a peer it goes nowhere.
        if (one.subscriber.stats().peers === 0) continue;
        const said = one.said++;
        await one.subscriber.send([
          `user ${who}.${said}`,
          ...scene.padding(said),
        ]);
      }
      if (scene.chance(0.2)) await scene.sleep(scene.between(0, 20));
    }
    busy = false;
  });
  await scene.until(() => !busy);
  await scene.until(() => publisher.stats().peers === subscriberCount, 10_000);
  await scene.world.run(3000);
  const all = [publisher, ...subscribers.map(({ subscriber }) => subscriber)];
  await scene.until(() => idle(all, all));
  await scene.world.run(1000);
  const unsaid = subscribers.reduce(
    (sum, one) => sum + one.subscriber.stats().drops,
    0,
  );
  if (scene.cuts === 0) {
    const said = subscribers.reduce((sum, one) => sum + one.said, 0);
    hold(
      "xpub: what comes upstream is in order, once and whole",
      told + unsaid >= said,
      () => `${told} and ${unsaid} drops of ${said}`,
    );
  }
  // With every unsubscription reported, one of two that had a topic takes it away.
  if (manual || verbosity !== "allSubsUnsubs") {
    const wanted = new Set<string>();
    for (const [who, one] of subscribers.entries()) {
      for (const topic of one.wanted) wanted.add(asks(who, topic));
    }
    hold(
      "xpub: the application hears what is asked for",
      [...wanted].sort().join() === [...heard].sort().join(),
      () => `${[...wanted].sort()} is wanted, ${[...heard].sort()} is heard of`,
    );
  }
  const [dropped, cuts] = [publisher.stats().drops, scene.cuts];
  const sent: { label: number; expected: boolean[] }[] = [];
  busy = true;
  scene.run(async () => {
    for (let i = 0; i < 30; i++) {
      sent.push(await publish());
      if (!noDrop) await scene.sleep(30);
    }
    busy = false;
  });
  await scene.until(() => !busy);
  await scene.until(() => idle(all, all));
  await scene.world.run(2000);
  const lost = publisher.stats().drops - dropped;
  if (cuts !== scene.cuts || !noDrop && lost > 0) return;
  hold(
    "xpub: subscriptions are complete after a reconnect",
    lost === 0,
    () => `${lost} were dropped with noDrop`,
  );
  for (const [n, one] of subscribers.entries()) {
    const missing = sent.filter(({ label, expected }) =>
      expected[n] && !one.got.has(label)
    );
    hold(
      "xpub: subscriptions are complete after a reconnect",
      missing.length === 0,
      () => `${n} of ${[...one.wanted]} misses ${missing.map((m) => m.label)}`,
    );
  }
}
