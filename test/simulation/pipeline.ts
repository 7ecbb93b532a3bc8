// Pushes that send numbered messages, Pulls that read them at their own pace; or
// Scatters and Gathers, whose messages are one frame. In clear, or hidden by CURVE.

import { Gather, Pull, Push, Scatter, text } from "../../mod.ts";
import { SERVER_KEYS } from "../support/shaking_peer.ts";
import { hold } from "./invariants.ts";
import {
  FEWEST_EVENTS,
  idle,
  NARROW_WINDOW,
  rowsOf,
  type Scene,
  SMALLEST_MESSAGE,
} from "./scene.ts";

const { publicKey, secretKey } = SERVER_KEYS;

/** A random pipeline; `single` has Scatters and Gathers in it, `hidden` CURVE. */
export async function pipeline(
  scene: Scene,
  single = false,
  hidden = false,
): Promise<void> {
  const server = hidden ? { curveServer: true, curveSecretKey: secretKey } : {};
  const client = hidden ? { curveServerKey: publicKey } : {};
  const Sender = single ? Scatter as unknown as typeof Push : Push;
  const Receiver = single ? Gather as unknown as typeof Pull : Pull;
  const made = (who: number, number: number): string[] => {
    const padding = scene.padding(number);
    const label = `${who}.${number}`;
    return single ? [`${label} ${padding.join("")}`] : [label, ...padding];
  };
  const pushCount = scene.between(1, 3);
  const pullCount = scene.between(1, 4);
  const fair = scene.chance(0.25);
  const troubled = !fair && scene.chance(0.6);
  const each = scene.between(60, 200);
  const hosts = ["a", "b", "c"].map((name) => scene.host(name));
  const pulls = Array.from({ length: pullCount }, () => {
    const host = scene.pick(hosts);
    const receive = fair ? 1000 : scene.mark();
    const pull = scene.keep(
      new Receiver({
        context: scene.context(host),
        receiveHighWaterMark: receive,
        ...server,
      }),
      { receive },
    );
    return { pull, host, count: 0, rows: rowsOf(pushCount) };
  });
  const pushes = Array.from({ length: pushCount }, () => {
    const host = scene.pick(hosts);
    const send = fair ? 1000 : scene.mark();
    const push = scene.keep(
      new Sender({
        context: scene.context(host),
        sendHighWaterMark: send,
        immediate: !scene.exact && scene.chance(0.3),
        reconnectInterval: scene.between(5, 50),
        ...client,
      }),
      { send },
    );
    return { push, host, number: 0 };
  });
  for (const { push, host } of pushes) {
    for (const { pull, host: other } of pulls) {
      // What waits for a peer that came goes when it goes; for one that was
      // called it stays.
      if (scene.exact) scene.join(push, host, pull, other, true);
      else scene.join(push, host, pull, other);
    }
  }
  const seen = new Set<string>();
  let received = 0;
  let reading = true;
  for (const reader of pulls) {
    const pace = fair ? 0 : scene.pick([0, 0, 1, 20]);
    scene.run(async () => {
      for await (const message of scene.received(reader.pull)) {
        const [label] = text(message[0]).split(" ");
        const [who, number] = label.split(".").map(Number);
        hold(
          "pipeline: messages are whole",
          who in reader.rows && isWhole(message, made(who, number)),
          () => `${who}.${number} has ${message.map((f) => f.length)}`,
        );
        const key = `${who}.${number}`;
        hold("pipeline: no message arrives twice", !seen.has(key), () => key);
        seen.add(key);
        hold(
          "pipeline: messages of one Push reach a Pull in order",
          reader.rows[who].add(number) <= 1 + scene.cuts,
          () => `${who}.${number}`,
        );
        scene.messages++;
        reader.count++;
        received++;
        if (pace > 0 && reading) await scene.sleep(scene.between(0, pace));
      }
    });
  }
  if (fair) {
    await scene.until(
      () => pushes.every((p) => p.push.stats().peers === pullCount),
      20_000,
    );
  }
  if (fair) await scene.world.run(500);
  let sending = pushCount;
  for (const [who, one] of pushes.entries()) {
    const pace = fair ? 0 : scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      while (one.number < each || scene.events < FEWEST_EVENTS) {
        const number = one.number++;
        await one.push.send(made(who, number));
        scene.messages++;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
      sending--;
    });
  }
  if (troubled) scene.trouble(scene.between(200, 3000));
  await scene.until(() => sending === 0);
  const expected = pushes.reduce((sum, one) => sum + one.number, 0);
  const before = scene.cuts;
  reading = false;
  await scene.until(
    () =>
      received === expected ||
      idle(pushes.map((p) => p.push), pulls.map((p) => p.pull)),
  );
  await scene.world.run(1000);
  if (scene.cuts === 0) {
    await scene.until(() => received === expected);
    hold(
      "pipeline: nothing is lost while connections hold",
      received === expected,
      () => `${received} of ${expected}`,
    );
  }
  if (fair) {
    const counts = pulls.map((p) => p.count);
    hold(
      "pipeline: shares are equal",
      Math.max(...counts) - Math.min(...counts) <= pushCount,
      () => counts.join(),
    );
  }
  if (scene.exact) {
    // Of each connection that was cut, what it held and one message that was
    // begun; everything else was still here, or is there.
    const most = scene.cuts * (NARROW_WINDOW / SMALLEST_MESSAGE + 1);
    hold(
      "pipeline: a cut loses only what was handed over",
      expected - received <= most,
      () => `${expected - received} of at most ${most} with ${scene.cuts} cuts`,
    );
  }
  if (scene.cuts > 0) {
    // All is quiet: what is sent now, once everybody is back, all arrives.
    await scene.until(
      () => before === scene.cuts && pushes.every((p) => p.push.writable),
      10_000,
    );
    await scene.world.run(2000);
    const counted = received;
    const last = 40;
    for (const [who, one] of pushes.entries()) {
      scene.run(async () => {
        for (let n = 0; n < last; n++) {
          const number = one.number++;
          await one.push.send(made(who, number));
        }
      });
    }
    await scene.until(() => received - counted >= pushCount * last, 20_000);
    hold(
      "pipeline: a cut loses only what was handed over",
      received - counted === pushCount * last,
      () => `${received - counted} of ${pushCount * last} after all was quiet`,
    );
  }
}

function isWhole(message: Uint8Array[], expected: string[]): boolean {
  return message.length === expected.length &&
    expected.every((frame, i) => text(message[i]) === frame);
}
