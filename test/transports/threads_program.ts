// What a thread of threads_test.ts does, by the role it is given.

import process from "node:process";
import { parentPort, Worker, workerData } from "node:worker_threads";
import {
  Context,
  Dealer,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type SharedContext,
  Subscriber,
} from "../../mod.ts";

const { role, shared, address, count = 0 } = workerData as {
  role: string;
  shared: SharedContext | null;
  address: string;
  count?: number;
};
const context = shared === null ? undefined : Context.join(shared);
const options = context === undefined ? {} : { context };
const tell = (word: unknown) => parentPort!.postMessage(word);

if (role === "echo") {
  const reply = new Reply(options);
  await reply.bind(address);
  tell("ready");
  parentPort!.once("message", () => process.exit());
  for await (const message of reply) await reply.send(message);
} else if (role === "zap") {
  // Lets "admin" in, and nobody else, once it is told to bind; "silence" waits.
  const handler = new Router(options);
  const bind = async () => {
    await handler.bind("inproc://zeromq.zap.01");
    tell("bound");
    for await (const [peer, empty, version, id, , , , , name] of handler) {
      const user = new TextDecoder().decode(name);
      if (user === "silence") continue;
      const status = user === "admin" ? "200" : "400";
      await handler.send([peer, empty, version, id, status, "", user, ""]);
    }
  };
  tell("ready");
  parentPort!.on("message", (word) => {
    if (word === "bind") bind();
    else handler.close();
  });
} else if (role === "push") {
  const push = new Push({ ...options, sendHighWaterMark: count });
  push.connect(address);
  tell("ready");
  for (let i = 0;; i++) {
    await push.send([`${i}`, new Uint8Array(i % 7 === 0 ? 50_000 : i % 100)]);
    if (i % 50 === 0) tell(i);
  }
} else if (role === "fill") {
  // Sends as much as is let in, and says how much that was.
  const push = new Push({ ...options, sendHighWaterMark: count });
  push.connect(address);
  tell("ready");
  let sent = 0;
  for (let idle = 0; idle < 40 && sent < 10_000; idle++) {
    for (; sent < 10_000 && push.trySend("x"); sent++) idle = 0;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  tell(sent);
} else if (role === "burst") {
  // Sends and ends, at once.
  const push = new Push(options);
  push.connect(address);
  for (let i = 0; i < count; i++) await push.send(`${i}`);
  await push.closeAsync();
  tell("closed");
} else if (role === "crowd") {
  // Connects many times, at once.
  const push = new Push({ ...options, sendHighWaterMark: 0 });
  for (let i = 0; i < count; i++) push.connect(address);
  for (let i = 0; i < count; i++) await push.send(`${i}`);
  tell("ready");
  parentPort!.once("message", () => push.close());
} else if (role === "maker") {
  // Makes a thread before it has to do with others, and sees it exit.
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { role: "echo", shared, address },
  });
  await new Promise((resolve) => worker.once("message", resolve));
  const request = new Request(options);
  request.connect(address);
  await request.send("one");
  await request.receive();
  tell("ready");
  worker.postMessage("exit");
  while (request.stats().peers > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  tell("gone");
} else if (role === "leave") {
  // The same, and leaves the others at once.
  const push = new Push(options);
  push.connect(address);
  for (let i = 0; i < count; i++) {
    await push.send([`${i}`, new Uint8Array(100)]);
  }
  push.close();
  await context!.terminate();
} else if (role === "glut") {
  // Sends more than fits between, reads nothing, and closes when it is told to.
  const dealer = new Dealer({
    ...options,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 1,
  });
  dealer.connect(address);
  for (let i = 0; i < count; i++) await dealer.send(new Uint8Array(30_000));
  tell("ready");
  parentPort!.once("message", async () => {
    dealer.close();
    await context!.terminate();
  });
} else if (role === "pull") {
  const pull = new Pull(options);
  await pull.bind(address);
  tell("ready");
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (await pull.receive())[0].length;
  tell(sum);
} else if (role === "subscriber") {
  const subscriber = new Subscriber(options);
  subscriber.subscribe("a");
  subscriber.connect(address);
  tell("ready");
  for await (const [topic] of subscriber) {
    tell(new TextDecoder().decode(topic));
  }
}
