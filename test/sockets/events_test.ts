import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Event,
  Pull,
  Push,
  Reply,
  Request,
  type Socket,
} from "../../mod.ts";
import { bytes, concat } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { script } from "../support/runtime.ts";
import { join, withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";
import { greeting } from "../support/zmtp.ts";

/** Collects the events of a socket. */
function watch(socket: Socket): Event[] {
  const seen: Event[] = [];
  const { events } = socket;
  (async () => {
    for await (const event of events) seen.push(event);
  })();
  return seen;
}

const types = (events: Event[]) => events.map((event) => event.type);

test("a listener sees bind, accept, handshake; a connector connect:delay, connect, handshake", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push());
    const [there, here] = [watch(pull), watch(push)];
    const address = await join(pull, push, "tcp");
    await until("all is seen", () => there.length >= 3 && here.length >= 3);
    assert.deepEqual(types(there), ["bind", "accept", "handshake"]);
    assert.deepEqual(types(here), ["connect:delay", "connect", "handshake"]);
    for (const event of [...there, ...here]) {
      assert.equal((event as { address: string }).address, address);
    }
    const handshake = here[2] as Event & { type: "handshake" };
    assert.equal(handshake.peer.socketType, "PULL");
    assert.equal(handshake.peer.mechanism, "NULL");
    assert.equal(`tcp://${handshake.peer.address}`, address);
  }));

test("when the listener goes a connector sees disconnect and retries until it is back", () =>
  withSockets(async (keep) => {
    const pull = new Pull();
    const push = keep(new Push({ reconnectInterval: 30 }));
    const here = watch(push);
    const address = await join(pull, push, "tcp");
    await until("it is up", () => here.length === 3);
    await pull.closeAsync();
    await until("it retries", () => here.length >= 8);
    assert.deepEqual(types(here).slice(3, 8), [
      "disconnect",
      "connect:retry",
      "connect:delay",
      "close",
      "connect:retry",
    ]);
    const retry = here[4] as Event & { type: "connect:retry" };
    assert.ok(retry.interval >= 30 && retry.interval < 60);
    const refused = here[7] as Event & { type: "connect:retry" };
    assert.equal(refused.error?.code, "ECONNREFUSED");
    const next = keep(new Pull());
    await next.bind(address);
    await until("it is back", () => here.at(-1)?.type === "handshake");
    assert.deepEqual(types(here).slice(-3), [
      "connect:delay",
      "connect",
      "handshake",
    ]);
  }));

test("a listener sees disconnect when its peer leaves, close and end when it is closed", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = new Push();
    const there = watch(pull);
    await join(pull, push, "tcp");
    push.close();
    await until("it has left", () => there.length === 4);
    pull.close();
    await until("it has ended", () => there.length === 6);
    assert.deepEqual(types(there), [
      "bind",
      "accept",
      "handshake",
      "disconnect",
      "close",
      "end",
    ]);
    assert.equal("error" in there[3], false);
  }));

test("one's own disconnect and unbind say nothing of the connections they end", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push());
    const [there, here] = [watch(pull), watch(push)];
    const address = await join(pull, push, "tcp");
    await until("it is up", () => here.length === 3);
    push.disconnect(address);
    await until("the peer sees it", () => there.at(-1)?.type === "disconnect");
    assert.equal(here.length, 3);
  }));

test("a bind that fails is an event with the error that bind rejects with", () =>
  withSockets(async (keep) => {
    const [one, two] = [keep(new Pull()), keep(new Pull())];
    const seen = watch(two);
    await one.bind("tcp://127.0.0.1:*");
    await assert.rejects(two.bind(one.lastEndpoint!), { code: "EADDRINUSE" });
    await until("it is seen", () => seen.length === 1);
    const [event] = seen;
    assert.equal(event.type, "bind:error");
    assert.equal(
      (event as Event & { type: "bind:error" }).error.code,
      "EADDRINUSE",
    );
    assert.equal((event as Event & { type: "bind:error" }).error.errno, 98);
  }));

function errorOf(events: Event[]): string | undefined {
  for (const event of events) {
    if ("error" in event && event.error !== undefined) return event.error.code;
  }
}

test("a peer that leaves in the handshake, or takes too long, is handshake:error:other, and is tried again", () =>
  withSockets(async (keep) => {
    for (
      const [leave, code] of [[true, "EPIPE"], [false, "ETIMEDOUT"]] as const
    ) {
      const push = keep(
        new Push({
          reconnectInterval: 10,
          handshakeInterval: leave ? 30000 : 100,
        }),
      );
      const here = watch(push);
      const peer = await RawPeer.listen("PULL");
      push.connect(peer.address);
      await peer.connected();
      if (leave) await peer.close();
      await until(
        "it tries again",
        () => types(here).includes("connect:retry"),
      );
      assert.deepEqual(types(here).slice(0, 5), [
        "connect:delay",
        "connect",
        "handshake:error:other",
        "disconnect",
        "connect:retry",
      ]);
      assert.equal(errorOf(here), code);
      await peer.close();
    }
  }));

test("status and name of a refusal are in the event", () =>
  withSockets(async (keep) => {
    const request = keep(new Request());
    const peer = await RawPeer.listen("REP");
    const seen = watch(request);
    request.connect(peer.address);
    await peer.connected();
    peer.write(concat(greeting(), bytes('04 0a 05 "ERROR" 03 "500"')));
    await until(
      "it is seen",
      () => types(seen).includes("handshake:error:auth"),
    );
    const event = seen.find((e) => e.type === "handshake:error:auth")!;
    assert.equal(
      (event as Event & { type: "handshake:error:auth" }).error.status,
      500,
    );
    await peer.close();
  }));

test("of two sockets that don't fit both say why, and the one that connects gives up", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const request = keep(new Request({ reconnectInterval: 10 }));
    const [there, here] = [watch(pull), watch(request)];
    await pull.bind("tcp://127.0.0.1:*");
    request.connect(pull.lastEndpoint!);
    await until("it gave up", () => types(here).includes("close"));
    await until("both know", () => there.length >= 3);
    assert.deepEqual(types(there), ["bind", "accept", "disconnect"]);
    assert.deepEqual(types(here), [
      "connect:delay",
      "connect",
      "disconnect",
      "close",
    ]);
    for (const events of [there, here]) {
      const { error } = events[2] as Event & { type: "disconnect" };
      assert.equal(error?.code, "ERR_ZMTP_INVALID_METADATA");
    }
  }));

test("listeners get the events of their type, and receive() is not theirs", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const seen: string[] = [];
    const { events } = pull;
    events.on("bind", (event) => seen.push(event.address));
    events.once("close", () => seen.push("closed"));
    const never = () => assert.fail("it was taken back");
    events.on("bind", never).off("bind", never);
    await assert.rejects(events.receive(), { code: "EBUSY" });
    const steps = events[Symbol.asyncIterator]();
    await assert.rejects(steps.next(), { code: "EBUSY" });
    await pull.bind("tcp://127.0.0.1:*");
    const address = pull.lastEndpoint!;
    await until("it is seen", () => seen.length === 1);
    await pull.unbind(address);
    await until("it is seen", () => seen.length === 2);
    assert.deepEqual(seen, [address, "closed"]);
  }));

test("receive() gives one event at a time and ends with EBADF", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const { events } = pull;
    const first = events.receive();
    await pull.bind("tcp://127.0.0.1:*");
    assert.equal((await first).type, "bind");
    const abort = new AbortController();
    const aborted = events.receive({ signal: abort.signal });
    abort.abort();
    await assert.rejects(aborted, { name: "AbortError" });
    pull.close();
    assert.equal((await events.receive()).type, "close");
    assert.equal((await events.receive()).type, "end");
    await assert.rejects(events.receive(), { code: "EBADF" });
  }));

test("a listener for one event can be taken back before it", () =>
  withSockets(async (keep) => {
    const push = keep(new Push());
    const seen: string[] = [];
    const once = () => seen.push("once");
    push.events.once("bind", once).off("bind", once);
    push.events.once("bind", () => seen.push("kept"));
    const always = () => seen.push("always");
    push.events.on("bind", always).once("bind", always);
    for (let i = 0; i < 2; i++) await push.bind("tcp://127.0.0.1:*");
    assert.deepEqual(seen, ["kept", "always", "always", "always"]);
    push.events.off("bind", always);
    await push.bind("tcp://127.0.0.1:*");
    assert.equal(seen.length, 4);
  }));

test("a reader that lags loses the oldest events, and they are counted", () =>
  withSockets(async (keep) => {
    const reply = keep(new Reply());
    const { events } = reply;
    for (let i = 0; i < 600; i++) {
      await reply.bind("tcp://127.0.0.1:*");
      await reply.unbind(reply.lastEndpoint!);
    }
    assert.equal(events.dropped, 200);
    reply.close();
    let count = 0;
    for await (const _ of events) count++;
    assert.equal(count + events.dropped, 1201);
  }));

test("a listener that throws doesn't stop the others, and is not hushed up", async () => {
  const child = script("sockets/throwing_listener_program.ts");
  assert.notEqual(await within("it ends", child.exit), 0);
  assert.match(child.output(), /the other listener was called/);
  assert.match(child.errors(), /thrown by a listener/);
});

test("inproc has no events but the end", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const push = keep(new Push());
    const [there, here] = [watch(pull), watch(push)];
    await join(pull, push, "inproc");
    await push.send("x");
    await pull.receive();
    push.close();
    pull.close();
    await until("it has ended", () => there.length + here.length === 2);
    assert.deepEqual([...types(there), ...types(here)], ["end", "end"]);
  }));

test("once nobody listens any more, events can be received", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull());
    const heard: string[] = [];
    const listener = ({ type }: { type: string }) => heard.push(type);
    pull.events.on("bind", listener);
    await pull.bind("tcp://127.0.0.1:*");
    await until("it is heard", () => heard.length === 1);
    await assert.rejects(pull.events.receive(), { code: "EBUSY" });
    pull.events.off("bind", listener);
    const receiving = pull.events.receive();
    await pull.bind("tcp://127.0.0.1:*");
    assert.equal((await within("an event", receiving)).type, "bind");
  }));
