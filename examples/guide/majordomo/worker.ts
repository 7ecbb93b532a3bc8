// The workers' side of Majordomo (see broker.ts): gives a service until the process
// ends, whatever becomes of the broker meanwhile.

import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, type Message, type MessageLike, text } from "../../../mod.ts";
import { inTime } from "../in_time.ts";
import {
  DISCONNECT,
  HEARTBEAT,
  INTERVAL,
  LIVENESS,
  READY,
  REPLY,
  REQUEST,
  WORKER,
} from "./protocol.ts";

/** What a service makes of a request. */
export type Handler = (
  body: Message,
) => MessageLike[] | Promise<MessageLike[]>;

/** Gives a service; begins anew whenever the broker falls silent. */
export async function serve(
  broker: string,
  service: string,
  handler: Handler,
  interval: number = INTERVAL,
): Promise<never> {
  for (;;) {
    await serveOnce(broker, service, handler, interval);
    await sleep(interval);
  }
}

/** Resolves when the broker is silent, or wants it to begin anew. */
async function serveOnce(
  endpoint: string,
  service: string,
  handler: Handler,
  interval: number,
): Promise<void> {
  await using broker = new Dealer({ linger: 0 });
  broker.connect(endpoint);
  await broker.send([null, WORKER, READY, service]);
  const beat = () => broker.trySend([null, WORKER, HEARTBEAT]);
  const beating = setInterval(beat, interval);
  const limit = { timeout: interval * LIVENESS };
  for (;;) {
    const message = await inTime(broker.receive(limit));
    if (message === null) break;
    const [_empty, _worker, command, client, empty, ...body] = message;
    if (text(command) === DISCONNECT) break;
    if (text(command) !== REQUEST) continue;
    const reply = await handler(body);
    await broker.send([null, WORKER, REPLY, client, empty, ...reply]);
  }
  clearInterval(beating);
}
