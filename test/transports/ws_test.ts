// ws and wss: what peers may do wrong, without a mechanism, with heartbeats, and
// inside TLS.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join as joined } from "node:path";
import { test } from "node:test";
import {
  curveKeyPair,
  Dealer,
  type Event,
  Pair,
  Publisher,
  Pull,
  Push,
  Router,
  type Socket,
  Subscriber,
} from "../../mod.ts";
import { WS_LIMIT, WS_OFFENCES } from "../offences/ws_table.ts";
import { bytes, concat, hex, texts } from "../support/bytes.ts";
import { certificate, OPENSSL } from "../support/certificate.ts";
import { withPeer } from "../support/peer.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { script } from "../support/runtime.ts";
import { join, tuned, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { frame, request, zwsReady } from "../support/websocket.ts";

const LOOPBACK = "ws://127.0.0.1:*";
const ANSWER = new TextEncoder().encode(
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
    "Sec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n",
);

function watch(socket: Socket): Event[] {
  const seen: Event[] = [];
  const { events } = socket;
  (async () => {
    for await (const event of events) seen.push(event);
  })();
  return seen;
}

function codeOf(events: Event[]): string | null {
  for (const event of events) {
    if ("error" in event && event.error !== undefined) return event.error.code;
  }
  return null;
}

/** A raw peer of a listener of ours that has upgraded. */
async function upgraded(socket: Socket, protocols?: string): Promise<RawPeer> {
  const port = /:(\d+)/.exec(socket.lastEndpoint!)![1];
  const peer = await RawPeer.connect(`tcp://127.0.0.1:${port}`, "PUSH");
  peer.write(request(protocols));
  const chosen = protocols ?? "ZWS2.0/NULL";
  await peer.read(ANSWER.length - "ZWS2.0/NULL".length + chosen.length);
  return peer;
}

for (const { offence, says, events, code } of WS_OFFENCES) {
  test(`a peer is cut off for ${offence}, and others notice nothing`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull({ maxMessageSize: WS_LIMIT }));
      const push = keep(new Push());
      await join(pull, push, "ws");
      const seen = watch(pull);
      const port = /:(\d+)/.exec(pull.lastEndpoint!)![1];
      const peer = await RawPeer.connect(`tcp://127.0.0.1:${port}`, "PUSH");
      peer.write(says);
      await within("it is cut off", peer.closed);
      await peer.close();
      const expected = ["accept", ...events];
      await until("it is told", () => seen.length >= expected.length);
      assert.deepEqual(seen.map(({ type }) => type), expected);
      assert.equal(codeOf(seen), code);
      await push.send("still here");
      assert.deepEqual(texts(await pull.receive()), ["still here"]);
    }));
}

test("bodies that look like frames of ZMTP go through as they are", () =>
  withSockets(async (keep) => {
    for (const transport of ["ws"] as const) {
      const pull = keep(new Pull());
      const push = keep(new Push());
      await join(pull, push, transport);
      for (const length of [100, 1000, 20_000, 200_000]) {
        for (
          const front of ['04 07 04 "PING" 0000', '04 05 04 "PONG"', "05 ff"]
        ) {
          const body = new Uint8Array(length).fill(4);
          body.set(bytes(front));
          await push.send([body, "next"]);
          const got = await pull.receive();
          assert.equal(
            Buffer.compare(got[0], body),
            0,
            `${length} of ${front}`,
          );
          assert.deepEqual(texts(got.slice(1)), ["next"]);
        }
      }
    }
  }));

test("a ping before READY is answered, and the handshake goes on", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind(LOOPBACK);
    const peer = await upgraded(pull);
    peer.write(frame(0x89, bytes('"x"'), true));
    peer.write(frame(0x8a, new Uint8Array(0), true));
    peer.write(zwsReady("PUSH", true));
    peer.write(frame(0x82, bytes('00 "in"'), true));
    assert.deepEqual(texts(await pull.receive()), ["in"]);
    await peer.close();
  }));

for (const mechanism of ["NULL", "CURVE"]) {
  const { publicKey, secretKey } = curveKeyPair();
  const hidden = mechanism === "CURVE";
  const server = hidden ? { curveServer: true, curveSecretKey: secretKey } : {};
  const client = hidden ? { curveServerKey: publicKey } : {};

  test(`${mechanism}: heartbeats keep who is silent, at either end`, () =>
    withSockets(async (keep) => {
      for (const beating of ["server", "client"]) {
        const beats = { heartbeatInterval: 20, heartbeatTimeout: 200 };
        const pull = keep(
          new Pull({ ...server, ...beating === "server" ? beats : {} }),
        );
        const push = keep(
          new Push({ ...client, ...beating === "client" ? beats : {} }),
        );
        const seen = [watch(pull), watch(push)];
        await join(pull, push, "ws");
        await sleep(700);
        await push.send("still there");
        assert.deepEqual(texts(await pull.receive()), ["still there"]);
        assert.deepEqual(seen.map(codeOf), [null, null], beating);
      }
    }));

  test(`${mechanism}: a listener that says goodbye is connected to again`, () =>
    withSockets(async (keep) => {
      const first = new Pull(server);
      const push = keep(new Push({ ...client, reconnectInterval: 10 }));
      const seen = watch(push);
      const address = await join(first, push, "ws");
      await first.closeAsync();
      const second = keep(new Pull(server));
      await second.bind(address);
      await within("it is sent", push.send("again"));
      assert.deepEqual(texts(await second.receive()), ["again"]);
      const faults = seen.filter(({ type }) =>
        type.startsWith("handshake:error") || type === "close"
      );
      assert.deepEqual(faults, []);
    }));
}

test("a large message in fragments may come right behind READY, in the same piece", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind(LOOPBACK);
    const peer = await upgraded(pull);
    peer.write(concat(
      zwsReady("PUSH", true),
      frame(0x02, new Uint8Array(20_000), true),
      frame(0x80, new Uint8Array(20_000), true),
    ));
    assert.equal((await pull.receive())[0].length, 39_999);
    await peer.close();
  }));

test("half an upgrade is given up after the handshake's time", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ handshakeInterval: 100 }));
    await pull.bind(LOOPBACK);
    const seen = watch(pull);
    const port = /:(\d+)/.exec(pull.lastEndpoint!)![1];
    const peer = await RawPeer.connect(`tcp://127.0.0.1:${port}`, "PUSH");
    peer.write(request().subarray(0, 60));
    await within("it is cut off", peer.closed);
    await until("it is told", () => codeOf(seen) !== null);
    assert.equal(codeOf(seen), "ETIMEDOUT");
    await peer.close();
  }));

test("a connector that is refused the upgrade gives up, and says so", () =>
  withSockets(async (keep) => {
    for (
      const answer of [
        "HTTP/1.1 404 Not Found\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        new TextDecoder().decode(ANSWER).replace("s3pP", "AAAA"),
      ]
    ) {
      const peer = await RawPeer.listen("PULL");
      const push = keep(new Push());
      const seen = watch(push);
      push.connect(`ws://127.0.0.1:${peer.port}/x`);
      await peer.connected();
      await peer.read(20);
      peer.write(new TextEncoder().encode(answer));
      await until(
        "it gave up",
        () => seen.some(({ type }) => type === "close"),
      );
      assert.equal(codeOf(seen), "ERR_WS_UNSPECIFIED");
      await peer.close();
    }
  }));

test("a connector comes again where a proxy has no server behind it, or a server no time", () =>
  withSockets(async (keep) => {
    for (const status of ["502 Bad Gateway", "429 Too Many Requests"]) {
      const peer = await RawPeer.listen("PULL");
      const push = keep(new Push({ reconnectInterval: 10 }));
      const seen = watch(push);
      push.connect(`ws://127.0.0.1:${peer.port}/x`);
      await peer.connected();
      await peer.read(20);
      for (const part of ["HTTP/1.1 ", `${status}\r\nA: 0\r\n\r\n`]) {
        peer.write(new TextEncoder().encode(part));
      }
      await until(
        "it tries again",
        () => seen.some(({ type }) => type === "connect:retry"),
      );
      assert.equal(codeOf(seen), "ERR_WS_UNSPECIFIED");
      assert.equal(seen.some(({ type }) => type === "close"), false);
      await peer.close();
    }
  }));

test("two ends whose mechanisms differ say so, and the connector gives up", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const heard = watch(pull);
    await pull.bind("ws://127.0.0.1:*/zmq");
    const other = keep(new Push({ plainUsername: "a", plainPassword: "b" }));
    const seen = watch(other);
    other.connect(pull.lastEndpoint!);
    await until("it gave up", () => seen.some(({ type }) => type === "close"));
    assert.equal(codeOf(seen), "ERR_WS_UNSPECIFIED");
    assert.equal(other.stats().givenUp.length, 1);
    await until("it is told", () => codeOf(heard) !== null);
    assert.equal(codeOf(heard), "ERR_WS_UNSPECIFIED");
    const push = keep(new Push());
    push.connect(pull.lastEndpoint!);
    await push.send("in clear");
    assert.deepEqual(texts(await pull.receive()), ["in clear"]);
  }));

test("a client masks what it sends, with another key each time", () =>
  withSockets(async (keep) => {
    const peer = await RawPeer.listen("PULL");
    const push = keep(new Push());
    push.connect(`ws://127.0.0.1:${peer.port}/path?query`);
    await peer.connected();
    let head = "";
    while (!head.endsWith("\r\n\r\n")) {
      head += String.fromCharCode((await peer.read(1))[0]);
    }
    assert.match(
      head,
      /^GET \/path\?query HTTP\/1\.1\r\nHost: 127\.0\.0\.1\r\n/,
    );
    assert.match(head, /Sec-WebSocket-Protocol: ZWS2\.0\/NULL,ZWS2\.0\r\n/);
    const key = /Sec-WebSocket-Key: (\S+)/.exec(head)![1];
    const { acceptOf } = await import("../../src/zws/upgrade.ts");
    peer.write(new TextEncoder().encode(
      new TextDecoder().decode(ANSWER)
        .replace("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", acceptOf(key)),
    ));
    peer.write(zwsReady("PULL", false));
    const keys = new Set<string>();
    const read = async () => {
      const [first, second] = await peer.read(2);
      assert.equal(first, 0x82);
      assert.equal(second & 0x80, 0x80, "masked");
      const mask = await peer.read(4);
      keys.add(hex(mask));
      return (await peer.read(second & 127)).map((byte, i) =>
        byte ^ mask[i & 3]
      );
    };
    assert.equal(
      new TextDecoder().decode((await read()).subarray(2, 7)),
      "READY",
    );
    await push.send("one");
    await push.send("two");
    assert.equal(hex(await read()), hex(bytes('00 "one"')));
    assert.equal(hex(await read()), hex(bytes('00 "two"')));
    assert.equal(keys.size, 3);
    await peer.close();
  }));

test("without a mechanism each side says its routing id, and messages flow", () =>
  withSockets(async (keep) => {
    const router = keep(new Router({ routingId: "us" }));
    await router.bind(LOOPBACK);
    const peer = await upgraded(router, "ZWS2.0");
    assert.equal(hex(await peer.read(5)), hex(bytes('82 03 00 "us"')));
    peer.write(frame(0x82, bytes('00 "them"'), true));
    peer.write(frame(0x82, bytes('00 "hello"'), true));
    assert.deepEqual(texts(await router.receive()), ["them", "hello"]);
    await router.send(["them", "back"]);
    assert.equal(hex(await peer.read(7)), hex(bytes('82 05 00 "back"')));
    await peer.close();
  }));

test("subscriptions are messages on ws, and a publisher hears them", () =>
  withSockets(async (keep) => {
    const publisher = keep(new Publisher());
    await publisher.bind(LOOPBACK);
    const peer = await upgraded(publisher, "ZWS2.0");
    await peer.read(3);
    peer.write(frame(0x82, bytes("00"), true));
    peer.write(frame(0x82, bytes('00 01 "a"'), true));
    let got = "";
    const reading = peer.read(6).then((seen) => got = hex(seen));
    while (got === "") {
      await publisher.send("b");
      await publisher.send("abc");
      await sleep(2);
    }
    await reading;
    assert.equal(got, hex(bytes('82 04 00 "abc"')));
    await peer.close();
  }));

test("a ping is answered with what it held, a close with a close", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const seen = watch(pull);
    await pull.bind(LOOPBACK);
    const peer = await upgraded(pull);
    peer.write(zwsReady("PUSH", true));
    const [, length] = await peer.read(2);
    await peer.read(length);
    peer.write(frame(0x89, bytes('"x"'), true));
    assert.equal(hex(await peer.read(3)), hex(bytes('8a 01 "x"')));
    peer.write(frame(0x82, bytes('00 "last"'), true));
    peer.write(frame(0x88, bytes("03 e8"), true));
    assert.equal(hex(await peer.read(4)), "880203e8");
    assert.deepEqual(texts(await pull.receive()), ["last"]);
    await peer.close();
    await until("it has gone", () => seen.at(-1)?.type === "disconnect");
  }));

test("heartbeats are pings, and a peer that answers none is given up", () =>
  withSockets(async (keep) => {
    const pull = keep(
      new Pull({ heartbeatInterval: 50, heartbeatTimeout: 150 }),
    );
    const seen = watch(pull);
    await pull.bind(LOOPBACK);
    const peer = await upgraded(pull);
    peer.write(zwsReady("PUSH", true));
    const [, length] = await peer.read(2);
    await peer.read(length);
    for (let i = 0; i < 6; i++) {
      assert.equal(hex(await peer.read(2)), "8900");
      peer.write(frame(0x8a, new Uint8Array(0), true));
    }
    assert.equal(codeOf(seen), null);
    await within("it is given up", peer.closed);
    await until("it is told", () => codeOf(seen) !== null);
    assert.equal(codeOf(seen), "ETIMEDOUT");
    await peer.close();
  }));

test("a socket that closes says goodbye, after what it had to send", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    await push.bind(LOOPBACK);
    const peer = await upgraded(push);
    peer.write(zwsReady("PULL", true));
    const [, length] = await peer.read(2);
    await peer.read(length);
    await push.send(new Uint8Array(300_000));
    const closed = push.closeAsync();
    const got = await peer.read(300_000 + 11 + 4);
    assert.equal(hex(got.subarray(0, 2)), "827f");
    assert.equal(hex(got.subarray(-4)), "880203e8");
    await peer.close();
    await closed;
  }));

test("addresses of ws say where, and keep their path", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    await pull.bind("ws://127.0.0.1:*/some/path");
    assert.match(pull.lastEndpoint!, /^ws:\/\/127\.0\.0\.1:\d+\/some\/path$/);
    await pull.bind("ws://*:*");
    assert.match(pull.lastEndpoint!, /^ws:\/\/0\.0\.0\.0:\d+\/$/);
    for (
      const address of [
        "ws://127.0.0.1",
        "ws://127.0.0.1/x",
        "ws://:80/",
        "ws://h:1/\n",
      ]
    ) await assert.rejects(pull.bind(address), { code: "EINVAL" }, address);
    assert.throws(() => pull.connect("ws://*:80/"), { code: "EINVAL" });
  }));

test("a fast sender is stopped by a slow reader over ws", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull({ receiveHighWaterMark: 10 }));
    const push = keep(new Push({ sendHighWaterMark: 10 }));
    await join(pull, push, "ws");
    const body = new Uint8Array(100_000);
    let sent = 0;
    while (push.trySend(body) || (await sleep(50), push.trySend(body))) {
      assert.ok(++sent < 500, "it is stopped");
      await sleep(1);
    }
    for (let i = 0; i < sent; i++) {
      assert.equal((await pull.receive())[0].length, 100_000);
    }
  }));

// TLS.

test(
  ...withPeer(
    OPENSSL,
    "sockets meet over wss, by address or by name",
    () =>
      withSockets(async (keep) => {
        const { cert, key } = certificate();
        const router = keep(new Router({ wssCertPem: cert, wssKeyPem: key }));
        await router.bind("wss://127.0.0.1:*/safe");
        assert.match(router.lastEndpoint!, /^wss:\/\/127\.0\.0\.1:\d+\/safe$/);
        for (const wssHostname of [null, "example.test"]) {
          const dealer = keep(
            new Dealer({
              wssTrustPem: cert,
              wssHostname,
              routingId: `d-${wssHostname}`,
            }),
          );
          dealer.connect(router.lastEndpoint!);
          for (const length of [0, 10, 70_000, 2_000_000]) {
            await dealer.send(new Uint8Array(length));
            const [id, body] = await router.receive();
            assert.equal(body.length, length);
            await router.send([id, body]);
            assert.equal((await dealer.receive())[0].length, length);
          }
        }
        const publisher = keep(
          new Publisher({ wssCertPem: cert, wssKeyPem: key }),
        );
        const subscriber = keep(new Subscriber({ wssTrustPem: cert }));
        await publisher.bind("wss://127.0.0.1:*");
        subscriber.subscribe("a");
        subscriber.connect(publisher.lastEndpoint!);
        await tuned(publisher, subscriber, "a");
      }),
  ),
);

test(
  ...withPeer(
    OPENSSL,
    "a certificate that can't be read, or is not the key's, is EINVAL at once",
    () =>
      withSockets(async (keep) => {
        const { cert, key } = certificate();
        for (
          const [wssCertPem, wssKeyPem] of [
            [cert, certificate().key],
            ["no certificate", key],
            [cert, "no key"],
          ]
        ) {
          const pull = keep(new Pull({ wssCertPem, wssKeyPem }));
          await assert.rejects(pull.bind("wss://127.0.0.1:*"), {
            code: "EINVAL",
          });
        }
        const broken = cert.replace(/\n[^-]/, "\n!");
        for (
          const wssTrustPem of ["no certificate", key, `${cert}\n${broken}`]
        ) {
          const push = keep(new Push({ wssTrustPem }));
          assert.throws(() => push.connect("wss://127.0.0.1:1"), {
            code: "EINVAL",
          });
        }
      }),
  ),
);

test(
  ...withPeer(
    OPENSSL,
    "with wssTrustSystem a connection trusts whom the user told the runtime to trust",
    () =>
      withSockets(async (keep) => {
        const { cert, key } = certificate();
        const pull = keep(new Pull({ wssCertPem: cert, wssKeyPem: key }));
        await pull.bind("wss://127.0.0.1:*");
        const folder = mkdtempSync(joined(tmpdir(), "nought-trust-"));
        try {
          const path = joined(folder, "cert.pem");
          writeFileSync(path, cert);
          const env = { NODE_EXTRA_CA_CERTS: path, DENO_CERT: path };
          const args = [pull.lastEndpoint!];
          const program = script("transports/trust_program.ts", args, { env });
          try {
            const got = await within("it comes", pull.receive());
            assert.deepEqual(texts(got), ["trusted"]);
            assert.equal(await within("it ends", program.exit), 0);
          } finally {
            await program.kill();
          }
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
  ),
);

test(
  ...withPeer(
    OPENSSL,
    "a certificate that isn't trusted, or is another's, is refused, and the retry says so",
    () =>
      withSockets(async (keep) => {
        const { cert, key } = certificate();
        const pull = keep(new Pull({ wssCertPem: cert, wssKeyPem: key }));
        await pull.bind("wss://127.0.0.1:*");
        const elsewhere = "ERR_TLS_CERT_ALTNAME_INVALID";
        for (
          const [options, code] of [
            [{}, /CERT/],
            [{ wssTrustPem: cert, wssHostname: "elsewhere.test" }, elsewhere],
            [{ wssTrustPem: certificate().cert }, /CERT|SIGNATURE/],
          ] as const
        ) {
          const push = keep(new Push({ ...options, reconnectInterval: 20 }));
          const seen = watch(push);
          push.connect(pull.lastEndpoint!);
          const retry = () =>
            seen.find((event) => event.type === "connect:retry");
          await until("it is tried again", () => retry() !== undefined);
          assert.match(retry()!.error!.code, new RegExp(code));
        }
        assert.equal(pull.stats().peers, 0);
        const garbage = keep(new Push({ reconnectInterval: 20 }));
        garbage.connect(pull.lastEndpoint!.replace("wss", "ws"));
        const pair = keep(new Pair());
        await assert.rejects(pair.bind("wss://127.0.0.1:*"), {
          code: "EINVAL",
        });
      }),
  ),
);

test(
  ...withPeer(
    OPENSSL,
    "who comes over wss and says nothing counts as a handshake under way, and goes after its time",
    () =>
      withSockets(async (keep) => {
        const { cert, key } = certificate();
        const pull = keep(
          new Pull({
            wssCertPem: cert,
            wssKeyPem: key,
            maxPendingHandshakes: 2,
            handshakeInterval: 1500,
          }),
        );
        const seen = watch(pull);
        await pull.bind("wss://127.0.0.1:*");
        const port = Number(new URL(pull.lastEndpoint!).port);
        const silent = Array.from({ length: 5 }, () => {
          const socket = connect(port, "127.0.0.1");
          socket.on("error", () => {});
          return socket.resume();
        });
        const codes = () =>
          seen.flatMap((event) =>
            event.type === "accept:error" ? [event.error.code] : []
          );
        await until("all are gone", () => silent.every((one) => one.destroyed));
        const [busy, late] = ["EBUSY", "EPROTO"].map((code) =>
          codes().filter((one) => one === code).length
        );
        assert.deepEqual([busy, late], [3, 2]);
        const push = keep(new Push({ wssTrustPem: cert }));
        push.connect(pull.lastEndpoint!);
        await push.send("in");
        assert.deepEqual(texts(await pull.receive()), ["in"]);
      }),
  ),
);
