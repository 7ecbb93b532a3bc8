// Espresso: a proxy between a publisher and a subscriber, and somebody who listens
// to all that passes through it, both ways: messages, and what is subscribed to.
// All in one process; over tcp it would be the same.
//
//     deno run --allow-net examples/guide/espresso/espresso.ts
//     bun examples/guide/espresso/espresso.ts
//     node examples/guide/espresso/espresso.ts
//
// Arguments: how many messages the subscriber takes.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Message,
  Proxy,
  Publisher,
  Pull,
  Push,
  Subscriber,
  text,
  XPublisher,
  XSubscriber,
} from "../../../mod.ts";

const [count = "5"] = process.argv.slice(2);

using source = new XSubscriber();
using drain = new XPublisher();
using tap = new Push();
using listener = new Pull();
await source.bind("inproc://source");
await drain.bind("inproc://drain");
await listener.bind("inproc://listener");
tap.connect("inproc://listener");

const proxy = new Proxy(source, drain, tap);
const running = proxy.run();
const publishing = publish();
const listening = listen();

await subscribe();
proxy.terminate();
await running;
tap.close();
source.close();
await Promise.all([publishing, listening]);

/** Publishes letters at random, until the proxy has gone. */
async function publish(): Promise<void> {
  using publisher = new Publisher();
  publisher.connect("inproc://source");
  while (!source.closed) {
    const letter = "ABCDEFGHIJ"[Math.floor(Math.random() * 10)];
    await publisher.send([letter, Math.floor(Math.random() * 1000)]);
    await sleep(5);
  }
}

/** Wants some messages of A and B, then no more. */
async function subscribe(): Promise<void> {
  using subscriber = new Subscriber();
  subscriber.connect("inproc://drain");
  subscriber.subscribe("A", "B");
  for (let i = 0; i < Number(count); i++) {
    console.log(`got ${(await subscriber.receive()).map(text).join(" ")}`);
  }
  subscriber.unsubscribe("A", "B");
  await until(() => drain.topicsCount === 0);
}

/** Tells what passes, until the unsubscriptions have. */
async function listen(): Promise<void> {
  let topics = 0;
  do {
    const message = await listener.receive();
    const change = message.length === 1 ? message[0][0] : null;
    if (change !== null) topics += change === 1 ? 1 : -1;
    console.log(`   passed: ${described(message)}`);
  } while (topics > 0);
}

/** What a subscriber says is one frame: 1 or 0, then the topic. */
function described(message: Message): string {
  if (message.length > 1) return message.map(text).join(" ");
  const [change, ...topic] = message[0];
  const verb = change === 1 ? "subscribe" : "unsubscribe";
  return `${verb} ${text(Uint8Array.from(topic))}`;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}
