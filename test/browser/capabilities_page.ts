// What the page of capabilities_test.ts does: it tries what docs/transports.md says of
// browsers, and tells what it found.

import {
  Client,
  Context,
  Dish,
  Publisher,
  Pull,
  Push,
  Radio,
  Reply,
  type Socket,
  text,
  ZmqError,
} from "../../src/browser/browser.ts";

declare const location: { search: string };

/** Where those are that a page connects to, and their keys. */
const told = new URLSearchParams(location.search);
const at = (name: string) => told.get(name)!;

/** What a page can't, with whoever could elsewhere, and where. */
const REFUSED: Record<
  string,
  [make: (bind: boolean) => Socket, address: string]
> = {
  tcp: [() => new Push(), "tcp://127.0.0.1:1"],
  tcpSource: [() => new Push(), "tcp://127.0.0.1:0;127.0.0.1:1"],
  socks5: [() => new Push({ socksProxy: "127.0.0.1:1" }), "tcp://127.0.0.1:1"],
  ipc: [() => new Push(), "ipc:///tmp/nought-page"],
  ipcAbstract: [() => new Push(), "ipc://@nought-page"],
  udp: [(bind) => bind ? new Dish() : new Radio(), "udp://127.0.0.1:1"],
  epgm: [() => new Publisher(), "epgm://127.0.0.1;239.192.1.1:5555"],
  epgmBesideOpenPgm: [
    () => new Publisher(),
    "epgm://127.0.0.1;239.192.1.1:5555",
  ],
  pgm: [() => new Publisher(), "pgm://127.0.0.1;239.192.1.1:5555"],
  norm: [() => new Publisher(), "norm://127.0.0.1:5555"],
  tipc: [() => new Push(), "tipc://{5560,0,0}"],
  vmci: [() => new Push(), "vmci://1:5555"],
  vsock: [() => new Push(), "vsock://1:5555"],
};

/** The code of what it throws, or what it gives. */
async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ZmqError) return error.code;
    throw error;
  }
}

/** "connects", if one is heard of that connects here, and nothing is bound. */
async function connecting(address: string): Promise<unknown> {
  const push = new Push();
  push.connect(address);
  await push.send("found", { flushed: true });
  const bound = await outcome(() => push.bind(address));
  return bound === "EPROTONOSUPPORT" ? "connects" : bound;
}

/** "yes", once a Push has been let in with these options. */
async function entering(address: string, options: object): Promise<string> {
  const push = new Push(options);
  push.connect(address);
  await push.send("found", { flushed: true });
  return "yes";
}

/** "yes", if both who is asked by a socket and who answers for a context let a client in. */
async function judging(): Promise<string> {
  const keys = { curveServer: true, curveSecretKey: at("secretKey") };
  const judged: string[] = [];
  const context = new Context();
  const handler = new Reply({ context });
  await handler.bind("inproc://zeromq.zap.01");
  (async () => {
    for await (const [version, id] of handler) {
      judged.push("handler");
      await handler.send([version, id, "200", "OK", "anna", ""]);
    }
  })();
  const asked = new Pull({
    ...keys,
    authenticate: ({ mechanism }) => judged.push(mechanism) > 0,
  });
  const answered = new Pull({ ...keys, context, zapDomain: "page" });
  asked.connect(at("asked"));
  answered.connect(at("answered"));
  for (const pull of [asked, answered]) await pull.receive();
  const ended = context.terminate();
  for (const socket of [asked, answered, handler]) socket.close();
  await ended;
  return judged.sort().join() === "CURVE,handler" ? "yes" : judged.join();
}

const found: Record<string, unknown> = {};
for (const [name, [make, address]] of Object.entries(REFUSED)) {
  const codes = [
    await outcome(() => make(false).connect(address)),
    await outcome(() => make(true).bind(address)),
  ];
  const refused = codes.every((code) => code === "EPROTONOSUPPORT");
  found[name] = refused ? "no" : codes.join();
}
const gssapi = await outcome(() => new Push({ gssapiServer: true }));
found.gssapi = gssapi === "ENOTSUP" ? "no" : gssapi;

const pull = new Pull();
await pull.bind("inproc://found");
found.inproc = await entering("inproc://found", {});
const shared = await outcome(() => new Context().share());
found.inprocThreads = shared === "ENOTSUP" ? "isolated" : shared;
found.ws = await connecting(at("ws"));
found.wss = await connecting(at("wss"));
const name = { plainUsername: "anna", plainPassword: "right" };
found.plain = await entering(at("plain"), name);
found.curve = await entering(at("curve"), { curveServerKey: at("key") });
found.zap = await judging();
const client = new Client();
client.connect(at("server"));
await client.send("found");
const answer = text((await client.receive())[0]);
found.draft = answer === "found" ? "yes" : answer;
await fetch("/said", { method: "POST", body: JSON.stringify(found) });
