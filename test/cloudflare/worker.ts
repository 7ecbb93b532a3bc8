// The Worker of workers_test.ts: it does what a request asks for and answers with what
// came of it. What asks for a WebSocket is passed to a Durable Object, which has a Reply.

import {
  capability,
  Context,
  Pull,
  Push,
  Reply,
  Request as ZmqRequest,
  Subscriber,
  text,
  type ZmqError,
} from "../../mod.ts";
import { attachRequest } from "../../src/attach/attach.ts";

interface Hubs {
  readonly HUB: {
    idFromName(name: string): object;
    get(id: object): { fetch(request: Request): Promise<Response> };
  };
}

/** A Durable Object that answers with what it was asked, and how often it has been. */
export class Hub {
  readonly #reply = new Reply();
  #asked = 0;

  constructor() {
    this.#answer();
  }

  fetch(request: Request): Response {
    return attachRequest(this.#reply, request);
  }

  async #answer(): Promise<void> {
    for await (const [question] of this.#reply) {
      await this.#reply.send([question, `${++this.#asked}`]);
    }
  }
}

type Told = Record<string, string>;

async function ask(context: Context, endpoint: string): Promise<string[]> {
  const request = new ZmqRequest({ context, wssTrustSystem: true });
  request.connect(endpoint);
  await request.send(["question", new Uint8Array(300_000)]);
  const [question, body] = await request.receive();
  return [text(question), `${body.length}`];
}

const TASKS: Record<
  string,
  (context: Context, told: Told) => Promise<unknown>
> = {
  async all(context, { tcp, ws, named, publisher, pull, key }) {
    const subscriber = new Subscriber({ context });
    subscriber.subscribe("news");
    subscriber.connect(publisher);
    const news = (await subscriber.receive()).map(text);

    const hidden = new Push({ context, curveServerKey: key });
    hidden.connect(pull);
    await hidden.send("hidden", { flushed: true });

    const within = new Pull({ context });
    const push = new Push({ context });
    await within.bind("inproc://worker");
    push.connect("inproc://worker");
    await push.send("within the Worker");
    return {
      news,
      tcp: await ask(context, tcp),
      ws: await ask(context, ws),
      named: await ask(context, named),
      inproc: (await within.receive()).map(text),
    };
  },

  async lacks(context) {
    const push = new Push({ context });
    const codes: Record<string, string> = {};
    const refused = async (how: string, act: () => unknown) => {
      try {
        await act();
      } catch (error) {
        codes[how] = (error as ZmqError).code;
      }
    };
    for (const to of ["tcp://127.0.0.1:*", "ws://127.0.0.1:*", "ipc://*"]) {
      await refused(`bind ${to}`, () => push.bind(to));
    }
    const places = ["ipc:///tmp/x", "wss://127.0.0.1:1", "tcp://lo:0;a:1"];
    for (const to of places) {
      await refused(`connect ${to}`, () => push.connect(to));
    }
    push.wssTrustSystem = true;
    push.wssHostname = "other.test";
    await refused("connect wss by another name", () => push.connect(places[1]));
    const has = Object.entries(capability).flatMap(([name, has]) =>
      has ? [name] : []
    );
    return { codes, has };
  },

  async secure(context, { wss }) {
    return await ask(context, wss);
  },

  /** What the first attempt to connect failed with. */
  async distrusts(context, { wss }) {
    const push = new Push({ context, wssTrustSystem: true, linger: 0 });
    const failed = new Promise<string>((resolve) =>
      push.events.on(
        "connect:retry",
        ({ error }) => resolve(`${error?.code}`),
      )
    );
    push.connect(wss);
    const code = await failed;
    push.close();
    return code;
  },

  /** Takes nothing before it is asked to, and then all. */
  async slow(context, { from, count, first }) {
    const pull = new Pull({ context, receiveHighWaterMark: 2 });
    pull.connect(from);
    await new Promise((resolve) => setTimeout(resolve, Number(first)));
    let sum = 0;
    for (let i = 0; i < Number(count); i++) {
      const [frame] = await pull.receive();
      sum += frame.length;
    }
    return sum;
  },
};

export default {
  async fetch(request: Request, { HUB }: Hubs): Promise<Response> {
    if (request.headers.get("upgrade") === "websocket") {
      return HUB.get(HUB.idFromName("hub")).fetch(request);
    }
    const { pathname, searchParams } = new URL(request.url);
    const context = new Context();
    const told = Object.fromEntries(searchParams);
    const said = await TASKS[pathname.slice(1)](context, told);
    await context.terminate();
    return Response.json(said);
  },
};
