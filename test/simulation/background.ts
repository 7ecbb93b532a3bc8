// Background threads of a program in a simulated world: what is said between them and
// the application takes its time, and either may find what the other has left in
// memory before it hears of it.

import type { ContextOptions } from "../../mod.ts";
import type { SimulatedThread } from "../../adapters/simulated/threads.ts";
import { ApplicationThreads } from "../../src/background/application_threads.ts";
import { ThreadHost } from "../../src/background/thread_host.ts";
import type { ThreadData } from "../../src/background/words.ts";
import { CARRIERS } from "../../src/endpoints/carriers.ts";
import * as curve from "../../src/endpoints/curve.ts";
import { Reactor } from "../../src/endpoints/reactor.ts";
import type {
  ByteStream,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../../src/runtime/adapter.ts";
import type { Channel, IoThread } from "../../src/runtime/io_thread.ts";
import {
  SimulatedAdapter,
  type SimulatedHost,
  type SimulatedWorld,
} from "../../src/testing/testing.ts";
import { Racer } from "./race.ts";

/** Options of a context on a host, or in a thread there, whose connections are kept in the background. */
export function inBackground(
  host: SimulatedHost,
  here: Racer = new Racer(null),
  thread: SimulatedThread | null = null,
): ContextOptions {
  return {
    adapter: new BusyAdapter(host, here, thread),
    background: {
      threads: (reactor, count) =>
        new ApplicationThreads(reactor, count, {
          start: (data) => startThread(host, data, here, here.another()),
          blockWhile: () => {
            throw new TypeError("nobody can be blocked in a simulated world");
          },
        }),
    },
  };
}

/** The runtime of a thread whose turns take a moment, in which another does something. */
export class BusyAdapter extends SimulatedAdapter {
  readonly #world: SimulatedWorld;
  readonly #racer: Racer;

  constructor(
    host: SimulatedHost,
    racer: Racer,
    thread: SimulatedThread | null = null,
  ) {
    super(host, thread);
    this.#world = host.world;
    this.#racer = racer;
    const { clock } = this;
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (at, fn) => setTimer(at, () => racer.does(fn));
  }

  override connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    return super.connect(target, handledBy(this.#racer, handler));
  }

  override listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
  ): Promise<Listener> {
    const racer = this.#racer;
    return super.listen(
      target,
      (stream) => handledBy(racer, racer.does(() => accept(stream))!),
    );
  }

  override endOfTurn(fn: () => void): void {
    const moment = 0.1 * this.#world.random();
    this.#world.after(moment, this.#racer.put(fn));
  }
}

/** What comes of a stream is for a thread to handle. */
function handledBy(racer: Racer, handler: StreamHandler): StreamHandler {
  const { readTarget } = handler;
  return {
    opened: (stream) => racer.does(() => handler.opened(stream)),
    data: (bytes) => racer.does(() => handler.data(bytes)),
    sent: (bytes) => racer.does(() => handler.sent(bytes)),
    closed: (error) => racer.does(() => handler.closed(error)),
    ...(readTarget !== undefined && {
      readTarget: (atOnce?: boolean) =>
        racer.does(() => readTarget.call(handler, atOnce))!,
    }),
  };
}

function startThread(
  host: SimulatedHost,
  data: ThreadData,
  application: Racer,
  thread: Racer,
): IoThread {
  const { world } = host;
  const here = new SimulatedChannel(world, application);
  const there = new SimulatedChannel(world, thread);
  here.other = there;
  there.other = here;
  const adapter = new BusyAdapter(host, thread);
  const parts = { carriers: CARRIERS, curve: () => Promise.resolve(curve) };
  // It takes a while to start, and hears then what it was told before.
  world.after(10 * world.latency(), () => {
    if (here.open) new ThreadHost(new Reactor(adapter, parts), there, data);
  });
  return {
    channel: here,
    end: () => {
      here.open = there.open = false;
      return Promise.resolve();
    },
  };
}

/** One thread's way to the other: words stay in order. */
class SimulatedChannel implements Channel {
  open = true;
  other!: SimulatedChannel;
  readonly #world: SimulatedWorld;
  readonly #racer: Racer;
  readonly #come: unknown[] = [];
  #heard: ((word: unknown) => void) | null = null;
  #last = 0;

  constructor(world: SimulatedWorld, racer: Racer) {
    this.#world = world;
    this.#racer = racer;
  }

  post(word: unknown, transfer: ArrayBuffer[] = []): void {
    this.other.#bring(structuredClone(word, { transfer }));
  }

  listen(heard: (word: unknown) => void): void {
    this.#heard = heard;
    for (const _ of this.#come) this.#later(0);
  }

  poll(): unknown {
    return this.#come.shift();
  }

  #bring(word: unknown): void {
    this.#come.push(word);
    const { now } = this.#world;
    this.#last = Math.max(this.#last, now + this.#world.latency());
    if (this.#heard !== null) this.#later(this.#last - now);
  }

  #later(milliseconds: number): void {
    const act = this.#racer.put(() => {
      if (this.open && this.#come.length > 0) {
        this.#heard!(this.#come.shift());
      }
    });
    this.#world.after(milliseconds, act);
  }
}
