// What is particular to ipc: files, names, permissions, events.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { Context, Dealer, Pull, Push, Router, Stream } from "../../mod.ts";
import { SimulatedWorld } from "../../src/testing/testing.ts";
import { pickAdapter } from "../../adapters/pick.ts";
import { texts } from "../support/bytes.ts";
import { RUNTIME, script } from "../support/runtime.ts";
import { freeEndpoint, join, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

const pathOf = (address: string | null) => address!.slice("ipc://".length);

test("ipc://* is a new socket that lastEndpoint names; unbinding removes it and its folder", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind("ipc://*");
    const first = pull.lastEndpoint!;
    await pull.bind("ipc://*");
    const second = pull.lastEndpoint!;
    assert.notEqual(first, second);
    await assert.rejects(pull.unbind("ipc://*"), { code: "ENOENT" });
    for (const address of [first, second]) {
      assert.ok(existsSync(pathOf(address)));
      const push = keep(new Push());
      push.connect(address);
      await push.send(address);
      assert.deepEqual(texts(await pull.receive()), [address]);
    }
    await pull.unbind(first);
    assert.equal(existsSync(pathOf(first)), false);
    assert.ok(existsSync(pathOf(second)));
    await pull.closeAsync();
    assert.equal(existsSync(pathOf(second)), false);
    assert.equal(existsSync(pathOf(second).replace(/\/socket$/, "")), false);
  }));

test("a path that another has is taken over, and stays when the other closes", () =>
  withSockets(async (keep) => {
    const address = await freeEndpoint("ipc");
    const first = keep(new Pull());
    const second = keep(new Pull());
    await first.bind(address);
    await second.bind(address);
    await first.closeAsync();
    const push = keep(new Push({ reconnectInterval: 5 }));
    push.connect(address);
    await push.send("x");
    assert.deepEqual(texts(await within("it", second.receive())), ["x"]);
    await second.closeAsync();
    assert.equal(existsSync(pathOf(address)), false);
  }));

test("of several that had one path and close at once nothing is left, in whichever order", async () => {
  const folder = mkdtempSync(`${tmpdir()}/nought-test-`);
  const address = `ipc://${folder}/socket`;
  try {
    for (const order of [[0, 1, 2], [0, 2, 1], [1, 2, 0], [2, 1, 0]]) {
      const sockets = [new Pull(), new Pull(), new Pull()];
      for (const socket of sockets) await socket.bind(address);
      for (const i of order) sockets[i].close();
      const gone = () => readdirSync(folder).length === 0;
      await until(`it is gone, ${order}`, gone);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("one who closes and another who binds at once don't meet, though of two contexts", () =>
  withSockets(async (keep) => {
    const address = await freeEndpoint("ipc");
    const push = keep(new Push({ reconnectInterval: 5 }));
    push.connect(address);
    for (let i = 0; i < 5; i++) {
      const pull = new Pull({ context: new Context() });
      await pull.bind(address);
      let heard = false;
      const hearing = pull.receive().then(() => heard = true);
      const ends = performance.now() + 10_000;
      // What goes to the one who has gone is lost.
      while (!heard && performance.now() < ends) {
        push.trySend("x");
        await sleep(2);
      }
      assert.ok(heard, `number ${i} heard nothing`);
      await hearing;
      pull.close();
    }
  }));

test("a socket left by a program that was killed is no hindrance", async () => {
  const folder = mkdtempSync(`${tmpdir()}/nought-test-`);
  const address = `ipc://${folder}/socket`;
  const program = script("transports/ipc_program.ts", [address]);
  try {
    assert.equal(await within("it is bound", program.line()), "bound");
    await program.kill();
    assert.ok(existsSync(pathOf(address)));
    await withSockets(async (keep) => {
      const pull = keep(new Pull());
      await pull.bind(address);
      const push = keep(new Push());
      push.connect(address);
      await push.send("x");
      assert.deepEqual(texts(await pull.receive()), ["x"]);
    });
    assert.equal(existsSync(pathOf(address)), false);
  } finally {
    await program.kill();
    rmSync(folder, { recursive: true });
  }
});

test("a path that is too long, a folder that isn't there and one in the place of the file are named errors", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const folder = mkdtempSync(`${tmpdir()}/nought-test-`);
    try {
      symlinkSync(`${folder}/round`, `${folder}/round`);
      for (
        const [path, code] of [
          [`${folder}/${"x".repeat(108 - folder.length - 1)}`, "ENAMETOOLONG"],
          [`${folder}/none/socket`, "ENOENT"],
          [folder, "EADDRINUSE"],
          [`${folder}/round/socket`, "ELOOP"],
        ]
      ) {
        const address = `ipc://${path}`;
        await assert.rejects(pull.bind(address), { code, address });
      }
      const longest = `ipc://${folder}/${"x".repeat(107 - folder.length - 1)}`;
      await pull.bind(longest);
      assert.equal(pull.lastEndpoint, longest);
      await pull.closeAsync();
    } finally {
      rmSync(folder, { recursive: true });
    }
  }));

test("abstract names work where they can, and are ENOTSUP elsewhere", () =>
  withSockets(async (keep) => {
    const address = `ipc://@nought-test-${process.pid}-${RUNTIME}`;
    const pull = keep(new Pull());
    const push = keep(new Push());
    if (!pickAdapter().features.has("abstractNames")) {
      await assert.rejects(pull.bind(address), /ENOTSUP.*Deno, Bun and Node/);
      assert.throws(() => push.connect(address), { code: "ENOTSUP" });
      return;
    }
    await pull.bind(address);
    assert.equal(pull.lastEndpoint, address);
    push.connect(address);
    await push.send("x");
    assert.deepEqual(texts(await pull.receive()), ["x"]);
    assert.equal(existsSync(address.slice("ipc://".length)), false);
  }));

test("a Stream speaks no ipc, and a context without threads has none", () =>
  withSockets(async (keep) => {
    await assert.rejects(keep(new Stream()).bind("ipc://*"), {
      code: "ENOCOMPATPROTO",
    });
    const context = new Context({ ioThreads: 0 });
    await assert.rejects(keep(new Pull({ context })).bind("ipc://*"), {
      code: "EMTHREAD",
    });
  }));

test("what acts on tcp alone doesn't act on ipc", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ tcpAcceptFilter: ["10.0.0.0/8"] }));
    const push = keep(new Push({ tcpKeepalive: 1, ipv6: true }));
    await join(pull, push, "ipc");
    await push.send("x");
    assert.deepEqual(texts(await pull.receive()), ["x"]);
  }));

test("the events of ipc are those of tcp without a delay, and a peer there has no address", () =>
  withSockets(async (keep) => {
    const router = keep(new Router());
    const dealer = keep(new Dealer({ reconnectInterval: 5 }));
    const seen: string[] = [];
    const peers: string[] = [];
    for (
      const type of [
        "connect:delay",
        "connect",
        "close",
        "connect:retry",
      ] as const
    ) dealer.events.on(type, () => seen.push(type));
    router.events.on("accept", (event) => peers.push(event.peer!.address));
    const address = await freeEndpoint("ipc");
    dealer.connect(address);
    await until("it tries again", () => seen.includes("connect:retry"));
    await router.bind(address);
    await dealer.send("x");
    const { properties } = await router.receiveWithMetadata();
    assert.equal("Peer-Address" in properties, false);
    assert.deepEqual(seen.slice(0, 2), ["close", "connect:retry"]);
    assert.equal(seen.at(-1), "connect");
    assert.equal(seen.includes("connect:delay"), false);
    assert.deepEqual(peers, [""]);
  }));

test("hosts of a simulated world have paths of their own", async () => {
  const world = new SimulatedWorld({ seed: 3 });
  const contexts = ["a", "b"].map((name) =>
    new Context({ adapter: world.host(name).adapter() })
  );
  const pulls = contexts.map((context) => new Pull({ context }));
  const pushes = contexts.map((context) => new Push({ context }));
  for (const [i, pull] of pulls.entries()) {
    pull.bind("ipc://same");
    pushes[i].connect("ipc://same");
    pushes[i].trySend(`${i}`);
  }
  await world.run(2000);
  for (const [i, pull] of pulls.entries()) {
    assert.deepEqual(texts(pull.tryReceive()!), [`${i}`]);
    assert.equal(pull.tryReceive(), undefined);
  }
});

test("under Deno ipc needs read, write and net of the path, and says so", async () => {
  const folder = mkdtempSync(`${tmpdir()}/nought-test-`);
  const path = `${folder}/socket`;
  const all = ["read", "write"].map((name) => `--allow-${name}=${path}`);
  all.push(`--allow-net=unix:${path}`);
  try {
    if (RUNTIME === "deno") {
      const program = script(
        "transports/ipc_program.ts",
        ["ipc://*", "close"],
        {
          permissions: ["--allow-env=NOUGHT_NOTHING"],
        },
      );
      assert.match(
        await within("it is told", program.line()),
        /^EACCES: Cannot bind ipc:\/\/\*: .*--allow-write/,
      );
      assert.equal(await within("it ends", program.exit), 0, program.errors());
    }
    for (const granted of [all, all.slice(0, 2), all.slice(1), []]) {
      const permissions = [...granted, "--allow-env=NOUGHT_NOTHING"];
      const program = script("transports/ipc_program.ts", [
        `ipc://${path}`,
        "close",
      ], { permissions });
      const [said] = [await within("it is told", program.line())];
      assert.equal(await within("it ends", program.exit), 0, program.errors());
      if (granted === all || RUNTIME !== "deno") assert.equal(said, "bound");
      else assert.match(said, /^EACCES: Cannot use ipc:.* needs --allow-/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
