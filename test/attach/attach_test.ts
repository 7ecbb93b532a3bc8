// Sockets on a server of the user's: an application and its ZeroMQ endpoint share a
// port, on Deno.serve, Bun.serve and node:http.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import type { PlatformWebSocket } from "../../adapters/web_socket_stream.ts";
import {
  attach,
  attachment,
  attachRequest,
  attachUpgrade,
  type BunServer,
  type BunWebSocketHandlers,
  protocolFor,
} from "../../src/attach/attach.ts";
import {
  curveKeyPair,
  Dealer,
  Publisher,
  Pull,
  Push,
  Router,
  type Socket,
  Stream,
  Subscriber,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { RUNTIME } from "../support/runtime.ts";
import { tuned, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { request } from "../support/websocket.ts";

interface Site {
  readonly port: number;
  close(): Promise<void>;
}

interface Runtimes {
  Deno: {
    serve(
      options: { port: number; hostname: string; onListen: () => void },
      handler: (
        request: Request,
        info: { remoteAddr: { hostname: string } },
      ) => Response,
    ): { addr: { port: number }; shutdown(): Promise<void> };
  };
  Bun: {
    serve(options: {
      port: number;
      hostname: string;
      fetch(request: Request, server: BunServer): Response | undefined;
      websocket: BunWebSocketHandlers;
    }): { port: number; stop(now: boolean): Promise<void> };
  };
}

const { Deno, Bun } = globalThis as unknown as Runtimes;
const HERE = { port: 0, hostname: "127.0.0.1" };

/** An application with a socket at /zmq, and maybe one at /other, as this runtime makes servers. */
async function serve(socket: Socket, other = socket): Promise<Site> {
  const isOurs = (url: string) => pathOf(url) !== "/";
  if (RUNTIME === "deno") {
    const server = Deno.serve(
      { ...HERE, onListen: () => {} },
      (request, { remoteAddr }) =>
        isOurs(request.url)
          ? attachRequest(
            pathOf(request.url) === "/other" ? other : socket,
            request,
            { remote: remoteAddr.hostname },
          )
          : new Response("the application"),
    );
    return { port: server.addr.port, close: () => server.shutdown() };
  }
  if (RUNTIME === "bun") {
    const attached = attachment(socket);
    const another = attachment(other);
    const server = Bun.serve({
      ...HERE,
      fetch: (request, self) =>
        isOurs(request.url)
          ? (pathOf(request.url) === "/other" ? another : attached).upgrade(
            request,
            self,
          )
          : new Response("the application"),
      websocket: attached.websocket,
    });
    return {
      port: server.port,
      close: async () => void await server.stop(true),
    };
  }
  return await serveByNode(socket, other);
}

const pathOf = (url: string) => new URL(url, "http://x").pathname;

/** The same by `node:http`. */
async function serveByNode(socket: Socket, other = socket): Promise<Site> {
  const server = createServer((_, response) => response.end("the application"));
  const streams: { destroy(): void }[] = [];
  server.on("upgrade", (request, stream, head) => {
    streams.push(stream);
    const wanted = pathOf(request.url!) === "/other" ? other : socket;
    attachUpgrade(wanted, request, stream, head);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () =>
    new Promise<void>((resolve) => {
      for (const stream of streams) stream.destroy();
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { port, close };
}

const SERVERS = [["its own server", serve]] as const;

/** Resolves once a client that offers ZWS2.0 is turned away. */
async function turnedAway(url: string): Promise<void> {
  const client = new WebSocket(url, ["ZWS2.0"]);
  let opened = false;
  client.onopen = () => opened = true;
  await within(
    "it is turned away",
    new Promise<void>((resolve) => {
      client.onerror = () => resolve();
      client.onclose = () => resolve();
    }),
  );
  assert.equal(opened, false);
}

test("a peer that has gone before it is attached takes nobody's place, with attachUpgrade", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher({ maxPendingHandshakes: 1 }));
    const ended: string[] = [];
    for (const type of ["handshake:error:other", "accept:error"] as const) {
      publisher.events.on(type, () => ended.push(type));
    }
    const server = createServer();
    let attached = 0;
    server.on("upgrade", async (request, stream, head) => {
      stream.on("error", () => {});
      // Looks up who that is.
      await new Promise((resolve) => stream.on("close", resolve));
      await sleep(5);
      attachUpgrade(publisher, request, stream, head);
      attached++;
    });
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve)
    );
    const { port } = server.address() as { port: number };
    for (let i = 1; i <= 3; i++) {
      const peer = connect({ port, host: "127.0.0.1" });
      peer.on("error", () => {});
      peer.write(request("ZWS2.0"));
      await sleep(20);
      peer.resetAndDestroy();
      await until("it is attached", () => attached === i);
      await until("it is over", () => ended.length === i);
    }
    assert.ok(!ended.includes("accept:error"));
    await within("it closes", publisher.closeAsync());
    await new Promise((resolve) => server.close(resolve));
  }));

/** A WebSocket that is told what becomes of it by the test. */
function fakeSocket(
  readyState: number,
): { webSocket: PlatformWebSocket; closes: number[] } {
  const closes: number[] = [];
  const webSocket: PlatformWebSocket = {
    binaryType: "",
    readyState,
    bufferedAmount: 0,
    protocol: "ZWS2.0/NULL",
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: () => {},
    close: (code = 1005) => {
      closes.push(code);
    },
  };
  return { webSocket, closes };
}

test("a WebSocket that is closed already when it is attached is over", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ maxPendingHandshakes: 1 }));
    let refused = 0;
    pull.events.on("accept:error", () => refused++);
    for (let i = 0; i < 3; i++) {
      attach(pull, fakeSocket(3).webSocket, { remote: "10.0.0.1:1" });
      await sleep(5);
    }
    assert.equal(refused, 0);
    await within("it closes", pull.closeAsync());
  }));

test("a socket that is closed before an attached WebSocket opens closes it then", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const { webSocket, closes } = fakeSocket(0);
    attach(pull, webSocket, { remote: "10.0.0.1:1" });
    const closing = pull.closeAsync({ linger: 0 });
    await sleep(5);
    (webSocket as { readyState: number }).readyState = 1;
    webSocket.onopen!();
    await within("it is over", closing);
    assert.equal(closes.length, 1);
  }));

test("the address of an attached peer is its own to the last group, with a port or without", () =>
  withSockets(async (keep) => {
    const asked: string[] = [];
    const pull = keep(
      new Pull({ authenticate: ({ address }) => asked.push(address) > 0 }),
    );
    for (
      const [remote, host] of [
        ["::1", "::1"],
        ["2001:db8::5:1", "2001:db8::5:1"],
        ["[2001:db8::5]:1", "2001:db8::5"],
        ["[2001:db8::5]", "2001:db8::5"],
        ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
        ["10.0.0.1:1", "10.0.0.1"],
        ["10.0.0.1", "10.0.0.1"],
      ]
    ) {
      const { webSocket } = fakeSocket(1);
      attach(pull, webSocket, { remote });
      await until(`${remote} is asked about`, () => asked.length > 0);
      assert.equal(asked.pop(), host);
      const say = (text: string) =>
        webSocket.onmessage!({
          data: Uint8Array.from(text, (one) => one.charCodeAt(0)).buffer,
        });
      say("\x02\x05READY\x0bSocket-Type\0\0\0\x04PUSH");
      say("\0in");
      const { properties } = await pull.receiveWithMetadata();
      assert.equal(properties["Peer-Address"], host);
    }
  }));

for (const [how, start] of SERVERS) {
  test(`authenticate is told the addresses of attached peers, on ${how}`, () =>
    withSockets(async (keep) => {
      const asked: string[] = [];
      const pull = keep(
        new Pull({ authenticate: ({ address }) => asked.push(address) > 0 }),
      );
      const site = await start(pull);
      try {
        const push = keep(new Push());
        push.connect(`ws://127.0.0.1:${site.port}/zmq`);
        await push.send("in");
        assert.deepEqual(texts(await pull.receive()), ["in"]);
        assert.deepEqual(asked, ["127.0.0.1"]);
      } finally {
        await site.close();
      }
    }));

  test(`attached peers count for maxConnections, on ${how}`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull({ maxConnections: 1 }));
      const codes: string[] = [];
      pull.events.on("accept:error", ({ error }) => codes.push(error.code));
      const site = await start(pull);
      try {
        await pull.bind("tcp://127.0.0.1:*");
        const { lastEndpoint } = pull;
        const address = `ws://127.0.0.1:${site.port}/zmq`;
        const first = keep(new Push());
        first.connect(address);
        await first.send("first");
        assert.deepEqual(texts(await pull.receive()), ["first"]);
        assert.equal(pull.lastEndpoint, lastEndpoint);
        const second = keep(new Push({ reconnectInterval: 20 }));
        second.connect(address);
        await until("it is refused", () => codes.length > 0);
        assert.equal(codes[0], "EUSERS");
        await second.send("second");
        await first.closeAsync();
        assert.deepEqual(texts(await pull.receive()), ["second"]);
      } finally {
        await site.close();
      }
    }));

  test(`two sockets share a server, and one that closes leaves it and the other alone, on ${how}`, () =>
    withSockets(async (keep) => {
      const [one, two] = [keep(new Pull()), keep(new Pull())];
      const site = await start(one, two);
      try {
        const address = `ws://127.0.0.1:${site.port}`;
        const [toOne, toTwo] = [keep(new Push()), keep(new Push())];
        toTwo.connect(`${address}/other`);
        await toTwo.send("two");
        assert.deepEqual(texts(await two.receive()), ["two"]);
        toOne.connect(`${address}/zmq`);
        await toOne.send("one");
        assert.deepEqual(texts(await one.receive()), ["one"]);
        await toOne.closeAsync();
        await one.closeAsync();
        await turnedAway(`${address}/zmq`);
        await toTwo.send("again");
        assert.deepEqual(texts(await two.receive()), ["again"]);
      } finally {
        await site.close();
      }
    }));

  test(`an application and a Router share a port, on ${how}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const site = await start(router);
      try {
        const dealer = keep(new Dealer({ routingId: "d" }));
        dealer.connect(`ws://127.0.0.1:${site.port}/zmq`);
        for (const length of [0, 10, 300, 70_000, 1_000_000, 3_500_000]) {
          await dealer.send(["question", new Uint8Array(length).fill(7)]);
          const [id, word, body] = await router.receive();
          assert.deepEqual(texts([id, word]), ["d", "question"]);
          assert.equal(body.length, length);
          await router.send([id, body, "answer"]);
          const [back, answer] = await dealer.receive();
          assert.equal(back.length, length);
          assert.ok(back.every((byte) => byte === 7));
          assert.deepEqual(texts([answer]), ["answer"]);
        }
        const page = await fetch(`http://127.0.0.1:${site.port}/`);
        assert.equal(await page.text(), "the application");
        await dealer.closeAsync();
        await until("it has gone", () => router.stats().peers === 0);
      } finally {
        await site.close();
      }
    }));

  test(`heartbeats keep who is silent, at either end, on ${how}`, () =>
    withSockets(async (keep) => {
      for (const attached of [true, false]) {
        const beats = { heartbeatInterval: 20, heartbeatTimeout: 200 };
        const router = keep(new Router(attached ? beats : {}));
        const faults: string[] = [];
        const site = await start(router);
        try {
          const dealer = keep(new Dealer(attached ? {} : beats));
          for (const socket of [router, dealer]) {
            socket.events.on("disconnect", ({ error }) => {
              faults.push(`${error?.code}`);
            });
          }
          dealer.connect(`ws://127.0.0.1:${site.port}/zmq`);
          await dealer.send("first");
          const [id] = await router.receive();
          await sleep(700);
          await router.send([id, "still there"]);
          assert.deepEqual(texts(await dealer.receive()), ["still there"]);
          assert.deepEqual(faults, [], attached ? "attached" : "connected");
          await dealer.closeAsync();
        } finally {
          await site.close();
        }
      }
    }));

  test(`who speaks another mechanism is refused, and doesn't come again, on ${how}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const site = await start(router);
      try {
        const dealer = keep(
          new Dealer({ plainUsername: "a", plainPassword: "b" }),
        );
        const over = new Promise<string>((resolve) =>
          dealer.events.on("close", ({ error }) => resolve(`${error?.code}`))
        );
        dealer.connect(`ws://127.0.0.1:${site.port}/zmq`);
        assert.equal(await within("it is over", over), "ERR_WS_UNSPECIFIED");
      } finally {
        await site.close();
      }
    }));

  test(`who asks for what isn't spoken and resets at once does no harm, on ${how}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router());
      const site = await start(router);
      try {
        for (let i = 0; i < 50; i++) {
          await new Promise<void>((resolve) => {
            const host = { port: site.port, host: "127.0.0.1" };
            const stranger = connect(host, () => {
              stranger.write(request("nothing"));
              if (i % 2 === 0) setTimeout(() => stranger.resetAndDestroy(), 1);
              else stranger.resetAndDestroy();
            });
            stranger.on("error", () => {});
            stranger.on("close", () => resolve());
          });
        }
        const page = await fetch(`http://127.0.0.1:${site.port}/`);
        assert.equal(await page.text(), "the application");
      } finally {
        await site.close();
      }
    }));

  test(`a message of more than 16 MiB comes, and one that is too large says so, on ${how}`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull({ maxMessageSize: 80 << 20 }));
      const codes: string[] = [];
      pull.events.on("disconnect", ({ error }) => codes.push(`${error?.code}`));
      const site = await start(pull);
      try {
        const push = keep(new Push({ reconnectInterval: -1 }));
        push.connect(`ws://127.0.0.1:${site.port}/zmq`);
        await push.send(new Uint8Array(20 << 20).fill(7));
        assert.equal((await pull.receive())[0].length, 20 << 20);
        if (RUNTIME === "node") return;
        await push.send(new Uint8Array(70 << 20));
        await until("it is told", () => codes.length > 0);
        assert.deepEqual(codes, ["EMSGSIZE"]);
      } finally {
        await site.close();
      }
    }));

  test(`subscriptions reach an attached Publisher, and CURVE an attached Pull, on ${how}`, () =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      const keys = curveKeyPair();
      const router = keep(
        new Router({ curveServer: true, curveSecretKey: keys.secretKey }),
      );
      const [one, two] = [await start(publisher), await start(router)];
      try {
        const subscriber = keep(new Subscriber());
        subscriber.subscribe("a");
        subscriber.connect(`ws://127.0.0.1:${one.port}/zmq`);
        await tuned(publisher, subscriber, "a");
        const dealer = keep(new Dealer({ curveServerKey: keys.publicKey }));
        dealer.connect(`ws://127.0.0.1:${two.port}/zmq`);
        await dealer.send("hidden");
        assert.deepEqual(texts((await router.receive()).slice(1)), ["hidden"]);
      } finally {
        await one.close();
        await two.close();
      }
    }));

  test(`headers of the application may be long, and who asks for no WebSocket is told so, on ${how}`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull());
      const site = await start(pull);
      try {
        const ask = async (lines: Uint8Array) => {
          const client = connect(site.port, "127.0.0.1");
          client.on("error", () => {});
          client.write(lines);
          let answer = "";
          client.on("data", (data) => answer += data);
          await until("it is answered", () => answer.includes("\r\n"));
          client.destroy();
          return answer.split("\r\n")[0];
        };
        const cookie = `Cookie: session=${"x".repeat(6000)}`;
        const upgrade = new TextDecoder().decode(request(undefined, [cookie]))
          .replace(/^GET \S+/, "GET /zmq");
        assert.match(await ask(new TextEncoder().encode(upgrade)), / 101 /);
        const plain = [
          "GET /zmq HTTP/1.1",
          "Host: x",
          "Sec-WebSocket-Protocol: ZWS2.0",
          "",
          "",
        ].join("\r\n");
        const status = await ask(new TextEncoder().encode(plain));
        // To node:http that is a request for the application.
        const byNode = RUNTIME === "node" || how.includes("node:http");
        assert.match(status, byNode ? / 200 / : / 400 /);
      } finally {
        await site.close();
      }
    }));

  test(`a client without a subprotocol of ours is refused, and the socket goes on, on ${how}`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull());
      const site = await start(pull);
      try {
        const stranger = new WebSocket(`ws://127.0.0.1:${site.port}/zmq`, [
          "chat",
        ]);
        await within(
          "it is refused",
          new Promise<void>((resolve) => {
            stranger.onerror = () => resolve();
            stranger.onclose = () => resolve();
          }),
        );
        assert.equal(pull.stats().peers, 0);
      } finally {
        await site.close();
      }
    }));
}

test("an offer is answered with a mechanism before none, and with none for another mechanism", async () => {
  const pull = new Pull();
  assert.equal(protocolFor(pull, "ZWS2.0/NULL,ZWS2.0"), "ZWS2.0/NULL");
  assert.equal(protocolFor(pull, "ZWS2.0-NULL, ZWS2.0"), "ZWS2.0-NULL");
  assert.equal(protocolFor(pull, "ZWS2.0"), "ZWS2.0");
  assert.equal(protocolFor(pull, "ZWS2.0/CURVE"), null);
  assert.equal(protocolFor(pull, null), null);
  await pull.closeAsync();
  const stream = new Stream();
  const asked = new Request("http://x/", {
    headers: { "Sec-WebSocket-Protocol": "ZWS2.0" },
  });
  for (
    const refused of [
      () => attachUpgrade(stream, { rawHeaders: [] }, {}, new Uint8Array(0)),
      () => attachRequest(stream, asked),
      () => attachment(stream),
      () => protocolFor(stream, "ZWS2.0"),
    ]
  ) assert.throws(refused, { code: "ENOCOMPATPROTO" });
  await stream.closeAsync();
});

test("an attached WebSocket whose peer answers no goodbye is given up", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ handshakeInterval: 100 }));
    const { webSocket, closes } = fakeSocket(1);
    attach(pull, webSocket, { remote: "10.0.0.1:1" });
    await sleep(5);
    await within("it is over", pull.closeAsync(), 10_000);
    assert.ok(closes.length > 0);
  }));
