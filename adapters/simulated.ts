// A simulated world: hosts, a network and a clock, all of it made from one seed
// and run by hand, so that a program and its faults can be replayed to the
// byte. Time passes only in `run`, and at each instant everything that follows
// from an event happens before the next one.
//
//   write ──> sender's window ──(latency, in pieces)──> receiver's window ──> data
//
// Bytes count as sent when they enter the sender's window, as with a kernel;
// they leave it when the receiver has taken them, so a receiver that doesn't
// read stops its sender.

import type {
  Adapter,
  ByteStream,
  Clock,
  DatagramAddress,
  DatagramHandler,
  DatagramSocket,
  DatagramTarget,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import type { FrameCopies } from "../src/runtime/frame_copies.ts";
import { coded } from "./coded.ts";

/** How the network of a {@linkcode SimulatedWorld} behaves. */
export interface NetworkOptions {
  /** Milliseconds that bytes travel, from the first to the second number. Default 0.1 to 2. */
  latency?: readonly [number, number];
  /** Bytes that one direction of a connection holds, from the first to the second number. Default 1024 to 65536. */
  window?: readonly [number, number];
  /** The most bytes that arrive at once; each arrival has between 1 and this many. Default 16384. */
  piece?: number;
  /**
   * How likely it is that a sender knows to the byte what has left when its
   * connection dies, as on Deno and Bun, and not just whole writes, as on Node.
   * Default 0.5.
   */
  exact?: number;
  /** How likely a datagram is lost. Default 0. */
  loss?: number;
  /** How likely a datagram arrives twice. Default 0. */
  duplication?: number;
  /** Milliseconds that a datagram may be late beyond its latency, so that others overtake it. Default 0. */
  disorder?: number;
}

/** Options of a {@linkcode SimulatedWorld}. */
export interface WorldOptions extends NetworkOptions {
  /** What all chance comes from. Default 1. */
  seed?: number;
}

const LARGEST_SEED = 0xffffffff;
const OPTIONS: readonly string[] = [
  ...["seed", "latency", "window", "piece", "exact"],
  ...["loss", "duplication", "disorder"],
];

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** Hosts, a network and a clock that run from one seed; `@nought/zeromq/testing` has it. */
export class SimulatedWorld {
  readonly #options: Required<NetworkOptions>;
  readonly #random: () => number;
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #links = new Set<Link>();
  readonly #partitions = new Set<string>();
  readonly #happenings: Happening[] = [];
  readonly #turnEnds: (() => void)[] = [];
  #now = 0;
  #order = 0;
  #events = 0;
  #running = false;

  constructor(options: WorldOptions = {}) {
    const { seed = 1 } = options;
    if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED) {
      throw new TypeError(
        `A seed is a whole number from 0 to ${LARGEST_SEED}, not ${seed}`,
      );
    }
    for (const name of Object.keys(options)) {
      if (!OPTIONS.includes(name)) {
        throw new TypeError(
          `A SimulatedWorld has no option ${name}, but ${OPTIONS.join(", ")}`,
        );
      }
    }
    for (const name of ["latency", "window"] as const) {
      const [least, most] = options[name] ?? [1, 1];
      if (!(least >= (name === "window" ? 1 : 0)) || !(most >= least)) {
        throw new TypeError(
          `${name} is the least and the most: two numbers, the second not below the first`,
        );
      }
    }
    this.#random = generator(seed);
    this.#options = {
      latency: options.latency ?? [0.1, 2],
      window: options.window ?? [1024, 65536],
      piece: options.piece ?? 16384,
      exact: options.exact ?? 0.5,
      loss: options.loss ?? 0,
      duplication: options.duplication ?? 0,
      disorder: options.disorder ?? 0,
    };
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** How many things have happened: arrivals, timers, ends of writes. */
  get events(): number {
    return this.#events;
  }

  /** A random number from 0 to below 1, from the seed. */
  random(): number {
    return this.#random();
  }

  /** A random whole number, from the first to the second. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  /** The host of a name, made when it is first asked for. */
  host(name: string): SimulatedHost {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = new SimulatedHost(name, `10.0.0.${this.#hosts.size + 1}`, this);
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** Lets so many milliseconds pass, with all that happens in them. */
  async run(milliseconds: number): Promise<void> {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) {
      throw new TypeError(
        `A world runs for a number of milliseconds, not ${milliseconds}`,
      );
    }
    if (this.#running) throw new Error("The world is running already");
    this.#running = true;
    try {
      const until = this.#now + milliseconds;
      await this.#settle();
      for (;;) {
        const next = this.#happenings[0];
        if (next === undefined || next.at > until) break;
        pop(this.#happenings);
        this.#now = Math.max(this.#now, next.at);
        this.#events++;
        next.act();
        await this.#settle();
      }
      this.#now = until;
    } finally {
      this.#running = false;
    }
  }

  /** Ends connections without a word: those of a host, between two, or all. Their bytes under way are lost. */
  cut(a?: SimulatedHost, b?: SimulatedHost): number {
    for (const host of [a, b]) if (host !== undefined) this.#check(host);
    let count = 0;
    for (const link of [...this.#links]) {
      if (!link.touches(a, b)) continue;
      link.cut();
      count++;
    }
    return count;
  }

  /** Nothing passes between two hosts until `heal`; connections stay, and attempts get no answer. */
  partition(a: SimulatedHost, b: SimulatedHost): void {
    this.#check(a);
    this.#check(b);
    this.#partitions.add(between(a, b));
  }

  /** Ends a partition. */
  heal(a: SimulatedHost, b: SimulatedHost): void {
    this.#check(a);
    this.#check(b);
    this.#partitions.delete(between(a, b));
    for (const link of this.#links) link.healed();
  }

  #check(host: SimulatedHost): void {
    if (this.#hosts.get(host?.name) === host) return;
    throw new TypeError("It takes hosts of this world: world.host(name)");
  }

  /** Whether two hosts can't hear each other; for the world's own parts. */
  parted(a: SimulatedHost, b: SimulatedHost): boolean {
    return this.#partitions.has(between(a, b));
  }

  /** Does something later; for the world's own parts, and for tests. */
  after(milliseconds: number, act: () => void): void {
    push(this.#happenings, {
      at: this.#now + milliseconds,
      order: this.#order++,
      act,
    });
  }

  /** How long bytes travel now; for the world's own parts. */
  latency(): number {
    const [least, most] = this.#options.latency;
    return least + this.#random() * (most - least);
  }

  /** The limits of a new direction; for the world's own parts. */
  window(): number {
    const [least, most] = this.#options.window;
    return this.between(least, most);
  }

  /** Whether a new end knows to the byte what has left; for the world's own parts. */
  exact(): boolean {
    return this.#random() < this.#options.exact;
  }

  /** When the copies of a datagram arrive, from now; none if it is lost; for the world's own parts. */
  arrivals(): number[] {
    const { loss, duplication, disorder } = this.#options;
    if (loss > 0 && this.#random() < loss) return [];
    const times = [this.latency() + this.#random() * disorder];
    if (duplication > 0 && this.#random() < duplication) {
      times.push(this.latency() + this.#random() * disorder);
    }
    return times;
  }

  /** Every host; for the world's own parts. */
  hosts(): Iterable<SimulatedHost> {
    return this.#hosts.values();
  }

  /** How many bytes arrive at once; for the world's own parts. */
  piece(): number {
    // Small pieces and large ones are equally likely.
    const most = this.between(1, this.#options.piece);
    return this.between(1, most);
  }

  /** The host of an address or name; for the world's own parts. */
  find(address: string, from: SimulatedHost): SimulatedHost | undefined {
    if (/^(localhost|127\.|0\.0\.0\.0)/.test(address)) return from;
    return this.#hosts.get(address) ??
      [...this.#hosts.values()].find((host) => host.address === address);
  }

  /** A connection has begun or ended; for the world's own parts. */
  linked(link: Link, alive: boolean): void {
    if (alive) this.#links.add(link);
    else this.#links.delete(link);
  }

  /** Something is due at the end of the turn; for the world's own parts. */
  turnEnds(fn: () => void): void {
    this.#turnEnds.push(fn);
  }

  /** All that follows from the last event happens. */
  async #settle(): Promise<void> {
    await macrotask();
    while (this.#turnEnds.length > 0) {
      for (const fn of this.#turnEnds.splice(0)) fn();
      await macrotask();
    }
  }
}

/** A machine in a {@linkcode SimulatedWorld}. */
export class SimulatedHost {
  /** Its name, for `tcp://name:port`. */
  readonly name: string;
  /** Its address. */
  readonly address: string;
  /** The world it is in. */
  readonly world: SimulatedWorld;
  /** Who listens at its ports; for the world's own parts. */
  readonly ports: Map<number, SimulatedListener> = new Map();
  /** Its sockets of datagrams; for the world's own parts. */
  readonly datagrams: Set<SimulatedDatagrams> = new Set();
  /** Who listens at its ipc paths; for the world's own parts. */
  readonly paths: Map<string, SimulatedListener> = new Map();
  #nextPort = 49152;

  /** Made by {@linkcode SimulatedWorld.host}. */
  constructor(name: string, address: string, world: SimulatedWorld) {
    this.name = name;
    this.address = address;
    this.world = world;
  }

  /** A new program on this host, for one `new Context({ adapter })`: another takes one of its own. */
  adapter(): SimulatedAdapter {
    return new SimulatedAdapter(this);
  }

  /** A port that nobody has; for the world's own parts. */
  freePort(): number {
    while (this.ports.has(this.#nextPort)) this.#nextPort++;
    return this.#nextPort++;
  }
}

/** The runtime of a program in a {@linkcode SimulatedWorld}. */
export class SimulatedAdapter implements Adapter {
  readonly name = "simulated";
  /** Some frames are copies and some are views, as on no runtime. */
  readonly frameCopies: FrameCopies = {
    below: 12,
    copy: (from, start, end) => from.slice(start, end),
  };
  readonly copyReads = 0;
  readonly features: ReadonlySet<Feature> = new Set<Feature>([
    "keepAlive",
    "keepAliveIdle",
    "keepAliveInterval",
    "keepAliveCount",
    "backlog",
    "sendBuffer",
    "receiveBuffer",
    "abstractNames",
    "datagrams",
    "sharedPorts",
    "streams",
    "paths",
    "sources",
  ]);
  readonly threads: null = null;
  readonly x25519: null = null;
  readonly clock: SimulatedClock;
  readonly #host: SimulatedHost;

  /** A program on this host. */
  constructor(host: SimulatedHost) {
    this.#host = host;
    this.clock = new SimulatedClock(host.world);
  }

  entropy(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) {
      into[i] = this.#host.world.between(0, 255);
    }
  }

  endOfTurn(fn: () => void): void {
    this.#host.world.turnEnds(fn);
  }

  forbids(): null {
    return null;
  }

  connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const { world } = this.#host;
    const link = new Link(this.#host, world);
    const near = link.near;
    near.handler = handler;
    if (target.kind === "ipc") {
      const { path } = target;
      world.after(world.latency(), () => link.arriveAt(this.#host, path));
      return near;
    }
    const there = world.find(target.host, this.#host);
    if (there === undefined) {
      world.after(world.latency(), () => link.refuse("EHOSTUNREACH"));
    } else if (!world.parted(this.#host, there)) {
      world.after(world.latency(), () => link.arrive(there, target.port));
    }
    return near;
  }

  openDatagrams(
    target: DatagramTarget,
    handler: DatagramHandler,
  ): DatagramSocket {
    return new SimulatedDatagrams(this.#host, target, handler);
  }

  listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
  ): Promise<Listener> {
    const host = this.#host;
    if (target.kind === "ipc") {
      const path = target.path || `/tmp/nought-${host.freePort()}/socket`;
      return Promise.resolve(
        new SimulatedListener(host.paths, path, path, accept),
      );
    }
    const port = target.port === 0 ? host.freePort() : target.port;
    if (host.ports.has(port)) {
      return Promise.reject(coded("EADDRINUSE", "the port is taken"));
    }
    const everywhere = target.host === "0.0.0.0" || target.host === "::";
    if (
      !everywhere && host.world.find(target.host, host) !== host
    ) {
      return Promise.reject(coded("EADDRNOTAVAIL", "no such address here"));
    }
    return Promise.resolve(
      new SimulatedListener(
        host.ports,
        `${target.host}:${port}`,
        port,
        accept,
      ),
    );
  }
}

/** A socket of datagrams; each is lost, doubled and late as the world says. */
class SimulatedDatagrams implements DatagramSocket {
  local = "";
  readonly target: DatagramTarget;
  readonly #host: SimulatedHost;
  readonly #handler: DatagramHandler;
  #port = 0;
  #over = false;

  constructor(
    host: SimulatedHost,
    target: DatagramTarget,
    handler: DatagramHandler,
  ) {
    this.#host = host;
    this.target = target;
    this.#handler = handler;
    host.world.after(0, () => this.#open());
  }

  send(bytes: Uint8Array, to: DatagramAddress | null): boolean {
    const where = to ?? this.target.to;
    if (this.#over || where === null) return true;
    const { world } = this.#host;
    const from = this.#host.address;
    const there = world.find(where.host, this.#host);
    for (const host of world.hosts()) {
      if (world.parted(host, this.#host)) continue;
      for (const socket of host.datagrams) {
        if (socket.#port !== where.port) continue;
        const group = socket.target.group === where.host &&
          (this.target.loop || host !== this.#host);
        if (!group && (host !== there || !socket.#hears(where.host))) continue;
        for (const time of world.arrivals()) {
          const copy = bytes.slice();
          world.after(time, () => socket.#arrive(copy, from, this.#port));
        }
      }
    }
    return true;
  }

  close(): void {
    this.#host.world.after(0, () => this.#end(undefined));
  }

  #open(): void {
    if (this.#over) return;
    const { port, shared, host } = this.target;
    const taken = [...this.#host.datagrams].some((other) =>
      other.#port === port && other.target.host === host &&
      !(shared && other.target.shared)
    );
    if (port !== 0 && taken) {
      this.#end(coded("EADDRINUSE", "the port is taken"));
      return;
    }
    this.#port = port === 0 ? this.#host.freePort() : port;
    // An interface, whatever its name, has the one address of its host.
    const literal = host === "" ? "0.0.0.0" : host;
    const bound = /^[\d.]+$/.test(literal) ? literal : this.#host.address;
    this.local = `${bound}:${this.#port}`;
    this.#host.datagrams.add(this);
    this.#handler.opened(this);
  }

  /** Whether what is sent to an address of its host is for it. */
  #hears(address: string): boolean {
    const { host } = this.target;
    return host === "" || host === address ||
      this.local.startsWith(`${address}:`);
  }

  #arrive(bytes: Uint8Array, host: string, port: number): void {
    if (!this.#over) this.#handler.datagram(bytes, host, port);
  }

  #end(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#host.datagrams.delete(this);
    this.#handler.closed(error);
  }
}

/** The clock of a program in a {@linkcode SimulatedWorld}. */
export class SimulatedClock implements Clock {
  /** Whether the process would be kept alive. */
  held = false;
  readonly #world: SimulatedWorld;
  #timer = 0;

  /** A host of a world; `world.host(name)` makes one. */
  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  now(): number {
    return this.#world.now;
  }

  setTimer(at: number, fn: () => void): void {
    const timer = ++this.#timer;
    if (at === Infinity) return;
    this.#world.after(Math.max(0, at - this.#world.now), () => {
      if (timer === this.#timer) fn();
    });
  }

  ref(): void {
    this.held = true;
  }

  unref(): void {
    this.held = false;
  }
}

class SimulatedListener<K = number | string> implements Listener {
  readonly local: string;
  readonly accept: (stream: ByteStream) => StreamHandler;
  readonly #places: Map<K, SimulatedListener>;
  readonly #place: K;

  constructor(
    places: Map<K, SimulatedListener>,
    local: string,
    place: K,
    accept: (stream: ByteStream) => StreamHandler,
  ) {
    this.#places = places;
    this.#place = place;
    this.local = local;
    this.accept = accept;
    places.set(place, this as SimulatedListener<unknown> as SimulatedListener);
  }

  close(): void {
    // A path may be another's by now.
    const here: unknown = this.#places.get(this.#place);
    if (here === this) this.#places.delete(this.#place);
  }
}

/** A connection: two ends, and what is under way between them. */
class Link {
  readonly near: End;
  readonly far: End;
  readonly #world: SimulatedWorld;
  #state: "attempt" | "up" | "over" = "attempt";

  constructor(from: SimulatedHost, world: SimulatedWorld) {
    this.#world = world;
    this.near = new End(world, this, from);
    this.far = new End(world, this, from);
    this.near.mate = this.far;
    this.far.mate = this.near;
  }

  touches(a?: SimulatedHost, b?: SimulatedHost): boolean {
    const hosts = [this.near.host, this.far.host];
    return (a === undefined || hosts.includes(a)) &&
      (b === undefined || hosts.includes(b));
  }

  refuse(code: string): void {
    if (this.#state !== "attempt") return;
    this.#state = "over";
    this.near.die(coded(code, "nobody there"));
  }

  /** The attempt gets to a host. */
  arrive(host: SimulatedHost, port: number): void {
    if (this.#state !== "attempt") return;
    const listener = host.ports.get(port);
    if (listener === undefined) {
      this.#world.after(
        this.#world.latency(),
        () => this.refuse("ECONNREFUSED"),
      );
      return;
    }
    const from = `${this.near.host.address}:${this.near.host.freePort()}`;
    this.#join(listener, host, from, `${host.address}:${port}`);
  }

  /** The attempt gets to a path of its own host. */
  arriveAt(host: SimulatedHost, path: string): void {
    if (this.#state !== "attempt") return;
    const listener = host.paths.get(path);
    if (listener === undefined) this.refuse("ENOENT");
    else this.#join(listener, host, "", path);
  }

  #join(
    listener: SimulatedListener,
    host: SimulatedHost,
    from: string,
    to: string,
  ): void {
    this.#state = "up";
    this.#world.linked(this, true);
    this.far.host = host;
    this.far.local = to;
    this.far.remote = from;
    this.near.local = from;
    this.near.remote = to;
    this.far.handler = listener.accept(this.far);
    this.far.open();
    this.#world.after(this.#world.latency(), () => this.near.open());
  }

  /** The caller gives an attempt up. */
  giveUp(): void {
    if (this.#state !== "attempt") return;
    this.#state = "over";
    this.#world.after(
      0,
      () => this.near.die(coded("ECONNABORTED", "given up")),
    );
  }

  get attempting(): boolean {
    return this.#state === "attempt";
  }

  get parted(): boolean {
    return this.#world.parted(this.near.host, this.far.host);
  }

  healed(): void {
    this.near.deliver();
    this.far.deliver();
  }

  /** Both ends learn, each in its own time, that the connection is gone. */
  cut(): void {
    if (this.#state !== "up") return;
    this.#state = "over";
    this.#world.linked(this, false);
    for (const end of [this.near, this.far]) {
      end.silent = true;
      this.#world.after(
        this.#world.latency(),
        () => end.die(coded("ECONNRESET", "the connection was cut")),
      );
    }
  }

  over(): void {
    this.#state = "over";
    this.#world.linked(this, false);
  }
}

/** One end of a connection. */
class End implements ByteStream {
  local = "";
  remote = "";
  readonly exact: boolean;
  host: SimulatedHost;
  handler: StreamHandler | null = null;
  mate: End | null = null;
  /** Nothing reaches it any more. */
  silent = false;
  readonly #world: SimulatedWorld;
  readonly #link: Link;
  readonly #window: number;
  /** Whether it reads into memory that the handler gives. */
  readonly #pulls: boolean;
  /** And says that it hands it over at once, as it does. */
  readonly #atOnce: boolean;
  #opened = false;
  #dead = false;
  #paused = false;
  #ending = false;

  // Outwards: what the owner wrote and the window had no room for, and how
  // much of the window is taken.
  #writing: Uint8Array = NONE;
  #unreported = 0;
  #taken = 0;
  // Inwards: what has arrived or is under way, in order.
  readonly #arriving: { at: number; bytes: Uint8Array | null }[] = [];
  #scheduled = false;

  constructor(world: SimulatedWorld, link: Link, host: SimulatedHost) {
    this.#world = world;
    this.#link = link;
    this.host = host;
    this.#window = world.window();
    this.exact = world.exact();
    const chance = world.random();
    this.#pulls = chance < 0.5;
    this.#atOnce = chance < 0.25;
  }

  open(): void {
    if (this.#dead || this.silent || this.#opened) return;
    this.#opened = true;
    this.handler!.opened(this);
    this.deliver();
  }

  write(bytes: Uint8Array): void {
    if (this.#dead) return;
    if (this.#writing.length > 0 || this.#unreported > 0) {
      throw new Error("write() before sent() has covered the last one");
    }
    this.#writing = bytes;
    this.#unreported = bytes.length;
    // Half of all writes are taken within the call, as on Bun and Node.
    if (this.#world.random() < 0.5) this.#fillWindow();
    else this.#world.after(0, () => this.#fillWindow());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule(0);
  }

  end(limit: number): void {
    if (this.#dead) return;
    if (!this.#opened) {
      this.abort();
      return;
    }
    this.#ending = true;
    this.#paused = false;
    this.mate!.#arrive(null);
    this.#schedule(0);
    this.#world.after(limit, () => this.die(undefined));
  }

  abort(): void {
    if (this.#dead) return;
    if (this.#link.attempting) {
      this.#link.giveUp();
      return;
    }
    this.silent = true;
    this.#world.after(0, () => this.die(undefined));
    // What was under way may or may not get there before the news does.
    const mate = this.mate!;
    if (this.#world.random() < 0.5) mate.#arrive(null);
    else {
      this.#world.after(
        this.#world.latency(),
        () => mate.die(coded("ECONNRESET", "the peer is gone")),
      );
    }
  }

  ref(): void {}

  unref(): void {}

  die(error: Error | undefined): void {
    if (this.#dead) return;
    this.#dead = true;
    this.silent = true;
    this.#arriving.length = 0;
    this.#link.over();
    if (this.handler !== null) {
      this.handler.closed(this.#ending ? undefined : error);
    }
    // The other end hears of it, unless it has already.
    const mate = this.mate!;
    if (mate.#opened && !mate.#dead && !mate.silent) mate.#arrive(null);
  }

  /** Hands over what has arrived by now. */
  deliver(): void {
    while (!this.#dead && !this.silent && this.#opened && !this.#paused) {
      const next = this.#arriving[0];
      if (next === undefined || this.#link.parted) return;
      if (next.at > this.#world.now) {
        this.#schedule(next.at - this.#world.now);
        return;
      }
      if (next.bytes === null) {
        this.#arriving.shift();
        this.die(undefined);
        return;
      }
      this.#handOver(next.bytes);
    }
  }

  #handOver(bytes: Uint8Array): void {
    const handler = this.handler!;
    let length = Math.min(bytes.length, this.#world.piece());
    if (this.#ending) {
      length = bytes.length;
    } else if (this.#pulls && handler.readTarget !== undefined) {
      const target = handler.readTarget(this.#atOnce);
      length = Math.min(length, target.length);
      target.set(bytes.subarray(0, length));
      this.#shift(length);
      handler.data(target.subarray(0, length));
    } else {
      this.#shift(length);
      handler.data(bytes.slice(0, length));
    }
    if (this.#ending) this.#shift(length);
    const mate = this.mate!;
    mate.#taken -= length;
    mate.#fillWindow();
  }

  #shift(length: number): void {
    const next = this.#arriving[0];
    if (next.bytes!.length === length) this.#arriving.shift();
    else next.bytes = next.bytes!.subarray(length);
  }

  /** Puts as much of what was written under way as the window has room for. */
  #fillWindow(): void {
    if (this.#dead || this.silent) return;
    const length = Math.min(this.#writing.length, this.#window - this.#taken);
    if (length <= 0) return;
    const bytes = this.#writing.slice(0, length);
    this.#writing = this.#writing.subarray(length);
    this.#taken += length;
    this.mate!.#arrive(bytes);
    if (this.exact) {
      this.#unreported -= length;
      this.handler!.sent(length);
    } else if (this.#writing.length === 0) {
      const sent = this.#unreported;
      this.#unreported = 0;
      this.handler!.sent(sent);
    }
  }

  /** Something is on its way here; null is the end. */
  #arrive(bytes: Uint8Array | null): void {
    if (this.#dead || this.silent) return;
    const last = this.#arriving.at(-1)?.at ?? 0;
    const at = Math.max(last, this.#world.now + this.#world.latency());
    this.#arriving.push({ at, bytes });
    this.#schedule(at - this.#world.now);
  }

  #schedule(delay: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#world.after(delay, () => {
      this.#scheduled = false;
      this.deliver();
    });
  }
}

const NONE = new Uint8Array(0);

function between(a: SimulatedHost, b: SimulatedHost): string {
  return [a.name, b.name].sort().join(" ");
}

/** A generator of random numbers (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Resolves once every microtask is done. */
function macrotask(): Promise<void> {
  const { setImmediate, setTimeout } = globalThis as unknown as {
    setImmediate?: (fn: () => void) => void;
    setTimeout: (fn: () => void) => void;
  };
  return new Promise((resolve) => (setImmediate ?? setTimeout)(resolve));
}

// A heap of happenings, the next one first.

function earlier(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Happening[], happening: Happening): void {
  let place = heap.length;
  heap.push(happening);
  while (place > 0) {
    const above = (place - 1) >> 1;
    if (!earlier(happening, heap[above])) break;
    heap[place] = heap[above];
    place = above;
  }
  heap[place] = happening;
}

function pop(heap: Happening[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && earlier(heap[below + 1], heap[below])) {
      below++;
    }
    if (!earlier(heap[below], last)) break;
    heap[place] = heap[below];
    place = below;
  }
  heap[place] = last;
}
