// What the page of life_test.ts does: how sockets of a page live and end, each
// behaviour on its own, and what came of it.

import {
  Context,
  Pull,
  Push,
  Request,
  type Socket,
  text,
} from "../../src/browser/browser.ts";
import { PATIENT, sleep, until } from "../support/wait.ts";

declare const location: { search: string };

/** Where the servers of the behaviours are. */
const told = new URLSearchParams(location.search);
const at = (name: string) => told.get(name)!;
const codeOf = (error: unknown) => (error as { code: string }).code;

/**
 * The types of a socket's events, and the codes of their errors: the first, and all from
 * its first connection on. Attempts before it may fail by what a busy browser does.
 */
function watch(socket: Socket): { types: string[]; codes: string[] } {
  const seen = { types: [] as string[], codes: [] as string[] };
  (async () => {
    for await (const event of socket.events) {
      if (event.type === "connect" && !seen.types.includes("connect")) {
        seen.types.length = Math.min(seen.types.length, 1);
        seen.codes.length = 0;
      }
      seen.types.push(event.type);
      if ("error" in event && event.error) seen.codes.push(event.error.code);
    }
  })();
  return seen;
}

const BEHAVIOURS: Record<string, () => Promise<unknown>> = {
  async back() {
    const pull = new Pull({ reconnectInterval: 20 });
    const { types } = watch(pull);
    pull.connect(at("back"));
    const heard: string[] = [];
    for await (const [word] of pull) {
      heard.push(text(word));
      if (heard.length === 2) break;
    }
    const { peers } = pull.stats();
    pull.close();
    const counted = (type: string) =>
      types.filter((one) => one === type).length;
    return [
      ...heard,
      peers,
      counted("handshake"),
      counted("disconnect"),
      counted("connect:retry") > 1,
    ];
  },

  async late() {
    const pull = new Pull({ receiveHighWaterMark: 2 });
    pull.connect(at("late"));
    // All of it has come before anybody takes more than the first.
    const wrong: string[] = [];
    for (let i = 0; i < 300; i++) {
      const [number, body] = await pull.receive();
      if (text(number) !== `${i}` || body.length !== 100_000) {
        wrong.push(text(number));
      }
      if (i === 0) await sleep(200);
    }
    pull.close();
    return wrong;
  },

  async bound() {
    const pull = new Pull({ receiveHighWaterMark: 2, reconnectInterval: -1 });
    const cut = new Pull();
    const { types, codes } = watch(pull);
    cut.connect(at("cut"));
    pull.connect(at("bound"));
    await cut.receive();
    // It is told of once what came first has been received.
    for (let i = 0; !types.includes("disconnect"); i++) {
      const [number] = await pull.receive();
      if (text(number) !== `${i}`) return `not ${i}`;
      await sleep(0);
    }
    for (const socket of [pull, cut]) socket.close();
    return codes;
  },

  async lingering() {
    const push = new Push();
    push.connect(at("lingering"));
    await push.send(["large", new Uint8Array(5_000_000)]);
    await push.closeAsync();
    return "closed";
  },

  async closing() {
    const pull = new Pull();
    const { types } = watch(pull);
    pull.connect(at("closing"));
    const heard: string[] = [];
    const looping = (async () => {
      for await (const [word] of pull) {
        heard.push(text(word));
        pull.close();
      }
      return "the loop has ended";
    })();
    const ended = await looping;
    await until("the last event", () => types.includes("end"), PATIENT);
    const after = await pull.receive().then(() => "received", codeOf);
    return [...heard, ended, after];
  },

  async terminating() {
    const context = new Context();
    const request = new Request({ context, linger: 0 });
    const pull = new Pull({ context });
    request.connect(at("terminating"));
    pull.connect(at("nowhere"));
    await request.send("last");
    const waiting = [pull.receive(), request.receive()].map((one) =>
      one.then(() => "received", codeOf)
    );
    await until(
      "it has met",
      () => request.stats().peers === 1,
      PATIENT,
    );
    const ended = context.terminate();
    const codes = await Promise.all(waiting);
    request.close();
    pull.close();
    await ended;
    return codes;
  },

  /** Each context has a timer of its own. */
  async timers() {
    const pulls = [200, 100].map((receiveTimeout) =>
      new Pull({ context: new Context(), receiveTimeout })
    );
    const codes = await Promise.all(
      pulls.map((pull) => pull.receive().then(() => "received", codeOf)),
    );
    for (const pull of pulls) pull.close();
    return codes;
  },

  async wrongKey() {
    const push = new Push({
      curveServerKey: at("wrongKey"),
      reconnectInterval: 30_000,
      connectTimeout: PATIENT,
    });
    const { types, codes } = watch(push);
    push.connect(at("curve"));
    const cutOff = () =>
      types.includes("handshake:error:other") &&
      types.includes("connect:retry");
    await until("it is cut off", cutOff, PATIENT);
    // The same socket goes on with others.
    push.disconnect(at("curve"));
    push.curveServerKey = at("key");
    push.connect(at("curve"));
    await push.send("with the right key", { flushed: true });
    push.close();
    return [...types.slice(0, 5), ...codes.slice(0, 1)];
  },

  async plain() {
    const push = new Push({
      plainUsername: "anna",
      plainPassword: "wrong",
      connectTimeout: PATIENT,
    });
    const { types, codes } = watch(push);
    push.connect(at("plain"));
    await until("it is refused", () => types.includes("close"), PATIENT);
    push.plainPassword = "right";
    push.connect(at("plain"));
    await push.send("with the right password", { flushed: true });
    push.close();
    return [...types.slice(0, 5), ...codes.slice(0, 1)];
  },
};

const said = Object.fromEntries(
  await Promise.all(
    Object.entries(BEHAVIOURS).map(async ([name, run]) => [
      name,
      await run().catch((error) => `${error}`),
    ]),
  ),
);
await fetch("/said", { method: "POST", body: JSON.stringify(said) });
