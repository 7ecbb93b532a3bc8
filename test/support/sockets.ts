// Sockets for tests: closed when the test is over, and joined when it begins.

import { tmpdir } from "node:os";
import process from "node:process";
import {
  Channel,
  Client,
  Datagram,
  Dealer,
  Dish,
  Gather,
  Pair,
  Peer,
  Publisher,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Scatter,
  Server,
  type Socket,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { texts } from "./bytes.ts";
import { until } from "./wait.ts";

/** The transports that a test is run over. */
export const TRANSPORTS = ["tcp", "ipc", "inproc", "ws"] as const;
export type Transport = typeof TRANSPORTS[number];

let names = 0;

/** An endpoint to bind to. */
export function endpoint(transport: Transport): string {
  if (transport === "inproc") return `inproc://test-${names++}`;
  if (transport === "ws") return "ws://127.0.0.1:*/zmq";
  return transport === "tcp" ? "tcp://127.0.0.1:*" : "ipc://*";
}

/** An endpoint that nobody is bound to yet, to connect to first. */
export async function freeEndpoint(transport: Transport): Promise<string> {
  const address = endpoint(transport);
  if (transport === "inproc") return address;
  if (transport === "ipc") {
    return `ipc://${tmpdir()}/nought-test-${process.pid}-${names++}`;
  }
  const scout = new Pull();
  await scout.bind(address);
  const free = scout.lastEndpoint!;
  await scout.closeAsync();
  return free;
}

/** Runs a test with sockets that are closed at its end. */
export async function withSockets<T>(
  run: (keep: <S extends Socket>(socket: S) => S) => Promise<T> | T,
): Promise<T> {
  const sockets: Socket[] = [];
  try {
    return await run((socket) => {
      sockets.push(socket);
      return socket;
    });
  } finally {
    await Promise.all(
      sockets.map((socket) => socket.closeAsync({ linger: 0 })),
    );
  }
}

/** Binds one socket, connects the other and waits until they have met. */
export async function join(
  bound: Socket,
  connected: Socket,
  transport: Transport,
): Promise<string> {
  const before = bound.stats().peers;
  await bound.bind(endpoint(transport));
  const address = bound.lastEndpoint!;
  connected.connect(address);
  await until("the sockets met", () => bound.stats().peers > before);
  return address;
}

/** Waits until a subscriber gets what a publisher sends, by sending it `topic`. */
export async function tuned(
  publisher: Publisher,
  subscriber: Subscriber,
  topic: string,
): Promise<void> {
  let heard = false;
  const hearing = subscriber.receive().then(() => heard = true);
  while (!heard) {
    await publisher.send(topic);
    await until("a moment has passed", () => true);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await hearing;
  // What else was sent to find out is thrown away.
  const marker = `${topic}#${names++}`;
  await publisher.send(marker);
  for (;;) {
    const [frame] = await subscriber.receive();
    if (texts([frame])[0] === marker) return;
  }
}

/** Every socket class there is, with its name. */
export const CLASSES = {
  Channel,
  Client,
  Datagram,
  Dealer,
  Dish,
  Gather,
  Pair,
  Peer,
  Publisher,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Scatter,
  Server,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} as const;
