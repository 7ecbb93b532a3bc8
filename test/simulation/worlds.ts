// Random worlds from a seed: hosts, sockets of the six types, bound and
// connected any way round, readers of any pace, and a network that delays,
// splits and cuts. `play` runs one and throws when an invariant breaks.

import {
  Context,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  type Socket,
  Subscriber,
  text,
  ZmqError,
} from "../../mod.ts";
import {
  type SimulatedHost,
  SimulatedWorld,
} from "../../adapters/simulated.ts";
import { hold } from "./invariants.ts";

/** What came of a world. */
export interface Outcome {
  readonly kind: string;
  /** Things that happened in it. */
  readonly events: number;
  readonly cuts: number;
}

/** Bytes that a narrow connection holds at most. */
const NARROW_WINDOW = 300;
/** Bytes of the smallest message on the wire, frame header included. */
const SMALLEST_MESSAGE = 5;

/** The fewest things that happen in a world; a quiet one goes on longer. */
export const FEWEST_EVENTS = 500;

/** Runs the world of a seed. */
export async function play(seed: number): Promise<Outcome> {
  const scene = new Scene(seed);
  const kinds = [pipeline, pubsub, reqrep];
  const kind = kinds[seed % kinds.length];
  await kind(scene);
  await scene.end();
  return { kind: kind.name, events: scene.events, cuts: scene.cuts };
}

/** What the worlds have in common: chance, time, sockets, watching, cutting. */
class Scene {
  readonly world: SimulatedWorld;
  cuts = 0;
  /** Messages that were sent and received; they are events too. */
  messages = 0;
  /** Whether connections hold so little that only small messages are sensible. */
  readonly narrow: boolean;
  /** Whether every sender knows to the byte what has left. */
  readonly exact: boolean;
  readonly #sockets: Socket[] = [];
  readonly #contexts = new Map<SimulatedHost, Context>();
  readonly #marks = new Map<Socket, { send: number; receive: number }>();
  #failure: unknown = undefined;
  #nextPort = 5000;
  #over = false;

  constructor(seed: number) {
    this.narrow = seed % 4 === 0;
    this.exact = seed % 8 === 0;
    const slow = !this.narrow && seed % 5 === 0;
    this.world = new SimulatedWorld({
      seed,
      latency: slow ? [1, 50] : [0.1, 3],
      window: this.narrow ? [20, NARROW_WINDOW] : [1000, 65536],
      exact: this.exact ? 1 : 0.5,
      piece: this.narrow ? 50 : 16384,
    });
  }

  get events(): number {
    return this.world.events + this.messages;
  }

  /** Frames after the first: as many, and as long, as can be told from a number. */
  padding(number: number): string[] {
    const lengths = this.narrow
      ? [0, 1, 30]
      : [0, 1, 100, 254, 255, 256, 300, 3000, 20_000];
    return Array.from(
      { length: number % 4 },
      (_, i) => "x".repeat(lengths[(number * 7 + i * 3) % lengths.length]),
    );
  }

  isPadded(message: Uint8Array[], number: number): boolean {
    const expected = this.padding(number);
    return message.length === expected.length + 1 &&
      expected.every((frame, i) => text(message[i + 1]) === frame);
  }

  get random(): number {
    return this.world.random();
  }

  between(least: number, most: number): number {
    return this.world.between(least, most);
  }

  chance(probability: number): boolean {
    return this.random < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)];
  }

  /** A high-water mark: often a small one. */
  mark(): number {
    return this.pick([1, 2, 3, 10, 100, 1000]);
  }

  host(name: string): SimulatedHost {
    return this.world.host(name);
  }

  context(host: SimulatedHost): Context {
    let context = this.#contexts.get(host);
    if (context === undefined) {
      context = new Context({ adapter: host.adapter() });
      this.#contexts.set(host, context);
    }
    return context;
  }

  /** Keeps a socket to watch its queues and to close it at the end. */
  keep<S extends Socket>(
    socket: S,
    marks: { send?: number; receive?: number },
  ): S {
    this.#sockets.push(socket);
    this.#marks.set(socket, {
      send: marks.send ?? 1000,
      receive: marks.receive ?? 1000,
    });
    return socket;
  }

  /** Joins two sockets one way round or the other, now or later. */
  join(
    a: Socket,
    hostA: SimulatedHost,
    b: Socket,
    hostB: SimulatedHost,
    aCalls = this.chance(0.5),
  ): void {
    const [binder, bound, caller] = aCalls ? [b, hostB, a] : [a, hostA, b];
    const port = this.#nextPort++;
    const inproc = hostA === hostB && this.chance(0.5);
    const [bindTo, connectTo] = inproc
      ? [`inproc://${port}`, `inproc://${port}`]
      : [`tcp://*:${port}`, `tcp://${bound.name}:${port}`];
    // Either side may come first.
    this.later(this.between(0, 300), () => binder.bind(bindTo));
    this.later(this.between(0, 300), () => caller.connect(connectTo));
  }

  /** Does something after some time of the world. */
  later(milliseconds: number, act: () => unknown): void {
    this.world.after(milliseconds, () => {
      if (!this.#over) this.run(async () => void await act());
    });
  }

  /** Resolves after some time of the world. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.world.after(milliseconds, resolve));
  }

  /** Runs a part of the play; what it throws ends the play. */
  run(part: () => Promise<void>): Promise<void> {
    const running = part();
    running.catch((error) => this.#failure ??= error);
    return running;
  }

  /** Lets time pass, watching the queues, until a condition holds or it is too late. */
  async until(condition: () => boolean, limit = 120_000): Promise<boolean> {
    const ends = this.world.now + limit;
    while (!condition() && this.world.now < ends) {
      await this.world.run(5);
      this.#check();
    }
    return condition();
  }

  /** Cuts connections now and then for so many milliseconds. */
  trouble(milliseconds: number): void {
    const ends = this.world.now + milliseconds;
    const strike = () => {
      if (this.world.now >= ends) return;
      this.cuts += this.world.cut();
      this.world.after(this.between(20, 500), strike);
    };
    this.world.after(this.between(20, 500), strike);
  }

  /** Closes all, and lets that come to its end. */
  async end(): Promise<void> {
    this.#over = true;
    for (const socket of this.#sockets) socket.linger = 0;
    for (const socket of this.#sockets) socket.close();
    await this.world.run(3000);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    for (const socket of this.#sockets) {
      if (socket.closed) continue;
      const marks = this.#marks.get(socket)!;
      for (const peer of socket.stats().perPeer) {
        // Within the process the marks of both ends add up.
        const send = peer.inproc ? Infinity : marks.send;
        const receive = peer.inproc ? Infinity : marks.receive;
        hold(
          "all: queues stay within their high-water marks",
          peer.sendQueue <= send && peer.receiveQueue <= receive,
          () =>
            `${peer.sendQueue} of ${send} out, ${peer.receiveQueue} of ${receive} in`,
        );
      }
    }
  }
}

/**
 * Numbers that rise within each connection: where connections died and others
 * took their place, what is received is several rising rows, dovetailed.
 */
class Rows {
  readonly #tails: number[] = [];

  /** Adds a number, and tells how many rows it takes. */
  add(number: number): number {
    const row = this.#tails.findIndex((tail) => tail < number);
    if (row < 0) this.#tails.push(number);
    else this.#tails[row] = number;
    return this.#tails.length;
  }
}

// Pushes that send numbered messages, Pulls that read them at their own pace.
async function pipeline(scene: Scene): Promise<void> {
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
      new Pull({ context: scene.context(host), receiveHighWaterMark: receive }),
      { receive },
    );
    return { pull, host, count: 0, rows: rowsOf(pushCount) };
  });
  const pushes = Array.from({ length: pushCount }, () => {
    const host = scene.pick(hosts);
    const send = fair ? 1000 : scene.mark();
    const push = scene.keep(
      new Push({
        context: scene.context(host),
        sendHighWaterMark: send,
        immediate: !scene.exact && scene.chance(0.3),
        reconnectInterval: scene.between(5, 50),
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
      for await (const message of reader.pull) {
        const [who, number] = text(message[0]).split(".").map(Number);
        hold(
          "pipeline: messages are whole",
          who in reader.rows && scene.isPadded(message, number),
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
      5000,
    );
  }
  if (fair) await scene.world.run(500);
  let sending = pushCount;
  for (const [who, one] of pushes.entries()) {
    const pace = fair ? 0 : scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      while (one.number < each || scene.events < FEWEST_EVENTS) {
        const number = one.number++;
        await one.push.send([`${who}.${number}`, ...scene.padding(number)]);
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
          await one.push.send([`${who}.${number}`, ...scene.padding(number)]);
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

function rowsOf(count: number): Rows[] {
  return Array.from({ length: count }, () => new Rows());
}

function idle(senders: Socket[], receivers: Socket[]): boolean {
  return senders.every((socket) => socket.stats().sendQueue === 0) &&
    receivers.every((socket) => socket.stats().receiveQueue === 0);
}

const TOPICS = ["a", "ab", "abc", "b", "bc", "c", ""];

// Publishers of random topics, Subscribers that change their minds.
async function pubsub(scene: Scene): Promise<void> {
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
      for await (const [frame, label] of reader.subscriber) {
        const topic = text(frame);
        const [who, number] = text(label ?? new Uint8Array(0)).split(".")
          .map(Number);
        hold(
          "pubsub: messages are whole",
          who in reader.rows && number >= 0,
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
          `${who}.${one.number++}`,
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
        await one.publisher.send([topic, `${who}.${one.number++}`]);
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

// Requests that make rounds, Replies that answer what they are asked.
async function reqrep(scene: Scene): Promise<void> {
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
