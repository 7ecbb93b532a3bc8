// Dealers that ask, Routers that answer each by its name.

import { Dealer, Router, text, ZmqError } from "../../mod.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, idle, rowsOf, type Scene } from "./scene.ts";

/** Bytes of a name that a Router makes up; the first is zero. */
const MADE_UP = 5;

/** Random Routers and Dealers. */
export async function routed(scene: Scene): Promise<void> {
  const routerCount = scene.between(1, 2);
  const dealerCount = scene.between(1, 5);
  const troubled = scene.chance(0.6);
  const mandatory = scene.chance(0.5);
  const handover = scene.chance(0.5);
  const hosts = ["a", "b", "c"].map((name) => scene.host(name));
  const routers = Array.from({ length: routerCount }, () => {
    const host = scene.pick(hosts);
    const [send, receive] = [scene.mark(), scene.mark()];
    const router = scene.keep(
      new Router({
        context: scene.context(host),
        mandatory,
        handover,
        sendHighWaterMark: send,
        receiveHighWaterMark: receive,
        maxPendingSends: 1_000_000,
        reconnectInterval: 20,
      }),
      { send, receive },
    );
    return { router, host, rows: rowsOf(dealerCount) };
  });
  const dealers = Array.from({ length: dealerCount }, (_, who) => {
    const host = scene.pick(hosts);
    const [send, receive] = [scene.mark(), scene.mark()];
    const name = scene.chance(0.6) ? `dealer ${who}` : null;
    const dealer = scene.keep(
      new Dealer({
        context: scene.context(host),
        routingId: name,
        sendHighWaterMark: send,
        receiveHighWaterMark: receive,
        reconnectInterval: scene.between(5, 50),
      }),
      { send, receive },
    );
    return { dealer, host, name, asked: 0, answers: new Set<number>() };
  });
  for (const { dealer, host } of dealers) {
    for (const { router, host: other } of routers) {
      scene.join(dealer, host, router, other);
    }
  }

  const heard = new Set<string>();
  let unreachable = 0;
  let answering = 0;
  for (const one of routers) {
    scene.run(async () => {
      for await (const [id, frame, ...padding] of one.router) {
        const question = text(frame);
        const [who, number] = question.split(".").map(Number);
        const { name } = dealers[who];
        const named = name === null
          ? id.length === MADE_UP && id[0] === 0
          : text(id) === name;
        hold(
          "router: a peer is known by its name",
          named,
          () => `${question} is of ${name}, not of ${text(id)}`,
        );
        hold(
          "router: questions of one Dealer are in order and once",
          !heard.has(question) && one.rows[who].add(number) <= 1 + scene.cuts,
          () => question,
        );
        heard.add(question);
        scene.messages++;
        // Not awaited: one that is full holds up no other.
        answering++;
        scene.run(async () => {
          try {
            await one.router.send([id, `re ${question}`, ...padding]);
          } catch (error) {
            if (!(error instanceof ZmqError)) throw error;
            if (error.code !== "EHOSTUNREACH") throw error;
            unreachable++;
          } finally {
            answering--;
          }
        });
      }
    });
  }
  let slow = true;
  for (const [who, one] of dealers.entries()) {
    const pace = scene.pick([0, 0, 1, 20]);
    scene.run(async () => {
      for await (const message of scene.received(one.dealer)) {
        const [re, label] = text(message[0]).split(" ");
        const [asker, number] = label.split(".").map(Number);
        hold(
          "router: a reply goes to the peer that asked, or nowhere",
          re === "re" && asker === who && !one.answers.has(number) &&
            scene.isPadded(message, number),
          () => `${text(message[0])} to ${who}`,
        );
        one.answers.add(number);
        scene.messages++;
        if (pace > 0 && slow) await scene.sleep(scene.between(0, pace));
      }
    });
  }
  const ask = async (who: number) => {
    const number = dealers[who].asked++;
    await dealers[who].dealer.send([
      `${who}.${number}`,
      ...scene.padding(number),
    ]);
    scene.messages++;
    return number;
  };

  let asking = dealerCount;
  for (const [who, one] of dealers.entries()) {
    const pace = scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      const most = scene.between(40, 120);
      while (one.asked < most || scene.events < FEWEST_EVENTS) {
        await ask(who);
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
      asking--;
    });
  }
  if (troubled) scene.trouble(scene.between(200, 2000));
  await scene.until(() => asking === 0);
  slow = false;
  const sockets = [
    ...routers.map(({ router }) => router),
    ...dealers.map(({ dealer }) => dealer),
  ];
  await scene.until(() => answering === 0 && idle(sockets, sockets), 60_000);
  await scene.world.run(2000);
  if (scene.cuts === 0) {
    const asked = dealers.reduce((sum, one) => sum + one.asked, 0);
    const answered = dealers.reduce((sum, one) => sum + one.answers.size, 0);
    const drops = routers.reduce(
      (sum, one) => sum + one.router.stats().drops,
      0,
    );
    hold(
      "router: nothing is lost while connections hold",
      answered + (mandatory ? 0 : drops) === asked && unreachable === 0,
      () =>
        `${answered} and ${drops} drops of ${asked}, ${unreachable} unreachable`,
    );
    return;
  }
  await scene.world.run(3000);
  for (const [who, one] of dealers.entries()) {
    for (let n = 0; n < 3 * routerCount; n++) {
      let number = -1;
      scene.run(async () => {
        number = await ask(who);
      });
      const answered = await scene.until(
        () => one.answers.has(number),
        10_000,
      );
      hold(
        "router: a peer is heard again after a reconnect",
        answered,
        () => `${who}.${number} was not answered`,
      );
    }
  }
}
