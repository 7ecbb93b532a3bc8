// Options of the drop-in: names, defaults, what can be read and set, and when a
// warning says that a value waits.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import { until } from "../support/wait.ts";
import { inproc, thrown, withSockets } from "./support.ts";

const DEFAULTS: Record<string, unknown> = {
  affinity: 0,
  rate: 100,
  recoveryInterval: 10000,
  linger: -1,
  reconnectInterval: 100,
  backlog: 100,
  reconnectMaxInterval: 0,
  maxMessageSize: -1,
  tcpKeepalive: -1,
  tcpKeepaliveCount: -1,
  tcpKeepaliveIdle: -1,
  tcpKeepaliveInterval: -1,
  immediate: false,
  ipv6: false,
  plainServer: false,
  plainUsername: null,
  plainPassword: null,
  curveServer: false,
  zapDomain: null,
  typeOfService: 0,
  handshakeInterval: 30000,
  socksProxy: null,
  heartbeatInterval: 0,
  heartbeatTimeToLive: 0,
  heartbeatTimeout: -1,
  connectTimeout: 0,
  tcpMaxRetransmitTimeout: 0,
  multicastMaxTransportDataUnit: 1500,
  interface: null,
  zapEnforceDomain: false,
  loopbackFastPath: false,
};
const SENDS = {
  sendBufferSize: -1,
  sendHighWaterMark: 1000,
  sendTimeout: -1,
  multicastHops: 1,
};
const RECEIVES = {
  receiveBufferSize: -1,
  receiveHighWaterMark: 1000,
  receiveTimeout: -1,
};

test("every option has the default of zeromq.js", () =>
  withSockets((keep) => {
    const read = (socket: zmq.Socket, names: object) => {
      const any = socket as unknown as Record<string, unknown>;
      return Object.fromEntries(
        Object.keys(names).map((name) => [name, any[name]]),
      );
    };
    const all = { ...DEFAULTS, ...SENDS, ...RECEIVES };
    assert.deepEqual(read(keep(new zmq.Dealer()), all), all);
    assert.equal(keep(new zmq.Subscriber()).linger, 0);
    assert.equal(keep(new zmq.XSubscriber()).linger, 0);
    assert.equal(keep(new zmq.Dealer()).routingId, null);
    assert.equal(keep(new zmq.Router()).mandatory, false);
    assert.equal(keep(new zmq.Push()).legacyPeers, "1.0");
    assert.ok(!("receiveTimeout" in keep(new zmq.Push())));
    assert.ok(!("sendTimeout" in keep(new zmq.Pull())));
    assert.ok(!("mandatory" in keep(new zmq.Dealer())));
    assert.ok(!("gssapiServer" in keep(new zmq.Dealer())));
  }));

test("what can only be set reads as undefined", () =>
  withSockets((keep) => {
    const xpub = keep(
      new zmq.XPublisher({
        noDrop: true,
        manual: true,
        welcomeMessage: "hi",
        verbosity: "allSubs",
      }),
    );
    assert.deepEqual(
      [xpub.noDrop, xpub.manual, xpub.welcomeMessage, xpub.verbosity],
      [undefined, undefined, undefined, undefined],
    );
    const request = keep(
      new zmq.Request({ correlate: true, relaxed: true, probeRouter: true }),
    );
    assert.deepEqual(
      [request.correlate, request.relaxed, request.probeRouter],
      [undefined, undefined, undefined],
    );
    assert.equal(keep(new zmq.Push({ conflate: true })).conflate, undefined);
    assert.equal(keep(new zmq.Stream({ notify: false })).notify, undefined);
    assert.equal(keep(new zmq.Router({ handover: true })).handover, undefined);
    xpub.welcomeMessage = null;
    // deno-lint-ignore no-explicit-any -- others are ignored
    (xpub as any).verbosity = "loud";
  }));

test("numbers are cut to whole ones, and what is no number is a TypeError", () =>
  withSockets((keep) => {
    const push = keep(new zmq.Push({ linger: 1.7, maxMessageSize: 5.5 }));
    assert.equal(push.linger, 1);
    assert.equal(push.maxMessageSize, 5);
    push.heartbeatTimeToLive = 1234;
    assert.equal(push.heartbeatTimeToLive, 1200);
    for (const value of ["5", null, undefined, true]) {
      const error = thrown(() => push.linger = value as unknown as number);
      assert.ok(error instanceof TypeError);
      assert.ok(!("code" in error));
    }
    assert.equal(thrown(() => push.linger = -2)?.code, "EINVAL");
    assert.equal(thrown(() => push.sendHighWaterMark = -1)?.code, "EINVAL");
    assert.equal(thrown(() => push.rate = 0)?.code, "EINVAL");
  }));

test("booleans are strict", () =>
  withSockets((keep) => {
    const push = keep(new zmq.Push());
    for (const value of [1, 0, "true", null]) {
      assert.throws(
        () => push.immediate = value as unknown as boolean,
        TypeError,
      );
    }
    push.immediate = true;
    assert.equal(push.immediate, true);
  }));

test("text is a string or bytes, and null where it can be unset", () =>
  withSockets((keep) => {
    const dealer = keep(new zmq.Dealer({ routingId: "me" }));
    assert.equal(dealer.routingId, "me");
    // deno-lint-ignore no-explicit-any -- what types forbid
    const any = dealer as any;
    any.routingId = new TextEncoder().encode("b\0c");
    assert.equal(dealer.routingId, "b\0c");
    assert.equal(thrown(() => any.routingId = null)?.code, "EINVAL");
    assert.equal(thrown(() => any.routingId = "")?.code, "EINVAL");
    assert.ok(thrown(() => any.routingId = 5) instanceof TypeError);
    assert.equal(thrown(() => any.routingId = "x".repeat(256))?.code, "EINVAL");
    dealer.interface = null;
    dealer.socksProxy = null;
    dealer.plainUsername = null;
    dealer.plainUsername = "a";
    any.plainUsername = new Uint8Array(0);
    assert.equal(dealer.plainUsername, null);
    assert.equal(thrown(() => dealer.zapDomain = null)?.code, "EINVAL");
    assert.equal(thrown(() => dealer.zapDomain = "")?.code, "EINVAL");
    assert.equal(thrown(() => dealer.plainUsername = "")?.code, "EINVAL");
    assert.equal(thrown(() => dealer.curvePublicKey = null)?.code, "EINVAL");
    assert.equal(thrown(() => dealer.curvePublicKey = "x")?.code, "EINVAL");
  }));

test("filters are added one by one and cleared by null", () =>
  withSockets((keep) => {
    const pull = keep(new zmq.Pull());
    assert.equal(pull.tcpAcceptFilter, null);
    pull.tcpAcceptFilter = "127.0.0.0/8";
    pull.tcpAcceptFilter = "10.0.0.0/8";
    assert.equal(pull.tcpAcceptFilter, "127.0.0.0/8,10.0.0.0/8");
    pull.tcpAcceptFilter = null;
    assert.equal(pull.tcpAcceptFilter, null);
    assert.equal(thrown(() => pull.tcpAcceptFilter = "x")?.code, "EINVAL");
  }));

test("without VMCI its options are EINVAL", () =>
  withSockets((keep) => {
    const push = keep(new zmq.Push());
    assert.equal(thrown(() => push.vmciBufferSize)?.code, "EINVAL");
    assert.equal(thrown(() => push.vmciConnectTimeout = 5)?.code, "EINVAL");
  }));

test("what only tunes is kept where the runtime can't do it", () =>
  withSockets((keep) => {
    const dealer = keep(
      new zmq.Dealer({
        sendBufferSize: 5000,
        receiveBufferSize: 6000,
        typeOfService: 8,
        tcpKeepalive: 1,
        tcpKeepaliveCount: 3,
        tcpKeepaliveIdle: 30,
        tcpKeepaliveInterval: 5,
        tcpMaxRetransmitTimeout: 1000,
        backlog: 20,
        loopbackFastPath: true,
      }),
    );
    assert.deepEqual(
      [
        ...[dealer.sendBufferSize, dealer.receiveBufferSize],
        ...[dealer.typeOfService, dealer.tcpKeepalive],
        ...[dealer.tcpKeepaliveCount, dealer.tcpKeepaliveIdle],
        ...[dealer.tcpKeepaliveInterval, dealer.tcpMaxRetransmitTimeout],
        ...[dealer.backlog, dealer.loopbackFastPath],
      ],
      [5000, 6000, 8, 1, 3, 30, 5, 1000, 20, true],
    );
  }));

test("a connectTimeout of zero is shown, and another one is kept", () =>
  withSockets((keep) => {
    const push = keep(new zmq.Push({ connectTimeout: 200 }));
    assert.equal(push.connectTimeout, 200);
    push.connectTimeout = 0;
    assert.equal(push.connectTimeout, 0);
  }));

test("an option that waits for the next bind or connect warns of it; one that acts at once does not", () =>
  withSockets(async (keep) => {
    const warned: string[] = [];
    const listener = ({ message }: Error) => {
      if (message.includes("next bind")) warned.push(message);
    };
    process.on("warning", listener);
    try {
      const router = keep(new zmq.Router());
      router.reconnectInterval = 50;
      await router.bind(inproc());
      router.linger = 0;
      router.sendTimeout = 5;
      router.receiveHighWaterMark = 5;
      router.mandatory = true;
      router.handover = true;
      router.reconnectInterval = 70;
      assert.equal(router.reconnectInterval, 70);
      await until("it warns", () => warned.length > 0);
      assert.equal(warned.length, 1);
      assert.match(warned[0], /reconnectInterval/);
    } finally {
      process.off("warning", listener);
    }
  }));
