// Nought, driven by the plainest loop there is; the modes, arguments and lines of
// libzmq.c, with `radio` and `dish` of zeromqjs.mjs, `threads` which libzmq.c calls
// `inproc`, and one more argument that says how:
//
//     await   send and for await, one promise a message
//     batch   sendMany and receiveMany

import process from "node:process";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import {
  Context,
  Dealer,
  Dish,
  Proxy,
  Publisher,
  Pull,
  Push,
  Radio,
  type Readable,
  Reply,
  Request,
  Router,
  type SharedContext,
  Subscriber,
  type Writable,
} from "../../mod.ts";
import { background } from "../../src/background/background.ts";
import {
  bodyOf,
  chunkOf,
  Credit,
  Heard,
  OVER,
  repeat,
  TIMED,
  TUNING,
  WARM,
} from "./phases.ts";

const BATCH = 512;
const TUNING_MS = 5;
/** What a thread of ours is started with. */
interface Told {
  readonly said: readonly string[];
  readonly shared: SharedContext;
}
const told: Told | null = isMainThread ? null : workerData;
const [said, ...args] = told?.said ?? process.argv.slice(2);
const [mode, variant = "tcp"] = said.split("@");
const behind = variant === "background"
  ? { context: new Context({ background }) }
  : {};

/** What may follow "@" in a mode. */
const VARIANTS: Record<
  string,
  { address: string; server: object; client: object }
> = {
  tcp: { address: "tcp://127.0.0.1:*", server: {}, client: {} },
  ipc: { address: "ipc://*", server: {}, client: {} },
  ws: { address: "ws://127.0.0.1:*", server: {}, client: {} },
  background: { address: "tcp://127.0.0.1:*", server: behind, client: behind },
  curve: {
    address: "tcp://127.0.0.1:*",
    // The keys of libzmq's own documentation; nobody's.
    server: {
      curveServer: true,
      curveSecretKey: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
    },
    client: { curveServerKey: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID" },
  },
};
const CONNECTS = ["push", "req", "subs", "feed", "work"]
  .concat("radio", "dish", "cast", "hear");
const INPROC = "inproc://bench";
const GROUP = "bench";
/**
 * For epgm, at both ends: 8 Gbit/s, which nobody here reaches, so that no rate is
 * what is measured; and of that what 100 ms hold is kept for repairs, 100 MB.
 */
const EPGM = { rate: 8_000_000, recoveryInterval: 100 };

const { address: BIND, server, client } = VARIANTS[variant];
const endpoint = CONNECTS.includes(mode) ? args.shift()! : "";
const [size, warm, count] = args.splice(0, 3).map(Number);
const peers = mode === "subs" ? Number(args.shift()) : 1;
const batched = args[0] === "batch";
const total = warm + count;

const now = process.hrtime.bigint;

function fail(what: string): never {
  console.error(what);
  process.exit(1);
}

function measured(operations: number, began: bigint): void {
  console.log(`measured ${operations} ${now() - began}`);
}

function sendAll(socket: Writable): Promise<void> {
  return sendTimes(socket, new Uint8Array(size), total);
}

async function sendTimes<M>(
  socket: Writable<M>,
  message: M,
  times: number,
): Promise<void> {
  if (!batched) {
    for (let i = 0; i < times; i++) await socket.send(message);
    return;
  }
  const batch: M[] = new Array(BATCH).fill(message);
  let left = times;
  for (; left >= BATCH; left -= BATCH) await socket.sendMany(batch);
  await socket.sendMany(batch.slice(0, left));
}

/** Sends all by phases, at the receiver's pace or none; then what ends it, until we are killed. */
async function sendPhases<M>(
  socket: Writable<M>,
  message: (body: Uint8Array) => M,
  paced: boolean,
): Promise<void> {
  const of = (phase: number) => message(bodyOf(phase, size));
  const credit = new Credit();
  const [tuning, over] = [of(TUNING), of(OVER)];
  await repeat(() => socket.send(tuning), () => !credit.given);
  credit.add();
  for (const [phase, times] of [[WARM, warm], [TIMED, count]]) {
    const chunk = paced ? chunkOf(size) : times;
    for (let left = times; left > 0; left -= chunk) {
      if (paced) await credit.take();
      await sendTimes(socket, of(phase), Math.min(left, chunk));
    }
  }
  await repeat(() => socket.send(over), () => true);
}

/** Receives what comes of that. */
async function receivePhases(
  socket: Readable<Uint8Array[]>,
  paces: boolean,
): Promise<void> {
  const heard = new Heard(paces ? chunkOf(size) : Infinity);
  const take = (message: Uint8Array[]) => {
    const body = message[message.length - 1];
    if (body.length !== size) wrongSize();
    return heard.take(body[0]);
  };
  if (!batched) {
    for await (const message of socket) if (take(message)) break;
  } else {
    while (!(await socket.receiveMany(BATCH)).some(take));
  }
  if (heard.timed === 0) fail("all were lost");
  console.log(`lost ${count - heard.timed} ${count}`);
  measured(heard.timed, heard.began);
}

/** Receives all, of which the last frame is of our size. */
async function receiveAll(socket: Readable): Promise<void> {
  let got = 0;
  let began = 0n;
  if (!batched) {
    for await (const message of socket) {
      if (message[message.length - 1].length !== size) wrongSize();
      if (got++ === warm) began = now();
      if (got === total) break;
    }
    measured(count - 1, began);
    return;
  }
  let first = 0;
  while (got < total) {
    const messages = await socket.receiveMany();
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i];
      if (message[message.length - 1].length !== size) wrongSize();
    }
    got += messages.length;
    // The clock starts once the warm-up is through, as with everybody.
    if (first === 0 && got > warm) {
      first = got;
      began = now();
    }
  }
  measured(total - first, began);
}

function wrongSize(): never {
  fail("a message of another size");
}

/** Sends empty messages until we are told that every subscriber has had one. */
async function tune(socket: Publisher): Promise<void> {
  const told = new Promise<void>((resolve) => {
    process.stdin.once("data", () => resolve());
  });
  let going = true;
  told.then(() => going = false);
  while (going) {
    await socket.send("");
    await new Promise((resolve) => setTimeout(resolve, TUNING_MS));
  }
}

async function subscribers(): Promise<void> {
  let began = 0n;
  let from = 0;
  let all = 0;
  let ready = 0;
  const counted = (messages: number) => {
    all += messages;
    if (began === 0n && all > warm * peers) {
      began = now();
      from = all;
    }
  };
  const one = async () => {
    using socket = new Subscriber();
    socket.subscribe();
    socket.connect(endpoint);
    let got = 0;
    let tuned = false;
    const tuning = () => {
      if (!tuned && ++ready === peers) console.log("ready");
      tuned = true;
    };
    if (!batched) {
      for await (const [body] of socket) {
        if (body.length === size) {
          counted(1);
          if (++got === total) return;
        } else tuning();
      }
    }
    while (got < total) {
      let whole = 0;
      for (const [body] of await socket.receiveMany()) {
        if (body.length === size) whole++;
        else tuning();
      }
      if (whole > 0) counted(whole);
      got += whole;
    }
  };
  await Promise.all(Array.from({ length: peers }, one));
  if (all !== total * peers) fail(`${all} messages`);
  measured(all - from, began);
}

const modes: Record<string, () => Promise<void>> = {
  async push() {
    const socket = new Push(client);
    socket.connect(endpoint);
    await sendAll(socket);
    await socket.closeAsync({ linger: 60_000 });
  },
  async pull() {
    using socket = new Pull(server);
    await socket.bind(BIND);
    console.log(`endpoint ${socket.lastEndpoint}`);
    await receiveAll(socket);
  },
  async req() {
    using socket = new Request(client);
    socket.connect(endpoint);
    const body = new Uint8Array(size);
    let began = 0n;
    for (let i = 0; i < total; i++) {
      if (i === warm) began = now();
      await socket.send(body);
      const [back] = await socket.receive();
      if (back.length !== size) wrongSize();
    }
    measured(count, began);
  },
  async rep() {
    await using socket = new Reply(server);
    await socket.bind(BIND);
    console.log(`endpoint ${socket.lastEndpoint}`);
    for (let i = 0; i < total; i++) await socket.send(await socket.receive());
  },
  async pub() {
    const socket = new Publisher({ noDrop: true });
    await socket.bind(BIND);
    console.log(`endpoint ${socket.lastEndpoint}`);
    await tune(socket);
    await sendAll(socket);
    await socket.closeAsync({ linger: 60_000 });
    // On Deno a standard input that was read keeps the process alive.
    process.exit();
  },
  subs: subscribers,
  async proxy() {
    using front = new Router();
    using back = new Dealer();
    for (const socket of [front, back]) {
      await socket.bind(BIND);
      console.log(`endpoint ${socket.lastEndpoint}`);
    }
    await new Proxy(front, back).run();
  },
  async feed() {
    const socket = new Dealer();
    socket.connect(endpoint);
    await sendAll(socket);
    await socket.closeAsync({ linger: 60_000 });
  },
  async work() {
    using socket = new Dealer();
    socket.connect(endpoint);
    await receiveAll(socket);
  },
  /** One thread: it takes turns with itself. */
  async inproc() {
    using pull = new Pull();
    using push = new Push();
    await pull.bind(INPROC);
    push.connect(INPROC);
    await Promise.all([sendAll(push), receiveAll(pull)]);
  },
  /** Two threads: the other one sends. */
  async threads() {
    const context = new Context();
    const pull = new Pull({ context });
    await pull.bind(INPROC);
    const told: Told = {
      said: ["thread", ...process.argv.slice(3)],
      shared: context.share(),
    };
    const worker = new Worker(new URL(import.meta.url), { workerData: told });
    worker.on("error", (error) => fail(`the thread: ${error}`));
    await receiveAll(pull);
    pull.close();
    await worker.terminate();
    // On Deno a context that is shared keeps the process alive.
    await context.terminate();
  },
  async thread() {
    const push = new Push({ context: Context.join(told!.shared) });
    push.connect(INPROC);
    await sendAll(push);
    await push.closeAsync({ linger: 60_000 });
  },
  // With `noDrop` the senders wait for their own queues: what is lost was lost by the
  // network or the receiver.
  async radio() {
    using socket = new Radio({ noDrop: true });
    socket.connect(endpoint);
    await sendPhases(socket, (body) => [GROUP, body] as const, false);
  },
  async dish() {
    using socket = new Dish();
    socket.join(GROUP);
    await socket.bind(endpoint);
    await receivePhases(socket, false);
  },
  async cast() {
    using socket = new Publisher({ ...EPGM, noDrop: true });
    socket.connect(endpoint);
    await sendPhases(socket, (body) => body, true);
  },
  async hear() {
    using socket = new Subscriber(EPGM);
    socket.subscribe();
    socket.connect(endpoint);
    await receivePhases(socket, true);
  },
};

const run = modes[mode];
if (run === undefined) fail("usage: see the heads of nought.ts and libzmq.c");
await run();
