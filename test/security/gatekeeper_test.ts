// Who is asked about a peer, when, and which options of a server can't work.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { Context, curveKeyPair, Pull, Push, Reply, Router } from "../../mod.ts";
import { concat, texts } from "../support/bytes.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, until } from "../support/wait.ts";
import { greeting, ready } from "../support/zmtp.ts";

const SERVER = curveKeyPair();
const CURVE_SERVER = { curveServer: true, curveSecretKey: SERVER.secretKey };
const CURVE_CLIENT = { curveServerKey: SERVER.publicKey };
const ZAP = "inproc://zeromq.zap.01";

test("a peer that leaves before it is decided takes its question along", () =>
  withSockets(async (keep) => {
    const context = new Context();
    const handler = keep(new Router({ context }));
    await handler.bind(ZAP);
    const pull = keep(new Pull({ ...CURVE_SERVER, context }));
    await pull.bind("tcp://127.0.0.1:*");
    for (let i = 0; i < 5; i++) {
      const push = keep(new Push({ ...CURVE_CLIENT, linger: 0 }));
      push.connect(pull.lastEndpoint!);
      await handler.receive();
      assert.equal(handler.stats().peers, 1);
      push.close();
      await until("it is forgotten", () => handler.stats().peers === 0);
    }
  }));

test("a peer that is decided about when its listener is unbound doesn't come in, though it stays", () =>
  withSockets(async (keep) => {
    let decide = null as ((answer: boolean) => void) | null;
    const pull = keep(
      new Pull({
        authenticate: () => new Promise<boolean>((resolve) => decide = resolve),
      }),
    );
    const seen: string[] = [];
    (async () => {
      for await (const { type } of pull.events) seen.push(type);
    })();
    await pull.bind("tcp://127.0.0.1:*");
    const address = pull.lastEndpoint!;
    const peer = connect({
      port: Number(new URL(address).port),
      host: "127.0.0.1",
      allowHalfOpen: true,
    });
    peer.on("error", () => {});
    let left = false;
    peer.on("end", () => left = true);
    peer.resume();
    peer.write(concat(greeting(), ready("PUSH")));
    await until("it is decided about", () => decide !== null);
    await pull.unbind(address);
    await until("it is told", () => left);
    decide!(true);
    await sleep(50);
    assert.ok(!seen.includes("handshake"));
    peer.destroy();
  }));

test("a handler that comes after a peer has connected is asked about it all the same", () =>
  withSockets(async (keep) => {
    const context = new Context();
    const pull = keep(new Pull({ plainServer: true, context }));
    await pull.bind("tcp://127.0.0.1:*");
    const curve = keep(new Pull({ ...CURVE_SERVER, context }));
    const accepted = (async () => {
      for await (const { type } of curve.events) {
        if (type === "accept") return;
      }
    })();
    await curve.bind("tcp://127.0.0.1:*");
    const push = keep(new Push(CURVE_CLIENT));
    push.connect(curve.lastEndpoint!);
    const handler = keep(new Reply({ context }));
    await accepted;
    await handler.bind(ZAP);
    const [, , , , , mechanism] = await handler.receive();
    assert.deepEqual(texts([mechanism]), ["CURVE"]);
    await handler.send(["1.0", "1", "200", "OK", "joe", ""]);
    await push.send("in");
    assert.equal((await curve.receiveWithMetadata()).userId, "joe");
  }));

test("zapEnforceDomain without a domain asks no handler, as with libzmq", () =>
  withSockets(async (keep) => {
    const context = new Context();
    const handler = keep(new Reply({ context }));
    await handler.bind(ZAP);
    const enforced = { zapEnforceDomain: true, context };
    const pull = keep(new Pull({ ...CURVE_SERVER, ...enforced }));
    await pull.bind("tcp://127.0.0.1:*");
    const push = keep(new Push(CURVE_CLIENT));
    push.connect(pull.lastEndpoint!);
    await push.send("in");
    assert.deepEqual(texts(await pull.receive()), ["in"]);
    assert.equal(handler.stats().messagesIn, 0);
  }));

for (const mechanism of ["CURVE", "PLAIN"] as const) {
  test(`a listener of ${mechanism} keeps who decides about its peers, whatever is set for later ones`, () =>
    withSockets(async (keep) => {
      const curve = mechanism === "CURVE";
      const pull = keep(
        new Pull({
          ...curve ? CURVE_SERVER : { plainServer: true },
          authenticate: ({ address }) => ({ userId: `one of ${address}` }),
        }),
      );
      await pull.bind("tcp://127.0.0.1:*");
      pull.authenticate = null;
      pull.curveServer = false;
      pull.plainServer = false;
      const push = keep(
        new Push(
          curve ? CURVE_CLIENT : { plainUsername: "a", plainPassword: "b" },
        ),
      );
      push.connect(pull.lastEndpoint!);
      await push.send("in");
      const { userId } = await pull.receiveWithMetadata();
      assert.equal(userId, "one of 127.0.0.1");
    }));
}

test("a server that could let nobody in says so when it binds or connects", () =>
  withSockets(async (keep) => {
    for (
      const options of [
        { curveServer: true },
        { plainServer: true, zapEnforceDomain: true },
      ]
    ) {
      const pull = keep(new Pull(options));
      const invalid = { code: "EINVAL" };
      await assert.rejects(pull.bind("tcp://127.0.0.1:*"), invalid);
      assert.throws(() => pull.connect("tcp://127.0.0.1:9"), invalid);
      // Within a context nobody shakes hands.
      await pull.bind("inproc://in");
      await pull.unbind("inproc://in");
    }
    const asked = { authenticate: () => true };
    const pull = keep(
      new Pull({ plainServer: true, zapEnforceDomain: true, ...asked }),
    );
    await pull.bind("tcp://127.0.0.1:*");
  }));

test("the mechanism is told by name and by libzmq's number, and a password alone chooses PLAIN", () => {
  const MECHANISM = 43;
  for (
    const [options, name, number] of [
      [{}, null, 0],
      [{ plainServer: true }, "plain", 1],
      [{ plainUsername: "a" }, "plain", 1],
      [{ plainPassword: "a" }, "plain", 1],
      [CURVE_SERVER, "curve", 2],
      [CURVE_CLIENT, "curve", 2],
    ] as const
  ) {
    const push = new Push(options);
    assert.equal(push.securityMechanism, name);
    assert.equal(push.getOption(MECHANISM), number);
    push.close();
  }
});
