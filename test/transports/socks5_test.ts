// SOCKS5: its dialogue by transcripts of bytes, and connections through a proxy
// that does as a test says.

import assert from "node:assert/strict";
import { connect, createServer, type Socket as NetSocket } from "node:net";
import { test } from "node:test";
import { Dealer, Pull, Push } from "../../mod.ts";
import { Socks5 } from "../../src/transports/socks5.ts";
import { bytes, concat, hex, texts } from "../support/bytes.ts";
import { chunkings } from "../support/chunkings.ts";
import { join, withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

const USER: [string, string] = ["bob", "pw"];
const DONE = "05 00 00 01 00x4 0000";

/** Host and port, who asks, what the proxy says, what we say to each, how it ends. */
const TRANSCRIPTS: {
  name: string;
  host?: string;
  user?: [string, string | null];
  hears: string[];
  says: string[];
  ends: string;
}[] = [
  {
    name: "an IPv4 address",
    hears: ["05 00", DONE],
    says: ["05 01 00", "05 01 00 01 7f000001 1e61"],
    ends: "done",
  },
  {
    name: "an IPv6 address",
    host: "::1",
    hears: ["05 00", DONE],
    says: ["05 01 00", "05 01 00 04 00x15 01 1e61"],
    ends: "done",
  },
  {
    name: "a name, which the proxy looks up",
    host: "example.invalid",
    hears: ["05 00", DONE],
    says: ["05 01 00", '05 01 00 03 0f "example.invalid" 1e61'],
    ends: "done",
  },
  {
    name: "a user and a password",
    user: USER,
    hears: ["05 02", "01 00", DONE],
    says: [
      "05 01 02",
      '01 03 "bob" 02 "pw"',
      "05 01 00 01 7f000001 1e61",
    ],
    ends: "done",
  },
  {
    name: "a user without a password",
    user: ["bob", null],
    hears: ["05 02", "01 00", DONE],
    says: ["05 01 02", '01 03 "bob" 00', "05 01 00 01 7f000001 1e61"],
    ends: "done",
  },
  ...['05 00 00 03 04 "host" 0001', "05 00 00 04 00x16 0001"].map((reply) => ({
    name: `a proxy that says where it is, in ${reply.length} characters`,
    hears: ["05 00", reply],
    says: ["05 01 00", "05 01 00 01 7f000001 1e61"],
    ends: "done",
  })),
  ...["05 ff", "05 02", "05 01"].map((hears) => ({
    name: `a proxy that wants ${hears}`,
    hears: [hears],
    says: ["05 01 00"],
    ends: "EACCES",
  })),
  {
    name: "a login that is refused",
    user: USER,
    hears: ["05 02", "01 01"],
    says: ["05 01 02", '01 03 "bob" 02 "pw"'],
    ends: "EACCES",
  },
  ...["04 00", '"HT"', "00 00"].map((hears) => ({
    name: `one that is no SOCKS5 proxy and says ${hears.replaceAll(`"`, "")}`,
    hears: [hears],
    says: ["05 01 00"],
    ends: "EPROTO",
  })),
  ...([
    ["05 01 00 01 00x6", "ECONNABORTED"],
    ["05 02 00 01 00x6", "EACCES"],
    ["05 03", "ENETUNREACH"],
    ["05 04", "EHOSTUNREACH"],
    ["05 05", "ECONNREFUSED"],
    ["05 06", "ETIMEDOUT"],
    ["05 07", "EPROTONOSUPPORT"],
    ["05 08", "EAFNOSUPPORT"],
    ["05 63", "EPROTO"],
    ["06 00", "EPROTO"],
    ["05 00 00 02 00", "EPROTO"],
  ] as const).map(([reply, ends]) => ({
    name: `the reply ${reply}`,
    hears: ["05 00", reply],
    says: ["05 01 00", "05 01 00 01 7f000001 1e61"],
    ends,
  })),
];

for (const { name, host, user, hears, says, ends } of TRANSCRIPTS) {
  test(`SOCKS5: ${name}, whatever pieces it comes in`, () => {
    const behind = ends === "done" ? bytes("ff 00x8 7f") : new Uint8Array(0);
    const input = concat(...hears.map(bytes), behind);
    for (const [cut, chunks] of chunkings(input)) {
      const dialogue = new Socks5(
        host ?? "127.0.0.1",
        7777,
        user?.[0] ?? null,
        user?.[1] ?? null,
      );
      const said = [hex(dialogue.begin())];
      for (const chunk of chunks) {
        let word = dialogue.receive(chunk);
        while (word !== null) {
          said.push(hex(word));
          word = dialogue.receive(new Uint8Array(0));
        }
      }
      assert.deepEqual(said, says.map((one) => hex(bytes(one))), cut);
      if (ends === "done") {
        assert.equal(dialogue.state, "done", cut);
        assert.deepEqual(dialogue.rest, behind, cut);
        assert.equal(dialogue.error, null);
      } else {
        assert.equal(dialogue.state, "failed", cut);
        const { code } = dialogue.error as Error & { code: string };
        assert.equal(code, ends, cut);
      }
    }
  });
}

/** A proxy that does each step as it is told, and leads to `port` of this machine. */
class Proxy {
  readonly asked: string[] = [];
  readonly logins: string[] = [];
  /** What it answers to requests, one after another; 0 once there are none left. */
  replies: number[] = [];
  port = 0;
  address = "";
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly #streams: NetSocket[] = [];

  static async start(port: number): Promise<Proxy> {
    const proxy = new Proxy();
    proxy.port = port;
    await new Promise<void>((resolve) =>
      proxy.#server.listen(0, "127.0.0.1", resolve)
    );
    const bound = proxy.#server.address() as { port: number };
    proxy.address = `127.0.0.1:${bound.port}`;
    return proxy;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: NetSocket): void {
    this.#streams.push(socket);
    socket.on("error", () => {});
    let state = "method";
    // What we say comes a word at a time.
    socket.on("data", (data: Uint8Array) => {
      if (state === "method") {
        state = data[2] === 2 ? "login" : "request";
        socket.write(Uint8Array.of(5, data[2]));
      } else if (state === "login") {
        state = "request";
        this.logins.push(hex(data));
        socket.write(Uint8Array.of(1, 0));
      } else if (state === "request") {
        state = "passing";
        this.asked.push(hex(data));
        const reply = this.replies.shift() ?? 0;
        socket.write(Uint8Array.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0));
        if (reply !== 0) {
          socket.end();
          return;
        }
        const far = connect(this.port, "127.0.0.1");
        this.#streams.push(far);
        far.on("error", () => socket.destroy());
        far.on("close", () => socket.destroy());
        socket.on("close", () => far.destroy());
        socket.removeAllListeners("data");
        socket.pipe(far).pipe(socket);
      }
    });
  }
}

async function withProxy(run: (proxy: Proxy, pull: Pull) => Promise<void>) {
  await withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const proxy = await Proxy.start(
      Number(pull.lastEndpoint!.split(":").at(-1)),
    );
    try {
      await run(proxy, pull);
    } finally {
      await proxy.close();
    }
  });
}

test("a connection goes through a proxy, which looks the name up; nobody else does", () =>
  withProxy((proxy, pull) =>
    withSockets(async (keep) => {
      const push = keep(
        new Push({
          socksProxy: proxy.address,
          socksUsername: "bob",
          socksPassword: "pw",
        }),
      );
      push.connect("tcp://example.invalid:7777");
      const body = new Uint8Array(300_000).fill(5);
      await push.send(["through", body]);
      const got = await within("it", pull.receive());
      assert.equal(texts(got.slice(0, 1))[0], "through");
      assert.deepEqual(got[1], body);
      assert.deepEqual(proxy.logins, ["0103626f62027077"]);
      assert.deepEqual(proxy.asked, [
        "050100030f6578616d706c652e696e76616c69641e61",
      ]);
    })
  ));

test("what a proxy refuses is tried again after the interval, with no event but close and retry", () =>
  withProxy((proxy, pull) =>
    withSockets(async (keep) => {
      proxy.replies = [1, 5, 4];
      const push = keep(
        new Push({ socksProxy: proxy.address, reconnectInterval: 5 }),
      );
      const seen: string[] = [];
      for (
        const type of [
          "connect",
          "close",
          "connect:retry",
          "disconnect",
          "handshake:error:other",
        ] as const
      ) push.events.on(type, () => seen.push(type));
      const why: [string?, string?][] = [];
      push.events.on(
        "connect:retry",
        ({ error }) => why.push([error?.code, error?.message]),
      );
      push.connect("tcp://127.0.0.1:7777");
      await push.send("at last");
      assert.deepEqual(texts(await within("it", pull.receive())), ["at last"]);
      assert.equal(proxy.asked.length, 4);
      await until("all is told", () => seen.includes("connect"));
      const failed = ["close", "connect:retry"];
      assert.deepEqual(seen, [...failed, ...failed, ...failed, "connect"]);
      assert.deepEqual(why, [
        ["ECONNABORTED", "the SOCKS5 proxy: it failed"],
        ["ECONNREFUSED", "the SOCKS5 proxy: the host refused the connection"],
        ["EHOSTUNREACH", "the SOCKS5 proxy: the host can't be reached"],
      ]);
    })
  ));

test("a proxy that says nothing is given up after connectTimeout, and tried again", () =>
  withSockets(async (keep) => {
    let came = 0;
    const streams: NetSocket[] = [];
    const mute = createServer((stream) => {
      came++;
      streams.push(stream.on("error", () => {}));
    });
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as { port: number };
    const push = keep(
      new Push({
        socksProxy: `127.0.0.1:${port}`,
        connectTimeout: 50,
        reconnectInterval: 5,
      }),
    );
    const why: (string | undefined)[] = [];
    push.events.on("connect:retry", ({ error }) => why.push(error?.code));
    push.connect("tcp://127.0.0.1:7777");
    await until("it came three times", () => came >= 3);
    assert.deepEqual(why.slice(0, 2), ["ETIMEDOUT", "ETIMEDOUT"]);
    await push.closeAsync({ linger: 0 });
    for (const stream of streams) stream.destroy();
    await new Promise<void>((resolve) => mute.close(() => resolve()));
  }));

test("a socksProxy that is no host:port is EINVAL at connect, and ipc and inproc know no proxy", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    for (const socksProxy of ["nonsense", "*:1080"]) {
      push.socksProxy = socksProxy;
      assert.throws(() => push.connect("tcp://127.0.0.1:1"), {
        code: "EINVAL",
        message: /socksProxy/,
      });
    }
    const pull = keep(new Pull());
    await join(pull, push, "ipc");
    await push.send("x");
    assert.deepEqual(texts(await pull.receive()), ["x"]);
  }));

test("a connection comes from the source address that was given before a semicolon", () =>
  withSockets(async (keep) => {
    const pull = keep(new Dealer());
    const seen: string[] = [];
    pull.events.on("accept", (event) => seen.push(event.peer!.address));
    await pull.bind("tcp://127.0.0.1:*");
    const to = pull.lastEndpoint!.slice("tcp://".length);
    const scout = keep(new Pull());
    await scout.bind("tcp://127.0.0.3:*");
    const [free] = scout.lastEndpoint!.split(":").slice(-1);
    await scout.closeAsync();
    for (
      const [source, host] of [
        ["127.0.0.2", "127.0.0.2:"],
        ["127.0.0.2:*", "127.0.0.2:"],
        [`127.0.0.3:${free}`, `127.0.0.3:${free}`],
        ["lo:0", "127.0.0.1:"],
        ["*", "127.0.0.1:"],
      ]
    ) {
      const push = keep(new Dealer());
      const address = `tcp://${source};${to}`;
      push.connect(address);
      assert.equal(push.lastEndpoint, address);
      await push.send(source);
      assert.deepEqual(texts(await within("it", pull.receive())), [source]);
      await until("it is told", () => seen.length > 0);
      assert.ok(seen.pop()!.startsWith(host), source);
      push.disconnect(address);
    }
  }));

test("a source address that isn't ours is an attempt that fails, and another follows", () =>
  withSockets(async (keep) => {
    const push = keep(new Push({ reconnectInterval: 5 }));
    let retries = 0;
    push.events.on("connect:retry", () => retries++);
    push.connect("tcp://192.0.2.1;127.0.0.1:1");
    await until("it tries again", () => retries >= 2);
  }));
