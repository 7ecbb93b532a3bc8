// Requests that make rounds, Replies that answer what they are asked.

import { Reply, Request, text, ZmqError } from "../../mod.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, type Scene } from "./scene.ts";

/** Random askers and answerers. */
export async function reqrep(scene: Scene): Promise<void> {
  const requestCount = scene.between(1, 4);
  const replyCount = scene.between(1, 3);
  const troubled = scene.chance(0.6);
  const rounds = scene.between(15, 50);
  // Whether some rounds are given up long before their replies can be there.
  const hasty = scene.chance(0.4);
  const hosts = ["a", "b", "c"].map((name) => scene.host(name));
  const replies = Array.from({ length: replyCount }, () => {
    const host = scene.pick(hosts);
    const [send, receive] = [scene.mark(), scene.mark()];
    const reply = scene.keep(
      new Reply({
        context: scene.context(host),
        sendHighWaterMark: send,
        receiveHighWaterMark: receive,
        reconnectInterval: 20,
      }),
      { send, receive },
    );
    return { reply, host };
  });
  const requests = Array.from({ length: requestCount }, () => {
    const host = scene.pick(hosts);
    const request = scene.keep(
      new Request({
        context: scene.context(host),
        correlate: scene.chance(0.5),
        reconnectInterval: scene.between(5, 50),
      }),
      {},
    );
    return {
      request,
      host,
      asked: 0,
      answered: 0,
      failed: 0,
      lastFailed: -1,
      lastAnswered: -1,
    };
  });
  for (const { request, host } of requests) {
    for (const { reply, host: other } of replies) {
      scene.join(request, host, reply, other);
    }
  }
  const served = new Set<string>();
  for (const { reply } of replies) {
    const pace = scene.pick([0, 0, 1, 30]);
    scene.run(async () => {
      for await (const message of reply) {
        const asked = text(message[0]);
        hold(
          "reqrep: a request is served at most once",
          !served.has(asked),
          () => asked,
        );
        served.add(asked);
        scene.messages += 2;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
        await reply.send([`re ${asked}`, ...message.slice(1)]);
      }
    });
  }
  const ask = async (
    who: number,
    one: typeof requests[number],
    n: number,
    timeout = hasty && scene.chance(0.5) ? scene.between(1, 20) : 3000,
  ) => {
    const asked = `${who}.${n}`;
    try {
      const answer = await one.request.request([asked, ...scene.padding(n)], {
        timeout,
      });
      hold(
        "reqrep: a reply is to its own request",
        text(answer[0]) === `re ${asked}` && scene.isPadded(answer, n),
        () => `${text(answer[0])} to ${asked}`,
      );
      one.answered++;
      one.lastAnswered = n;
    } catch (error) {
      if (!(error instanceof ZmqError) || error.code !== "EAGAIN") throw error;
      one.failed++;
      one.lastFailed = n;
    }
  };
  let asking = requestCount;
  for (const [who, one] of requests.entries()) {
    scene.run(async () => {
      while (one.asked < rounds || scene.events < FEWEST_EVENTS) {
        await ask(who, one, one.asked++);
        if (scene.chance(0.3)) await scene.sleep(scene.between(0, 30));
      }
      asking--;
    });
  }
  if (troubled) scene.trouble(scene.between(200, 2000));
  await scene.until(() => asking === 0, 400_000);
  if (scene.cuts === 0 && !hasty) {
    for (const one of requests) {
      hold(
        "reqrep: every request is answered while connections hold",
        one.answered === one.asked,
        () => `${one.answered} of ${one.asked}`,
      );
    }
    return;
  }
  await scene.world.run(5000);
  asking = requestCount;
  for (const one of requests) one.lastFailed = -1;
  for (const [who, one] of requests.entries()) {
    scene.run(async () => {
      for (let n = 0; n < 5; n++) await ask(who, one, one.asked++, 3000);
      asking--;
    });
  }
  await scene.until(() => asking === 0);
  for (const one of requests) {
    hold(
      "reqrep: a socket goes on after a round that failed",
      one.lastFailed < 0 && one.lastAnswered === one.asked - 1,
      () =>
        `${one.lastFailed} failed, ${one.lastAnswered} was the last answered of ${one.asked}`,
    );
  }
}
