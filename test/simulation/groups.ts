// Radios of random groups, Dishes that join and leave.

import { Dish, Radio, text } from "../../mod.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, idle, rowsOf, type Scene } from "./scene.ts";

const GROUPS = ["a", "ab", "b", "c", ""];

/** Random Radios and Dishes. */
export async function groups(scene: Scene): Promise<void> {
  const radioCount = scene.between(1, 2);
  const dishCount = scene.between(1, 4);
  const troubled = scene.chance(0.6);
  const noDrop = scene.chance(0.5);
  const hosts = ["a", "b", "c"].map((name) => scene.host(name));
  const radios = Array.from({ length: radioCount }, () => {
    const host = scene.pick(hosts);
    const send = scene.mark();
    const radio = scene.keep(
      new Radio({
        context: scene.context(host),
        noDrop,
        sendHighWaterMark: send,
        reconnectInterval: 20,
      }),
      { send },
    );
    return { radio, host, number: 0 };
  });
  const dishes = Array.from({ length: dishCount }, () => {
    const host = scene.pick(hosts);
    const receive = scene.mark();
    const dish = scene.keep(
      new Dish({
        context: scene.context(host),
        receiveHighWaterMark: receive,
        reconnectInterval: scene.between(5, 50),
      }),
      { receive },
    );
    return {
      dish,
      host,
      joined: new Set<string>(),
      /** When it left groups; what was given to it in that instant, it may still take. */
      left: new Map<string, number>(),
      rows: rowsOf(radioCount),
      got: new Set<string>(),
    };
  });
  for (const { radio, host } of radios) {
    for (const { dish, host: other } of dishes) {
      scene.join(radio, host, dish, other);
    }
  }
  const body = (who: number, number: number) =>
    `${who}.${number} ${scene.padding(number).join("")}`;
  for (const one of dishes) {
    const pace = scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      for await (const [group, frame] of one.dish) {
        hold(
          "groups: only messages of joined groups are received",
          one.joined.has(text(group)) ||
            one.left.get(text(group)) === scene.world.now,
          () => `${text(group)} for ${[...one.joined]}`,
        );
        const [label] = text(frame).split(" ");
        const [who, number] = label.split(".").map(Number);
        hold(
          "groups: messages of one Radio are in order, once and whole",
          text(frame) === body(who, number) && !one.got.has(label) &&
            one.rows[who].add(number) <= 1 + scene.cuts,
          () => label,
        );
        one.got.add(label);
        scene.messages++;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
    });
  }
  const change = (one: typeof dishes[number]) => {
    const group = scene.pick(GROUPS);
    if (one.joined.delete(group)) {
      one.left.set(group, scene.world.now);
      one.dish.leave(group);
    } else {
      one.joined.add(group);
      one.dish.join(group);
    }
  };
  const send = async (who: number) => {
    const one = radios[who];
    const number = one.number++;
    const group = scene.pick(GROUPS);
    const expected = dishes.map(({ joined }) => joined.has(group));
    await one.radio.send([group, body(who, number)]);
    scene.messages++;
    return { label: `${who}.${number}`, expected };
  };
  for (const one of dishes) change(one);
  if (troubled) scene.trouble(scene.between(200, 2000));
  let sending = radioCount;
  for (const [who, one] of radios.entries()) {
    scene.run(async () => {
      const most = scene.between(50, 150);
      while (one.number < most || scene.events < FEWEST_EVENTS) {
        await send(who);
        if (scene.chance(0.2)) await scene.sleep(scene.between(0, 20));
        if (scene.chance(0.1)) change(scene.pick(dishes));
      }
      sending--;
    });
  }
  await scene.until(() => sending === 0);
  await scene.until(
    () => radios.every(({ radio }) => radio.stats().peers === dishCount),
    10_000,
  );
  await scene.world.run(3000);
  const [from, to] = [
    radios.map(({ radio }) => radio),
    dishes.map(({ dish }) => dish),
  ];
  await scene.until(() => idle(from, to));
  const drops = () => from.reduce((sum, radio) => sum + radio.stats().drops, 0);
  const [dropped, cuts] = [drops(), scene.cuts];
  const sent: { label: string; expected: boolean[] }[] = [];
  let over = false;
  scene.run(async () => {
    for (let i = 0; i < 20; i++) {
      for (let who = 0; who < radioCount; who++) sent.push(await send(who));
      if (!noDrop) await scene.sleep(30);
    }
    over = true;
  });
  await scene.until(() => over);
  await scene.until(() => idle(from, to));
  await scene.world.run(2000);
  if (cuts !== scene.cuts || !noDrop && drops() > dropped) return;
  hold(
    "groups: groups are complete after a reconnect",
    drops() === dropped,
    () => `${drops() - dropped} were dropped with noDrop`,
  );
  for (const [n, one] of dishes.entries()) {
    const missing = sent.filter(({ label, expected }) =>
      expected[n] && !one.got.has(label)
    );
    hold(
      "groups: groups are complete after a reconnect",
      missing.length === 0,
      () => `dish ${n} misses ${missing.map(({ label }) => label)}`,
    );
  }
}
