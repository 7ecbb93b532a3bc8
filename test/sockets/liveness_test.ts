// What keeps a program alive and what doesn't: each case is a program.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, text } from "../../mod.ts";
import { blackHole } from "../support/black_hole.ts";
import { script } from "../support/runtime.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, within } from "../support/wait.ts";

const PROGRAM = "sockets/liveness_program.ts";

/** Runs a case that is to end by itself, and says how long it took. */
async function ends(name: string, ...args: string[]): Promise<number> {
  const child = script(PROGRAM, [name, ...args]);
  try {
    await within("it begins", child.line());
    const began = performance.now();
    assert.equal(await within(`${name} ends`, child.exit), 0, child.errors());
    return performance.now() - began;
  } finally {
    await child.kill();
  }
}

/** Runs a case that is to stay alive for as long as we look. */
async function stays(name: string, ...args: string[]): Promise<void> {
  const child = script(PROGRAM, [name, ...args]);
  try {
    await within("it begins", child.line());
    await sleep(700);
    assert.equal(
      child.child.exitCode,
      null,
      `${name} ended: ${child.errors()}`,
    );
  } finally {
    await child.kill();
  }
}

test("a bound socket and a connected pair don't keep a program alive", async () => {
  await ends("bound");
  await ends("connected");
});

test("a subscription and heartbeats don't keep a program alive", () =>
  ends("heartbeats").then(() => {}));

test("attempts to connect don't keep a program alive, be they refused or unanswered", async () => {
  await ends("connecting", "tcp://127.0.0.1:1");
  const hole = await blackHole();
  try {
    const took = await ends("connecting", `tcp://127.0.0.1:${hole.port}`);
    assert.ok(took < 3000, `only after ${took} ms`);
  } finally {
    await hole.close();
  }
});

test("a receive, a send and an observer that wait keep a program alive", async () => {
  await stays("receiving");
  await stays("sending");
  await stays("observing");
  await stays("iterating");
});

test("a wait that is over keeps nobody alive", async () => {
  await ends("aborted");
  await ends("timed out");
});

test("unsent messages of a closed socket keep a program alive within its linger", async () => {
  const took = await ends("lingering", "600");
  assert.ok(took > 300, `only ${took} ms`);
  await stays("lingering", "-1");
});

test("unsent messages of an open socket keep a program alive within its linger, too", async () => {
  const took = await ends("unsent", "600");
  assert.ok(took > 300, `only ${took} ms`);
  const none = await ends("unsent", "0");
  assert.ok(none < took, `${none} ms of ${took}`);
  await stays("unsent", "-1");
});

test("a program that sends, and ends without closing, has its messages delivered", () =>
  withSockets(async (keep) => {
    for (const how of ["close", "leave"]) {
      const pull = keep(new Pull());
      await pull.bind("tcp://127.0.0.1:*");
      await ends("hello", pull.lastEndpoint!, how);
      for (let i = 0; i < 100; i++) {
        const [frame] = await within("a message", pull.receive());
        assert.equal(text(frame), `hello ${i}`);
      }
    }
  }));

test("connectTimeout ends an attempt that nobody answers, and the next is made", async () => {
  const hole = await blackHole();
  try {
    await withSockets(async (keep) => {
      const pull = keep(
        new Pull({ connectTimeout: 100, reconnectInterval: 10 }),
      );
      assert.equal(new Pull().connectTimeout, 5000);
      const { events } = pull;
      pull.connect(`tcp://127.0.0.1:${hole.port}`);
      const seen: string[] = [];
      for await (const event of events) {
        seen.push(event.type);
        if (seen.length === 6) break;
      }
      assert.deepEqual(seen, [
        "connect:delay",
        "close",
        "connect:retry",
        "connect:delay",
        "close",
        "connect:retry",
      ]);
    });
  } finally {
    await hole.close();
  }
});
