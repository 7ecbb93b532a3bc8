// Handlers against Debian's Mongrel2, one of each kind of what it tells.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Push, ZmqError } from "../../mod.ts";
import {
  type HandlerOptions,
  MalformedError,
  Mongrel2Handler,
  type Mongrel2Request,
} from "../../src/mongrel2/mongrel2.ts";
import {
  MONGREL2,
  type Mongrel2Server,
  RawClient,
  type ServerOptions,
  withMongrel2,
} from "../support/mongrel2.ts";
import { withPeer } from "../support/peer.ts";
import { concat } from "../support/bytes.ts";
import { frame } from "../support/websocket.ts";
import { until, within } from "../support/wait.ts";

interface Setting {
  readonly server: Mongrel2Server;
  readonly handler: Mongrel2Handler;
  /** The next message that is of one of these kinds; others are passed over. */
  next(...kinds: Mongrel2Request["kind"][]): Promise<Mongrel2Request>;
}

/** A test with a server and a handler of its first route. */
function withHandler(
  name: string,
  options: ServerOptions & { handler?: Partial<HandlerOptions> },
  run: (setting: Setting) => Promise<void>,
) {
  test(
    ...withPeer(MONGREL2, name, () =>
      withMongrel2(options, async (server) => {
        await using handler = new Mongrel2Handler({
          ...server.handlers[0],
          ...options.handler,
        });
        await run({
          server,
          handler,
          async next(...kinds) {
            for (;;) {
              const request = await handler.receive({ timeout: 20_000 });
              if (kinds.includes(request.kind)) return request;
            }
          },
        });
      })),
  );
}

for (const protocol of ["json", "tnetstring"] as const) {
  withHandler(
    `a request and its answer, headers in ${protocol}`,
    { routes: [{ path: "/", protocol }] },
    async ({ server, handler, next }) => {
      const answer = fetch(`${server.url}/a%20b?x=1&y=2`, {
        method: "POST",
        headers: { "X-Quoted": 'a "b" \\ c', "X-Word": "one", "METHOD": "no" },
        body: "Grüße",
      });
      const request = await next("request");
      assert.equal(request.sender, "main");
      assert.match(request.connection, /^\d+$/);
      assert.equal(request.path, "/a%20b");
      assert.equal(request.uri, "/a%20b?x=1&y=2");
      assert.equal(request.query, "x=1&y=2");
      assert.equal(request.pattern, "/");
      assert.equal(request.version, "HTTP/1.1");
      assert.equal(request.remoteAddress, "127.0.0.1");
      assert.equal(request.method, "POST");
      assert.equal(request.headers.get("METHOD"), "no");
      assert.equal(request.headers.get("x-QUOTED"), 'a "b" \\ c');
      assert.equal(request.headers.get("Content-Length"), "7");
      assert.equal(request.text(), "Grüße");
      await handler.replyHttp(request, {
        status: 201,
        headers: { "X-Answer": "yes" },
        body: "Привет",
      });
      const response = await answer;
      assert.equal(response.status, 201);
      assert.equal(response.statusText, "Created");
      assert.equal(response.headers.get("x-answer"), "yes");
      assert.equal(await response.text(), "Привет");
    },
  );
}

withHandler("headers that come twice keep both values", {}, async (
  { server, handler, next },
) => {
  const client = new RawClient(server.port);
  client.write(
    "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-A: 2\r\n" +
      "Connection: close\r\n\r\n",
  );
  const request = await next("request");
  assert.deepEqual(request.headers.all("X-A"), ["1", "2"]);
  assert.equal(request.headers.get("x-a"), "1, 2");
  await handler.replyHttp(request, { body: "done" });
  // It asked for the connection to be closed, and it is.
  const answer = await client.all();
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\ndone$/);
});

withHandler(
  "one connection asks again and again, and HEAD gets no body",
  {},
  async (
    { server, handler, next },
  ) => {
    const client = new RawClient(server.port);
    const connections = new Set<string>();
    for (const method of ["GET", "HEAD", "GET"]) {
      client.write(`${method} / HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      const request = await next("request");
      connections.add(request.connection);
      await handler.replyHttp(request, { body: method });
      await client.until((all) => all.endsWith(method) || method === "HEAD");
    }
    assert.equal(connections.size, 1);
    const all = await client.until((received) =>
      received.split("HTTP/1.1 200 OK").length === 4 && received.endsWith("GET")
    );
    assert.equal(all.match(/Content-Length: 4/g)?.length, 1);
    assert.ok(!all.includes("\r\n\r\nHEAD"), all);
    client.close();
  },
);

withHandler("a body in chunks, as they come to be", {}, async (
  { server, handler, next },
) => {
  const answer = fetch(`${server.url}/`);
  const request = await next("request");
  const reply = await handler.replyChunked(request, {
    headers: { "Content-Type": "text/plain" },
  });
  await reply.write("one ");
  const response = await answer;
  assert.equal(response.headers.get("transfer-encoding"), "chunked");
  const reader = response.body!.getReader();
  const first = await reader.read();
  // The rest isn't written yet, and the first part is here.
  assert.equal(new TextDecoder().decode(first.value), "one ");
  await reply.write("two ");
  await reply.write("");
  await reply.write("x".repeat(100_000));
  await reply.end();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
  }
  assert.equal(length, 100_004);
  await assert.rejects(reply.write("no"), { code: "EINVAL" });
});

withHandler(
  "a client of HTTP/1.0 gets a body in parts without chunks",
  {},
  async (
    { server, handler, next },
  ) => {
    const client = new RawClient(server.port);
    client.write("GET / HTTP/1.0\r\n\r\n");
    const reply = await handler.replyChunked(await next("request"));
    await reply.write("one ");
    await reply.write("two");
    await reply.end();
    const all = await client.all();
    assert.match(all, /\r\n\r\none two$/);
    assert.ok(!/chunked/i.test(all), all);
  },
);

withHandler(
  "one reply reaches 300 connections, and one hangs up on them all",
  {},
  async (
    { server, handler, next },
  ) => {
    const clients = Array.from(
      { length: 300 },
      () => new RawClient(server.port),
    );
    const requests: Mongrel2Request[] = [];
    for (const client of clients) {
      client.write("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
      requests.push(await next("request"));
    }
    await handler.reply(
      requests,
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall",
    );
    await handler.hangUp(requests);
    for (const client of clients) {
      assert.match(await client.all(), /\r\n\r\nall$/);
    }
  },
);

withHandler(
  "a connection that goes is told of, and nobody replies to that",
  {},
  async (
    { server, handler, next },
  ) => {
    const client = new RawClient(server.port);
    client.write("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const request = await next("request");
    client.close();
    // The server tells of it, at the latest when a reply finds nobody.
    let notice: Mongrel2Request | undefined;
    const seen = next("disconnect").then((found) => notice = found);
    while (notice === undefined) {
      await handler.reply(request, "late");
      await Promise.race([seen, new Promise((next) => setTimeout(next, 50))]);
    }
    assert.equal(notice.connection, request.connection);
    assert.equal(notice.path, "@*");
    await assert.rejects(handler.reply(notice, "no"), { code: "EINVAL" });
    const both = [request, notice].values();
    await assert.rejects(handler.reply(both, "no"), { code: "EINVAL" });
    await assert.rejects(handler.hangUp(notice), { code: "EINVAL" });
  },
);

withHandler(
  "sixteen replies may wait for one connection, and one more ends it",
  {},
  async ({ server, handler, next }) => {
    // Seventeen are enough if they come together, of which 2,000 leave no doubt.
    for (const [count, over] of [[16, false], [2000, true]] as const) {
      const client = new RawClient(server.port);
      client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      const request = await next("request");
      const part = "x".repeat(1000);
      await Promise.all(
        Array.from({ length: count }, () => handler.reply(request, part)),
      );
      const all = await client.until(({ length }) => length === count * 1000);
      assert.equal(client.over, over);
      assert.equal(all.length === count * 1000, !over);
      client.close();
    }
  },
);

withHandler(
  "what is told about a connection: it is alive, it is to end",
  {},
  async ({ server, handler, next }) => {
    const client = new RawClient(server.port);
    client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const request = await next("request");
    await handler.control(request, { keepAlive: true });
    await handler.reply(request, "here");
    await client.until((received) => received === "here");
    await handler.control(request, { cancel: true });
    assert.equal(await client.all(), "here");
  },
);

const UPLOADS = {
  // Below limits.buffer_size the server writes what it never got.
  "limits.content_length": 8192,
  "upload.temp_store": "/tmp/upload.XXXXXX",
};

withHandler("a large body is announced, lies in a file, and is answered then", {
  settings: UPLOADS,
}, async ({ server, handler, next }) => {
  const body = new Uint8Array(100_000).map((_, i) => i * 31 + (i >> 8));
  const answer = fetch(`${server.url}/`, { method: "POST", body });
  const start = await next("uploadStart", "uploadDone");
  assert.equal(start.kind, "uploadStart");
  assert.match(start.upload!.path, /^\/tmp\/upload\./);
  const done = await next("uploadStart", "uploadDone");
  assert.equal(done.kind, "uploadDone");
  assert.equal(done.connection, start.connection);
  assert.equal(done.upload!.path, start.upload!.path);
  const digest = (bytes: Uint8Array) =>
    createHash("sha256").update(bytes).digest("hex");
  const file = readFileSync(server.file(done.upload!.path));
  await handler.replyHttp(done, { body: digest(file) });
  assert.equal(await (await answer).text(), digest(body));
});

withHandler(
  "a client's own headers of an upload make none, whatever it says of its body",
  { settings: UPLOADS },
  async ({ server, handler, next }) => {
    for (
      const said of [
        "Content-Length: 0x5",
        "Content-Length: .5",
        "Content-Length: Infinity",
        "Content-Length: 4294967296",
        "Transfer-Encoding: Chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
      ]
    ) {
      const client = new RawClient(server.port);
      client.write(
        `POST / HTTP/1.1\r\nHost: localhost\r\n${said}\r\n` +
          "X-Mongrel2-Upload-Start: /etc/passwd\r\n" +
          "X-Mongrel2-Upload-Done: /etc/passwd\r\n\r\n",
      );
      const request = await next("request", "uploadStart", "uploadDone");
      assert.equal(request.kind, "request", said);
      assert.equal(request.upload, null);
      await handler.hangUp(request);
      client.close();
    }
  },
);

withHandler("a client's own upload headers announce nothing", {
  settings: UPLOADS,
}, async ({ server, handler, next }) => {
  const headers = {
    "X-Mongrel2-Upload-Start": "/etc/passwd",
    "X-Mongrel2-Upload-Done": "/etc/passwd",
  };
  for (const body of [undefined, "small"]) {
    const method = body === undefined ? "GET" : "POST";
    const answer = fetch(`${server.url}/`, { method, headers, body });
    const request = await next("request", "uploadStart", "uploadDone");
    assert.equal(request.kind, "request");
    assert.equal(request.upload, null);
    await handler.replyHttp(request, { body: "fine" });
    assert.equal(await (await answer).text(), "fine");
  }
  // With a body that is an upload indeed, it is the server's file that counts.
  const answer = fetch(`${server.url}/`, {
    method: "POST",
    headers,
    body: new Uint8Array(50_000),
  });
  const start = await next("request", "uploadStart", "uploadDone");
  assert.equal(start.kind, "uploadStart");
  const done = await next("request", "uploadStart", "uploadDone");
  assert.equal(done.kind, "uploadDone");
  assert.match(done.upload!.path, /^\/tmp\/upload\./);
  await handler.replyHttp(done, { body: "fine" });
  assert.equal(await (await answer).text(), "fine");
});

withHandler("a body comes in parts, as many bytes as the handler grants", {
  settings: { ...UPLOADS, "upload.stream": 1 },
}, async ({ server, handler, next }) => {
  const body = new Uint8Array(50_000).map((_, i) => i * 7);
  const answer = fetch(`${server.url}/`, { method: "POST", body });
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const request = await next("uploadPart");
    assert.equal(request.part!.offset, length);
    parts.push(request.body.slice());
    length += request.body.length;
    if (request.part!.last) {
      await handler.replyHttp(request, { body: `${length}` });
      break;
    }
    await handler.control(request, { credits: 4000 });
  }
  assert.equal(await (await answer).text(), "50000");
  assert.ok(parts.length > 1);
  assert.deepEqual(concat(...parts), body);
});

withHandler("with flow control the server says how much has left", {
  settings: { "download.flow_control": 1 },
}, async ({ server, handler, next }) => {
  const answer = fetch(`${server.url}/`);
  const request = await next("request");
  const reply = await handler.replyChunked(request);
  const part = "x".repeat(1000);
  // Forty parts, each when the one before it has left: the server keeps 16 at most.
  let left = 0;
  let sent = reply.head.length;
  for (let i = 0; i < 40; i++) {
    while (left < sent) {
      const notice = await next("credits");
      assert.equal(notice.connection, request.connection);
      left += notice.credits;
    }
    await reply.write(part);
    sent += part.length + "3e8\r\n\r\n".length;
  }
  await reply.end();
  assert.equal((await (await answer).text()).length, 40_000);
});

for (const protocol of ["json", "tnetstring"] as const) {
  withHandler(
    `a WebSocket of the server's, headers in ${protocol}`,
    { routes: [{ path: "/", protocol }] },
    async ({ server, handler, next }) => {
      const client = new WebSocket(`ws://127.0.0.1:${server.port}/chat`, [
        "other",
        "echo",
      ]);
      client.binaryType = "arraybuffer";
      const said: unknown[] = [];
      const opened = new Promise((resolve, reject) => {
        client.onopen = resolve;
        client.onerror = () => reject(new Error("it doesn't open"));
      });
      const closed = new Promise<{ code: number; reason: string }>((resolve) =>
        client.onclose = resolve
      );
      client.onmessage = ({ data }) => said.push(data);
      const handshake = await next("handshake");
      assert.equal(handshake.path, "/chat");
      await handler.accept(handshake, { protocol: "echo" });
      await within("it opens", opened);
      assert.equal(client.protocol, "echo");

      client.send("Grüße");
      client.send(new Uint8Array(70_000).fill(7));
      const text = await next("frame");
      assert.equal(text.connection, handshake.connection);
      assert.equal(text.frame!.type, "text");
      assert.equal(text.text(), "Grüße");
      await handler.sendText(text, text.text());
      const binary = await next("frame");
      assert.equal(binary.frame!.type, "binary");
      assert.equal(binary.frame!.final, true);
      await handler.ping(binary, "there?");
      await handler.sendBinary(binary, binary.frame!.payload);
      const pong = await next("frame");
      assert.equal(pong.frame!.type, "pong");
      assert.equal(pong.text(), "there?");
      await until("both are back", () => said.length === 2);
      assert.equal(said[0], "Grüße");
      assert.equal((said[1] as ArrayBuffer).byteLength, 70_000);

      await handler.closeWebSocket(handshake, 4001, "enough");
      const { code, reason } = await within("it is closed", closed);
      assert.equal(code, 4001);
      assert.equal(reason, "enough");
    },
  );
}

withHandler(
  "a message in fragments comes whole, and a ping in between is heard",
  {},
  async (
    { server, handler, next },
  ) => {
    const client = new RawClient(server.port);
    client.write(
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nFLAGS: 0x88\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await handler.accept(await next("handshake"));
    const head = await client.until((all) => all.includes("\r\n\r\n"));
    // The answer of RFC 6455 to the key that it has as an example.
    assert.match(
      head,
      /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/,
    );
    const bytes = (text: string) => new TextEncoder().encode(text);
    client.write(frame(0x01, bytes("one "), true));
    client.write(frame(0x89, bytes("ping"), true));
    client.write(frame(0x80, bytes("two"), true));
    const ping = await next("frame");
    assert.deepEqual([ping.frame!.type, ping.text()], ["ping", "ping"]);
    await handler.pong(ping, ping.frame!.payload);
    const whole = await next("frame");
    assert.deepEqual([whole.frame!.type, whole.text()], ["text", "one two"]);
    assert.equal(whole.frame!.final, true);
    await handler.sendText(whole, "got it");
    const all = await client.until((received) => received.endsWith("got it"));
    assert.ok(all.includes("\x8a\x04ping"));
    client.write(frame(0x88, Uint8Array.of(3, 232), true));
    const close = await next("frame");
    assert.equal(close.frame!.type, "close");
    await handler.closeWebSocket(close);
    await client.all();
  },
);

withHandler(
  "what is no request is an error of its own, and the handler goes on",
  {},
  async (
    { server, handler },
  ) => {
    const faults: MalformedError[] = [];
    using other = new Push();
    await other.bind("tcp://127.0.0.1:*");
    await using both = new Mongrel2Handler({
      requests: [server.handlers[0].requests, other.lastEndpoint!],
      replies: server.handlers[0].replies,
      onMalformed: (error) => faults.push(error),
    });
    // This one would get every second request.
    await handler.closeAsync();
    const garbage = [
      "",
      "nonsense",
      "main 1 / 2:{},",
      "main 1 / 2:{},9:short,",
      "main 1 / 2:[],0:,",
      "main 1 / 9999999999:{},0:,",
      "main_1 1 / 2:{},0:,",
      "main x / 2:{},0:,",
      "main 1 / 2:{},0:,more",
    ];
    for (const text of garbage) await other.send(text);
    await other.send(["main 1 / 2:{},0:,", "a second frame"]);
    const answer = fetch(`${server.url}/`);
    const request = await both.receive({ timeout: 20_000 });
    await both.replyHttp(request, { body: "still here" });
    assert.equal(await (await answer).text(), "still here");
    // Nothing comes any more but the rest of it.
    await until("all were seen", () => {
      both.receive({ timeout: 1 }).catch(() => {});
      return both.malformed === garbage.length + 1;
    });
    for (const fault of faults) {
      assert.ok(fault instanceof MalformedError && fault instanceof ZmqError);
      assert.equal(fault.code, "EPROTO");
    }
  },
);

withHandler("a reply that names no server waits, and then says so", {
  handler: { replyTimeout: 200 },
}, async ({ handler }) => {
  await assert.rejects(
    handler.reply({ sender: "nobody", connection: "1" }, "x"),
    { code: "EHOSTUNREACH" },
  );
});

withHandler("a server that begins anew is served again", {}, async (
  { server, handler, next },
) => {
  for (const round of [1, 2]) {
    const answer = fetch(`${server.url}/`, {
      headers: { connection: "close" },
    });
    const request = await next("request");
    await handler.replyHttp(request, { body: `round ${round}` });
    assert.equal(await (await answer).text(), `round ${round}`);
    if (round === 1) {
      await server.kill();
      await server.run();
    }
  }
});
