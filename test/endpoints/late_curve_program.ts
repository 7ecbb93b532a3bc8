// A program in which nothing has needed CURVE yet: what it says first is a step each.

import { Context, Pull, Push } from "../../mod.ts";
import { curvePart } from "../../src/endpoints/curve_part.ts";
import { asProgram } from "../support/program.ts";
import { CLIENT_KEYS, SERVER_KEYS } from "../support/shaking_peer.ts";

const server = { curveServer: true, curveSecretKey: SERVER_KEYS.secretKey };
const client = {
  curveServerKey: SERVER_KEYS.publicKey,
  curvePublicKey: CLIENT_KEYS.publicKey,
  curveSecretKey: CLIENT_KEYS.secretKey,
};
const say = (what: string) => console.log(what);
const loaded = () => curvePart() === null ? "not loaded" : "loaded";

{
  // In clear.
  using pull = new Pull();
  using push = new Push();
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint!);
  await push.send("a");
  await pull.receive();
  say(`in clear: ${loaded()}`);
}
{
  // A part that can't be had, for a bind and for a connect.
  const curve = () => Promise.reject(new Error("offline"));
  const context = asProgram({ curve }, () => new Context());
  const pull = new Pull({ context, ...server });
  const error = await pull.bind("tcp://127.0.0.1:*").catch((error) => error);
  say(`bind: ${error.code}, ${/CURVE: offline; bind or/.test(error.message)}`);
  const push = new Push({ context, ...client });
  const ended = new Promise<string>((resolve) =>
    push.events.on("close", ({ error }) => resolve(`${error?.code}`))
  );
  push.connect("tcp://127.0.0.1:9");
  say(`connect: ${await ended}`);
  push.disconnect("tcp://127.0.0.1:9");
  say(`it is over: ${push.stats().peers} peers, ${loaded()}`);
  await context.terminate();
}
{
  // Closed, disconnected and unbound before it is there.
  const closed = new Push(client);
  closed.connect("tcp://127.0.0.1:9");
  closed.close();
  const parted = new Push(client);
  parted.connect("tcp://127.0.0.1:9");
  parted.disconnect("tcp://127.0.0.1:9");
  const gone = new Pull(server);
  const binding = gone.bind("tcp://127.0.0.1:*").catch((error) => error.code);
  gone.close();
  say(`while it loads: ${loaded()}`);
  say(`a bind that was closed: ${await binding}, ${loaded()}`);
  parted.close();
}
{
  // What was accepted meanwhile arrives.
  using pull = new Pull(server);
  await pull.bind("tcp://127.0.0.1:*");
  await using push = new Push(client);
  push.connect(pull.lastEndpoint!);
  const sent = push.send("hidden");
  const [body] = await pull.receive();
  await sent;
  say(`a message: ${new TextDecoder().decode(body)}`);
}
