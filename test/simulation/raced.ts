// Dealers in several threads, which interrupt each other in the midst of what they do:
// the threads of a program that share a context, or programs and the background threads
// that keep their connections.

import { Context, Dealer, text } from "../../mod.ts";
import { SimulatedProcess } from "../../adapters/simulated/threads.ts";
import { POSTED_BYTES } from "../../src/background/link.ts";
import { arenaMemory } from "../../src/threads/arena.ts";
import { BusyAdapter, inBackground } from "./background.ts";
import { hold } from "./invariants.ts";
import { entrants, Race, type Racer } from "./race.ts";
import { FEWEST_EVENTS, type Scene } from "./scene.ts";
import { threadContext } from "./thread_context.ts";

/** One end of a connection. */
interface End {
  readonly dealer: Dealer;
  readonly racer: Racer;
  /** Whether only the newest counts. */
  readonly newest: boolean;
  /** The number of the next message to send, and of the next that may come. */
  sent: number;
  came: number;
  sending: boolean;
  receiving: boolean;
}

/** Random races, one after another. */
export async function raced(scene: Scene): Promise<void> {
  do await race(scene); while (scene.events < FEWEST_EVENTS);
}

async function race(scene: Scene): Promise<void> {
  const { world } = scene;
  const race = new Race(world, scene.pick([0.02, 0.1, 0.4]));
  const { places, finished } = scene.chance(0.5)
    ? programs(scene, race)
    : threads(scene, race);
  // One end only sends, and may be closed with what it has sent; or both send.
  const oneWay = scene.chance(0.5);
  const newest = scene.chance(0.2);
  const pairs = Array.from({ length: scene.between(1, 3) }, (_, n) => {
    const first = scene.between(0, places.length - 1);
    const second = (first + scene.between(1, places.length - 1)) %
      places.length;
    const ends = [places[first], places[second]].map((place): End => {
      const { context, racer } = place;
      const dealer = new Dealer({
        context,
        sendHighWaterMark: scene.mark(),
        receiveHighWaterMark: scene.mark(),
        sendBytesLimit: scene.pick([0, 0, 1, 5000]),
        receiveBytesLimit: scene.pick([0, 0, 1, 5000]),
        conflate: newest,
      });
      return { dealer, racer, newest, ...NOTHING_YET };
    });
    const [binds, connects] = scene.chance(0.5) ? ends : ends.toReversed();
    const [at, to] = places[0].addresses(n);
    scene.later(
      scene.between(0, 20),
      () => as(binds, () => binds.dealer.bind(at)),
    );
    scene.later(
      scene.between(0, 20),
      () => as(connects, () => connects.dealer.connect(to)),
    );
    return ends;
  });
  if (scene.chance(0.7)) await world.run(300);
  const all = pairs.flatMap(([a, b]) => oneWay ? [[a, b]] : [[a, b], [b, a]]);
  for (const [from, to] of all) {
    from.racer.actions.push(() => send(scene, from));
    to.racer.actions.push(() => receive(scene, to, from));
    if (!oneWay || scene.chance(0.5)) continue;
    const last = scene.between(5, 30);
    from.racer.actions.push(() => from.sent >= last && from.dealer.close());
  }
  const { racer, kill } = scene.pick(places);
  if (kill !== null && scene.chance(0.4)) {
    race.kill(racer, scene.between(1, 1000), kill);
  }
  await race.during(async () => {
    const steps = scene.between(50, 400);
    for (let step = 0; step < steps; step++) {
      await race.step();
      if (scene.chance(0.1)) await world.run(scene.pick([0, 0.05, 1]));
    }
    await world.run(scene.pick([0, 1, 100]));
  });
  // Whatever they did in whatever order, all of it comes, without being asked for again.
  const whole = all.filter((ends) => ends.every(({ racer }) => !racer.dead));
  const complete = await scene.until(() => {
    for (const [from, to] of whole) receive(scene, to, from);
    return whole.every(([from, to]) =>
      (!from.sending || from.dealer.closed) && to.came === from.sent
    );
  }, 400_000);
  hold(
    "raced: all that is sent arrives",
    complete,
    () => whole.map(([from, to]) => `${to.came} of ${from.sent}`).join(),
  );
  const living = pairs.flat().filter(({ racer }) => !racer.dead);
  const bereaved = living.filter((one) =>
    pairs.some((ends) => ends.includes(one) && ends.some((e) => e.racer.dead))
  );
  // What the dead one had sent still comes before that.
  const alone = await scene.until(() => {
    for (const [from, to] of all) if (!to.racer.dead) receive(scene, to, from);
    return bereaved.every(({ dealer }) => !hasMet(dealer));
  }, 400_000);
  hold(
    "raced: who was killed is nobody's peer",
    alone,
    () => `${bereaved.map(({ dealer }) => hasMet(dealer))}`,
  );
  for (const { dealer } of living) {
    if (!dealer.closed) dealer.linger = 0;
    dealer.close();
  }
  for (const { context, racer } of places) {
    if (!racer.dead) void context.terminate();
  }
  await world.run(5000);
  finished();
}

const NOTHING_YET = { sent: 0, came: 0, sending: false, receiving: false };

/** Where sockets are. */
interface Place {
  readonly context: Context;
  readonly racer: Racer;
  /** What is bound, and what connected, for the n-th pair. */
  readonly addresses: (n: number) => [bound: string, connected: string];
  /** Ends the thread; null if it is a program's only one. */
  readonly kill: (() => void) | null;
}

/** Places, and what holds once all of them are closed. */
interface Places {
  readonly places: Place[];
  readonly finished: () => void;
}

/** Programs that have their connections kept in the background. */
function programs(scene: Scene, race: Race): Places {
  const host = scene.host("a");
  const places = [0, 1].map((): Place => {
    const racer = race.racer();
    const context = new Context(inBackground(host, racer));
    const addresses = (n: number): [string, string] => [
      `tcp://*:${7000 + n}`,
      `tcp://${host.name}:${7000 + n}`,
    ];
    return { context, racer, addresses, kill: null };
  });
  return { places, finished: () => {} };
}

/** Threads of one program. */
function threads(scene: Scene, race: Race): Places {
  const process = new SimulatedProcess(scene.world);
  const arena = scene.pick([null, () => arenaMemory(16, 256)]);
  const enter = entrants(race, process);
  let first: Context | undefined;
  const places = Array.from({ length: scene.between(2, 3) }, (): Place => {
    const thread = process.thread();
    const racer = enter(thread);
    const adapter = new BusyAdapter(scene.host("a"), racer, thread);
    const context = threadContext(first, { adapter }, arena);
    first ??= context;
    return {
      context,
      racer,
      addresses: (n) => [`inproc://${n}`, `inproc://${n}`],
      kill: () => thread.kill(),
    };
  });
  const finished = () =>
    hold(
      "threads: nothing is left once all is closed",
      process.busy === 0,
      () => `${process.busy} wait or are in groups`,
    );
  return { places, finished };
}

/** Does something as the thread of a socket, unless that is closed. */
function as<T>({ dealer, racer }: End, fn: () => T): T | undefined {
  return dealer.closed ? undefined : racer.does(fn);
}

function hasMet(dealer: Dealer): boolean {
  return dealer.stats().perPeer.some(({ peer }) => peer !== null);
}

/** Sends the next message, unless one waits for room. */
function send(scene: Scene, from: End): void {
  if (from.sending || from.dealer.closed) return;
  from.sending = true;
  const message = made(scene, from);
  scene.run(async () => {
    // Who is killed or closed has not sent it.
    const sent = (async () => await from.dealer.send(message))();
    if (!await sent.then(() => true, () => false)) return;
    from.sent++;
    from.sending = false;
    scene.messages++;
  });
}

/** Receives the next one, unless it waits for that already. */
function receive(scene: Scene, to: End, from: End): void {
  if (to.receiving) return;
  to.receiving = true;
  scene.run(async () => {
    const received = (async () => await to.dealer.receive())();
    const message = await received.catch(() => null);
    if (message === null) return;
    to.receiving = false;
    const n = Number(text(message[0]));
    const expected = made(scene, from, n);
    hold(
      "raced: messages are in order, once and whole",
      (to.newest ? n >= to.came : n === to.came) &&
        message.length === expected.length &&
        message.every((frame, i) => text(frame) === expected[i]),
      () => `${n}, not ${to.came}: ${message.map((f) => f.length)}`,
    );
    to.came = n + 1;
    scene.messages++;
  });
}

/** What is sent as the n-th message: now and then one that is posted between threads. */
function made(
  scene: Scene,
  { newest, sent }: End,
  n: number = sent,
): string[] {
  const label = `${n}`;
  if (newest) return [label];
  if (!scene.narrow && n % 23 === 22) {
    return [label, "x".repeat(POSTED_BYTES + n), label];
  }
  return [label, ...scene.padding(n)];
}
