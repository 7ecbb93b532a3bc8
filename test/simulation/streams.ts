// Streams: clients that write numbers, a server that reads them and writes them back.

import { Stream, text } from "../../mod.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, idle, type Scene } from "./scene.ts";

/** What was read of one connection: numbers, each with a comma behind it. */
class Reading {
  count = 0;
  #last: number | null = null;
  #rest = "";
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes what came; the connection's numbers follow one another. */
  take(bytes: Uint8Array): void {
    const tokens = (this.#rest + text(bytes)).split(",");
    this.#rest = tokens.pop()!;
    for (const token of tokens) {
      const number = Number(token.slice(0, 8));
      hold(
        "stream: bytes of one connection are in order",
        token === padded(number, this.#most) &&
          (this.#last === null || number === this.#last + 1),
        () => `${token.slice(0, 20)} after ${this.#last}`,
      );
      this.#last = number;
      this.count++;
    }
  }
}

/** A number that takes as many bytes as it says. */
function padded(number: number, most: number): string {
  const digits = String(number).padStart(8, "0");
  return digits + "x".repeat((number * 13) % most);
}

/** A random Stream server and its clients. */
export async function streams(scene: Scene): Promise<void> {
  // Where connections hold little, a read is a few bytes, and each a message.
  const most = scene.narrow ? 10 : 300;
  const clientCount = scene.between(1, scene.narrow ? 2 : 4);
  const troubled = scene.chance(0.6);
  const hosts = ["a", "b", "c"].map((name) => scene.host(name));
  const marks = { send: scene.mark(), receive: scene.mark() };
  const server = scene.keep(
    new Stream({
      context: scene.context(hosts[0]),
      sendHighWaterMark: marks.send,
      receiveHighWaterMark: marks.receive,
      maxPendingSends: 1_000_000,
    }),
    { send: marks.send, receive: Infinity },
  );
  const port = 8000;
  scene.later(scene.between(0, 200), () => server.bind(`tcp://*:${port}`));
  const connections = new Map<string, Reading | null>();
  let heard = 0;
  let begun = 0;
  let ended = 0;
  scene.run(async () => {
    for await (const [id, bytes] of server) {
      const key = String(id);
      const reading = connections.get(key);
      scene.messages++;
      if (bytes.length === 0) {
        hold(
          "stream: a connection begins once and ends once",
          reading !== null,
          () => `${key} ended twice`,
        );
        if (reading === undefined) begun++;
        else ended++;
        connections.set(key, reading === undefined ? new Reading(most) : null);
        continue;
      }
      hold(
        "stream: a connection begins once and ends once",
        reading instanceof Reading,
        () => `bytes of ${key} before it began or after it ended`,
      );
      const before = reading!.count;
      reading!.take(bytes);
      heard += reading!.count - before;
      // Back to where they came from, unless that has gone.
      scene.run(() => server.send([id, bytes]).catch(() => {}));
    }
  });
  const clients = Array.from({ length: clientCount }, (_, who) => {
    const client = scene.keep(
      new Stream({
        context: scene.context(scene.pick(hosts)),
        sendHighWaterMark: scene.pick([10, 1000]),
        reconnectInterval: scene.between(5, 50),
      }),
      { receive: Infinity },
    );
    client.connect(`tcp://${hosts[0].name}:${port}`, {
      routingId: `to ${who}`,
    });
    return { client, number: 0, back: 0 };
  });
  for (const [who, one] of clients.entries()) {
    let reading: Reading | null = null;
    scene.run(async () => {
      for await (const [id, bytes] of one.client) {
        scene.messages++;
        hold(
          "stream: a connection begins once and ends once",
          text(id) === `to ${who}` && (bytes.length === 0 || reading !== null),
          () => `${bytes.length} bytes of ${text(id)}`,
        );
        if (bytes.length === 0) {
          reading = reading === null ? new Reading(most) : null;
        } else {
          const before: number = reading!.count;
          reading!.take(bytes);
          one.back += reading!.count - before;
        }
      }
    });
  }
  let writing = clientCount;
  for (const [who, one] of clients.entries()) {
    const pace = scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      const count = scene.narrow ? 40 : scene.between(60, 200);
      while (one.number < count || scene.events < FEWEST_EVENTS) {
        await one.client.send([`to ${who}`, `${padded(one.number++, most)},`]);
        scene.messages++;
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
      writing--;
    });
  }
  if (troubled) scene.trouble(scene.between(200, 2000));
  await scene.until(() => writing === 0);
  const all = [server, ...clients.map(({ client }) => client)];
  await scene.until(() => idle(all, all), 60_000);
  await scene.world.run(2000);
  const written = clients.reduce((sum, one) => sum + one.number, 0);
  const back = clients.reduce((sum, one) => sum + one.back, 0);
  if (scene.cuts === 0) {
    hold(
      "stream: nothing is lost while connections hold",
      heard === written && back === written,
      () => `${heard} heard and ${back} back of ${written}`,
    );
  }
  hold(
    "stream: a connection begins once and ends once",
    begun - ended <= clientCount,
    () => `${begun} began, ${ended} ended, of ${clientCount} clients`,
  );
}
