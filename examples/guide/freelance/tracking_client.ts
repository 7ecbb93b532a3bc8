// Freelance, the clever way: pings all servers (freelance/server.ts), so it knows
// who is alive, asks the first that is, and turns to the next when that dies.
//
//     deno run --allow-net examples/guide/freelance/tracking_client.ts
//     bun examples/guide/freelance/tracking_client.ts
//     node examples/guide/freelance/tracking_client.ts
//
// Arguments: how many questions, the milliseconds between pings, then the
// endpoints of all servers, the one to prefer first.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Router, text } from "../../../mod.ts";

const LIVENESS = 3;
const PING = "0";

class Freelancer {
  readonly #router = new Router({ linger: 0 });
  /** When each server is taken for dead unless it says something. */
  readonly #expires = new Map<string, number>();
  readonly #waiting = new Map<string, (answer: string) => void>();
  readonly #patience: number;
  readonly #pinging: ReturnType<typeof setInterval>;
  #number = 0;

  constructor(endpoints: string[], interval: number) {
    this.#patience = interval * LIVENESS;
    for (const endpoint of endpoints) {
      // The name that a server has here is its endpoint.
      this.#router.connect(endpoint, { routingId: endpoint });
      this.#expires.set(endpoint, 0);
    }
    this.#pinging = setInterval(() => this.#ping(), interval);
    this.#ping();
    this.#listen();
  }

  /** Asks until somebody answers. */
  async request(question: string): Promise<string> {
    const number = `${++this.#number}`;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.set(number, resolve);
    const ended = promise.finally(() => this.#waiting.delete(number));
    while (this.#waiting.has(number)) {
      const server = this.#firstAlive();
      if (server !== undefined) {
        await this.#router.send([server, null, number, question]);
      }
      const pause = server === undefined ? 10 : this.#patience;
      await Promise.race([ended, sleep(pause, null, { ref: false })]);
    }
    return ended;
  }

  close(): void {
    clearInterval(this.#pinging);
    this.#router.close();
  }

  #firstAlive(): string | undefined {
    const now = Date.now();
    return [...this.#expires].find(([, expires]) => expires > now)?.[0];
  }

  #ping(): void {
    for (const server of this.#expires.keys()) {
      this.#router.trySend([server, null, PING, "PING"]);
    }
  }

  async #listen(): Promise<void> {
    for await (const [server, _empty, number, answer] of this.#router) {
      this.#expires.set(text(server), Date.now() + this.#patience);
      this.#waiting.get(text(number))?.(text(answer));
    }
  }
}

const [count = "10", interval = "1000", ...rest] = process.argv.slice(2);
const client = new Freelancer(
  rest.length > 0 ? rest : ["tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"],
  Number(interval),
);
for (let i = 1; i <= Number(count); i++) {
  console.log(`${i}: ${await client.request("question")}`);
  await sleep(Number(interval) / 2);
}
client.close();
