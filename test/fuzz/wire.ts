// A runtime for sockets that are fuzzed: a simulated one whose network is a wire
// without delays and whose chance is the same for each connection, so that what was
// recorded once fits each socket that hears it again, to the byte. Everything happens
// within `flush`; twenty thousand conversations fit into a second.

import { x25519 } from "../../adapters/x25519.ts";
import type {
  Adapter,
  ByteStream,
  Clock,
  DatagramSocket,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../../src/runtime/adapter.ts";
import { generator } from "../../adapters/simulated/random.ts";

/** X25519 is the same each time, and the slowest part by far: its results are kept. */
const points = new Map<string, Uint8Array>();
const MOST_POINTS = 16_384;

/** X25519, remembered. */
export function kept(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const key = String.fromCharCode(...secret, ...point);
  let result = points.get(key);
  if (result === undefined) {
    result = x25519(secret, point);
    if (points.size > MOST_POINTS) points.clear();
    points.set(key, result);
  }
  return result.slice();
}

/** Chance that is the same each time. */
export function chance(seed: number): (into: Uint8Array) => void {
  const random = generator(seed);
  return (into) => {
    for (let i = 0; i < into.length; i++) into[i] = random() * 256;
  };
}

/** What follows from a piece is over long before so many rounds. */
const MOST_ROUNDS = 10_000;

type Accept = (stream: ByteStream) => StreamHandler;

/** The wires between programs, and their time. */
export class Wires {
  /** What those who connected have said, piece by piece. */
  readonly said: Uint8Array[] = [];
  readonly ports: Map<number, Accept> = new Map();
  #time = 0;
  #timers: { at: number; fn: () => void }[] = [];
  #tasks: (() => void)[] = [];
  #turnEnds: (() => void)[] = [];

  /** The runtime of a program; programs of one seed have the same chance. */
  program(seed: number): Adapter {
    return new WireAdapter(this, seed);
  }

  later(task: () => void): void {
    this.#tasks.push(task);
  }

  endOfTurn(fn: () => void): void {
    this.#turnEnds.push(fn);
  }

  /** All that follows from the last thing that happened happens, promises apart. */
  flush(): void {
    for (let rounds = 0;; rounds++) {
      if (rounds > MOST_ROUNDS) throw new Error("it never comes to rest");
      const due = this.#tasks.length > 0 ? this.#tasks : this.#turnEnds;
      if (due.length === 0) return;
      if (due === this.#tasks) this.#tasks = [];
      else this.#turnEnds = [];
      for (const fn of due) fn();
    }
  }

  /** Lets time pass, with the timers that are due in it. */
  pass(milliseconds: number): void {
    this.#time += milliseconds;
    if (!this.#timers.some(({ at }) => at <= this.#time)) return;
    const due = this.#timers.filter(({ at }) => at <= this.#time);
    this.#timers = this.#timers.filter(({ at }) => at > this.#time);
    for (const { fn } of due) fn();
    this.flush();
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.length;
  }

  now(): number {
    return this.#time;
  }

  /** One timer for each function; there is one for each program. */
  setTimer(at: number, fn: () => void): void {
    this.#timers = this.#timers.filter((timer) => timer.fn !== fn);
    if (at !== Infinity) this.#timers.push({ at, fn });
  }
}

class WireAdapter implements Adapter {
  readonly name = "simulated";
  readonly features: ReadonlySet<Feature> = new Set<Feature>(["streams"]);
  readonly frameCopies = null;
  readonly copyReads = 0;
  readonly threads = null;
  readonly clock: Clock;
  readonly x25519 = kept;
  readonly #wires: Wires;
  readonly #seed: number;

  constructor(wires: Wires, seed: number) {
    this.#wires = wires;
    this.#seed = seed;
    let fn = () => {};
    const fire = () => fn();
    this.clock = {
      now: () => wires.now(),
      setTimer: (at, due) => {
        fn = due;
        wires.setTimer(at, fire);
      },
      ref: () => {},
      unref: () => {},
    };
  }

  entropy(into: Uint8Array): void {
    chance(this.#seed * 1000 + into.length)(into);
  }

  endOfTurn(fn: () => void): void {
    this.#wires.endOfTurn(fn);
  }

  forbids(): null {
    return null;
  }

  connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const wires = this.#wires;
    const near = new End(wires, handler, (bytes) => {
      // Who hears them may change them.
      wires.said.push(bytes.slice());
      far.hear(bytes);
    });
    const far: End = new End(wires, null, (bytes) => near.hear(bytes));
    near.hungUp = () => far.close();
    far.hungUp = () => near.close();
    wires.later(() => {
      if (target.kind !== "tcp") throw new Error("there is tcp only");
      far.open(wires.ports.get(target.port)!(far));
      near.open(handler);
    });
    return near;
  }

  listen(target: StreamTarget, accept: Accept): Listener {
    if (target.kind !== "tcp") throw new Error("there is tcp only");
    const { port } = target;
    this.#wires.ports.set(port, accept);
    return {
      local: `127.0.0.1:${port}`,
      close: () => void this.#wires.ports.delete(port),
    };
  }

  openDatagrams(): DatagramSocket {
    throw new Error("there are no datagrams");
  }
}

/** One end of a wire. */
export class End implements ByteStream {
  readonly local = "127.0.0.1:1";
  readonly remote = "127.0.0.1:2";
  readonly exact = true;
  /** What to do when this end hangs up. */
  hungUp: () => void = () => {};
  /** Whether it lives. */
  alive = true;
  readonly #wires: Wires;
  readonly #carry: (bytes: Uint8Array) => void;
  #handler: StreamHandler | null;
  #opened = false;
  #paused = false;
  #waiting: Uint8Array[] = [];

  /** `carry` takes what this end writes. */
  constructor(
    wires: Wires,
    handler: StreamHandler | null,
    carry: (bytes: Uint8Array) => void,
  ) {
    this.#wires = wires;
    this.#handler = handler;
    this.#carry = carry;
  }

  open(handler: StreamHandler): void {
    this.#handler = handler;
    this.#opened = true;
    handler.opened(this);
    this.#deliver();
  }

  /** Bytes for its owner, who may keep them. */
  hear(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#wires.later(() => this.#deliver());
  }

  write(bytes: Uint8Array): void {
    const written = bytes.slice();
    this.#wires.later(() => {
      if (!this.alive) return;
      this.#carry(written);
      this.#handler!.sent(written.length);
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wires.later(() => this.#deliver());
  }

  end(): void {
    this.abort();
  }

  abort(): void {
    this.#wires.later(() => {
      this.close();
      this.hungUp();
    });
  }

  /** The other end is gone, or this one is. */
  close(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#waiting = [];
    this.#handler?.closed();
  }

  ref(): void {}

  unref(): void {}

  #deliver(): void {
    while (this.#opened && this.alive && !this.#paused) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) return;
      this.#handler!.data(bytes);
    }
  }
}
