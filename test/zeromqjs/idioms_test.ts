// Programs as users of zeromq.js write them.

import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { test } from "node:test";
import * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import { until, within } from "../support/wait.ts";

test("work is pushed and pulled in a loop that a close ends", async () => {
  const source = new zmq.Push();
  await source.bind("tcp://127.0.0.1:*");
  const sink = new zmq.Pull();
  sink.connect(source.lastEndpoint!);
  const done: number[] = [];
  const worker = (async () => {
    for await (const [task] of sink) done.push(parseInt(task.toString(), 10));
  })();
  for (let task = 0; task < 100; task++) await source.send(task);
  await until("all is done", () => done.length === 100);
  source.close();
  sink.close();
  await worker;
  assert.deepEqual(done, Array.from({ length: 100 }, (_, i) => i));
});

test("news is published by topic", async () => {
  const publisher = new zmq.Publisher();
  await publisher.bind("tcp://127.0.0.1:*");
  const subscriber = new zmq.Subscriber();
  subscriber.connect(publisher.lastEndpoint!);
  subscriber.subscribe("kitty cats");
  let running = true;
  const publishing = (async () => {
    while (running) {
      await publisher.send(["dogs", "woof"]);
      await publisher.send(["kitty cats", "meow!"]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const [topic, text] = await within("it is heard", subscriber.receive());
  assert.equal(`${topic}: ${text}`, "kitty cats: meow!");
  running = false;
  await publishing;
  publisher.close();
  subscriber.close();
});

test("a service doubles numbers", async () => {
  const service = new zmq.Reply();
  await service.bind("tcp://127.0.0.1:*");
  const serving = (async () => {
    for await (const [number] of service) {
      await service.send(2 * parseInt(number.toString(), 10));
    }
  })();
  const client = new zmq.Request();
  client.connect(service.lastEndpoint!);
  await client.send(4);
  const [result] = await client.receive();
  assert.equal(result.toString(), "8");
  client.close();
  service.close();
  await serving;
});

/** Sends are queued up to a limit; whoever puts one in waits for room. */
class Queue {
  readonly #waiting: zmq.MessageLike[] = [];
  readonly #socket: zmq.Dealer;
  readonly #most: number;
  #sending = false;

  constructor(socket: zmq.Dealer, most: number) {
    this.#socket = socket;
    this.#most = most;
  }

  put(message: zmq.MessageLike): void {
    if (this.#waiting.length >= this.#most) throw new Error("Queue is full");
    this.#waiting.push(message);
    this.#run();
  }

  async #run(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#waiting.length > 0) {
      await this.#socket.send(this.#waiting.shift()!);
    }
    this.#sending = false;
  }
}

test("a bounded queue holds messages until a peer is there", async () => {
  const sender = new zmq.Dealer();
  await sender.bind("tcp://127.0.0.1:*");
  const queue = new Queue(sender, 20);
  for (let i = 0; i < 21; i++) queue.put(`${i}`);
  assert.throws(() => queue.put("one too many"), /full/);
  const receiver = new zmq.Dealer();
  receiver.connect(sender.lastEndpoint!);
  for (let i = 0; i < 21; i++) {
    assert.equal(String(await receiver.receive()), `${i}`);
  }
  sender.close();
  receiver.close();
});

/** Workers say which service they do; requests go to the next free one. */
class Broker {
  readonly socket: zmq.Router = new zmq.Router();
  readonly #free = new Map<string, Buffer[]>();
  readonly #requests = new Map<string, [Buffer, Buffer][]>();

  async run(): Promise<void> {
    for await (const [sender, , kind, service, ...rest] of this.socket) {
      const name = service.toString();
      if (kind.toString() === "worker") {
        const [client, , answer] = rest;
        if (client) {
          await this.socket.send([client, null, service, answer]);
        }
        this.#of(this.#free, name).push(sender);
      } else this.#of(this.#requests, name).push([sender, rest[0]]);
      await this.#match(name);
    }
  }

  async #match(name: string): Promise<void> {
    const [free, requests] = [
      this.#of(this.#free, name),
      this.#of(this.#requests, name),
    ];
    while (free.length > 0 && requests.length > 0) {
      const [client, body] = requests.shift()!;
      await this.socket.send([free.shift()!, null, client, null, body]);
    }
  }

  #of<T>(map: Map<string, T[]>, name: string): T[] {
    let list = map.get(name);
    if (list === undefined) map.set(name, list = []);
    return list;
  }
}

test("a broker shares requests among workers of a service", async () => {
  const broker = new Broker();
  await broker.socket.bind("tcp://127.0.0.1:*");
  const address = broker.socket.lastEndpoint!;
  const running = broker.run();
  const workers = ["tea", "tea", "coffee"].map((service) => {
    const socket = new zmq.Dealer();
    socket.connect(address);
    const work = (async () => {
      await socket.send([null, "worker", service]);
      for await (const [, client, , body] of socket) {
        const answer = `${body} with ${service}`;
        await socket.send([null, "worker", service, client, null, answer]);
      }
    })();
    return { socket, work };
  });
  const ask = async (service: string, who: string) => {
    const socket = new zmq.Dealer({ receiveTimeout: 10_000 });
    socket.connect(address);
    await socket.send([null, "client", service, who]);
    const [, , answer] = await socket.receive();
    socket.close();
    return answer.toString();
  };
  const answers = await Promise.all([
    ask("tea", "Ann"),
    ask("coffee", "Bob"),
    ask("tea", "Cy"),
    ask("tea", "Di"),
  ]);
  assert.deepEqual(answers, [
    "Ann with tea",
    "Bob with coffee",
    "Cy with tea",
    "Di with tea",
  ]);
  broker.socket.close();
  for (const { socket } of workers) socket.close();
  await Promise.all([running, ...workers.map(({ work }) => work)]);
});

test("sockets are fields of classes, and several bind at once", async () => {
  class Server {
    readonly replies = new zmq.Reply();
    readonly news = new zmq.Publisher();

    async start(): Promise<void> {
      await Promise.all([
        this.replies.bind("tcp://127.0.0.1:*"),
        this.news.bind("tcp://127.0.0.1:*"),
      ]);
    }

    stop(): void {
      this.replies.close();
      this.news.close();
    }
  }
  const server = new Server();
  await server.start();
  assert.notEqual(server.replies.lastEndpoint, server.news.lastEndpoint);
  server.stop();
});
