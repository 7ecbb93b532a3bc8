// What every adapter owes the library: the same suite for the runtime at hand
// and for the simulated world. Adapters know bytes, not ZeroMQ.

import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { pickAdapter } from "../../adapters/pick.ts";
import { SimulatedWorld } from "../../src/testing/testing.ts";
import type {
  Adapter,
  ByteStream,
  Feature,
  IpcTarget,
  Listener,
  StreamHandler,
  StreamTarget,
  TcpTarget,
} from "../../src/runtime/adapter.ts";
import { blackHole } from "../support/black_hole.ts";
import { RUNTIME, script } from "../support/runtime.ts";
import { sleep, until as untilReal, within } from "../support/wait.ts";

/** A place to try an adapter in: the real one, or a simulated one. */
interface Ground {
  readonly name: string;
  readonly transport: "tcp" | "ipc";
  /** Bytes in a mebibyte of this ground: the simulated network is a small one. */
  readonly mebibyte: number;
  readonly adapter: Adapter;
  until(what: string, condition: () => boolean): Promise<void>;
}

const real: Ground = {
  name: RUNTIME,
  transport: "tcp",
  mebibyte: 1048576,
  adapter: pickAdapter(),
  until: (what, condition) => untilReal(what, condition),
};

const worlds = { tcp: 0, ipc: 0 };

function simulated(transport: Ground["transport"]): Ground {
  const world = new SimulatedWorld({ seed: ++worlds[transport] });
  return {
    name: "simulated",
    transport,
    mebibyte: 20000,
    adapter: world.host("here").adapter(),
    async until(what, condition) {
      for (let i = 0; i < 2000; i++) {
        if (condition()) return;
        await world.run(10);
      }
      throw new Error(`waited in vain: ${what}`);
    },
  };
}

function target(port: number, host = "127.0.0.1"): TcpTarget {
  return {
    kind: "tcp",
    host,
    port,
    source: null,
    ipv6: false,
    backlog: 100,
    keepAlive: { enable: -1, idle: -1, interval: -1, count: -1 },
    sendBuffer: -1,
    receiveBuffer: -1,
    typeOfService: 0,
    descriptor: -1,
    tls: null,
    webSocket: null,
  };
}

/** An ipc target; without a path it is a new one. */
function ipc(path = ""): IpcTarget {
  return { kind: "ipc", path, backlog: 100 };
}

/** Where nobody listens, or where a listener may. */
function fresh(ground: Ground): StreamTarget {
  return ground.transport === "ipc" ? ipc() : target(0);
}

/** The way to a listener. */
function towards(ground: Ground, listener: Listener): StreamTarget {
  return ground.transport === "ipc"
    ? ipc(listener.local)
    : target(port(listener));
}

/** A handler that writes down what it is told. */
class Recorder implements StreamHandler {
  stream: ByteStream | null = null;
  opens = 0;
  closes = 0;
  error: Error | undefined;
  chunks: Uint8Array[] = [];
  received = 0;
  accepted = 0;
  onData: (bytes: Uint8Array) => void = () => {};

  opened(stream: ByteStream): void {
    this.opens++;
    this.stream = stream;
  }
  data(bytes: Uint8Array): void {
    assert.equal(this.closes, 0, "data after closed");
    this.chunks.push(bytes.slice());
    this.received += bytes.length;
    this.onData(bytes);
  }
  sent(bytes: number): void {
    assert.equal(this.closes, 0, "sent after closed");
    this.accepted += bytes;
  }
  closed(error?: Error): void {
    this.closes++;
    this.error = error;
  }
  get bytes(): Uint8Array {
    const all = new Uint8Array(this.received);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

/** A handler that says where to read to. */
class PullingRecorder extends Recorder {
  readTarget(): Uint8Array {
    return new Uint8Array(1000);
  }
}

/** The same, who keeps what it gave. */
class KeepingRecorder extends Recorder {
  readonly given: Uint8Array[] = [];
  readTarget(): Uint8Array {
    const memory = new Uint8Array(100_000);
    this.given.push(memory);
    return memory;
  }
}

function port(listener: Listener): number {
  return Number(listener.local.split(":").at(-1));
}

/** Waits for the next turn. */
async function turned({ adapter, until }: Ground): Promise<void> {
  let over = false;
  adapter.endOfTurn(() => over = true);
  await until("a turn is over", () => over);
}

/** Two streams joined over a listener. */
async function joined(
  ground: Ground,
  near: Recorder = new PullingRecorder(),
  far: Recorder = new PullingRecorder(),
): Promise<{ near: Recorder; far: Recorder; listener: Listener }> {
  const listener = await ground.adapter.listen(
    fresh(ground),
    () => far,
    () => {},
  );
  ground.adapter.connect(towards(ground, listener), near);
  await ground.until("both ends open", () => near.opens + far.opens === 2);
  return { near, far, listener };
}

async function over(ground: Ground, ...ends: Recorder[]): Promise<void> {
  for (const end of ends) end.stream?.abort();
  await ground.until(
    "all ends closed",
    () => ends.every((e) => e.closes === 1),
  );
}

function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 7 + (i >> 8)) & 255;
  return bytes;
}

/** Writes all of `bytes`, one write at a time, as the contract has it. */
async function writeAll(
  ground: Ground,
  from: Recorder,
  bytes: Uint8Array,
  piece: number,
): Promise<void> {
  const before = from.accepted;
  for (let at = 0; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece);
    from.stream!.write(part);
    const wanted = before + at + part.length;
    await ground.until("the write is taken", () => from.accepted === wanted);
  }
}

for (const transport of ["tcp", "ipc"] as const) {
  test(`adapter of this runtime: streams read into their handlers' memory, on Bun into other, over ${transport}`, async () => {
    const ground: Ground = { ...real, transport };
    const ends = [new KeepingRecorder(), new KeepingRecorder()];
    const seen: Uint8Array[][] = [[], []];
    for (const [i, end] of ends.entries()) {
      end.onData = (bytes) => seen[i].push(bytes);
    }
    const { listener } = await joined(ground, ...ends);
    const bytes = pattern(250_000);
    for (const [i, end] of ends.entries()) {
      await writeAll(ground, ends[1 - i], bytes, 50_000);
      await ground.until("all is there", () => end.received === bytes.length);
      assert.deepEqual(end.bytes, bytes);
      for (const { buffer, byteOffset } of seen[i]) {
        const ours = end.given.some((memory) => memory.buffer === buffer);
        assert.equal(ours, RUNTIME !== "bun");
        if (ours) assert.equal(byteOffset, 0);
      }
    }
    await over(ground, ...ends);
    await listener.close();
  });
}

function each(name: string, run: (ground: Ground) => Promise<void>): void {
  for (const transport of ["tcp", "ipc"] as const) {
    const over = transport === "tcp" ? "" : ", over ipc";
    test(`adapter of this runtime: ${name}${over}`, () =>
      run({ ...real, transport }));
    test(`simulated adapter: ${name}${over}`, () => run(simulated(transport)));
  }
}

each(
  "bytes go both ways, in order, and each end knows both addresses",
  async (ground) => {
    const { near, far, listener } = await joined(ground);
    const bytes = pattern(300_000);
    await writeAll(ground, near, bytes, 70_000);
    await writeAll(ground, far, bytes, 1_000_000);
    await ground.until(
      "all is there",
      () => near.received + far.received === 600_000,
    );
    assert.deepEqual(far.bytes, bytes);
    assert.deepEqual(near.bytes, bytes);
    assert.equal(near.stream!.remote, far.stream!.local);
    assert.equal(near.stream!.local, far.stream!.remote);
    await over(ground, near, far);
    listener.close();
  },
);

each("bytes written one by one arrive", async (ground) => {
  const { near, far, listener } = await joined(ground);
  const bytes = pattern(200);
  await writeAll(ground, near, bytes, 1);
  await ground.until("all is there", () => far.received === 200);
  assert.deepEqual(far.bytes, bytes);
  await over(ground, near, far);
  listener.close();
});

each(
  "a paused stream stops its sender, and goes on where it stopped",
  async (ground) => {
    const { near, far, listener } = await joined(ground);
    far.stream!.pause();
    const bytes = pattern(32 * ground.mebibyte);
    near.stream!.write(bytes);
    let still = -1;
    await ground.until("the sender stands still", () => {
      const now = near.accepted + far.received;
      const stands = now === still;
      still = now;
      return stands;
    });
    assert.ok(
      near.accepted < bytes.length,
      "more was taken than could be held",
    );
    assert.ok(far.received <= 1048576, "more than one chunk after a pause");
    far.stream!.resume();
    await ground.until("all is there", () => far.received === bytes.length);
    assert.deepEqual(far.bytes, bytes);
    await over(ground, near, far);
    listener.close();
  },
);

each("64 MiB in one write arrive", async (ground) => {
  const { near, far, listener } = await joined(ground);
  const bytes = pattern(64 * ground.mebibyte);
  near.stream!.write(bytes);
  await ground.until("all is there", () => far.received === bytes.length);
  assert.equal(near.accepted, bytes.length);
  assert.deepEqual(far.bytes, bytes);
  await over(ground, near, far);
  listener.close();
});

each(
  "end() delivers all that was written, though there is unread input",
  async (ground) => {
    const { near, far, listener } = await joined(ground);
    const bytes = pattern(200_000);
    near.stream!.pause();
    far.stream!.write(pattern(30_000));
    await ground.until("the input is written", () => far.accepted === 30_000);
    await writeAll(ground, near, bytes, bytes.length);
    near.stream!.end(5000);
    await ground.until(
      "both ends closed",
      () => near.closes + far.closes === 2,
    );
    assert.deepEqual(far.bytes, bytes);
    assert.equal(far.error, undefined);
    assert.equal(near.error, undefined);
    listener.close();
  },
);

each(
  "the peer's end is seen after its last byte, and is no error",
  async (ground) => {
    const { near, far, listener } = await joined(ground);
    await writeAll(ground, near, pattern(5000), 5000);
    near.stream!.end(5000);
    await ground.until("the far end closed", () => far.closes === 1);
    assert.equal(far.received, 5000);
    assert.equal(far.error, undefined);
    await ground.until("the near end closed", () => near.closes === 1);
    listener.close();
  },
);

each("end() waits for the peer's end no longer than it may", async (ground) => {
  const { near, far, listener } = await joined(ground);
  far.stream!.pause();
  far.stream!.write(new Uint8Array(10));
  near.stream!.end(100);
  await ground.until("the near end closed", () => near.closes === 1);
  await over(ground, far);
  listener.close();
});

each(
  "an aborted stream is closed once, not within the call, and the peer hears of it",
  async (ground) => {
    for (const which of ["near", "far"] as const) {
      const both = await joined(ground);
      const { near, far, listener } = both;
      both[which].stream!.abort();
      assert.equal(both[which].closes, 0, which);
      both[which].stream!.abort();
      await ground.until(
        "both ends closed",
        () => near.closes + far.closes >= 2,
      );
      assert.deepEqual([near.closes, far.closes], [1, 1]);
      listener.close();
    }
  },
);

each("a stream may be aborted while a write is under way", async (ground) => {
  const { near, far, listener } = await joined(ground);
  far.stream!.pause();
  near.stream!.write(new Uint8Array(32 * ground.mebibyte));
  near.stream!.abort();
  await ground.until("the near end closed", () => near.closes === 1);
  await over(ground, far);
  listener.close();
});

each(
  "a connection that is refused is closed with ECONNREFUSED, or ENOENT where the path has gone",
  async (ground) => {
    const { near, far, listener } = await joined(ground);
    const closed = towards(ground, listener);
    listener.close();
    await over(ground, near, far);
    const late = new Recorder();
    ground.adapter.connect(closed, late);
    assert.equal(late.closes, 0);
    await ground.until("it is refused", () => late.closes === 1);
    assert.equal(
      (late.error as { code?: string }).code,
      ground.transport === "ipc" ? "ENOENT" : "ECONNREFUSED",
    );
    assert.equal(late.opens, 0);
  },
);

each(
  "an address in use is EADDRINUSE, or is taken over where it is a path, and free again after close()",
  async (ground) => {
    const recorder = new Recorder();
    const listen = async (target: StreamTarget) =>
      await ground.adapter.listen(target, () => recorder, () => {});
    const name = `${tmpdir()}/nought-test-${process.pid}-${RUNTIME}`;
    const first = await listen(
      ground.transport === "ipc" ? ipc(name) : target(0),
    );
    const there = towards(ground, first);
    if (ground.transport === "tcp") {
      await assert.rejects(listen(there), { code: "EADDRINUSE" });
    } else {
      (await listen(there)).close();
    }
    first.close();
    const again = await listen(there);
    again.close();
  },
);

each("a path that was taken over stays the taker's", async (ground) => {
  if (ground.transport !== "ipc") return;
  const far = new Recorder();
  const there = ipc(`${tmpdir()}/nought-taken-${process.pid}-${RUNTIME}`);
  const first = await ground.adapter.listen(
    there,
    () => new Recorder(),
    () => {},
  );
  const second = await ground.adapter.listen(there, () => far, () => {});
  first.close();
  // Runtimes may remove the file a little later, and it is put back then.
  let near = new Recorder();
  ground.adapter.connect(there, near);
  await ground.until("it is reached", () => {
    if (near.closes > 0) {
      near = new Recorder();
      ground.adapter.connect(there, near);
    }
    return near.opens + far.opens === 2;
  });
  await over(ground, near, far);
  second.close();
});

each("a listener that closes leaves its streams alone", async (ground) => {
  const { near, far, listener } = await joined(ground);
  listener.close();
  await writeAll(ground, near, pattern(100), 100);
  await ground.until("the bytes are there", () => far.received === 100);
  await over(ground, near, far);
});

each(
  "an attempt that is given up doesn't open any more, at whatever step it was",
  async (ground) => {
    const far: Recorder[] = [];
    const listener = await ground.adapter.listen(
      fresh(ground),
      () => {
        const one = new Recorder();
        far.push(one);
        return one;
      },
      () => {},
    );
    const there = towards(ground, listener);
    for (let steps = 0; steps < 40; steps++) {
      const near = new Recorder();
      const stream = ground.adapter.connect(there, near);
      for (let i = 0; i < steps; i++) await null;
      if (steps > 20) await turned(ground);
      const { opens } = near;
      stream.abort();
      await ground.until("it is over", () => near.closes === 1);
      await turned(ground);
      assert.equal(near.opens, opens, `after ${steps}`);
    }
    await ground.until(
      "nobody is left",
      () => far.every(({ opens, closes }) => opens === closes),
    );
    listener.close();
  },
);

each("an attempt can be given up at once", async (ground) => {
  const recorder = new Recorder();
  const stream = ground.adapter.connect(
    ground.transport === "ipc" ? ipc("/nowhere/at/all") : target(1),
    recorder,
  );
  stream.abort();
  await ground.until("it is over", () => recorder.closes === 1);
  assert.equal(recorder.opens, 0);
});

each(
  "the turn ends after microtasks, and the timer doesn't fire early",
  async (ground) => {
    const { adapter } = ground;
    const order: string[] = [];
    adapter.endOfTurn(() => order.push("turn"));
    Promise.resolve().then(() => order.push("microtask"));
    await ground.until("the turn ended", () => order.length === 2);
    assert.deepEqual(order, ["microtask", "turn"]);
    const at = adapter.clock.now() + 30;
    let fired = -1;
    adapter.clock.setTimer(at - 20, () => assert.fail("it was replaced"));
    adapter.clock.setTimer(at, () => fired = adapter.clock.now());
    await ground.until("the timer fired", () => fired >= 0);
    // A runtime's timers may be a millisecond early; the library asks again.
    assert.ok(fired >= at - 1.5, `${at - fired} ms early`);
    adapter.clock.setTimer(
      adapter.clock.now() + 5,
      () => assert.fail("cleared"),
    );
    adapter.clock.setTimer(Infinity, () => {});
  },
);

test("adapter of this runtime: an ipc listener removes its file, and the folder that it made", async () => {
  const listener = await real.adapter.listen(
    ipc(),
    () => new Recorder(),
    () => {},
  );
  const path = listener.local;
  assert.match(path, /nought-[^/]+\/socket$/);
  assert.ok(lstatSync(path).isSocket());
  listener.close();
  assert.equal(existsSync(path), false);
  assert.equal(existsSync(dirname(path)), false);
});

test("adapter of this runtime: a stale socket is replaced, a file or folder is not", async () => {
  const folder = mkdtempSync(`${tmpdir()}/nought-test-`);
  const listen = async (path: string) =>
    await real.adapter.listen(ipc(path), () => new Recorder(), () => {});
  try {
    const first = await listen(`${folder}/stale`);
    renameSync(`${folder}/stale`, `${folder}/left`);
    first.close();
    assert.ok(existsSync(`${folder}/left`), "a socket nobody listens at");
    const second = await listen(`${folder}/left`);
    second.close();
    writeFileSync(`${folder}/file`, "precious");
    for (const path of [`${folder}/file`, folder]) {
      await assert.rejects(listen(path), { code: "EADDRINUSE" });
    }
    assert.equal(readFileSync(`${folder}/file`, "utf8"), "precious");
    await assert.rejects(listen(`${folder}/none/socket`), { code: "ENOENT" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("adapter of this runtime: an abstract name has its exact length, where there are any", async () => {
  if (!real.adapter.features.has("abstractNames")) return;
  const name = `nought-test-${process.pid}`;
  const far = new Recorder();
  const near = new Recorder();
  const there = ipc(`\0${name}`);
  const listener = await real.adapter.listen(there, () => far, () => {});
  assert.equal(listener.local, `\0${name}`);
  const named = readFileSync("/proc/net/unix", "utf8").split("\n")
    .filter((line) => line.endsWith(`@${name}`));
  assert.equal(named.length, 1);
  real.adapter.connect(there, near);
  await real.until("it is open", () => near.opens + far.opens === 2);
  await over(real, near, far);
  listener.close();
});

each("random bytes differ from call to call", async (ground) => {
  const [a, b] = [new Uint8Array(16), new Uint8Array(16)];
  ground.adapter.entropy(a);
  ground.adapter.entropy(b);
  assert.notDeepEqual(a, b);
  await Promise.resolve();
});

test("adapter of this runtime: a reset by the peer is an error with a POSIX code", async () => {
  const recorder = new Recorder();
  let socket: Socket | undefined;
  const server = createServer((s) => socket = s).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  real.adapter.connect(target(port), recorder);
  await real.until(
    "it is open",
    () => recorder.opens === 1 && socket !== undefined,
  );
  recorder.stream!.write(new Uint8Array(10));
  socket!.resetAndDestroy();
  await real.until("it is closed", () => recorder.closes === 1);
  if (recorder.error !== undefined) {
    assert.match(
      (recorder.error as Error & { code: string }).code,
      /^(ECONNRESET|EPIPE)$/,
    );
  }
  server.close();
});

test("adapter of this runtime: peers that reset at once are opened at most once, and closed", async () => {
  const server = createServer((socket) => socket.resetAndDestroy());
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  for (let round = 0; round < 20; round++) {
    const recorders = Array.from({ length: 10 }, () => new Recorder());
    for (const recorder of recorders) {
      real.adapter.connect(target(port), recorder);
    }
    await real.until(
      "all are closed",
      () => recorders.every((recorder) => recorder.closes === 1),
    );
    for (const { opens } of recorders) assert.ok(opens <= 1);
  }
  server.close();
});

test("adapter of this runtime: names are looked up, and those that aren't there are EHOSTUNREACH", async () => {
  const accepted: Recorder[] = [];
  const listener = await real.adapter.listen(target(0), () => {
    accepted.push(new Recorder());
    return accepted.at(-1)!;
  }, () => {});
  const named = new Recorder();
  real.adapter.connect(target(port(listener), "localhost"), named);
  await real.until("localhost is found", () => named.opens === 1);
  const nowhere = new Recorder();
  real.adapter.connect(target(5555, "nowhere.invalid"), nowhere);
  await real.until("nowhere is not found", () => nowhere.closes === 1);
  assert.equal((nowhere.error as { code?: string }).code, "EHOSTUNREACH");
  listener.close();
  await over(real, ...accepted, named);
});

test("adapter of this runtime: IPv6 is used when it may be", async () => {
  const far = new Recorder();
  const six = { ...target(0, "::1"), ipv6: true };
  const listener = await real.adapter.listen(six, () => far, () => {});
  assert.match(listener.local, /^\[::1\]:\d+$/);
  const near = new Recorder();
  real.adapter.connect({ ...six, port: port(listener) }, near);
  await real.until("it is open", () => near.opens + far.opens === 2);
  assert.match(near.stream!.remote, /^\[::1\]:\d+$/);
  await over(real, near, far);
  assert.throws(
    () => real.adapter.listen(target(0, "::1"), () => far, () => {}),
    { code: "ENODEV" },
  );
  listener.close();
});

test("adapter of this runtime: an address that isn't ours can't be listened at, nor a name that isn't there", async () => {
  const listen = async (host: string) =>
    await real.adapter.listen(target(0, host), () => new Recorder(), () => {});
  await assert.rejects(listen("192.0.2.1"), { code: "EADDRNOTAVAIL" });
  await assert.rejects(listen("nowhere.invalid"), { code: "ENODEV" });
});

test("adapter of this runtime: a literal address and a path are listened at before the call returns", () => {
  const make = () => new Recorder();
  for (const where of [target(0), ipc()]) {
    const listener = real.adapter.listen(where, make, () => {});
    assert.ok(!(listener instanceof Promise), where.kind);
    assert.notEqual(listener.local, "");
    listener.close();
  }
});

test("adapter of this runtime: both ends open with what it says it can set on tcp", async () => {
  const able = (feature: Feature, value: number) =>
    real.adapter.features.has(feature) ? value : -1;
  const where: TcpTarget = {
    ...target(0),
    keepAlive: {
      enable: real.adapter.features.has("keepAlive") ? 1 : -1,
      idle: able("keepAliveIdle", 30),
      interval: able("keepAliveInterval", 5),
      count: able("keepAliveCount", 4),
    },
    typeOfService: Math.max(0, able("typeOfService", 8)),
  };
  const [near, far] = [new Recorder(), new Recorder()];
  const listener = await real.adapter.listen(where, () => far, () => {});
  real.adapter.connect({ ...where, port: port(listener) }, near);
  await real.until("it is open", () => near.opens + far.opens === 2);
  near.stream!.write(new Uint8Array(10));
  await real.until("it reads", () => far.received === 10);
  await over(real, near, far);
  listener.close();
});

test("adapter of this runtime: a listener can be bound to a network interface by name", async () => {
  const listener = await real.adapter.listen(
    target(0, "lo"),
    () => new Recorder(),
    () => {},
  );
  assert.match(listener.local, /^127\.0\.0\.1:\d+$/);
  listener.close();
});

test("adapter of this runtime: an attempt at a port that answers nobody can be given up", async () => {
  const hole = await blackHole();
  try {
    const recorder = new Recorder();
    const stream = real.adapter.connect(target(hole.port), recorder);
    await sleep(50);
    assert.equal(recorder.opens + recorder.closes, 0);
    stream.abort();
    await real.until("it is over", () => recorder.closes === 1);
    assert.equal(recorder.opens, 0);
  } finally {
    await hole.close();
  }
});

for (const transport of ["tcp", "ipc"] as const) {
  test(`adapter of this runtime: what the system has taken arrives though the stream is aborted, over ${transport}`, async () => {
    for (const which of ["near", "far"] as const) {
      const both = await joined({ ...real, transport });
      const { near, far, listener } = both;
      const other = which === "near" ? far : near;
      other.stream!.pause();
      await writeAll(real, both[which], pattern(50_000), 50_000);
      both[which].stream!.abort();
      await real.until("it is over", () => both[which].closes === 1);
      assert.equal(other.closes, 0);
      other.stream!.resume();
      await real.until("the other is", () => other.closes === 1);
      assert.equal(other.received, 50_000, which);
      listener.close();
    }
  });
}

test("adapter of this runtime: who has gone before he is accepted keeps nobody waiting, and is no news", async () => {
  const refused: Error[] = [];
  let far = new Recorder();
  const listener = await real.adapter.listen(
    target(0),
    () => far = new Recorder(),
    (error) => refused.push(error),
  );
  const strangers = script("adapters/resets_program.ts", [
    `${port(listener)}`,
    "300",
  ]);
  assert.equal(await within("they are gone", strangers.line()), "gone");
  const near = new Recorder();
  real.adapter.connect(target(port(listener)), near);
  await real.until("it is open", () => near.opens === 1);
  near.stream!.write(pattern(10));
  await real.until("it is served", () => far.received === 10);
  assert.deepEqual(refused, []);
  await over(real, near);
  listener.close();
});

test("adapter of this runtime: neither listener, stream nor timer keeps a program alive, a hold does", async () => {
  for (const [what, alive] of [["idle", false], ["held", true]] as const) {
    const child = script("adapters/alive_program.ts", [what]);
    assert.equal(await child.line(), "ready");
    if (alive) {
      await sleep(300);
      assert.equal(child.child.exitCode, null, "it ended though it was held");
      child.tell("let go");
    }
    assert.equal(await within(`${what} ends`, child.exit), 0, child.errors());
  }
});

test("adapter of this runtime: a listener outlives the lack of descriptors", async () => {
  const child = script("adapters/descriptors_program.ts", [], {
    descriptors: 200,
  });
  try {
    const echoed = async (port: number) => {
      const recorder = new Recorder();
      real.adapter.connect(target(port), recorder);
      await real.until(
        "it is settled",
        () => recorder.opens + recorder.closes > 0,
      );
      if (recorder.closes > 0) return false;
      recorder.stream!.write(pattern(10));
      const ends = performance.now() + 2000;
      await real.until(
        "an echo or an end",
        () =>
          recorder.received === 10 || recorder.closes > 0 ||
          performance.now() > ends,
      );
      return recorder.received === 10;
    };
    const port = Number(await child.line());
    const crowd = Array.from({ length: 12 }, () => {
      const recorder = new Recorder();
      real.adapter.connect(target(port), recorder);
      return recorder;
    });
    await real.until(
      "the crowd is settled",
      () => crowd.every((one) => one.opens + one.closes > 0),
    );
    await sleep(300);
    assert.equal(child.child.exitCode, null, child.errors());
    for (const one of crowd) one.stream?.abort();
    child.tell("close your files");
    assert.equal(await child.line(), "plenty");
    let served = false;
    for (let tries = 0; tries < 10 && !served; tries++) {
      served = await echoed(port);
    }
    assert.ok(served, "the listener serves nobody any more");
    child.tell("end");
    assert.equal(await within("it ends", child.exit), 0);
  } finally {
    await child.kill();
  }
});
