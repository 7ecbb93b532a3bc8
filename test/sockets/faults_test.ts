// What goes wrong between processes and machines, and how sockets get over it: a peer
// that is killed, or stopped, a cable that is pulled, a connection that one side has
// forgotten, a clock that leaps, and no descriptors left.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Context, Publisher, Pull, Push, Subscriber } from "../../mod.ts";
import {
  type SimulatedAdapter,
  SimulatedWorld,
} from "../../src/testing/testing.ts";
import type { Clock } from "../../src/runtime/adapter.ts";
import { texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { type Program, RUNTIME, script } from "../support/runtime.ts";
import { shakyProxy } from "../support/shaky_proxy.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

/** For what takes long when many tests run at once. */
const LONG = 60_000;

/** Runs a test with programs that are ended with it. */
async function withPrograms(
  run: (start: (...args: string[]) => Promise<Program>) => Promise<void>,
): Promise<void> {
  const started: Program[] = [];
  try {
    await run(async (...args) => {
      const child = script("sockets/faults_program.ts", args);
      started.push(child);
      await within("it begins", child.line(), LONG);
      return child;
    });
  } finally {
    await Promise.all(started.map((child) => child.kill()));
  }
}

test("a Pull that is killed is gone at once, and the others get all that is sent from then on", () =>
  withPrograms((start) =>
    withSockets(async (keep) => {
      const push = keep(new Push());
      await push.bind("tcp://127.0.0.1:*");
      const victim = await start("pull", push.lastEndpoint!);
      const other = await start("pull", push.lastEndpoint!);
      await until("both are there", () => push.stats().peers === 2, LONG);
      for (const _ of [1, 2]) await push.send("before");
      assert.equal(await within("its share", victim.line(), LONG), "before");
      assert.equal(await within("its share", other.line(), LONG), "before");
      await victim.kill("SIGKILL");
      await until("it has gone", () => push.stats().peers === 1, LONG);
      for (let i = 0; i < 100; i++) await push.send(`${i}`);
      for (let i = 0; i < 100; i++) {
        assert.equal(await within("a message", other.line(), LONG), `${i}`);
      }
    })
  ));

for (const transport of ["tcp", "ipc"]) {
  test(`a listener that is killed has its successor at the same address, and what waited, over ${transport}`, () =>
    withPrograms((start) =>
      withSockets(async (keep) => {
        const folder = mkdtempSync(join(tmpdir(), "nought-faults-"));
        try {
          const scout = new Pull();
          await scout.bind("tcp://127.0.0.1:*");
          const address = transport === "tcp"
            ? scout.lastEndpoint!
            : `ipc://${join(folder, "socket")}`;
          await scout.closeAsync();
          const victim = await start("listen", address);
          const push = keep(new Push({ reconnectInterval: 20 }));
          push.connect(address);
          await push.send("before");
          assert.equal(await within("it comes", victim.line(), LONG), "before");
          const gone = new Promise((resolve) =>
            push.events.on("disconnect", resolve)
          );
          await victim.kill("SIGKILL");
          await within("it is noticed", gone, LONG);
          for (let i = 0; i < 100; i++) await push.send(`${i}`);
          const heir = await start("listen", address);
          for (let i = 0; i < 100; i++) {
            assert.equal(await within("a message", heir.line(), LONG), `${i}`);
          }
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      })
    ));
}

test("a pulled cable is noticed by heartbeats, and what waits goes out once it is back", () =>
  withSockets(async (keep) => {
    const beats = { heartbeatInterval: 100, heartbeatTimeout: 200 };
    const pull = keep(new Pull(beats));
    await pull.bind("tcp://127.0.0.1:*");
    const proxy = await shakyProxy(pull.lastEndpoint!);
    try {
      const push = keep(
        // Who comes while it is silent is not answered.
        new Push({ ...beats, reconnectInterval: 20, handshakeInterval: 500 }),
      );
      const codes: (string | undefined)[] = [];
      push.events.on("disconnect", ({ error }) => codes.push(error?.code));
      push.connect(proxy.address);
      await push.send("before");
      assert.deepEqual(texts(await pull.receive()), ["before"]);
      await proxy.silence();
      await until("the sender notices", () => codes.length > 0, LONG);
      assert.equal(codes[0], "ETIMEDOUT");
      await until("so does the other", () => pull.stats().peers === 0, LONG);
      for (let i = 0; i < 100; i++) await push.send(`${i}`);
      await until("it tries in vain", () => codes.length > 1, LONG);
      await proxy.heal();
      for (let i = 0; i < 100; i++) {
        const message = await within("a message", pull.receive(), LONG);
        assert.deepEqual(texts(message), [`${i}`]);
      }
      await sleep(50);
      assert.equal(pull.tryReceive(), undefined);
    } finally {
      await proxy.close();
    }
  }));

test("a connection that the other side has forgotten is reset by the next write, and made anew", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const proxy = await shakyProxy(pull.lastEndpoint!);
    try {
      const push = keep(new Push({ reconnectInterval: 20 }));
      const codes: (string | undefined)[] = [];
      push.events.on("disconnect", ({ error }) => codes.push(error?.code));
      push.connect(proxy.address);
      await push.send("before");
      assert.deepEqual(texts(await pull.receive()), ["before"]);
      await proxy.forget();
      await sleep(50);
      assert.deepEqual(codes, [], "nobody has said anything yet");
      await push.send("into the void");
      await until("it is reset", () => codes.length > 0, LONG);
      assert.equal(codes[0], "ECONNRESET");
      for (let i = 0; i < 100; i++) await push.send(`${i}`);
      let [first] = texts(await within("a message", pull.receive(), LONG));
      // It may have been known that it had not left.
      if (first === "into the void") [first] = texts(await pull.receive());
      assert.equal(first, "0");
      for (let i = 1; i < 100; i++) {
        const message = await within("a message", pull.receive(), LONG);
        assert.deepEqual(texts(message), [`${i}`]);
      }
    } finally {
      await proxy.close();
    }
  }));

test("a Subscriber that was stopped for longer than its heartbeats allow comes back with its subscriptions", () =>
  withPrograms((start) =>
    withSockets(async (keep) => {
      const publisher = keep(
        new Publisher({ heartbeatInterval: 100, heartbeatTimeout: 200 }),
      );
      await publisher.bind("tcp://127.0.0.1:*");
      const address = publisher.lastEndpoint!;
      const subscriber = await start("subscribe", address, "a", "b");
      await until("it asks", () => publisher.topicsCount === 2, LONG);
      await publisher.send("a before");
      assert.equal(await within("it hears", subscriber.line()), "a before");
      subscriber.signal("SIGSTOP");
      await until("it is given up", () => publisher.stats().peers === 0, LONG);
      await publisher.send("a meanwhile");
      subscriber.signal("SIGCONT");
      await until("it asks again", () => publisher.topicsCount === 2, LONG);
      for (const words of ["a after", "c unwanted", "b after"]) {
        await publisher.send(words);
      }
      assert.equal(await within("it hears", subscriber.line()), "a after");
      assert.equal(await within("it hears", subscriber.line()), "b after");
    })
  ));

/** A program whose clock can leap ahead, as when a machine has slept. */
function leaping(adapter: SimulatedAdapter): {
  adapter: SimulatedAdapter;
  leap(milliseconds: number): void;
} {
  let ahead = 0;
  let timer: [at: number, fn: () => void] = [Infinity, () => {}];
  const clock: Clock = {
    now: () => adapter.clock.now() + ahead,
    setTimer: (at, fn) => {
      timer = [at, fn];
      adapter.clock.setTimer(at - ahead, fn);
    },
    ref: () => {},
    unref: () => {},
  };
  const shifted = new Proxy(adapter, {
    get: (target, name) => {
      if (name === "clock") return clock;
      const value = target[name as keyof SimulatedAdapter] as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    adapter: shifted,
    leap: (milliseconds) => {
      ahead += milliseconds;
      clock.setTimer(...timer);
    },
  };
}

for (const who of ["publisher", "subscriber"] as const) {
  test(`the clock of a ${who} leaps by five hours, and soon all is as before`, async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const programs = {
      publisher: leaping(world.host("publisher").adapter()),
      subscriber: leaping(world.host("subscriber").adapter()),
    };
    const beats = { heartbeatInterval: 1000, heartbeatTimeout: 2000 };
    const publisher = new Publisher({
      ...beats,
      context: new Context({ adapter: programs.publisher.adapter }),
    });
    const subscriber = new Subscriber({
      ...beats,
      context: new Context({ adapter: programs.subscriber.adapter }),
    });
    subscriber.subscribe("a");
    publisher.bind("tcp://*:5555");
    subscriber.connect("tcp://publisher:5555");
    const passes = async (words: string) => {
      await world.run(5000);
      publisher.trySend(words);
      await world.run(100);
      const message = subscriber.tryReceive();
      assert.deepEqual(message && texts(message), [words]);
      assert.equal(subscriber.tryReceive(), undefined);
      assert.equal(publisher.stats().peers, 1);
    };
    await passes("a before");
    const before = world.events;
    await world.run(20_000);
    const quiet = world.events - before;
    for (let i = 0; i < 3; i++) {
      programs[who].leap(5 * 3600_000);
      await passes(`a ${i}`);
    }
    const after = world.events;
    await world.run(20_000);
    const again = world.events - after;
    assert.ok(again < quiet * 1.5, `${again} things happen, not ${quiet}`);
    assert.ok(subscriber.stats().reconnects <= 3);
    publisher.close();
    subscriber.close();
    await world.run(5000);
  });
}

test("a listener outlives the lack of descriptors, says so where the runtime tells, and serves again", async () => {
  const child = script("sockets/faults_program.ts", ["crowded"], {
    descriptors: 200,
  });
  const crowd: RawPeer[] = [];
  try {
    const address = await within("it begins", child.line(), LONG);
    for (let i = 0; i < 12; i++) {
      crowd.push(await RawPeer.connect(address, "PUSH"));
    }
    // On Bun and Node such peers are hung up on, or wait, and nobody hears of it.
    if (RUNTIME === "deno") {
      assert.equal(await within("it says so", child.line(), LONG), "EMFILE");
    }
    await sleep(300);
    assert.equal(child.child.exitCode, null, child.errors());
    for (const peer of crowd.splice(0)) await peer.close();
    child.tell("close your files");
    await withSockets(async (keep) => {
      const push = keep(new Push({ reconnectInterval: 20 }));
      push.connect(address);
      await push.send("served");
      const heard = () => child.output().includes("served");
      await until("it is served", heard, LONG);
    });
  } finally {
    for (const peer of crowd) await peer.close();
    await child.kill();
  }
});
