// Pushes and Pulls in threads of one process, some of which end in the midst of what
// they do.

import { type Context, Pull, Push, type Socket, text } from "../../mod.ts";
import {
  SimulatedProcess,
  type SimulatedThread,
} from "../../adapters/simulated/threads.ts";
import { SimulatedAdapter } from "../../src/testing/testing.ts";
import { arenaMemory } from "../../src/threads/arena.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, idle, rowsOf, type Scene } from "./scene.ts";
import { threadContext } from "./thread_context.ts";

/** Random threads of one process, or of several, one after another. */
export async function threaded(scene: Scene): Promise<void> {
  do await together(scene); while (scene.events < FEWEST_EVENTS);
}

async function together(scene: Scene): Promise<void> {
  const { world } = scene;
  const host = scene.host("a");
  const process = new SimulatedProcess(world, scene.pick([0, 0, 0.2]));
  const slots = scene.pick([0, 0, 2, 64]);
  const ringBytes = scene.narrow ? 256 : scene.pick([4096, 16384]);
  const arena = slots === 0 ? null : () => arenaMemory(slots, ringBytes);
  const contexts: Context[] = [];
  const join = (thread: SimulatedThread) => {
    const context = threadContext(
      contexts[0],
      { adapter: new SimulatedAdapter(host, thread) },
      arena,
    );
    contexts.push(context);
    return context;
  };
  const threads = Array.from({ length: scene.between(2, 4) }, () => {
    const thread = process.thread();
    return { thread, context: join(thread) };
  });
  const place = () => scene.pick(threads);
  const pushes = Array.from({ length: scene.between(1, 4) }, () => {
    const { thread, context } = place();
    const push = new Push({ context, sendHighWaterMark: scene.mark() });
    return { thread, push, number: 0 };
  });
  const pulls = Array.from({ length: scene.between(1, 3) }, () => {
    const { thread, context } = place();
    const pull = new Pull({ context, receiveHighWaterMark: scene.mark() });
    return { thread, pull, rows: rowsOf(pushes.length) };
  });
  const names = [...pushes.keys()].flatMap((i) =>
    [...pulls.keys()].map((j) => ({ i, j, name: `inproc://${i}-${j}` }))
  );
  for (const { i, j, name } of names) {
    const ends = [{ ...pushes[i], socket: pushes[i].push }, {
      ...pulls[j],
      socket: pulls[j].pull,
    }];
    const [binds, connects] = scene.chance(0.5) ? ends : ends.reverse();
    scene.later(scene.between(0, 200), () => {
      if (binds.thread.alive) return binds.socket.bind(name);
    });
    scene.later(scene.between(0, 200), () => {
      if (connects.thread.alive) connects.socket.connect(name);
    });
  }
  const seen = new Set<string>();
  for (const { thread, pull, rows } of pulls) {
    const pace = scene.pick([0, 0, 1, 20]);
    scene.run(async () => {
      for await (const message of scene.received(pull)) {
        if (!thread.alive) return;
        const [who, number] = text(message[0]).split(".").map(Number);
        hold(
          "threads: messages are whole",
          who in rows && scene.isPadded(message, number),
          () => `${who}.${number} has ${message.map((f) => f.length)}`,
        );
        const key = `${who}.${number}`;
        hold("threads: no message arrives twice", !seen.has(key), () => key);
        seen.add(key);
        hold(
          "threads: messages are in order",
          rows[who].add(number) === 1,
          () => key,
        );
        scene.messages++;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
        if (!thread.alive) return;
      }
    });
  }
  const each = scene.between(30, 150);
  let sending = true;
  for (const [who, one] of pushes.entries()) {
    const pace = scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      while (sending && (one.number < each || scene.events < FEWEST_EVENTS)) {
        const message = [
          `${who}.${one.number}`,
          ...scene.padding(one.number),
        ];
        const sent = one.push.send(message).then(() => true, () => false);
        // In the end nobody may have room for it.
        if (!await sent) return;
        one.number++;
        scene.messages++;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
        if (!one.thread.alive) return;
      }
    });
  }
  for (let kills = scene.between(0, 2); kills > 0; kills--) {
    const { thread } = place();
    scene.later(scene.between(50, 1500), () => thread.kill());
  }
  await world.run(3000);
  const [living, heard] = [pushes, pulls].map((all) =>
    all.filter(({ thread }) => thread.alive)
  ) as [typeof pushes, typeof pulls];
  const met = slots !== 2;
  const complete = met && heard.length === pulls.length;
  const senders = living.map(({ push }) => push);
  const receivers = heard.map(({ pull }) => pull);
  if (complete) {
    const arrived = () =>
      pushes.every(({ thread, number }, who) => {
        if (!thread.alive) return true;
        if (number < each) return false;
        for (let n = 0; n < number; n++) {
          if (!seen.has(`${who}.${n}`)) return false;
        }
        return true;
      });
    hold(
      "threads: all of a living thread arrives where none ended that receives",
      await scene.until(arrived),
      () =>
        pushes.map(({ number }) => number).join() + ` sent, ${seen.size} came`,
    );
  }
  await scene.until(() => idle(senders, receivers), 20_000);
  if (met) {
    const know = () =>
      senders.every((push) => peers(push) === heard.length) &&
      receivers.every((pull) => peers(pull) === living.length);
    hold(
      "threads: who lives has those for peers who live",
      await scene.until(know, 30_000),
      () =>
        [...senders, ...receivers].map(peers).join() +
        ` peers of ${living.length} and ${heard.length}`,
    );
  }
  sending = false;
  for (const socket of [...senders, ...receivers]) {
    socket.linger = 0;
    socket.close();
  }
  for (const { thread, context } of threads) {
    if (thread.alive) void context.terminate();
  }
  await world.run(5000);
  hold(
    "threads: nothing is left once all is closed",
    process.busy === 0,
    () => `${process.busy} wait or are in groups`,
  );
}

/** How many a socket has met. */
function peers(socket: Socket): number {
  return socket.stats().perPeer.filter(({ peer }) => peer !== null).length;
}
