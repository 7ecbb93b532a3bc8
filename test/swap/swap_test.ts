// Queues of sockets that spill into files.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import {
  mkdir,
  mkdtemp,
  readdir,
  rm,
  rmdir,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joined } from "node:path";
import process from "node:process";
import { test } from "node:test";
import {
  Context,
  Dealer,
  type MessageLike,
  Publisher,
  Pull,
  Push,
  Reply,
  Router,
  type Socket,
  Subscriber,
  text,
} from "../../mod.ts";
import { MORE } from "../../src/base/frame.ts";
import { files } from "../../adapters/swap_files.ts";
import type { SwapStore } from "../../src/runtime/swap_store.ts";
import { swap, swapOn } from "../../src/swap/swap.ts";
import { SwapQueue } from "../../src/swap/swap_queue.ts";
import { SwappingInbox } from "../../src/swap/swapping_inbox.ts";
import { SwappingLog } from "../../src/swap/swapping_log.ts";
import { Reserve } from "../../src/zmtp/reserve.ts";
import { background } from "../../src/background/background.ts";
import { texts } from "../support/bytes.ts";
import { RUNTIME, script } from "../support/runtime.ts";
import { join, tuned, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

/** An inbox for one message, whose swap writes no file. */
function inMemory(): SwappingInbox {
  const never = () => assert.fail("nothing goes to a file");
  return new SwappingInbox(
    1,
    null,
    new SwapQueue(1000, files.blockBytes, {
      open: never,
      later: never,
      ready: never,
      room: never,
      failed: never,
    }),
    new Reserve(0),
  );
}

/** A Pull that spills what comes past ten messages. */
function spilling(swapDirectory: string): Pull {
  const context = new Context({ swap });
  const marks = { swapSize: 1e8, receiveHighWaterMark: 10 };
  return new Pull({ context, swapDirectory, ...marks });
}

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(joined(tmpdir(), "nought-swap-test-"));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a Push offers 2 GiB to a Pull that sleeps, in flat memory, and the Pull gets all in order once it wakes", () =>
  inFolder((folder) =>
    withSockets(async (keep) => {
      const pull = keep(new Pull({ receiveHighWaterMark: 100 }));
      await pull.bind("tcp://127.0.0.1:*");
      const args = [pull.lastEndpoint!, folder, "2"];
      const child = script("swap/offering_program.ts", args);
      try {
        const told = await within("it has offered", child.line(), 120_000);
        const { grown, swapped, swappedBytes, sendQueue, sendQueueBytes } = JSON
          .parse(told);
        assert.ok(grown < 64, `${grown} MB grown`);
        assert.ok(swapped > 100_000, `${swapped} are in the file`);
        assert.ok(swappedBytes > swapped * 16384);
        assert.ok(sendQueue >= swapped && sendQueueBytes < 10_000_000);
        const [file] = await readdir(folder);
        const { mode, size } = await stat(joined(folder, file));
        assert.equal(mode & 0o777, 0o600);
        assert.ok(size <= 4e9);
        const all = async () => {
          for (let i = -1000; i < 131_072; i++) {
            const [body] = await pull.receive();
            const view = new DataView(body.buffer, body.byteOffset);
            const number = Math.max(0, i + 1);
            if (view.getUint32(0) !== number) assert.fail(`at ${i}`);
          }
        };
        await within("all come", all(), 120_000);
        assert.equal(await within("it is done", child.line()), "gone");
        assert.equal(await within("it ends", child.exit), 0, child.errors());
        assert.deepEqual(await readdir(folder), []);
      } finally {
        await child.kill();
      }
    })
  ));

/** Who takes nothing is sent 15,000 messages, most of which go to the file, and then takes all. */
async function spillsAndLosesNothing(
  sender: Publisher | Router,
  send: (...parts: MessageLike[]) => Promise<void>,
  receiver: Subscriber | Dealer,
): Promise<void> {
  const body = new Uint8Array(4000);
  for (let i = 0; i < 15_000; i++) await send(`${i}`, body);
  assert.ok(sender.stats().swapped > 1000);
  assert.equal(sender.stats().drops, 0);
  for (let i = 0; i < 15_000; i++) {
    const [number] = texts([(await receiver.receive())[0]]);
    if (number !== `${i}`) assert.fail(`${number} in place of ${i}`);
  }
  assert.equal(sender.stats().swapped, 0);
}

test("a Subscriber that is slow loses nothing while its Publisher spills", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const context = new Context({ swap });
      const publisher = keep(
        new Publisher({ context, swapDirectory, swapSize: 1e8 }),
      );
      const subscriber = keep(new Subscriber({ receiveHighWaterMark: 10 }));
      subscriber.subscribe("");
      await join(publisher, subscriber, "tcp");
      await tuned(publisher, subscriber, "tune");
      const send = (...parts: MessageLike[]) => publisher.send(parts);
      await spillsAndLosesNothing(publisher, send, subscriber);
    })
  ));

test("a Subscriber that reads loses nothing, though its Publisher sends more at a stretch than its swap holds", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const context = new Context({ swap });
      const publisher = keep(
        new Publisher({
          context,
          swapDirectory,
          swapSize: 1_000_000,
          sendHighWaterMark: 10,
        }),
      );
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("");
      await join(publisher, subscriber, "tcp");
      await tuned(publisher, subscriber, "tune");
      const reading = (async () => {
        for (let i = 0; i < 10_000; i++) {
          const [number] = texts([(await subscriber.receive())[0]]);
          if (number !== `${i}`) assert.fail(`${number} in place of ${i}`);
        }
      })();
      const body = new Uint8Array(2000);
      for (let i = 0; i < 10_000; i++) await publisher.send([`${i}`, body]);
      assert.equal(publisher.stats().drops, 0);
      await within("all come", reading);
    })
  ));

test("a Dealer that is slow loses nothing while its Router spills, though the Router would drop", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const context = new Context({ swap });
      const router = keep(
        new Router({ context, swapDirectory, swapSize: 1e8 }),
      );
      const dealer = keep(
        new Dealer({ routingId: "slow", receiveHighWaterMark: 10 }),
      );
      await join(router, dealer, "tcp");
      await dealer.send("here");
      await router.receive();
      const send = (...parts: MessageLike[]) => router.send(["slow", ...parts]);
      await spillsAndLosesNothing(router, send, dealer);
    })
  ));

test("a Dealer that is slow loses nothing while a Reply spills what it answers", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const context = new Context({ swap });
      const reply = keep(
        new Reply({
          ...{ context, swapDirectory, swapSize: 1e8 },
          ...{ sendHighWaterMark: 1, receiveHighWaterMark: 0 },
        }),
      );
      const dealer = keep(
        new Dealer({ receiveHighWaterMark: 1, sendHighWaterMark: 0 }),
      );
      await join(reply, dealer, "tcp");
      const body = new Uint8Array(100_000);
      for (let i = 0; i < 200; i++) await dealer.send(["", `${i}`]);
      for (let i = 0; i < 200; i++) {
        const [number] = await reply.receive();
        await reply.send([number, body]);
      }
      assert.equal(reply.stats().drops, 0);
      for (let i = 0; i < 200; i++) {
        const answer = await within("an answer", dealer.receive());
        assert.equal(text(answer[1]), `${i}`);
      }
    })
  ));

test("a receiver spills what comes past its mark, and keeps it when the sender has gone", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const pull = keep(spilling(swapDirectory));
      const push = keep(new Push());
      await join(pull, push, "tcp");
      const body = new Uint8Array(3000);
      for (let i = 0; i < 10_000; i++) await push.send([`${i}`, body, "end"]);
      await push.closeAsync();
      await until("it is all in", () => pull.stats().peers === 0);
      for (let i = 0; i < 10_000; i++) {
        const [number, , end] = await within("one", pull.receive());
        assert.deepEqual(texts([number, end]), [`${i}`, "end"]);
      }
      assert.equal(pull.tryReceive(), undefined);
      await until(
        "the file is gone",
        () => readdirSync(swapDirectory).length === 0,
      );
    })
  ));

test("a message whose beginning found the queue full comes when that was emptied before its end", () => {
  const inbox = inMemory();
  inbox.push(new TextEncoder().encode("first"), 0);
  inbox.push(new TextEncoder().encode("second"), MORE);
  assert.deepEqual(texts(inbox.take()!), ["first"]);
  inbox.push(new TextEncoder().encode("end"), 0);
  assert.deepEqual(texts(inbox.take()!), ["second", "end"]);
  assert.equal(inbox.swapped, 0);
});

test("with conflate only the newest message is kept, in memory", () =>
  inFolder((folder) =>
    withSockets(async (keep) => {
      const context = new Context({ swap });
      const spilling = { context, swapSize: 1e6, swapDirectory: folder };
      const push = keep(new Push({ ...spilling, conflate: true }));
      const pull = keep(new Pull({ ...spilling, conflate: true }));
      push.connect("tcp://127.0.0.1:1");
      for (let i = 0; i < 3000; i++) await push.send(`${i}`);
      assert.equal(push.stats().sendQueue, 1);
      push.disconnect("tcp://127.0.0.1:1");
      const other = keep(new Push({ context, sendHighWaterMark: 0 }));
      await join(pull, other, "tcp");
      for (let i = 0; i < 3000; i++) await other.send(`${i}`);
      await other.send("last", { flushed: true });
      await until("it is here", () => pull.stats().messagesIn === 3001);
      assert.equal(pull.stats().receiveQueue, 1);
      assert.deepEqual(texts(await pull.receive()), ["last"]);
      assert.deepEqual(readdirSync(folder), []);
    })
  ));

test("a large message is not copied on its way to the file, but for the blocks that are written", () => {
  const pushed: Uint8Array[] = [];
  const queue = {
    push: (bytes: Uint8Array) => void pushed.push(bytes),
    full: () => false,
  } as unknown as SwapQueue;
  const log = new SwappingLog(1, queue, new Reserve(1e9));
  const large = new Uint8Array(100_000);
  log.append([new Uint8Array(3)], 0, null);
  log.append([new Uint8Array(3), large], 0, null);
  assert.deepEqual(pushed.map((bytes) => bytes.length), [5, 9, 100_000]);
  assert.equal(pushed[2], large);
});

test("past swapSize a socket is mute, and files go when it is closed", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const context = new Context({ swap });
      const push = keep(
        new Push({
          context,
          swapDirectory,
          swapSize: 1_000_000,
          sendHighWaterMark: 10,
        }),
      );
      push.connect("tcp://127.0.0.1:1");
      const body = new Uint8Array(10_000);
      let sent = 0;
      for (;;) {
        try {
          await push.send(body, { timeout: 100 });
        } catch {
          break;
        }
        sent++;
      }
      assert.ok(sent > 100 && sent <= 110, `${sent} were taken`);
      assert.equal(push.stats().swapped, sent - 10);
      assert.equal((await readdir(swapDirectory)).length, 1);
      await push.closeAsync({ linger: 0 });
      await until(
        "the file is gone",
        () => readdirSync(swapDirectory).length === 0,
      );
    })
  ));

test("what a program left behind that was killed is swept at the next start", () =>
  inFolder((folder) =>
    withSockets(async (keep) => {
      const pull = keep(new Pull({ receiveHighWaterMark: 10 }));
      await pull.bind("tcp://127.0.0.1:*");
      const args = [pull.lastEndpoint!, folder, "0.05"];
      const first = script("swap/offering_program.ts", args);
      await within("it has offered", first.line(), 60_000);
      await first.kill("SIGKILL");
      const left = await readdir(folder);
      assert.equal(left.length, 1);
      const second = script("swap/offering_program.ts", args);
      try {
        await within("it has offered", second.line(), 60_000);
        const now = await readdir(folder);
        assert.equal(now.length, 1);
        assert.notDeepEqual(now, left);
      } finally {
        await second.kill();
      }
    })
  ));

test("what a program left behind that has ended is swept though its parent doesn't ask how", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"]);
      try {
        const pid = await new Promise<string>((resolve) =>
          parent.stdout.once("data", (said) => resolve(`${said}`.trim()))
        );
        await writeFile(joined(swapDirectory, `nought-swap-${pid}-0.swap`), "");
        await until("it has ended", () => isZombie(pid));
        await spilled(keep, swapDirectory, `nought-swap-${pid}-0.swap`);
      } finally {
        parent.kill();
      }
    })
  ));

test("what a program of the same number left behind is swept, as in a container that is started again", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const old = `nought-swap-${process.pid}-00.swap`;
      await writeFile(joined(swapDirectory, old), "old");
      await utimes(joined(swapDirectory, old), 1e9, 1e9);
      await spilled(keep, swapDirectory, old);
    })
  ));

/** A socket spills into a folder, and has a file there in place of an old one. */
async function spilled(
  keep: <S extends Socket>(socket: S) => S,
  swapDirectory: string,
  old: string,
): Promise<void> {
  const context = new Context({ swap });
  const push = keep(
    new Push({ context, swapDirectory, swapSize: 1e7, sendHighWaterMark: 10 }),
  );
  push.connect("tcp://127.0.0.1:1");
  const body = new Uint8Array(10_000);
  for (let i = 0; i < 100; i++) await push.send(body);
  await until("it has a file of its own", () => {
    const names = readdirSync(swapDirectory);
    return names.length === 1 && names[0] !== old;
  });
}

/** Whether a program has ended, and its parent hasn't asked how; without /proc nobody can tell. */
function isZombie(pid: string): boolean {
  if (!existsSync("/proc/self")) return true;
  return readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
}

test("a disk that is full is an event, the socket is mute, and all that was accepted comes", () =>
  withSockets(async (keep) => {
    let full = true;
    const contents = new Uint8Array(4_000_000);
    const store: SwapStore = {
      blockBytes: files.blockBytes,
      check: () => {},
      open: () =>
        Promise.resolve({
          write: (bytes, at) => {
            if (full) {
              const error = new Error("no space left on device");
              return Promise.reject(Object.assign(error, { code: "ENOSPC" }));
            }
            contents.set(bytes, at);
            return Promise.resolve();
          },
          read: (into, at) => {
            into.set(contents.subarray(at, at + into.length));
            return Promise.resolve();
          },
          remove: () => {},
        }),
    };
    const context = new Context({ swap: swapOn(store) });
    const push = keep(
      new Push({ context, swapSize: 4_000_000, sendHighWaterMark: 10 }),
    );
    const codes: string[] = [];
    push.events.on("swap:error", ({ error }) => codes.push(error.code));
    const pull = keep(new Pull());
    const body = new Uint8Array(10_000);
    push.connect("tcp://127.0.0.1:1");
    let sent = 0;
    for (;;) {
      try {
        await push.send([`${sent}`, body], { timeout: 200 });
      } catch {
        break;
      }
      sent++;
    }
    assert.ok(sent < 300, `${sent} were taken`);
    assert.equal(codes[0], "ENOSPC");
    full = false;
    await pull.bind("tcp://127.0.0.1:*");
    await within("it takes more", push.send([`${sent++}`, body]));
    push.disconnect("tcp://127.0.0.1:1");
    push.connect(pull.lastEndpoint!);
    await sleep(20);
    await push.send("last");
    const [last] = await within("the other connection works", pull.receive());
    assert.deepEqual(texts([last]), ["last"]);
  }));

test("a folder that has gone is an event, and once it is back it is used", () =>
  inFolder((folder) =>
    withSockets(async (keep) => {
      const swapDirectory = joined(folder, "gone");
      await mkdir(swapDirectory);
      const push = keep(
        new Push({
          context: new Context({ swap }),
          swapSize: 4_000_000,
          swapDirectory,
          sendHighWaterMark: 1,
        }),
      );
      const gone = new Promise((resolve) =>
        push.events.on("swap:error", ({ error }) => resolve(error.code))
      );
      push.connect("tcp://127.0.0.1:1");
      await rmdir(swapDirectory);
      const body = new Uint8Array(300_000);
      while (push.trySend(body));
      assert.equal(await within("it is told", gone), "ENOENT");
      await mkdir(swapDirectory);
      await until("it spills", () => readdirSync(swapDirectory).length === 1);
    })
  ));

test("options of a swap say at once what is wrong", () =>
  inFolder((folder) =>
    withSockets((keep) => {
      const lacking = { code: "ENOTSUP", message: /\{ swap \}/ };
      assert.throws(() => new Push({ swapSize: 1000 }), lacking);
      const both = new Context({ swap, background });
      assert.throws(() => new Push({ context: both, swapSize: 1 }), {
        code: "ENOTSUP",
        message: /background/,
      });
      const context = new Context({ swap });
      const push = keep(new Push({ context, swapDirectory: folder }));
      push.swapSize = 1000;
      const missing = joined(folder, "none");
      assert.throws(() => push.swapDirectory = missing, { code: "ENOENT" });
      assert.equal(push.swapDirectory, folder);
      // Nobody makes files there.
      if (process.platform === "linux") {
        assert.throws(() => push.swapDirectory = "/proc", {
          code: /^(EACCES|ENOENT|EPERM|EROFS)$/,
          message: /^E\w+: Cannot set swapDirectory/,
        });
      }
      assert.throws(() => push.swapSize = -1, { code: "EINVAL" });
      assert.deepEqual(readdirSync(folder), []);
    })
  ));

test("a runtime that asks for permissions has to be allowed to write to the folder when the option is set", () =>
  inFolder((folder) =>
    withSockets(async (keep) => {
      if (RUNTIME !== "deno") {
        const context = new Context({ swap });
        const push = keep(new Push({ context, swapDirectory: folder }));
        assert.equal(push.swapDirectory, folder);
        return;
      }
      const args = ["tcp://127.0.0.1:1", folder, "0"];
      const child = script("swap/offering_program.ts", args, {
        permissions: ["--allow-net", "--allow-sys", `--allow-read=${folder}`],
      });
      try {
        await within("it ends", child.exit);
        assert.match(child.errors(), /EACCES: Cannot set swap.*--allow-write/s);
      } finally {
        await child.kill();
      }
    })
  ));

test("a peer that is let go in the middle of a message keeps no file", () => {
  const inbox = inMemory();
  let over = 0;
  inbox.over = () => over++;
  for (const [body, flags] of [["1", 0], ["2", 0], ["3", 0], ["half", MORE]]) {
    inbox.push(new TextEncoder().encode(body as string), flags as number);
  }
  while (inbox.take() !== null);
  assert.equal(inbox.swapped, 0);
  inbox.parted();
  assert.equal(over, 1);
});

test("peers that spilled, were read and left keep no file", () =>
  inFolder((swapDirectory) =>
    withSockets(async (keep) => {
      const pull = keep(spilling(swapDirectory));
      await pull.bind("tcp://127.0.0.1:*");
      const body = new Uint8Array(2000);
      for (let round = 0; round < 3; round++) {
        const push = keep(new Push());
        push.connect(pull.lastEndpoint!);
        for (let i = 0; i < 2000; i++) await push.send(body);
        await until("much is spilled", () => pull.stats().swapped > 900);
        for (let i = 0; i < 2000; i++) await pull.receive();
        assert.equal(pull.stats().peers, 1);
        assert.equal(readdirSync(swapDirectory).length, 1);
        await push.closeAsync();
        await until(
          "the file is gone",
          () => readdirSync(swapDirectory).length === 0,
        );
      }
    })
  ));
