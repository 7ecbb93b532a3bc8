// Clients that ask, Servers that answer each by its number; or Peers, which are both.

import { Client, Peer, Server, text, ZmqError } from "../../mod.ts";
import { hold } from "./invariants.ts";
import { FEWEST_EVENTS, idle, type Scene } from "./scene.ts";

/** Random Servers and Clients, or Peers. */
export async function numbered(scene: Scene): Promise<void> {
  const peers = scene.chance(0.3);
  const clientCount = scene.between(1, 5);
  const troubled = scene.chance(0.6);
  const hosts = ["a", "b", "c"].map((name) => scene.host(name));
  const marks = { send: scene.mark(), receive: scene.mark() };
  const host = scene.pick(hosts);
  const options = (own: typeof marks) => ({
    sendHighWaterMark: own.send,
    receiveHighWaterMark: own.receive,
    maxPendingSends: 1_000_000,
    reconnectInterval: 20,
  });
  const server = scene.keep(
    peers
      ? new Peer({ context: scene.context(host), ...options(marks) })
      : new Server({ context: scene.context(host), ...options(marks) }),
    marks,
  );
  const clients = Array.from({ length: clientCount }, () => {
    const where = scene.pick(hosts);
    const own = { send: scene.mark(), receive: scene.mark() };
    const settings = { context: scene.context(where), ...options(own) };
    const client = scene.keep(
      peers ? new Peer(settings) : new Client(settings),
      own,
    );
    return {
      client,
      host: where,
      number: 0,
      asked: 0,
      answers: new Set<number>(),
    };
  });
  const port = 7000;
  for (const one of clients) {
    if (!peers) {
      scene.join(one.client, one.host, server, host);
      continue;
    }
    one.number = (one.client as Peer).connectPeer(`tcp://${host.name}:${port}`);
  }
  if (peers) {
    scene.later(scene.between(0, 300), () => server.bind(`tcp://*:${port}`));
  }

  const body = (label: string, number: number) =>
    `${label} ${scene.padding(number).join("")}`;
  let answering = 0;
  scene.run(async () => {
    for await (const [number, frame] of server) {
      const [label] = text(frame).split(" ");
      answering++;
      scene.messages++;
      scene.run(async () => {
        try {
          const of = Number(label.split(".")[1]);
          await server.send([number, body(`re.${label}`, of)]);
        } catch (error) {
          if (!(error instanceof ZmqError)) throw error;
          if (error.code !== "EHOSTUNREACH") throw error;
        } finally {
          answering--;
        }
      });
    }
  });
  let slow = true;
  for (const [who, one] of clients.entries()) {
    const pace = scene.pick([0, 0, 1, 20]);
    scene.run(async () => {
      for await (const message of one.client) {
        const frame = message[message.length - 1] as Uint8Array;
        const [re, asker, number] = text(frame).split(" ")[0].split(".");
        const known = !peers || message[0] === one.number;
        hold(
          "server: a reply goes to the peer that asked, or nowhere",
          known && re === "re" && Number(asker) === who &&
            !one.answers.has(Number(number)) &&
            text(frame) === body(`re.${who}.${number}`, Number(number)),
          () => `${text(frame).slice(0, 20)} to ${who}`,
        );
        one.answers.add(Number(number));
        scene.messages++;
        if (pace > 0 && slow) await scene.sleep(scene.between(0, pace));
      }
    });
  }
  const ask = async (who: number) => {
    const { client, number } = clients[who];
    const label = clients[who].asked++;
    const question = body(`${who}.${label}`, label);
    if (peers) await (client as Peer).send([number, question]);
    else await (client as Client).send(question);
    scene.messages++;
    return label;
  };
  let asking = clientCount;
  for (const [who, one] of clients.entries()) {
    const pace = scene.pick([0, 0, 1, 10]);
    scene.run(async () => {
      const most = scene.between(40, 120);
      while (one.asked < most || scene.events < FEWEST_EVENTS) {
        await ask(who);
        if (pace > 0) await scene.sleep(scene.between(0, pace));
      }
      asking--;
    });
  }
  if (troubled) scene.trouble(scene.between(200, 2000));
  await scene.until(() => asking === 0);
  slow = false;
  const sockets = [server, ...clients.map(({ client }) => client)];
  await scene.until(() => answering === 0 && idle(sockets, sockets), 60_000);
  await scene.world.run(2000);
  if (scene.cuts === 0) {
    for (const [who, one] of clients.entries()) {
      hold(
        "server: nothing is lost while connections hold",
        await scene.until(() => one.answers.size === one.asked),
        () => `${who} has ${one.answers.size} answers to ${one.asked}`,
      );
    }
    return;
  }
  await scene.world.run(3000);
  for (const [who, one] of clients.entries()) {
    for (let n = 0; n < 3; n++) {
      let number = -1;
      scene.run(async () => {
        number = await ask(who);
      });
      hold(
        "server: a peer is heard again after a reconnect",
        await scene.until(() => one.answers.has(number), 10_000),
        () => `${who}.${number} was not answered`,
      );
    }
  }
}
