// What random worlds have in common: hosts, sockets bound and connected any way
// round, readers of any pace, and a network that delays, splits and cuts.

import {
  Context,
  type ContextOptions,
  type Readable,
  type Socket,
  text,
} from "../../mod.ts";
import {
  SimulatedAdapter,
  type SimulatedHost,
  SimulatedWorld,
} from "../../src/testing/testing.ts";
import {
  SimulatedProcess,
  type SimulatedThread,
} from "../../adapters/simulated/threads.ts";
import { arenaMemory } from "../../src/threads/arena.ts";
import { swapOn } from "../../src/swap/swap.ts";
import { BusyAdapter, inBackground } from "./background.ts";
import { SimulatedDisk } from "./disk.ts";
import { hold } from "./invariants.ts";
import { entrants, Race, type Racer } from "./race.ts";
import { threadContext } from "./thread_context.ts";

/** Bytes that a narrow connection holds at most. */
export const NARROW_WINDOW = 300;
/** Bytes of the smallest message on the wire, frame header included. */
export const SMALLEST_MESSAGE = 5;

/** The fewest things that happen in a world; a quiet one goes on longer. */
export const FEWEST_EVENTS = 500;

/** What the worlds have in common: chance, time, sockets, watching, cutting. */
export class Scene {
  readonly world: SimulatedWorld;
  cuts = 0;
  /** Messages that were sent and received; they are events too. */
  messages = 0;
  /** Whether connections hold so little that only small messages are sensible. */
  readonly narrow: boolean;
  /** Whether every sender knows to the byte what has left. */
  readonly exact: boolean;
  /** The length of all frames after the first, where they have just one: so they are read whole. */
  readonly alike: number | null;
  readonly #sockets: Socket[] = [];
  readonly #contexts = new Map<SimulatedHost, Context>();
  /** Where each host is a thread of one process as well. */
  readonly #process: SimulatedProcess | null;
  /** What threads there are interrupt each other now and then. */
  readonly #race: Race;
  readonly #enter: ((thread: SimulatedThread) => Racer) | null;
  /** Whose connections are kept by background threads: all hosts', or every other one's. */
  readonly #background: "all" | "some" | "none";
  /** Where all sockets' queues spill, if they do. */
  readonly #disk: SimulatedDisk | null;
  readonly #marks = new Map<Socket, { send: number; receive: number }>();
  #failure: unknown = undefined;
  #nextPort = 5000;
  #over = false;

  constructor(seed: number) {
    const threads = seed % 3 === 0;
    const spills = seed % 13 < 3;
    this.#background = spills
      ? "none"
      : seed % 11 === 0
      ? "all"
      : seed % 11 < 4
      ? "some"
      : "none";
    this.narrow = seed % 4 === 0;
    this.exact = seed % 8 === 0;
    this.alike = !this.narrow && seed % 7 === 0 ? 8192 + seed % 9000 : null;
    // Long frames would take minutes where little is on its way at a time, for long.
    const slow = !this.narrow && this.alike === null && seed % 5 === 0;
    const least = this.alike === null ? 1000 : 10_000;
    this.world = new SimulatedWorld({
      seed,
      latency: slow ? [1, 50] : [0.1, 3],
      window: this.narrow ? [20, NARROW_WINDOW] : [least, 65536],
      exact: this.exact ? 1 : 0.5,
      piece: this.narrow ? 50 : 16384,
    });
    this.#disk = spills
      ? new SimulatedDisk(
        this.world,
        this.narrow ? this.between(10, 100) : this.between(3000, 20_000),
        seed % 2 === 0 ? 0.1 : 0,
      )
      : null;
    const process = threads
      ? new SimulatedProcess(this.world, seed % 2 === 0 ? 0.1 : 0)
      : null;
    this.#process = process;
    this.#race = new Race(this.world, 0.05);
    this.#enter = process === null ? null : entrants(this.#race, process);
  }

  /** Plays; what threads there are interrupt each other meanwhile. */
  async play(part: () => Promise<void>): Promise<void> {
    const alone = this.#process === null && this.#background === "none";
    await (alone ? part() : this.#race.during(part));
  }

  get events(): number {
    return this.world.events + this.messages;
  }

  /** Frames after the first: as many, and as long, as can be told from a number. */
  padding(number: number): string[] {
    const lengths = this.narrow
      ? [0, 1, 30]
      : this.alike !== null
      ? [this.alike]
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

  /** The scheme of a connection between hosts. */
  wire(): string {
    return this.pick(["tcp", "tcp", "ws"]);
  }

  host(name: string): SimulatedHost {
    return this.world.host(name);
  }

  context(host: SimulatedHost): Context {
    const before = this.#contexts.get(host);
    if (before !== undefined) return before;
    const thread = this.#process?.thread() ?? null;
    const racer = thread === null ? this.#race.racer() : this.#enter!(thread);
    const kept = this.#background === "all" ||
      this.#background === "some" && this.#contexts.size % 2 === 0;
    const context = this.#make(
      kept ? inBackground(host, racer, thread) : {
        // Where a disk takes its time, turns do.
        adapter: this.#disk === null
          ? new SimulatedAdapter(host, thread)
          : new BusyAdapter(host, racer, thread),
      },
    );
    this.#contexts.set(host, context);
    return context;
  }

  /** What threads share goes through rings that are soon full, or large ones. */
  #make(given: ContextOptions): Context {
    const swap = this.#disk === null ? undefined : swapOn(this.#disk);
    const options = { ...given, swap };
    if (this.#process === null) return new Context(options);
    const [first] = this.#contexts.values();
    const arena = () => arenaMemory(64, this.narrow ? 256 : 16384);
    const few = this.narrow || this.exact;
    return threadContext(first, options, few ? arena : null);
  }

  /** Keeps a socket to watch its queues and to close it at the end. */
  keep<S extends Socket>(
    socket: S,
    marks: { send?: number; receive?: number },
  ): S {
    this.#sockets.push(socket);
    if (this.#disk !== null) {
      socket.swapSize = this.pick([1000, 100_000, 100_000_000]);
    }
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
    const together = hostA === hostB || this.#process !== null;
    const inproc = together && this.chance(0.5);
    const wire = this.wire();
    const [bindTo, connectTo] = inproc
      ? [`inproc://${port}`, `inproc://${port}`]
      : [`${wire}://*:${port}`, `${wire}://${bound.name}:${port}`];
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

  /** What a socket receives, one by one or several at a time, until it is closed. */
  async *received<M>(socket: Socket & Readable<M>): AsyncGenerator<M, void> {
    const most = this.pick([0, 0, 1, 3, 100]);
    if (most === 0) {
      yield* socket;
      return;
    }
    for (;;) {
      let messages: M[];
      try {
        messages = await socket.receiveMany(most);
      } catch (error) {
        if (socket.closed) return;
        throw error;
      }
      yield* messages;
    }
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
    if (this.#disk !== null) {
      hold(
        "all: no file is left once all is closed",
        this.#disk.files === 0,
        () => `${this.#disk!.files} are left`,
      );
    }
    if (this.#process === null) return;
    for (const context of this.#contexts.values()) void context.terminate();
    await this.world.run(5000);
    hold(
      "threads: nothing is left once all is closed",
      this.#process.busy === 0,
      () => `${this.#process!.busy} wait or are in groups`,
    );
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    for (const socket of this.#sockets) {
      if (socket.closed) continue;
      const marks = this.#marks.get(socket)!;
      for (const peer of socket.stats().perPeer) {
        // Within the process the marks of both ends add up.
        // What comes back from a file comes in large pieces.
        const free = peer.inproc || this.#disk !== null;
        const send = free ? Infinity : marks.send;
        const receive = free ? Infinity : marks.receive;
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
export class Rows {
  readonly #tails: number[] = [];

  /** Adds a number, and tells how many rows it takes. */
  add(number: number): number {
    const row = this.#tails.findIndex((tail) => tail < number);
    if (row < 0) this.#tails.push(number);
    else this.#tails[row] = number;
    return this.#tails.length;
  }
}

/** So many of them. */
export function rowsOf(count: number): Rows[] {
  return Array.from({ length: count }, () => new Rows());
}

/** Whether nothing waits anywhere. */
export function idle(senders: Socket[], receivers: Socket[]): boolean {
  const rests = (socket: Socket, queue: "sendQueue" | "receiveQueue") => {
    const stats = socket.stats();
    return stats[queue] === 0 && stats.swapped === 0;
  };
  return senders.every((socket) => rests(socket, "sendQueue")) &&
    receivers.every((socket) => rests(socket, "receiveQueue"));
}
